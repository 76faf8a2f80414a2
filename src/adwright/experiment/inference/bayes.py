"""The Bayesian reading: a normal prior on the effect, its posterior, and how much of it the prior made.

*Holds when* the data were not peeked at: the chance to win is a reading, never a rule to stop by. Stopped at
97.5 %, it calls a quarter of A/A tests.

Source: conjugate normal model; the risk is the expected loss of a normal (Berger 1985, section 4.4).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt
from scipy import special

from adwright.errors import UsageError
from adwright.experiment.inference.lift import Lift
from adwright.schema import F64


@dataclass(frozen=True, slots=True, kw_only=True)
class NormalPrior:
    """What is believed of an effect before its test.

    Args:
        mean: Of the effect.
        variance: Of the effect, above 0.
        proper: False for a flat prior: mean and variance are then not used.
        scale: Whether mean and variance are of the relative or of the absolute effect.
    """

    mean: float = 0.0
    variance: float = 1.0
    proper: bool = True
    scale: Literal["relative", "absolute"] = "relative"

    def __post_init__(self) -> None:
        if not self.variance > 0.0:
            raise UsageError("not a variance", argument="variance", value=self.variance, allowed="above 0")


FLAT = NormalPrior(proper=False)


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Posterior:
    """The posterior of an effect, arrays of one shape; NaN where there are no data.

    Args:
        mean: Of the effect.
        sd: Of the effect.
        low: Lower end of the central interval.
        high: Upper end.
        chance_to_win: Probability that the arm is better.
        risk_control: Expected loss of keeping the control.
        risk_treatment: Expected loss of shipping the arm.
        prior_share: Share of the posterior's precision that is the prior's: 0 all data, 1 all prior.
        without_prior: The estimate from the data alone, to be shown beside `mean`.
    """

    mean: F64
    sd: F64
    low: F64
    high: F64
    chance_to_win: F64
    risk_control: F64
    risk_treatment: F64
    prior_share: F64
    without_prior: F64


def bayesian_reading(
    effect: Lift, *, prior: NormalPrior = FLAT, alpha: float = 0.05, lower_is_better: bool = False
) -> Posterior:
    """The posterior of the effect.

    Args:
        effect: On the absolute or the relative scale, or on the log scale with a relative prior (read as log).
        prior: Brought to the effect's scale with the control's mean where they differ.
        alpha: The interval holds 1 - alpha.
        lower_is_better: A metric such as returns.

    >>> from adwright.experiment.inference import ProportionSummary, lift
    >>> both = lift(ProportionSummary(n=10_000, successes=500), ProportionSummary(n=10_000, successes=570))
    >>> read = bayesian_reading(both, prior=NormalPrior(mean=0.0, variance=0.05**2))
    >>> round(float(read.mean), 3), round(float(read.prior_share), 2)
    (0.049, 0.65)
    """
    if not 0.0 < alpha < 1.0:
        raise UsageError("not a level", argument="alpha", value=alpha, allowed="between 0 and 1")
    mean0, variance0 = _on_scale(prior, effect)
    with np.errstate(divide="ignore", invalid="ignore"):
        own = np.where(effect.known, 1.0 / effect.se**2, np.nan)
        before = np.where(prior.proper, 1.0 / variance0, 0.0)
        precision = own + before
        mean = (own * effect.point + before * mean0) / precision
        sd = np.sqrt(1.0 / precision)
    z = float(special.ndtri(1.0 - alpha / 2.0))
    loss_above, loss_below = _expected_parts(mean, sd)
    better = special.ndtr(mean / sd)
    return Posterior(
        mean=mean,
        sd=sd,
        low=mean - z * sd,
        high=mean + z * sd,
        chance_to_win=1.0 - better if lower_is_better else better,
        risk_control=loss_below if lower_is_better else loss_above,
        risk_treatment=loss_above if lower_is_better else loss_below,
        prior_share=before / precision,
        without_prior=np.where(effect.known, effect.point, np.nan),
    )


def _on_scale(prior: NormalPrior, effect: Lift) -> tuple[F64 | float, F64 | float]:
    if prior.scale == "relative" and effect.scale == "absolute":
        return prior.mean * np.abs(effect.control), prior.variance * effect.control**2
    if prior.scale == "absolute" and effect.scale != "absolute":
        with np.errstate(divide="ignore", invalid="ignore"):
            return prior.mean / np.abs(effect.control), prior.variance / effect.control**2
    return prior.mean, prior.variance


def _expected_parts(mean: npt.NDArray[np.float64], sd: F64) -> tuple[F64, F64]:
    """E max(x, 0) and E max(-x, 0) of a normal, without cancellation far in the tails."""
    z = mean / sd
    return sd * _gain(z), sd * _gain(-z)


def _gain(z: F64) -> F64:
    """E max(z + e, 0) for a standard normal e: phi(z) + z Phi(z); by continued fraction far below 0."""
    with np.errstate(invalid="ignore", divide="ignore", over="ignore"):
        density = np.exp(-(z**2) / 2.0) / np.sqrt(2.0 * np.pi)
        # phi(z) - |z| Q(|z|), with Mills' ratio from erfcx, whose relative error stays small.
        mills = np.sqrt(np.pi / 2.0) * special.erfcx(-z / np.sqrt(2.0))
        near = density * (1.0 + z * mills)
        far = density * (1.0 / z**2 - 3.0 / z**4 + 15.0 / z**6 - 105.0 / z**8)
        return np.asarray(np.where(z > 0, density + z * special.ndtr(z), np.where(z < -12.0, far, near)))
