"""What a policy would have earned on a log: support checked, estimator chosen, interval, and what to mind.

*Holds when* rounds are independent given the past, propensities are those drawn from, and the future is like
the log. *Does not cover* repeated looks at the same estimate, and actions that the log never took: see
`support`.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping

import numpy as np
import numpy.typing as npt

from adwright.errors import InfeasibleError
from adwright.experiment.offpolicy.choice import choose_estimator
from adwright.experiment.offpolicy.diagnostics import Diagnostics, diagnose
from adwright.experiment.offpolicy.intervals import (
    Interval,
    difference,
    empirical_bernstein,
    studentised,
    weighted_counts,
)
from adwright.experiment.offpolicy.ips import Ips
from adwright.experiment.offpolicy.outcome_model import cross_fitted_rewards
from adwright.experiment.offpolicy.registry import PLAIN, TUNED
from adwright.experiment.offpolicy.rounds import LoggedRounds
from adwright.experiment.offpolicy.support import MOST_UNLOGGED, check_support
from adwright.experiment.offpolicy.terms import Estimator, Terms
from adwright.experiment.offpolicy.tuning import tune
from adwright.schema import Language

_COUNTS_UP_TO = 0.1
"""Below this rate clicks are counted (`weighted_counts`); above, they are plenty and are resampled."""


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Estimated:
    """One estimator's answer; the interval is None for a biased one, whose rows do not show its error."""

    name: str
    value: float
    standard_error: float
    interval: Interval | None


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class PolicyValue:
    """The value of a policy per round.

    Args:
        estimator: The one that is read, chosen or named by the caller.
        value: Its estimate.
        interval: Of that estimate; of the unbiased reference where the estimator itself is biased.
        interval_from: The estimator that the interval belongs to.
        guaranteed: The empirical-Bernstein interval of IPS, at the largest weight that occurs.
        reason: Why this estimator, by language.
        logged_value: Mean reward of the log itself.
        logged_interval: Its interval.
        difference: Value less logged value.
        difference_low: Lower end of its interval.
        difference_high: Upper end.
        estimates: Every estimator's answer, for comparison; not to choose from afterwards.
        diagnostics: How far the log carries the policy.
    """

    estimator: str
    value: float
    interval: Interval
    interval_from: str
    guaranteed: Interval
    reason: Mapping[Language, str]
    logged_value: float
    logged_interval: Interval
    difference: float
    difference_low: float
    difference_high: float
    estimates: tuple[Estimated, ...]
    diagnostics: Diagnostics

    @property
    def is_within_noise(self) -> bool:
        """Whether the policy may be worth just as much as the log."""
        return self.difference_low <= 0.0 <= self.difference_high


def evaluate_policy(
    rounds: LoggedRounds,
    *,
    rng: np.random.Generator,
    estimator: Estimator | None = None,
    contexts: npt.ArrayLike | None = None,
    most_unlogged: float = MOST_UNLOGGED,
    level: float = 0.95,
    n_boot: int = 4000,
) -> PolicyValue:
    """The value of the judged policy, or a refusal.

    Args:
        rounds: The log and the policy, from `logged_rounds`; where they hold no outcome model, one is fitted.
        rng: For the folds of the outcome model and for the resamples.
        estimator: The one to read; None lets `choose_estimator` choose.
        contexts: (n, d) numbers for the outcome model.
        most_unlogged: The policy's largest mass on unlogged actions that still gets an estimate.
        level: Coverage of the intervals.
        n_boot: Resamples.

    Raises:
        UnsupportedPolicyError: too much of the policy lies where the log never was.
        InfeasibleError: no round at all on which the log took what the policy might take.
    """
    support = check_support(rounds, most=most_unlogged)
    if not rounds.weight.any():
        raise InfeasibleError(
            "the log never took what the policy takes",
            argument="target",
            value="weight 0 in every round",
            hint="Log some rounds at random first",
        )
    if rounds.q_hat is None:
        fitted = cross_fitted_rewards(rounds, rng=rng, contexts=contexts)
        rounds = dataclasses.replace(rounds, q_hat=fitted)
    choice = choose_estimator(rounds, support)
    chosen, terms, reason = choice.chosen, choice.terms, choice.reason
    if estimator is not None:
        chosen, terms = estimator, estimator.terms(rounds)
        reason = {"en": "As asked for.", "zh": "按要求指定。"}
    basis, basis_terms = (chosen, terms) if chosen.unbiased else (choice.reference, choice.reference_terms)
    shown = {one.name: one for one in (*_all(rounds), basis, chosen)}
    named = {name: one.terms(rounds) for name, one in shown.items()}
    unbiased = {name: one for name, one in named.items() if shown[name].unbiased}
    intervals = _intervals(rounds, unbiased, rng=rng, n_boot=n_boot, level=level)
    interval = intervals[basis.name]
    if estimator is None and not interval.low <= terms.value <= interval.high:
        chosen, terms, reason = choice.reference, choice.reference_terms, _outside(chosen, choice.reference)
    return _policy_value(rounds, chosen.name, terms, basis=basis.name, basis_terms=basis_terms, reason=reason,
                         named=named, intervals=intervals, level=level,
                         diagnostics=diagnose(rounds, support))  # fmt: skip


