"""The adaptive slice: what each arm, or another policy, is worth per decision, by weighting with propensities.

A reward that was seen with probability p stands for 1/p rewards. IPS (inverse propensity score) is unbiased;
SNIPS divides by the sum of the weights instead of their number, which is far less noisy and off by a
vanishing amount; it is the one to read.

*Holds when* the logged propensities are those drawn from, and no arm of interest had probability 0 (each arm
is judged on the decisions on which it could have been drawn).
*Does not cover* repeated looks, nor the small optimism of the normal interval where the policy learned
within the log and some arm was drawn rarely; `effective_n` says how many plain observations the weighted ones
are worth, and below about 100 the interval is a rough guide.

Source: Horvitz and Thompson (1952); Swaminathan and Joachims (2015) for SNIPS.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl

from adwright.errors import DataError, UsageError
from adwright.experiment.sample_ratio import SampleRatio, check_propensities
from adwright.schema import F64, Decision
from adwright.stats.intervals import normal_quantile


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Rounds:
    """Logged decisions of the adaptive slice with their rewards.

    Args:
        arms: The contents.
        chosen: (n,) index of the content that was shown.
        propensities: (n, n_arms) logged vectors.
        rewards: (n,) what came of it: 0 or 1, or minor units.
        n_left_out: Decisions left out: of the test slice, the holdout, or answered by a fall-back.
    """

    arms: tuple[str, ...]
    chosen: npt.NDArray[np.intp]
    propensities: F64
    rewards: F64
    n_left_out: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class WeightedMean:
    """A mean reward per decision, with a two-sided interval for SNIPS.

    Args:
        name: The arm or the policy.
        ips: Inverse-propensity estimate.
        snips: Self-normalised estimate.
        low: Lower end of the interval of SNIPS.
        high: Upper end.
        n: Decisions that showed the arm (of all arms, for a policy).
        effective_n: (sum of weights)^2 / sum of squared weights.
    """

    name: str
    ips: float
    snips: float
    low: float
    high: float
    n: int
    effective_n: float


@dataclass(frozen=True, slots=True, kw_only=True)
class AdaptiveAnalysis:
    """The reading of the adaptive slice; `policy` is the mean reward of the policy as it ran."""

    arms: tuple[WeightedMean, ...]
    policy: WeightedMean
    sample_ratio: SampleRatio
    level: float
    n_left_out: int


def adaptive_rounds(decisions: Sequence[Decision] | pl.DataFrame, rewards: Mapping[str, float]) -> Rounds:
    """The decisions of the adaptive slice as arrays, checked.

    Args:
        decisions: As they were logged: objects, or the ledger's frame with `id`, `content_id`,
            `propensities` (a JSON object), `slice`, `policy` and `degraded`.
        rewards: By decision id; a decision without an entry brought 0.

    Raises:
        DataError: the same decision twice, a reward of an unknown decision, a vector that is not a
            distribution, or a content that had probability 0.
    """
    rows = _decision_rows(decisions)
    ids = [row[0] for row in rows]
    if len(set(ids)) < len(ids):
        twice = next(i for i, n in _counts(ids).items() if n > 1)
        raise DataError("the same decision is logged twice", argument="decisions", value=twice)
    unknown = set(rewards) - set(ids)
    if unknown:
        raise DataError("a reward of an unknown decision", argument="rewards", value=min(unknown))
    kept = [(i, content, vector) for i, content, vector, adaptive in rows if adaptive]
    arms = tuple(sorted({arm for _, _, vector in kept for arm in vector}))
    column = {arm: i for i, arm in enumerate(arms)}
    propensities = np.zeros((len(kept), len(arms)))
    for row, (decision_id, content, vector) in enumerate(kept):
        values = np.array(list(vector.values()), dtype=np.float64)
        if not (np.all((values >= 0) & (values <= 1)) and abs(values.sum() - 1.0) < 1e-6):
            raise DataError(
                "not a distribution", argument=f"propensities of {decision_id}", value=dict(vector)
            )
        if not vector.get(content, 0.0) > 0.0:
            raise DataError(
                "the content shown had probability 0", argument=f"propensity of {decision_id}", value=content
            )
        propensities[row, [column[arm] for arm in vector]] = values
    return Rounds(
        arms=arms,
        chosen=np.array([column[content] for _, content, _ in kept], dtype=np.intp),
        propensities=propensities,
        rewards=np.array([rewards.get(i, 0.0) for i, _, _ in kept], dtype=np.float64),
        n_left_out=len(rows) - len(kept),
    )


def analyse_adaptive(rounds: Rounds, *, level: float = 0.95) -> AdaptiveAnalysis:
    """The value of each arm and of the policy per decision, and whether the counts fit the propensities.

    Raises:
        DataError: no decision, a reward that is not finite, or a propensity outside (0, 1] of what was shown.
    """
    n = len(rounds.chosen)
    shown = rounds.propensities[np.arange(n), rounds.chosen]
    if n == 0:
        raise DataError("no decision of the adaptive slice", argument="rounds", value=0)
    if not np.all((shown > 0) & (shown <= 1)):
        bad = shown[~((shown > 0) & (shown <= 1))][0]
        raise DataError("not a propensity", argument="propensities", value=float(bad), allowed="(0, 1]")
    if not np.all(np.isfinite(rounds.rewards)):
        raise DataError("a reward is not finite", argument="rewards", value=float("nan"))
    arms = []
    for arm, name in enumerate(rounds.arms):
        possible = rounds.propensities[:, arm] > 0
        weight = np.where(rounds.chosen == arm, 1.0 / shown, 0.0)[possible]
        arms.append(_weighted_mean(name, weight, rounds.rewards[possible], level=level))
    counts = np.bincount(rounds.chosen, minlength=len(rounds.arms))
    return AdaptiveAnalysis(
        arms=tuple(arms),
        policy=_weighted_mean("policy", np.ones(n), rounds.rewards, level=level),
        sample_ratio=check_propensities(counts.tolist(), rounds.propensities),
        level=level,
        n_left_out=rounds.n_left_out,
    )


def policy_value(rounds: Rounds, probabilities: F64, *, level: float = 0.95) -> WeightedMean:
    """What another policy would have earned per decision on the same traffic.

    Args:
        rounds: The log.
        probabilities: (n_arms,) for all decisions, or (n, n_arms) by decision, each summing to 1.
        level: Coverage of the interval.

    Raises:
        UsageError: not distributions.
        DataError: the other policy shows an arm that the log never could have shown.
    """
    target = np.broadcast_to(np.asarray(probabilities, np.float64), rounds.propensities.shape)
    if np.any(target < 0) or np.any(np.abs(target.sum(axis=1) - 1.0) > 1e-9):
        raise UsageError("not distributions", argument="probabilities", allowed="rows that sum to 1")
    if np.any((target > 0) & (rounds.propensities <= 0)):
        arm = rounds.arms[int(np.argwhere((target > 0) & (rounds.propensities <= 0))[0, 1])]
        raise DataError("the log could never have shown this arm", argument="probabilities", value=arm)
    row = np.arange(len(rounds.chosen))
    weight = target[row, rounds.chosen] / rounds.propensities[row, rounds.chosen]
    return _weighted_mean("target", weight, rounds.rewards, level=level)


def _weighted_mean(name: str, weight: F64, reward: F64, *, level: float) -> WeightedMean:
    total, n = float(weight.sum()), len(weight)
    if total == 0.0:
        nan = float("nan")
        return WeightedMean(name=name, ips=0.0, snips=nan, low=nan, high=nan, n=0, effective_n=0.0)
    snips = float(weight @ reward) / total
    # Delta method for a ratio of sums.
    half = normal_quantile(level) * float(np.sqrt(np.sum((weight * (reward - snips)) ** 2))) / total
    return WeightedMean(
        name=name,
        ips=float(weight @ reward) / n,
        snips=snips,
        low=snips - half,
        high=snips + half,
        n=int(np.count_nonzero(weight)),
        effective_n=total**2 / float(np.sum(weight**2)),
    )


def _decision_rows(
    decisions: Sequence[Decision] | pl.DataFrame,
) -> list[tuple[str, str, Mapping[str, float], bool]]:
    """(id, content, vector, whether it belongs to the adaptive slice)."""
    if not isinstance(decisions, pl.DataFrame):
        return [
            (d.id, d.content_id, d.propensities, d.slice == "adaptive" and not d.degraded) for d in decisions
        ]
    names = ("id", "content_id", "propensities", "slice", "degraded")
    for name in names:
        if name not in decisions.columns:
            raise DataError("a column is absent", argument="decisions", value=name, allowed=", ".join(names))
    return [
        (i, content, _vector(i, vector), part == "adaptive" and not degraded)
        for i, content, vector, part, degraded in decisions.select(names).iter_rows()
    ]


def _vector(decision_id: str, text: str) -> Mapping[str, float]:
    try:
        vector = json.loads(text)
    except (TypeError, json.JSONDecodeError) as error:
        raise DataError("not JSON", argument=f"propensities of {decision_id}", value=text) from error
    if not isinstance(vector, dict) or not all(isinstance(p, int | float) for p in vector.values()):
        raise DataError("not a JSON object of numbers", argument=f"propensities of {decision_id}", value=text)
    return vector


def _counts(ids: Sequence[str]) -> dict[str, int]:
    counts: dict[str, int] = {}
    for i in ids:
        counts[i] = counts.get(i, 0) + 1
    return counts
