"""The uplift of a trial: effects, who gains, how surely, whom to send what, and what that earns."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from adwright.experiment.uplift.choice import LEARNERS, UpliftFit, fit_uplift
from adwright.experiment.uplift.curves import GainCurve, gain_curve
from adwright.experiment.uplift.targeting import PolicyEarning, policy_earning
from adwright.experiment.uplift.trial import Trial
from adwright.schema import Language


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class UpliftAnalysis:
    """The reading of a trial.

    Args:
        fit: The chosen learner with its predictions, and the model for new customers.
        curves: By treatment, its gain curve, Qini and AUUC.
        earning: What targeting earns.
        n_by_arm: Customers of each arm, the control first.
        means: Mean outcome of each arm.
        findings: What a reader has to know, by language.
    """

    fit: UpliftFit
    curves: Mapping[str, GainCurve]
    earning: PolicyEarning
    n_by_arm: Mapping[str, int]
    means: Mapping[str, float]
    findings: Mapping[Language, tuple[str, ...]]


def analyse_uplift(
    trial: Trial,
    *,
    rng: np.random.Generator,
    value: float = 1.0,
    cost: npt.ArrayLike = 0.0,
    learners: Sequence[str] = tuple(LEARNERS),
    n_folds: int = 4,
    level: float = 0.95,
) -> UpliftAnalysis:
    """The analysis of a randomised trial.

    Args:
        trial: From `randomised_trial`.
        rng: Splits and fits.
        value: Worth of one unit of the outcome.
        cost: Of sending, one number or one a treatment.
        learners: Short names to choose from.
        n_folds: Folds of the cross-fitting.
        level: Coverage of the intervals.
    """
    fit = fit_uplift(trial, rng=rng, learners=learners, n_folds=n_folds)
    curves = {
        name: gain_curve(fit.scores[:, i], fit.raw[:, i], level=level)
        for i, name in enumerate(trial.arms[1:])
    }
    earning = policy_earning(fit.scores, fit.predicted, value=value, cost=cost, level=level)
    counts = np.bincount(trial.arm, minlength=trial.n_arms)
    sums = np.bincount(trial.arm, weights=trial.outcome, minlength=trial.n_arms)
    return UpliftAnalysis(
        fit=fit,
        curves=curves,
        earning=earning,
        n_by_arm={name: int(n) for name, n in zip(trial.arms, counts, strict=True)},
        means={name: float(m) for name, m in zip(trial.arms, sums / counts, strict=True)},
        findings=_findings(trial.arms, curves, earning),
    )


def _findings(
    arms: Sequence[str], curves: Mapping[str, GainCurve], earning: PolicyEarning
) -> Mapping[Language, tuple[str, ...]]:
    english, chinese = [], []
    for name, curve in curves.items():
        if curve.effect.low <= 0.0 <= curve.effect.high:
            english.append(f"{name}: its mean effect may be nothing.")
            chinese.append(f"{name}：平均效果可能为零。")
        if curve.qini.low <= 0.0:
            english.append(
                f"{name}: the ordering of customers is within noise; a random choice may do as well."
            )
            chinese.append(f"{name}：客户排序的优势在噪声范围内，随机选择可能同样好。")
    if earning.is_within_noise:
        simple = "nothing" if earning.simple_sent is None else f"{arms[1 + earning.simple_sent]} to everybody"
        simple_zh = "都不发送" if earning.simple_sent is None else f"全部发送 {arms[1 + earning.simple_sent]}"
        english.append(f"What targeting earns beyond sending {simple} is within noise.")
        chinese.append(f"定向发送比“{simple_zh}”多赚的部分在噪声范围内。")
    return {"en": tuple(english), "zh": tuple(chinese)}
