"""Pictures as the fusion network reads them: each different thumbnail once, and which of them a row has."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl

from adwright.predict.images import SIDE, distinct_pictures

Ids = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class Pictures:
    """n rows' pictures: (m, 3, SIDE, SIDE) different `thumbnails`, (n,) `place` among them, -1 for none."""

    thumbnails: npt.NDArray[np.uint8]
    place: Ids

    def take(self, rows: Ids) -> Pictures:
        """The same for some of the rows; the thumbnails are shared."""
        return Pictures(self.thumbnails, self.place[rows])


def read_pictures(column: pl.Series) -> Pictures:
    """The pictures of a column of paths, bytes or arrays; one that cannot be read is none."""
    place, held = distinct_pictures(column)
    good = np.array([not picture.problem for picture in held], np.bool_)
    renumbered = np.append(np.where(good, np.cumsum(good) - 1, -1), -1).astype(np.int64)
    kept = [picture.thumbnail for picture in held if not picture.problem]
    thumbnails = np.stack(kept) if kept else np.zeros((0, SIDE, SIDE, 3), np.uint8)
    return Pictures(np.moveaxis(thumbnails, 3, 1).copy(), renumbered[place])
