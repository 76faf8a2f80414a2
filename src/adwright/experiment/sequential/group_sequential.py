"""Group-sequential bounds: how large a z has to be at each look so that all looks together keep the level.

The probability of not having crossed is carried from look to look on a grid: the score S = z sqrt(t) has
independent normal increments, so its density among tests still running is a convolution, cut off at the bounds.

*Holds when* the statistic is close to normal and its increments are independent (any efficient estimate from
accumulating data), and looks are not timed by the results. More, fewer or other looks than planned are fine.
*Does not cover* small counts; see `exact_groups`.

Source: Armitage, McPherson and Rowe (1969), JRSS A 132; Lan and DeMets (1983); Jennison and Turnbull (2000),
chapter 19.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import special

from adwright.errors import UsageError
from adwright.experiment.sequential.spending import Spending
from adwright.schema import F64

_FARTHEST = 8.0
"""Beyond this z the probability is below 1e-15 and counts as none."""
_STEP = 0.2
"""Of the grid, in standard deviations of an increment; bounds then err below 3e-6."""
_MOST_POINTS = 4001
_HALVINGS = 60


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Bounds:
    """The bounds of the looks so far.

    Args:
        t: (looks,) shares of the planned size, rising.
        z: (looks,) bounds: |z| >= z stops; inf where nothing may be spent yet.
        spent: (looks,) level used up to each look.
        nominal: (looks,) two-sided p-value that corresponds to each bound, as if it were the only look.
    """

    t: F64
    z: F64
    spent: F64
    nominal: F64


def bounds(
    t: npt.ArrayLike,
    *,
    spending: Spending | None = None,
    alpha: float = 0.05,
    two_sided: bool = True,
) -> Bounds:
    """The bounds at looks that were taken at shares `t` of the planned size.

    Args:
        t: Rising, above 0. A test that runs over its plan (t > 1) has its last look at t = 1 in the level that
            is spent, and its own t in the correlation of looks.
        spending: Power family with exponent 3 where it is None.
        alpha: The whole level.
        two_sided: Whether both signs stop the test.

    Raises:
        UsageError: shares that do not rise, or a level outside (0, 1).

    >>> bounds([0.2, 0.4, 0.6, 0.8, 1.0], spending=Spending(rho=2)).z.round(4).tolist()
    [3.0902, 2.7141, 2.4728, 2.2799, 2.114]
    """
    times = np.asarray(t, np.float64)
    if times.ndim != 1 or not len(times) or np.any(np.diff(times, prepend=0.0) <= 0):
        raise UsageError("the looks do not rise", argument="t", value=times, allowed="rising shares above 0")
    if not 0.0 < alpha < 1.0:
        raise UsageError("not a level", argument="alpha", value=alpha, allowed="between 0 and 1")
    rule = spending if spending is not None else Spending()
    spent = rule.spent(times, alpha=alpha)
    z = _solve(times, np.diff(spent, prepend=0.0), two_sided=two_sided)
    return Bounds(t=times, z=z, spent=spent, nominal=2.0 * special.ndtr(-z))


def crossing_probability(
    t: npt.ArrayLike, z: npt.ArrayLike, *, drift: float = 0.0, two_sided: bool = True
) -> F64:
    """The probability of having crossed by each look, shape (looks,).

    Args:
        t: (looks,) shares of the planned size.
        z: (looks,) bounds.
        drift: Expected z at t = 1; 0 under the null hypothesis.
        two_sided: Whether both signs stop the test.

    >>> b = bounds([0.5, 1.0])
    >>> crossing_probability(b.t, b.z).round(5).tolist()
    [0.00625, 0.05]
    """
    times, limits = np.asarray(t, np.float64), np.asarray(z, np.float64)
    running, out, crossed = _Running.start(drift=drift, two_sided=two_sided), [], 0.0
    for look, (step, limit) in enumerate(zip(np.diff(times, prepend=0.0), limits, strict=True)):
        crossed += running.beyond(step, limit * np.sqrt(times[look]))
        out.append(crossed)
        if look + 1 < len(limits):
            running = running.after(step, limit, times[look : look + 2])
    return np.array(out)


def _solve(times: F64, increments: F64, *, two_sided: bool) -> F64:
    out = np.full(len(times), np.inf)
    running = _Running.start(drift=0.0, two_sided=two_sided)
    for look, (step, wanted) in enumerate(zip(np.diff(times, prepend=0.0), increments, strict=True)):
        if wanted > 2.0 * special.ndtr(-_FARTHEST):
            low, high = 0.0, _FARTHEST
            for _ in range(_HALVINGS):
                middle = (low + high) / 2.0
                much = running.beyond(step, middle * np.sqrt(times[look])) > wanted
                low, high = (middle, high) if much else (low, middle)
            out[look] = (low + high) / 2.0
        if look + 1 < len(times):
            running = running.after(step, out[look], times[look : look + 2])
    return out


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class _Running:
    """Where the scores of tests that have not stopped are: density (times quadrature weight) on a grid."""

    density: F64
    grid: F64
    drift: float
    two_sided: bool

    @classmethod
    def start(cls, *, drift: float, two_sided: bool) -> _Running:
        return cls(density=np.ones(1), grid=np.zeros(1), drift=drift, two_sided=two_sided)

    def beyond(self, step: float, limit: float) -> float:
        """The mass that a step of this length takes beyond the limit."""
        root, moved = np.sqrt(step), self.grid + self.drift * step
        out = special.ndtr((moved - limit) / root)
        if self.two_sided:
            out = out + special.ndtr((-limit - moved) / root)
        return float(self.density @ out)

    def after(self, step: float, z: float, times: F64) -> _Running:
        """The tests still running after a step that is cut off at z; `times` are this look's and the next one's."""
        root, centre = np.sqrt(times[0]), self.drift * times[0]
        low, high = centre - _FARTHEST * root, min(z * root, centre + _FARTHEST * root)
        if self.two_sided:
            low = max(-z * root, low)
        scale = np.sqrt(min(step, times[1] - times[0]))
        count = int(np.clip(np.ceil((high - low) / (_STEP * scale)), 60, _MOST_POINTS)) // 2 * 2
        grid = np.linspace(low, high, count + 1)
        weight = np.full(count + 1, 2.0)
        weight[1::2], weight[0], weight[-1] = 4.0, 1.0, 1.0
        kernel = np.exp(-((grid[:, None] - self.grid - self.drift * step) ** 2) / (2.0 * step))
        moved = kernel @ self.density / np.sqrt(2.0 * np.pi * step)
        return _Running(
            density=moved * weight * (high - low) / (3.0 * count),
            grid=grid,
            drift=self.drift,
            two_sided=self.two_sided,
        )
