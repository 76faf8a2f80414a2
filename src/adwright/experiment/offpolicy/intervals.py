"""Intervals of an estimate from its terms, and of the difference of two.

Three of them, each for what it can promise:

- `weighted_counts`, for rewards of 0 and 1: few clicks with unequal weights. The estimate is read as a scaled
  Poisson count, c x Poisson(value / c), and the exact limits of that count are taken. c, the weight of one
  click, is the larger of the observed one and that of clicks that come regardless of the weights: with ten
  clicks the observed one is mostly too small, which is why percentile intervals cover 80 %. Its square is
  widened as Student's t does for a variance that was itself estimated.
- `studentised`, for any reward: bootstrap-t, for it follows the skewness that a percentile interval mirrors.
- `empirical_bernstein`: holds at any n for bounded contributions, and is accordingly wide.

*Holds when* rounds are independent given the past and propensities are true.
*Does not cover* the bias of estimators that are not `unbiased`, nor repeated looks.

Source: Garwood (1936) for the count, Fay and Feuer (1997), Statistics in Medicine 16, for weighted ones; Hall
(1988), Annals of Statistics 16; Maurer and Pontil (2009), COLT, theorem 4.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np
from scipy import special

from adwright.errors import UsageError
from adwright.experiment.offpolicy.resampling import resampled_sums
from adwright.experiment.offpolicy.terms import Terms
from adwright.schema import F64

IntervalKind = Literal["weighted counts", "studentised bootstrap", "empirical Bernstein"]
_FEWEST_RESAMPLES = 100
_MOST_WIDENED = 1.2
"""Wider than this, an interval from few clicks says less than it could: the floor of c already guards it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Interval:
    """From `low` to `high`; how it was obtained, and its nominal coverage."""

    low: float
    high: float
    kind: IntervalKind
    level: float = 0.95


def weighted_counts(terms: Terms, *, level: float = 0.95) -> Interval:
    """The interval of an estimate from rewards of 0 and 1.

    Raises:
        UsageError: no level, or an estimate without weights (the direct method), whose rows say nothing of
            its error.
    """
    tail = _tail(level)
    squares = float(np.sum(terms.weight**2))
    if squares == 0.0:
        raise UsageError("an estimate without weights has no interval", argument="terms", value=terms.value)
    value = max(terms.value, 0.0)
    per_click = squares / float(terms.weight.sum()) / terms.divisor
    if value > 0.0:
        variance = max(terms.standard_error() ** 2, value * squares / terms.divisor**2)
        variance *= _student(terms, tail) ** 2
        per_click = variance / value
    count = value / per_click
    low = float(per_click * special.gammaincinv(count, tail)) if count > 0 else 0.0
    high = float(per_click * special.gammaincinv(count + 1.0, 1.0 - tail))
    return Interval(low=low, high=min(high, 1.0), kind="weighted counts", level=level)


def _student(terms: Terms, tail: float) -> float:
    """Student's quantile over the normal one, at the freedom that the variance was estimated with."""
    squares = terms.influence() ** 2
    fourth = float(squares @ squares)
    freedom = max(float(squares.sum()) ** 2 / fourth - 1.0, 1.0) if fourth > 0 else 1.0
    return min(float(special.stdtrit(freedom, 1.0 - tail) / special.ndtri(1.0 - tail)), _MOST_WIDENED)


def studentised(
    named: Mapping[str, Terms], *, rng: np.random.Generator, n_boot: int = 4000, level: float = 0.95
) -> dict[str, Interval]:
    """The bootstrap-t interval of each estimate, all from the same resamples.

    Args:
        named: Estimates on the same rounds, by name.
        rng: The generator.
        n_boot: Resamples, 100 or more.
        level: Coverage.

    Raises:
        UsageError: no level, too few resamples, or different numbers of rounds.
    """
    tail = _tail(level)
    if n_boot < _FEWEST_RESAMPLES:
        raise UsageError("too few resamples", argument="n_boot", value=n_boot, allowed=">= 100")
    if not named:
        return {}
    n = next(iter(named.values())).n
    if any(terms.n != n for terms in named.values()):
        raise UsageError("estimates on different rounds", argument="named", value=sorted(named))
    columns: list[F64] = []
    for terms in named.values():
        pull = terms.influence()
        columns += [pull, pull**2, terms.weight * (n / terms.divisor if terms.self_normalised else 0.0)]
        columns.append(columns[-1] * pull)
    sums = resampled_sums(np.stack([np.ones(n), *columns], axis=1), n_boot=n_boot, rng=rng)
    out = {}
    for i, (name, terms) in enumerate(named.items()):
        t = _t_ratios(sums[:, 1 + 4 * i : 5 + 4 * i], 1.0 + sums[:, 0] / n, terms)
        se = terms.standard_error()
        low_t, high_t = np.quantile(t, [tail, 1.0 - tail])
        out[name] = Interval(
            low=terms.value - float(high_t) * se,
            high=terms.value - float(low_t) * se,
            kind="studentised bootstrap",
            level=level,
        )
    return out


