"""Mixture supermartingales: for a sum s with intrinsic time v, the log of an e-value, and the bound it gives.

Each has `log_value(s, v)`, the logarithm of a process that starts at 1 and, under the null hypothesis, grows
beyond 1 / alpha with probability at most alpha, ever; and `bound(v, alpha)`, the s at which it does.

*Holds when* the sum is sub-psi with the mixture's psi: sub-Gaussian (normal), sub-exponential with scale c
(gamma-exponential), sub-Poisson with scale c (gamma-Poisson), or bounded in [-g, h] (beta-binomial).

Source: Howard, Ramdas, McAuliffe and Sekhon (2021), "Time-uniform, nonparametric, nonasymptotic confidence
sequences", Annals of Statistics 49: propositions 5 (normal), 9 (gamma-exponential), 10 (gamma-Poisson), 7 and 8
(beta-binomial), and equation 17 for the best tuning.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import numpy.typing as npt
from scipy import special

from adwright.errors import UsageError
from adwright.schema import F64

_DOUBLINGS, _HALVINGS = 60, 100


class Mixture(Protocol):
    """What every mixture can do; arguments are arrays that broadcast."""

    def log_value(self, s: npt.ArrayLike, v: npt.ArrayLike) -> F64:
        """The logarithm of the e-value of sum `s` at intrinsic time `v`."""
        ...

    def bound(self, v: npt.ArrayLike, *, alpha: float = 0.05) -> F64:
        """The sum that the process stays below, at all times, with probability 1 - alpha."""
        ...


def best_rho(v: float, *, alpha: float = 0.05, two_sided: bool = True) -> float:
    """The mixing parameter of the normal mixture whose bound is lowest at intrinsic time `v`.

    >>> round(best_rho(100, alpha=0.05), 5)
    12.60056
    """
    level = alpha if two_sided else 2.0 * alpha
    if not (v > 0.0 and 0.0 < level < 1.0):
        raise UsageError(
            "not a time or a level", argument="v, alpha", value=(v, alpha), allowed="above 0, and in (0, 1)"
        )
    spent = 2.0 * np.log(1.0 / level)
    return float(v / (spent + np.log1p(spent)))


@dataclass(frozen=True, slots=True)
class NormalMixture:
    """For sub-Gaussian sums.

    Args:
        rho: Mixing parameter, above 0; see `best_rho`.
        two_sided: Whether |s| is bounded, or s from above.

    >>> mixture = NormalMixture(best_rho(100))
    >>> round(float(mixture.bound(100)), 5), round(float(mixture.log_value(10, 100)), 6)
    (30.35209, -0.651005)
    """

    rho: float
    two_sided: bool = True

    def log_value(self, s: npt.ArrayLike, v: npt.ArrayLike) -> F64:
        """See `Mixture`."""
        x, spread = np.asarray(s, np.float64), np.asarray(v, np.float64) + self.rho
        out = 0.5 * np.log(self.rho / spread) + x**2 / (2.0 * spread)
        return out if self.two_sided else out + np.log(2.0) + special.log_ndtr(x / np.sqrt(spread))

    def bound(self, v: npt.ArrayLike, *, alpha: float = 0.05) -> F64:
        """See `Mixture`."""
        time = np.asarray(v, np.float64)
        if not self.two_sided:
            return _solve(self.log_value, time, alpha, highest=None)
        spread = time + self.rho
        return np.asarray(np.sqrt(spread * (np.log1p(time / self.rho) - 2.0 * np.log(alpha))))


@dataclass(frozen=True, slots=True)
class GammaExponentialMixture:
    """For sub-exponential sums with scale c, from above; `rho` as `best_rho(..., two_sided=False)`."""

    rho: float
    c: float

    def log_value(self, s: npt.ArrayLike, v: npt.ArrayLike) -> F64:
        """See `Mixture`."""
        c2, x, time = self.c**2, np.asarray(s, np.float64), np.asarray(v, np.float64)
        a, b, grown = self.rho / c2, (time + self.rho) / c2, (self.c * x + time) / c2
        start = a * np.log(a) - special.gammaln(a) - np.log(special.gammainc(a, a))
        with np.errstate(divide="ignore"):
            end = special.gammaln(b) + np.log(special.gammainc(b, grown + a))
            return np.asarray(start + end - b * np.log(grown + a) + grown)

    def bound(self, v: npt.ArrayLike, *, alpha: float = 0.05) -> F64:
        """See `Mixture`."""
        return _solve(self.log_value, np.asarray(v, np.float64), alpha, highest=None)


@dataclass(frozen=True, slots=True)
class GammaPoissonMixture:
    """For sub-Poisson sums with scale c, from above; `rho` as `best_rho(..., two_sided=False)`."""

    rho: float
    c: float

    def log_value(self, s: npt.ArrayLike, v: npt.ArrayLike) -> F64:
        """See `Mixture`."""
        c2, x, time = self.c**2, np.asarray(s, np.float64), np.asarray(v, np.float64)
        a, b = self.rho / c2, (time + self.rho) / c2
        grown = x / self.c + b
        start = a * np.log(a) - special.gammaln(a) - np.log(special.gammaincc(a, a))
        with np.errstate(divide="ignore"):
            end = special.gammaln(grown) + np.log(special.gammaincc(grown, b))
            return np.asarray(start + end - grown * np.log(b) + time / c2)

    def bound(self, v: npt.ArrayLike, *, alpha: float = 0.05) -> F64:
        """See `Mixture`."""
        return _solve(self.log_value, np.asarray(v, np.float64), alpha, highest=None)


@dataclass(frozen=True, slots=True)
class BetaBinomialMixture:
    """For sums of steps in [-g, h] of mean 0 (a coin of chance g / (g + h), centred), exact.

    Args:
        rho: As `best_rho`, for one or two sides; at least a thousandth of g h is kept after taking g h off.
        g: Largest step down, above 0.
        h: Largest step up, above 0.
        two_sided: Whether large and small sums both count.
    """

    rho: float
    g: float
    h: float
    two_sided: bool = True

    def log_value(self, s: npt.ArrayLike, v: npt.ArrayLike) -> F64:
        """See `Mixture`."""
        g, h, x, time = self.g, self.h, np.asarray(s, np.float64), np.asarray(v, np.float64)
        r = max(self.rho - g * h, 1e-3 * g * h)
        end = 1.0 if self.two_sided else h / (g + h)
        up, down = (time + h * x) / (h * (g + h)), (time - g * x) / (g * (g + h))
        mixed = _log_beta(r / (g * (g + h)) + down, r / (h * (g + h)) + up, end)
        start = _log_beta(np.asarray(r / (g * (g + h))), np.asarray(r / (h * (g + h))), end)
        return np.asarray(time / (g * h) * np.log(g + h) - up * np.log(g) - down * np.log(h) + mixed - start)

    def bound(self, v: npt.ArrayLike, *, alpha: float = 0.05) -> F64:
        """See `Mixture`; v / g where even the largest possible sum is no evidence."""
        time = np.asarray(v, np.float64)
        return _solve(self.log_value, time, alpha, highest=time / self.g)


def _log_beta(a: F64, b: F64, end: float) -> F64:
    """log of the incomplete beta function, not regularised, from 0 to `end`."""
    whole = special.betaln(a, b)
    if end == 1.0:
        return np.asarray(whole)
    with np.errstate(divide="ignore"):
        return np.asarray(whole + np.log(special.betainc(a, b, end)))


def _solve(log_value: Callable[[F64, F64], F64], v: F64, alpha: float, *, highest: F64 | None) -> F64:
    """The s at which `log_value` reaches log(1 / alpha), by bisection; it grows with s from 0 on."""
    target = -np.log(alpha)
    if highest is None:
        high = np.maximum(v, 1e-6)
        for _ in range(_DOUBLINGS):
            high = np.where(log_value(high, v) > target, high, 2.0 * high)
    else:
        high = np.asarray(highest, np.float64)
    low, top = np.zeros_like(high), high
    out_of_reach = ~(log_value(top, v) >= target)
    for _ in range(_HALVINGS):
        middle = (low + high) / 2.0
        reached = log_value(middle, v) >= target
        low, high = np.where(reached, low, middle), np.where(reached, middle, high)
    return np.asarray(np.where(out_of_reach, top, (low + high) / 2.0))
