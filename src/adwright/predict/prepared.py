"""A table as models read it: sequences and pictures read, their numbers beside them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from adwright.predict.frames import check_columns, sortable_time
from adwright.predict.images import read_images
from adwright.predict.recipe import PredictRecipe
from adwright.predict.sequences import read_sequences
from adwright.predict.typed_columns import image_numbers
from adwright.schema import F64


@dataclass(frozen=True, slots=True)
class Prepared:
    """The `frame`, and what could not be read, in `notes`."""

    frame: pl.DataFrame
    notes: tuple[str, ...] = ()


def prepare(frame: pl.DataFrame, recipe: PredictRecipe) -> Prepared:
    """The frame with every column of the recipe's features, those of sequences and pictures included.

    A frame that was prepared before stays as it is.

    Raises:
        DataError: an absent column, a list or a time that cannot be read.
    """
    columns = recipe.columns
    check_columns(frame, recipe.given)
    notes: list[str] = []
    if columns.sequence:
        timed = any(held.times is not None for held in columns.sequence.values())
        now = sortable_time(frame, recipe) if timed and columns.time in frame.columns else None
        frame, notes = read_sequences(frame, columns.sequence, now)
    if columns.image:
        frame, findings = read_images(frame, columns.image)
        notes += findings
    return Prepared(frame, tuple(notes))


def missing_pictures(frame: pl.DataFrame, recipe: PredictRecipe) -> F64:
    """(n,) in [0, 1]: the share of a prepared frame's picture columns that have no picture; 0 without any."""
    names = [image_numbers(name)[0] for name in recipe.columns.image]
    if not names:
        return np.zeros(frame.height)
    absent = [frame[name].fill_nan(None).is_null().to_numpy() for name in names]
    return np.asarray(np.mean(absent, axis=0), np.float64)
