"""The synthetic tests: cumulative sums of both arms at each look."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scenarios import Case

from adwright.schema import F64


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Looks:
    """Cumulative numbers, shape (n_simulations, n_looks) but for the units, (n_looks,).

    `total` is the conversions of a rate, or the revenue; `squares` the sum of squares of single units.
    """

    n_a: F64
    n_b: F64
    total_a: F64
    total_b: F64
    squares_a: F64
    squares_b: F64


def simulate(case: Case, n_simulations: int, *, rng: np.random.Generator) -> Looks:
    """The looks of `n_simulations` independent tests of this case."""
    looks = np.arange(1, case.n_looks + 1, dtype=np.float64)
    shape = (n_simulations, case.n_looks)
    buyers = [rng.binomial(n, p, shape) for n, p in ((case.n_a, case.p_a), (case.n_b, case.p_b))]
    sums = [_sums(k, case, rng) for k in buyers]
    return Looks(
        n_a=case.n_a * looks,
        n_b=case.n_b * looks,
        total_a=sums[0][0],
        total_b=sums[1][0],
        squares_a=sums[0][1],
        squares_b=sums[1][1],
    )


def _sums(
    buyers: np.ndarray[tuple[int, ...], np.dtype[np.int64]], case: Case, rng: np.random.Generator
) -> tuple[F64, F64]:
    if case.kind == "rate":
        total = buyers.cumsum(axis=1).astype(np.float64)
        return total, total
    basket = rng.lognormal(case.log_mean, case.log_sd, int(buyers.sum()))
    place = np.repeat(np.arange(buyers.size), buyers.ravel())
    first = np.bincount(place, basket, buyers.size).reshape(buyers.shape)
    second = np.bincount(place, basket**2, buyers.size).reshape(buyers.shape)
    return first.cumsum(axis=1), second.cumsum(axis=1)
