"""Pictures: a column of paths, of encoded bytes or of arrays becomes a few numbers, and a thumbnail for a network.

A picture that cannot be read is a named finding, never an error: its row is predicted from the rest, with more
spread. Files need Pillow; arrays of (height, width, 3) or (height, width) numbers from 0 to 255 do not.

Source of `colourfulness`: Hasler and Suesstrunk 2003, SPIE 5007, eq. 11 (M3). Holds when: how a picture looks at
a glance matters. Does not cover: what it shows; an encoder of pictures would.
"""

from __future__ import annotations

import hashlib
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from adwright.predict.frames import check_columns
from adwright.predict.typed_columns import IMAGE_NUMBERS, image_numbers
from adwright.schema import F64

SIDE = 32
"""Pixels of a thumbnail's side."""

_MAX_PIXELS = 64_000_000
_SEEN = 4096  # pictures kept between the statistics and the network

Thumbnail = npt.NDArray[np.uint8]


@dataclass(frozen=True, slots=True, eq=False)
class Picture:
    """A picture: its (SIDE, SIDE, 3) `thumbnail` and `numbers` (`IMAGE_NUMBERS`); why it has none: `problem`."""

    thumbnail: Thumbnail
    numbers: F64
    problem: str = ""


def read_images(frame: pl.DataFrame, names: Sequence[str]) -> tuple[pl.DataFrame, list[str]]:
    """(the frame with the numbers of each picture column added, findings).

    Args:
        frame: With the columns of paths, bytes or arrays.
        names: Those columns.

    Raises:
        DataError: an absent column.
    """
    findings: list[str] = []
    for name in names:
        check_columns(frame, [name])
        added = image_numbers(name)
        if added[0] in frame.columns:
            continue
        place, held = distinct_pictures(frame[name])
        table = np.vstack([np.full((1, len(IMAGE_NUMBERS)), np.nan), *[p.numbers[None] for p in held]])
        frame = frame.with_columns([pl.Series(column, table[place + 1, i]) for i, column in enumerate(added)])
        bad = {i: picture.problem for i, picture in enumerate(held) if picture.problem}
        if bad:
            n_rows = int(np.isin(place, list(bad)).sum())
            findings.append(
                f"{len(bad)} of {len(held)} pictures of '{name}' cannot be read ({n_rows} rows; the first: "
                f"{next(iter(bad.values()))}); those rows are predicted without a picture"
            )
    return frame, findings


def distinct_pictures(column: pl.Series) -> tuple[npt.NDArray[np.intp], list[Picture]]:
    """((n,) places in the list, -1 for none; each different picture once)."""
    known: dict[Any, int] = {}
    held: list[Picture] = []
    place = np.full(column.len(), -1, np.intp)
    for row, value in enumerate(_values(column)):
        if value is None:
            continue
        key, picture = _read(value)
        if key not in known:
            known[key] = len(held)
            held.append(picture)
        place[row] = known[key]
    return place, held


def _values(column: pl.Series) -> Iterator[Any]:
    for value in column.to_list():
        yield None if value is None or value in ("", b"") else value


def _read(value: Any) -> tuple[Any, Picture]:
    if isinstance(value, str):
        return value, _of_file(value)
    if isinstance(value, bytes):
        return hashlib.blake2b(value, digest_size=16).digest(), _decoded(value, "bytes")
    try:
        pixels = np.asarray(value, np.float64)
    except (TypeError, ValueError):
        return "no array", _none("an array whose rows differ in length")
    return hashlib.blake2b(pixels.tobytes() + str(pixels.shape).encode(), digest_size=16).digest(), _of_array(
        pixels
    )


@lru_cache(maxsize=_SEEN)
def _of_file(path: str) -> Picture:
    try:
        held = Path(path).read_bytes()
    except (OSError, ValueError) as error:
        return _none(f"{path}: {getattr(error, 'strerror', None) or error}")
    return _decoded(held, path)


def _decoded(held: bytes, name: str) -> Picture:
    try:
        from PIL import Image
    except ImportError:
        return _none("Pillow is not installed: pip install pillow")
    try:
        with Image.open(io.BytesIO(held)) as image:
            if image.width * image.height > _MAX_PIXELS:
                return _none(f"{name}: more than {_MAX_PIXELS} pixels")
            shape = float(np.log(image.width / image.height))
            image.draft("RGB", (4 * SIDE, 4 * SIDE))
            small = image.convert("RGB").resize((SIDE, SIDE), Image.Resampling.BOX)
            return _picture(np.asarray(small, np.uint8), shape)
    except Exception as error:  # noqa: BLE001 - a decoder of untrusted bytes may raise anything
        return _none(f"{name}: {str(error).splitlines()[0][:80] if str(error) else type(error).__name__}")


def _of_array(pixels: npt.NDArray[np.float64]) -> Picture:
    if pixels.ndim == 2:
        pixels = np.repeat(pixels[:, :, None], 3, axis=2)
    if pixels.ndim != 3 or pixels.shape[2] != 3 or 0 in pixels.shape:
        return _none(f"an array of shape {pixels.shape}, not (height, width, 3)")
    if not np.isfinite(pixels).all() or pixels.min() < 0 or pixels.max() > 255:
        return _none("an array with numbers outside 0 to 255")
    height, width = pixels.shape[:2]
    by_row, by_column = _averaging(height), _averaging(width)
    small = np.einsum("ah,hwc,bw->abc", by_row, pixels, by_column)
    return _picture(np.rint(small).astype(np.uint8), float(np.log(width / height)))


def _averaging(size: int) -> F64:
    """(SIDE, size) weights of the mean over each of SIDE equal stretches."""
    edges = np.linspace(0, size, SIDE + 1)
    low, high = edges[:-1, None], edges[1:, None]
    cell = np.arange(size)[None, :]
    weight = np.clip(np.minimum(high, cell + 1) - np.maximum(low, cell), 0, None)
    return np.asarray(weight / weight.sum(axis=1, keepdims=True))


def _picture(thumbnail: Thumbnail, shape: float) -> Picture:
    pixels = thumbnail.astype(np.float64) / 255
    red, green, blue = np.moveaxis(pixels, 2, 0)
    grey = 0.299 * red + 0.587 * green + 0.114 * blue
    high, low = pixels.max(axis=2), pixels.min(axis=2)
    saturation = np.where(high > 0, (high - low) / np.maximum(high, 1e-9), 0.0)
    rg, yb = red - green, (red + green) / 2 - blue
    colour = np.hypot(rg.std(), yb.std()) + 0.3 * np.hypot(rg.mean(), yb.mean())
    edges = (np.abs(np.diff(grey, axis=0)).mean() + np.abs(np.diff(grey, axis=1)).mean()) / 2
    share = np.bincount((thumbnail >> 6).reshape(-1, 3) @ np.array([16, 4, 1]), minlength=64) / SIDE**2
    variety = -float(np.sum(share * np.log(np.where(share > 0, share, 1.0)))) / np.log(64)
    found = [
        grey.mean(),
        grey.std(),
        saturation.mean(),
        colour,
        red.mean() - blue.mean(),
        edges,
        variety,
        shape,
    ]
    return Picture(thumbnail, np.asarray(found, np.float64))


def _none(problem: str) -> Picture:
    return Picture(np.zeros((SIDE, SIDE, 3), np.uint8), np.full(len(IMAGE_NUMBERS), np.nan), problem)
