"""Group-sequential bounds for two rates from their exact distribution: valid at any count.

Given how many conversions each look brought (both arms together) and its exposures by arm, the number that fell
to the treatment is hypergeometric under the null hypothesis of equal rates, look by look, whatever the rate and
however it moves from look to look. The distribution of the running total among tests still going is carried from
look to look, and each side may use up half of what the spending function allows.

*Holds when* each exposure is one unit, independent of the others, and looks are not timed by the results.
*Does not cover* several exposures a customer, which make counts vary more; use the normal bounds with a widened
variance there.

Source: Lan and DeMets (1983) with the conditional distribution of Fisher's exact test; Stallard and Todd (2000)
for exact sequential tests of proportions.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from adwright.errors import DataError
from adwright.experiment.sequential.spending import Spending
from adwright.schema import F64

I64 = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class CountBounds:
    """The bounds of the looks so far: the test stops where the treatment's conversions leave (low, high).

    Args:
        low: (looks,) at or below it the treatment is worse; -1 where nothing is.
        high: (looks,) at or above it the treatment is better; one more than possible where nothing is.
        spent: (looks,) probability of having stopped by each look under the null hypothesis.
        seen: (looks,) the treatment's conversions.
        z: (looks,) the bound on the scale of z, both sides' mean, to draw it.
    """

    low: I64
    high: I64
    spent: F64
    seen: I64
    z: F64

    @property
    def crossed(self) -> int | None:
        """The first look at which the test stops; None while it goes on."""
        out = np.flatnonzero((self.seen <= self.low) | (self.seen >= self.high))
        return int(out[0]) if len(out) else None


def count_bounds(
    trials_a: npt.ArrayLike,
    successes_a: npt.ArrayLike,
    *,
    trials_b: npt.ArrayLike,
    successes_b: npt.ArrayLike,
    t: npt.ArrayLike,
    spending: Spending | None = None,
    alpha: float = 0.05,
) -> CountBounds:
    """The bounds for cumulative counts at each look.

    Args:
        trials_a: (looks,) exposures of the control up to each look.
        successes_a: (looks,) its conversions.
        trials_b: (looks,) of the other arm.
        successes_b: (looks,) of the other arm.
        t: (looks,) shares of the planned size, rising.
        spending: Power family with exponent 3 where it is None.
        alpha: The whole level, both sides.

    Raises:
        DataError: counts that fall from a look to the next, or more successes than trials.

    >>> n = np.array([1000, 2000])
    >>> b = count_bounds(n, [5, 10], trials_b=n, successes_b=[14, 29], t=[0.5, 1.0])
    >>> b.crossed, b.high.tolist(), b.spent.round(4).tolist()
    (1, [16, 27], [0.0042, 0.0254])
    """
    n_a, k_a, n_b, k_b = (_increments(x) for x in (trials_a, successes_a, trials_b, successes_b))
    if np.any(k_a > n_a) or np.any(k_b > n_b):
        raise DataError("more successes than trials between two looks", argument="successes", value=k_b)
    rule = spending if spending is not None else Spending()
    side = rule.spent(np.asarray(t, np.float64), alpha=alpha) / 2.0
    low, high, spent = np.full(len(n_a), -1), np.cumsum(k_a + k_b) + 1, np.zeros(len(n_a))
    mass, first = np.ones(1), 0
    gone_low = gone_high = 0.0
    for look in range(len(n_a)):
        step, start = _hypergeometric(int(n_a[look]), int(n_b[look]), int(k_a[look] + k_b[look]))
        mass, first = np.convolve(mass, step), first + start
        at_most, at_least = np.cumsum(mass), np.cumsum(mass[::-1])
        n_low = int(np.searchsorted(at_most, side[look] - gone_low, side="right"))
        n_high = int(np.searchsorted(at_least, side[look] - gone_high, side="right"))
        if n_low:
            low[look], gone_low = first + n_low - 1, gone_low + at_most[n_low - 1]
        if n_high:
            high[look], gone_high = first + len(mass) - n_high, gone_high + at_least[n_high - 1]
        mass, first = mass[n_low : len(mass) - n_high], first + n_low
        spent[look] = gone_low + gone_high
        if not len(mass):
            mass, first = np.zeros(1), first - 1
    seen = np.cumsum(k_b)
    return CountBounds(low=low, high=high, spent=spent, seen=seen, z=_z(n_a, n_b, k_a + k_b, low, high))


def _increments(values: npt.ArrayLike) -> I64:
    counts = np.asarray(values, np.float64)
    steps = np.diff(counts, prepend=0.0)
    if counts.ndim != 1 or not np.all(np.isfinite(steps)) or np.any(steps < 0) or np.any(steps % 1):
        raise DataError(
            "counts fall from one look to the next, or are no counts",
            argument="successes, trials",
            value=counts,
        )
    return steps.astype(np.int64)


@lru_cache(maxsize=4096)
def _hypergeometric(n_a: int, n_b: int, total: int) -> tuple[F64, int]:
    """Probabilities of the treatment's part in `total` conversions, from the smallest possible one on."""
    first, last = max(0, total - n_a), min(total, n_b)
    x = np.arange(first, last, dtype=np.float64)
    # Ratios of neighbours keep their digits where factorials would not.
    steps = np.log((total - x) * (n_b - x)) - np.log((x + 1.0) * (n_a - total + x + 1.0))
    log_mass = np.concatenate([[0.0], np.cumsum(steps)])
    mass = np.exp(log_mass - log_mass.max())
    return mass / mass.sum(), first


def _z(n_a: I64, n_b: I64, total: I64, low: I64, high: I64) -> F64:
    """The bounds in standard deviations of the treatment's conversions."""
    with np.errstate(divide="ignore", invalid="ignore"):
        n = (n_a + n_b).astype(np.float64)
        part = total * (n_b / n) * (n_a / n) * (n - total) / np.maximum(n - 1.0, 1.0)
        sd = np.sqrt(np.cumsum(np.nan_to_num(part)))
        return np.asarray((high - low) / (2.0 * sd), np.float64)


def exact_p(trials_a: float, successes_a: float, *, trials_b: float, successes_b: float) -> float:
    """The two-sided p-value of one look, twice the smaller tail; for reading beside the bounds.

    >>> round(exact_p(1000, 5, trials_b=1000, successes_b=15), 4)
    0.0404
    """
    mass, first = _hypergeometric(int(trials_a), int(trials_b), int(successes_a + successes_b))
    place = int(successes_b) - first
    tails = mass[: place + 1].sum(), mass[place:].sum()
    return float(min(1.0, 2.0 * min(tails)))
