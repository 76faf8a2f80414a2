"""Values to numbers that are the same on every machine and in every version: the hashing trick, vectorised.

FNV-1a over the bytes of each value, begun at a salt, finished by murmur3's mixer so that every bit of the value
reaches every bit of the number; a value of more than `LONG` bytes goes through BLAKE2b instead.

Source: Fowler, Noll and Vo (FNV-1a, 64 bits); Appleby (murmur3 fmix64). Holds when: nobody chooses values to
collide. Does not cover: security.
"""

from __future__ import annotations

import functools
import hashlib
import math

import numpy as np
import numpy.typing as npt
import polars as pl
import pyarrow as pa  # type: ignore[import-untyped]

Hashes = npt.NDArray[np.uint64]

LONG = 64
"""Bytes beyond which a value is hashed by itself: the loop below runs once a byte of the longest one."""

_FEW = 32
"""Values up to which a plain loop over their bytes beats arrays, as when one row is scored."""

_BASIS, _PRIME = np.uint64(0xCBF29CE484222325), np.uint64(0x100000001B3)
_NULL = "\x00null"


def as_text(column: pl.Series) -> pl.Series:
    """The column as text, as `features.strings` prints it, without a loop: 1 and 1.0 are one category."""
    if column.dtype == pl.String:
        return _filled(column)
    if column.dtype.is_float():
        whole = column.is_finite() & (column == column.round()) & (column.abs() < 1e15)
        if bool(whole.fill_null(value=True).all()):
            return _filled(column.cast(pl.Int64, strict=False).cast(pl.String))
        found = [None if v is None or math.isnan(v) else f"{v:.15g}" for v in column.to_list()]
        return _filled(pl.Series(column.name, found, dtype=pl.String))
    if column.dtype.is_integer():
        return _filled(column.cast(pl.String))
    found = [None if v is None else str(v) for v in column.to_list()]
    return _filled(pl.Series(column.name, found, dtype=pl.String))


def _filled(column: pl.Series) -> pl.Series:
    return column.fill_null(_NULL) if column.null_count() else column


def stable_hash(text: pl.Series, salt: str) -> Hashes:
    """(n,) 64-bit numbers of n texts without nulls; the same text under another salt gets another number.

    >>> a, b = stable_hash(pl.Series(["x", "x"]), "colour"), stable_hash(pl.Series(["x"]), "size")
    >>> bool(a[0] == a[1]), bool(a[0] == b[0])
    (True, False)
    """
    if len(text) <= _FEW:
        begin = int(_salted(salt))
        return _mixed(np.array([_state(value.encode(), begin) for value in text.to_list()], np.uint64))
    held = text.to_arrow().cast(pa.large_binary())
    _, offsets, data = held.buffers()
    start = np.frombuffer(offsets, np.int64)[held.offset : held.offset + len(held) + 1]
    octets = np.frombuffer(data, np.uint8) if data is not None else np.zeros(0, np.uint8)
    size = np.diff(start)
    out = np.full(len(held), _salted(salt), np.uint64)
    short = np.flatnonzero(size <= LONG)
    order = short[np.argsort(-size[short], kind="stable")]
    state, first, length = out[order], start[:-1][order], size[order]
    n_active = len(order)
    with np.errstate(over="ignore"):
        for place in range(int(length[0]) if len(order) else 0):
            n_active = int(np.searchsorted(-length[:n_active], -place, side="left"))
            step = state[:n_active]
            step ^= octets[first[:n_active] + place]
            step *= _PRIME
    out[order] = state
    for row in np.flatnonzero(size > LONG):
        out[row] ^= np.uint64(_digest(octets[start[row] : start[row + 1]].tobytes()))
    return _mixed(out)


def _state(value: bytes, begin: int) -> int:
    """FNV-1a of one value, as `stable_hash` takes it of many."""
    if len(value) > LONG:
        return begin ^ _digest(value)
    prime = int(_PRIME)
    for octet in value:
        begin = ((begin ^ octet) * prime) & 0xFFFFFFFFFFFFFFFF
    return begin


def _digest(value: bytes) -> int:
    return int.from_bytes(hashlib.blake2b(value, digest_size=8).digest(), "little")


def buckets(hashes: Hashes, n_buckets: int) -> npt.NDArray[np.int64]:
    """(n,) numbers below `n_buckets`."""
    return np.asarray(hashes % np.uint64(n_buckets), np.int64)


def collision_rate(n_values: int, n_buckets: int) -> float:
    """The share of n known values that are expected to share their bucket with another one."""
    return float(1 - (1 - 1 / n_buckets) ** max(n_values - 1, 0))


@functools.lru_cache(maxsize=1024)
def _salted(salt: str) -> np.uint64:
    return np.uint64(_digest(salt.encode(errors="surrogatepass"))) ^ _BASIS


def _mixed(state: Hashes) -> Hashes:
    with np.errstate(over="ignore"):
        state = (state ^ (state >> np.uint64(33))) * np.uint64(0xFF51AFD7ED558CCD)
        state = (state ^ (state >> np.uint64(33))) * np.uint64(0xC4CEB9FE1A85EC53)
        return np.asarray(state ^ (state >> np.uint64(33)))
