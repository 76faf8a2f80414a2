"""How much an exposure of a given age counts: feedback that is late or lost, and effects that drift.

    F(a) = P(an outcome that will come has come by age a) x (1 - lost)
    g(a) = 0.5 ** (a / half_life)

An exposure of age a counts F(a) g(a) of itself, an outcome g(a) of itself as soon as it is here. For a rate r
that is exact thinning: outcomes by now ~ Poisson(r x sum of F(a_i) m_i), so nothing has to wait for a window
to close, and a young exposure without an outcome is not taken for a failure.

Source: Chapelle 2014, Modeling delayed feedback in display advertising; Vernade, Cappe and Perchet 2017,
Stochastic bandit models for delayed conversions. The curve from data: Lynden-Bell's estimator for delays
that are seen only if they are over (right truncation), Monthly Notices of the RAS 155 (1971).

Holds when: whether an outcome comes does not depend on how long it takes.
Does not cover: telling "lost" from "rare" by data; `lost` comes from an audit of the tracking.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from adwright.errors import DataError, UsageError
from adwright.schema import F64


@dataclass(frozen=True, slots=True, eq=False)
class ArrivalCurve:
    """The share of outcomes that have come by a given age.

    Args:
        hours: (k,) ages, increasing, hours.
        share: (k,) share arrived by then, not falling, in [0, 1]; straight lines in between.
        lost: Share of outcomes that never come, in [0, 1).

    >>> curve = ArrivalCurve(np.array([0.0, 24.0]), np.array([0.0, 1.0]), lost=0.1)
    >>> curve.arrived(np.array([-1.0, 12.0, 99.0])).tolist()
    [0.0, 0.45, 0.9]
    """

    hours: F64
    share: F64
    lost: float = 0.0

    def __post_init__(self) -> None:
        hours, share = np.asarray(self.hours, float), np.asarray(self.share, float)
        if hours.shape != share.shape or hours.ndim != 1 or not len(hours):
            raise UsageError("hours and share do not fit", argument="share", value=share.shape)
        if np.any(np.diff(hours) < 0) or np.any(np.diff(share) < 0) or share[0] < 0 or share[-1] > 1:
            raise UsageError("not a curve that rises within [0, 1]", argument="share", value=share.tolist())
        if not 0.0 <= self.lost < 1.0:
            raise UsageError("not a share", argument="lost", value=self.lost, allowed="[0, 1)")

    def arrived(self, age_h: npt.ArrayLike) -> F64:
        """F at each age in hours; 0 at negative ages, flat beyond the last one."""
        age = np.asarray(age_h, dtype=np.float64)
        reached = np.where(age < self.hours[0], 0.0, np.interp(age, self.hours, self.share))
        return np.asarray(np.where(age < 0, 0.0, reached) * (1.0 - self.lost))

    @property
    def settled_h(self) -> float:
        """The age from which at least 99 % of what will come has come."""
        return float(self.hours[int(np.argmax(self.share >= 0.99 * self.share[-1]))])

    @classmethod
    def fit(cls, delay_h: npt.ArrayLike, age_h: npt.ArrayLike, *, lost: float = 0.0) -> ArrivalCurve:
        """The curve of observed delays, mended for those that are not over yet.

        Args:
            delay_h: (n,) delays of the outcomes that have come, hours, >= 0.
            age_h: (n,) how old the exposure of each is now, hours, >= its delay.
            lost: See the class.

        Raises:
            DataError: no delay, a negative one, or one longer than its exposure is old.

        >>> curve = ArrivalCurve.fit([1.0, 2.0, 3.0, 4.0], [9.0] * 4)
        >>> curve.arrived(2.0).item()
        0.5
        """
        delay, age = np.asarray(delay_h, dtype=np.float64), np.asarray(age_h, dtype=np.float64)
        wrong = ~((delay >= 0) & (delay <= age))
        if not len(delay) or delay.shape != age.shape or wrong.any():
            seen = None if not wrong.any() or not len(delay) else float(delay[int(np.argmax(wrong))])
            raise DataError("not delays of outcomes that came", argument="delay_h", value=seen)
        times, counts = np.unique(delay, return_counts=True)
        at_risk = np.searchsorted(np.sort(delay), times, "right") - np.searchsorted(np.sort(age), times)
        kept = 1.0 - counts / at_risk  # the first one is 0 by construction
        above = np.append(np.cumprod(kept[::-1])[::-1][1:], 1.0)
        return cls(np.append(0.0, times), np.append(0.0, above), lost)


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Ageing:
    """How exposures and outcomes count by their age.

    Args:
        arrival: When outcomes come; None if they come at once.
        half_life_h: Age at which evidence counts half, hours; None if effects do not drift.
        bucket_h: Exposures of one such span of time are kept as one sum, hours.
        horizon_h: Age from which an outcome is no longer waited for and evidence is merged, hours.
    """

    arrival: ArrivalCurve | None = None
    half_life_h: float | None = None
    bucket_h: float = 1.0
    horizon_h: float = 24.0 * 14

    def __post_init__(self) -> None:
        for name in ("half_life_h", "bucket_h", "horizon_h"):
            value = getattr(self, name)
            if value is not None and not value > 0:
                raise UsageError("not a span of time", argument=name, value=value, allowed="above 0")

    def exposure_weight(self, age_h: npt.ArrayLike) -> F64:
        """F(a) g(a): what an exposure of that age counts."""
        age = np.asarray(age_h, dtype=np.float64)
        arrived = np.ones_like(age) if self.arrival is None else self.arrival.arrived(age)
        return np.asarray(arrived * self.outcome_weight(age))

    def outcome_weight(self, age_h: npt.ArrayLike) -> F64:
        """g(a): what an outcome of an exposure of that age counts."""
        age = np.maximum(np.asarray(age_h, dtype=np.float64), 0.0)
        return np.ones_like(age) if self.half_life_h is None else np.asarray(0.5 ** (age / self.half_life_h))
