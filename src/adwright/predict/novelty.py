"""What of a row the model has never seen: words, categories, pictures. It widens the content effect."""

from __future__ import annotations

from dataclasses import dataclass

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
    return Novelty.of(domain, frame, recipe).total


@dataclass(frozen=True, slots=True, eq=False)
class Novelty:
    """(n,) each in [0, 1]: the share of new `words` (of new categories, where there is no text), of new
    categories (`context`), and the `total`."""

    words: F64
    context: F64
    total: F64

    @classmethod
    def of(cls, domain: Domain, frame: pl.DataFrame, recipe: PredictRecipe) -> Novelty:
        """Of the rows of a prepared frame."""
        context = domain.context(frame)
        words = domain.novelty(frame) if recipe.columns.text else context
        known = (1 - words) * (1 - PICTURE * missing_pictures(frame, recipe))
        if recipe.columns.text:
            known = known * (1 - context)
        return cls(words, context, np.asarray(1 - known))