def _t_ratios(sums: F64, mass: F64, terms: Terms) -> F64:
    """(value* - value) / se* in each resample, with the divisor's own variation (first order in the rest)."""
    n = terms.n
    pull = terms.influence()
    first, second = sums[:, 0] / n, sums[:, 1] / n + float(np.mean(pull**2))
    divisor = np.maximum(1.0 + sums[:, 2] / n, 0.05) if terms.self_normalised else mass
    shift = first / divisor
    # pull* = pull - shift * scaled weight: its square, averaged over the resample
    cross = sums[:, 3] / n
    if terms.self_normalised:
        scaled = terms.weight * (n / terms.divisor)
        cross = cross + float(np.mean(scaled * pull))
        second = second - 2.0 * shift * cross + shift**2 * float(np.mean(scaled**2))
    else:
        second = second / mass - shift**2
    floor = 1e-4 * float(np.mean(pull**2))
    se = np.sqrt(np.maximum(second / (divisor**2 if terms.self_normalised else 1.0), floor) / n)
    return np.divide(shift, se, out=np.zeros(len(se)), where=se > 0)


def empirical_bernstein(terms: Terms, *, spread: float, level: float = 0.95) -> Interval:
    """The interval that holds at any n where a round's contribution lies in a range of width `spread`.

    Args:
        terms: An estimate that is not self-normalised: a plain mean of contributions.
        spread: Width of the range of one contribution, known without looking: largest possible weight times
            the reward's range. With the largest weight *seen* in its place it is a good guide, no more.
        level: Coverage.

    Raises:
        UsageError: a self-normalised estimate, or no width.
    """
    tail = _tail(level)
    if terms.self_normalised:
        raise UsageError("not a mean of contributions", argument="terms", value="self-normalised",
                         allowed="IPS, DR and their variants")  # fmt: skip
    if not spread > 0 or terms.n < 2:
        raise UsageError("not a range", argument="spread", value=spread, allowed="above 0, with two rounds")
    n, log = terms.n, float(np.log(2.0 / tail))
    variance = float(np.var(terms.plain + terms.correction, ddof=1))
    half = float(np.sqrt(2.0 * variance * log / n) + 7.0 * spread * log / (3.0 * (n - 1)))
    return Interval(low=terms.value - half, high=terms.value + half, kind="empirical Bernstein", level=level)


def difference(
    value: float, interval: Interval, *, other: float, other_interval: Interval, correlation: float = 0.0
) -> tuple[float, float, float]:
    """(value - other, low, high), from two intervals, which need not be symmetric.

    Args:
        value: The one estimate.
        interval: Its interval.
        other: The other estimate.
        other_interval: Its interval, of the same level.
        correlation: Of the two estimates; 0 where they rest on different rounds.

    Source: Zou and Donner (2008), Statistics in Medicine 27 (MOVER), with Newcombe's (1998) as its root.
    """
    below, above = value - interval.low, interval.high - value
    other_below, other_above = other - other_interval.low, other_interval.high - other
    gap = value - other

    def width(a: float, b: float) -> float:
        return float(np.sqrt(max(a * a + b * b - 2.0 * correlation * a * b, 0.0)))

    return gap, gap - width(below, other_above), gap + width(above, other_below)


def _tail(level: float) -> float:
    if not 0.0 < level < 1.0:
        raise UsageError("not a level", argument="level", value=level, allowed="between 0 and 1")
    return (1.0 - level) / 2.0