def _policy_value(
    rounds: LoggedRounds,
    name: str,
    terms: Terms,
    *,
    basis: str,
    basis_terms: Terms,
    reason: Mapping[Language, str],
    named: Mapping[str, Terms],
    intervals: Mapping[str, Interval],
    level: float,
    diagnostics: Diagnostics,
) -> PolicyValue:
    logged = _logged_terms(rounds)
    log_value, log_interval = logged.value, intervals["log"]
    gap, low, high = difference(
        terms.value,
        intervals[basis],
        other=log_value,
        other_interval=log_interval,
        correlation=_correlation(basis_terms, logged),
    )
    spread = float(rounds.weight.max()) * (float(np.ptp(rounds.reward)) or 1.0)
    return PolicyValue(
        estimator=name,
        value=terms.value,
        interval=intervals[basis],
        interval_from=basis,
        guaranteed=empirical_bernstein(Ips().terms(rounds), spread=spread, level=level),
        reason=reason,
        logged_value=log_value,
        logged_interval=log_interval,
        difference=gap,
        difference_low=low,
        difference_high=high,
        estimates=tuple(
            Estimated(
                name=key, value=one.value, standard_error=one.standard_error(), interval=intervals.get(key)
            )
            for key, one in named.items()
        ),
        diagnostics=diagnostics,
    )


def _all(rounds: LoggedRounds) -> list[Estimator]:
    return [*(make() for make in PLAIN.values()), *(tune(name, rounds, method="mse bound") for name in TUNED)]


def _intervals(
    rounds: LoggedRounds, named: Mapping[str, Terms], *, rng: np.random.Generator, n_boot: int, level: float
) -> dict[str, Interval]:
    """By name, with "log" for the log's own mean reward."""
    logged = _logged_terms(rounds)
    rare = rounds.is_binary and max(one.value for one in (*named.values(), logged)) < _COUNTS_UP_TO
    everything = {**named, "log": logged}
    if rare:
        return {name: weighted_counts(one, level=level) for name, one in everything.items()}
    return studentised(everything, rng=rng, n_boot=n_boot, level=level)


def _logged_terms(rounds: LoggedRounds) -> Terms:
    return Terms(plain=np.zeros(rounds.n), correction=rounds.reward, weight=np.ones(rounds.n))


def _correlation(one: Terms, other: Terms) -> float:
    a, b = one.influence(), other.influence()
    norm = float(np.sqrt((a @ a) * (b @ b)))
    return float(a @ b) / norm if norm > 0 else 0.0


def _outside(chosen: Estimator, reference: Estimator) -> Mapping[Language, str]:
    return {
        "en": f"{reference.name}: {chosen.name} seemed less noisy but lies outside its interval.",
        "zh": f"{reference.name}：{chosen.name} 看起来噪声更小，但落在其区间之外。",
    }
