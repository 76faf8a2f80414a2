"""How far a log carries a policy: effective sample size, weights, unlogged mass, and what they warn of."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from adwright.experiment.offpolicy.rounds import LoggedRounds
from adwright.experiment.offpolicy.support import Support

Finding = Literal[
    "few effective rounds", "one round dominates", "weights off", "unlogged mass", "few rewards"
]
_FEW_EFFECTIVE = 100.0
_DOMINATES = 0.1
_FEW_REWARDS = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Diagnostics:
    """The state of the weights.

    Args:
        n: Rounds.
        n_rewards: Rounds with a reward other than 0 that the policy could have had.
        effective_n: (sum of weights)^2 / sum of squared weights, Kish's.
        largest_weight: The largest weight.
        largest_share: Its share of the sum of weights.
        mean_weight: Near 1 where the propensities are true and all of the policy's mass was logged.
        mean_weight_se: Its standard error.
        unlogged_mass: The policy's mass on actions that the log never took.
        unlogged_actions: Those actions, each with its part.
        findings: What of this a reader has to know.
    """

    n: int
    n_rewards: int
    effective_n: float
    largest_weight: float
    largest_share: float
    mean_weight: float
    mean_weight_se: float
    unlogged_mass: float
    unlogged_actions: tuple[tuple[str, float], ...]
    findings: tuple[Finding, ...]


def diagnose(rounds: LoggedRounds, support: Support) -> Diagnostics:
    """The diagnostics of the weights of `rounds`; source of the size: Kish (1965), Survey Sampling."""
    weight = rounds.weight
    total, squares = float(weight.sum()), float(weight @ weight)
    effective = total**2 / squares if squares > 0 else 0.0
    largest = float(weight.max())
    share = largest / total if total > 0 else 1.0
    mean, se = total / rounds.n, float(weight.std()) / rounds.n**0.5
    n_rewards = int(np.count_nonzero(rounds.reward * weight))
    off = abs(mean - (1.0 - support.mass)) > max(5.0 * se, 0.02)
    checks: tuple[tuple[Finding, bool], ...] = (
        ("few effective rounds", effective < _FEW_EFFECTIVE),
        ("one round dominates", share > _DOMINATES),
        ("weights off", off),
        ("unlogged mass", support.mass > 1e-9),
        ("few rewards", n_rewards < _FEW_REWARDS),
    )
    return Diagnostics(
        n=rounds.n,
        n_rewards=n_rewards,
        effective_n=effective,
        largest_weight=largest,
        largest_share=share,
        mean_weight=mean,
        mean_weight_se=se,
        unlogged_mass=support.mass,
        unlogged_actions=support.actions,
        findings=tuple(finding for finding, is_so in checks if is_so),
    )
