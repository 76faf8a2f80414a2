"""Hashing and bucketing as GrowthBook's SDKs do it, so that our assignment and theirs agree unit by unit.

A unit's bucket is a number in [0, 1): version 1 has 1,000 of them, version 2 has 10,000 and avoids version 1's
bias between experiments. Text is hashed by its UTF-16 code units, as in JavaScript.

Source: GrowthBook SDK specification 0.8; FNV-1a (RFC 9923), 32 bits.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from adwright.errors import UsageError
from adwright.schema import F64

U64 = npt.NDArray[np.uint64]
Range = tuple[float, float]

_BASIS, _PRIME = 0x811C9DC5, 0x01000193
_MASK = np.uint64(0xFFFFFFFF)


@dataclass(frozen=True, slots=True, kw_only=True)
class Namespace:
    """Experiments in one namespace share no unit where their ranges do not overlap.

    Args:
        id: Name of the namespace.
        start: Where the experiment's part begins, in [0, 1].
        end: Where it ends, in [0, 1]; the end itself is outside.
    """

    id: str
    start: float
    end: float


def buckets(unit_ids: Sequence[str], *, seed: str, version: int = 2) -> F64:
    """The bucket in [0, 1) of each unit, shape (n,).

    Args:
        unit_ids: n raw ids.
        seed: Of the experiment; another seed gives independent buckets.
        version: 1 or 2.

    Raises:
        UsageError: another version.

    >>> buckets(["a", "b"], seed="seed").tolist()
    [0.0505, 0.2696]
    >>> buckets(["a"], seed="", version=1).tolist()
    [0.22]
    """
    if version == 1:
        return (_fnv1a([unit + seed for unit in unit_ids]) % np.uint64(1000)) / 1000.0
    if version == 2:
        once = _fnv1a([seed + unit for unit in unit_ids])
        return (_fnv1a_codes(*_codes([str(x) for x in once.tolist()])) % np.uint64(10000)) / 10000.0
    raise UsageError("unknown hash version", argument="version", value=version, allowed="1 or 2")


def bucket_ranges(
    n_arms: int, *, coverage: float = 1.0, weights: Sequence[float] | None = None
) -> list[Range]:
    """The half-open range of buckets of each arm.

    Follows the SDKs in what they forgive: coverage is clipped to [0, 1]; weights of the wrong number, or
    that do not sum to 1 within 0.01, become equal ones.

    >>> bucket_ranges(2, coverage=0.5)
    [(0.0, 0.25), (0.5, 0.75)]
    """
    covered = min(max(coverage, 0.0), 1.0)
    equal = [1.0 / n_arms] * n_arms if n_arms > 0 else []
    used = list(weights) if weights is not None else equal
    if len(used) != n_arms or not 0.99 <= sum(used) <= 1.01:
        used = equal
    starts = np.concatenate([[0.0], np.cumsum(used)[:-1]]).tolist() if used else []
    return [(start, start + covered * weight) for start, weight in zip(starts, used, strict=True)]


def choose_arm(bucket: npt.ArrayLike, ranges: Sequence[Range]) -> npt.NDArray[np.intp]:
    """The index of the first range that holds each bucket; -1 where none does.

    >>> choose_arm([0.2, 0.4, 0.6], [(0.0, 0.25), (0.5, 0.75)]).tolist()
    [0, -1, 1]
    """
    values = np.asarray(bucket, dtype=np.float64)
    out = np.full(values.shape, -1, dtype=np.intp)
    for arm, (start, end) in reversed(list(enumerate(ranges))):
        out[(values >= start) & (values < end)] = arm
    return out


def in_namespace(unit_ids: Sequence[str], namespace: Namespace) -> npt.NDArray[np.bool_]:
    """Whether each unit, shape (n,), is in the experiment's part of the namespace."""
    position = buckets(unit_ids, seed=f"__{namespace.id}", version=1)
    return (position >= namespace.start) & (position < namespace.end)


def namespace_of(triple: Sequence[Any]) -> Namespace:
    """The namespace from GrowthBook's notation [id, start, end]."""
    return Namespace(id=str(triple[0]), start=float(triple[1]), end=float(triple[2]))


def in_ranges(
    unit_ids: Sequence[str], ranges: Sequence[Range], *, seed: str, version: int = 2
) -> npt.NDArray[np.bool_]:
    """Whether each unit's bucket, shape (n,), lies in one of the ranges (a filter of the SDKs)."""
    return choose_arm(buckets(unit_ids, seed=seed, version=version), ranges) >= 0


def _fnv1a(texts: Sequence[str]) -> U64:
    return _fnv1a_codes(*_codes(texts))


def _codes(texts: Sequence[str]) -> tuple[npt.NDArray[np.uint16], npt.NDArray[np.intp]]:
    """The UTF-16 code units of all texts, one after another, and the length of each text."""
    encoded = [text.encode("utf-16-le", "surrogatepass") for text in texts]
    lengths = np.fromiter((len(e) // 2 for e in encoded), dtype=np.intp, count=len(encoded))
    return np.frombuffer(b"".join(encoded), dtype="<u2"), lengths


def _fnv1a_codes(codes: npt.NDArray[np.uint16], lengths: npt.NDArray[np.intp]) -> U64:
    """FNV-1a of each text, all texts at once, one position after another."""
    state = np.full(len(lengths), _BASIS, dtype=np.uint64)
    starts = np.cumsum(lengths) - lengths
    order = np.argsort(-lengths, kind="stable")
    n_longer = np.searchsorted(-lengths[order], -np.arange(lengths.max(initial=0)), side="left")
    for position, count in enumerate(n_longer):
        rows = order[:count]
        state[rows] = ((state[rows] ^ codes[starts[rows] + position]) * np.uint64(_PRIME)) & _MASK
    return state
