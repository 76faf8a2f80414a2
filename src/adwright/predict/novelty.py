"""What of a row the model has never seen: words, categories, pictures. It widens the content effect."""

from __future__ import annotations

import numpy as np
import polars as pl

from adwright.predict.domain import Domain
from adwright.predict.prepared import missing_pictures
from adwright.predict.recipe import PredictRecipe
from adwright.schema import F64

PICTURE = 0.5
"""What a row without its pictures lacks: half, since much else is known of it."""


def row_novelty(domain: Domain, frame: pl.DataFrame, recipe: PredictRecipe) -> F64:
    """(n,) in [0, 1]: 1 - (1 - words)(1 - categories)(1 - pictures), each the share that is new or missing (a missing
    picture counting `PICTURE`).

    So a customer or product that training never saw is predicted from what else is known, less surely.
    """
    known = (1 - domain.novelty(frame)) * (1 - PICTURE * missing_pictures(frame, recipe))
    if recipe.columns.text:  # without text, the domain's novelty is that of the categories already
        known = known * (1 - domain.context(frame))
    return np.asarray(1 - known)
