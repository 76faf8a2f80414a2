"""Which estimator to read on a log, chosen by estimated squared error.

The reference is `ControlVariates`, which in large samples no unbiased one of the family beats. The direct method
and DR with shrunk weights trade some bias for less variance; the best of them takes its place only where its
estimated error (variance, and the square of its distance to the reference as far as chance does not explain it)
is clearly smaller: `MUCH_LESS`, for that error is itself an estimate, and bias hides where rewards are rare.

*Holds when* some of the candidates' errors are not the same: with a handful of rewards all estimates are
guesses, and so is the choice.

Source: the debiased squared distance as in Thomas and Brunskill (2016), ICML (MAGIC); variances floored by the
residual variance of the outcome model, for a log that happens to have no reward at its large weights.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from adwright.experiment.offpolicy.control_variates import ControlVariates
from adwright.experiment.offpolicy.direct import Direct
from adwright.experiment.offpolicy.dr_shrinkage import ShrunkDoublyRobust
from adwright.experiment.offpolicy.rounds import LoggedRounds
from adwright.experiment.offpolicy.sndr import SelfNormalisedDoublyRobust
from adwright.experiment.offpolicy.snips import SelfNormalisedIps
from adwright.experiment.offpolicy.support import Support
from adwright.experiment.offpolicy.terms import Estimator, Terms
from adwright.schema import F64, Language

MUCH_LESS = 0.7
"""A biased estimator is taken at no more than this part of the reference's estimated error."""
_SHRINKAGES = (0.1, 1.0, 3.0, 10.0, 30.0, 100.0, 300.0, 1000.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """The chosen estimator and the unbiased one that it was held against.

    Args:
        chosen: To be read.
        terms: Its terms.
        reference: Unbiased; the interval is its.
        reference_terms: Its terms.
        errors: Estimated root mean squared error of each candidate, by name.
        reason: Why, by language.
    """

    chosen: Estimator
    terms: Terms
    reference: Estimator
    reference_terms: Terms
    errors: Mapping[str, float]
    reason: Mapping[Language, str]


def choose_estimator(rounds: LoggedRounds, support: Support) -> Choice:
    """The estimator with the least estimated squared error on this log."""
    reference = _reference(rounds, support)
    candidates: list[Estimator] = [reference]
    if rounds.q_hat is not None:
        candidates += [Direct(), *(ShrunkDoublyRobust(lam) for lam in _SHRINKAGES)]
    terms = [candidate.terms(rounds) for candidate in candidates]
    errors = np.sqrt(squared_errors(rounds, terms))
    best = int(np.argmin(errors))
    if errors[best] > MUCH_LESS * errors[0]:
        best = 0
    return Choice(
        chosen=candidates[best],
        terms=terms[best],
        reference=reference,
        reference_terms=terms[0],
        errors={c.name: float(e) for c, e in zip(candidates, errors, strict=True)},
        reason=_reason(candidates, errors, best),
    )


def squared_errors(rounds: LoggedRounds, terms: Sequence[Terms]) -> F64:
    """(m,) estimated squared error of each; the first is taken to be unbiased."""
    residual = rounds.reward - (rounds.q_logged() if rounds.q_hat is not None else rounds.reward.mean())
    spread = float(np.mean(residual**2))
    first_pull, first_scaled = terms[0].influence(), terms[0].weight / terms[0].divisor
    out = np.empty(len(terms))
    for i, one in enumerate(terms):
        pull, scaled = one.influence(), one.weight / one.divisor
        # no estimate is surer than a mean of so many rewards: a model's own noise is not in its terms
        variance = max(_mean_square(pull), spread * float(np.sum(scaled**2)), spread / rounds.n)
        apart = max(_mean_square(pull - first_pull), spread * float(np.sum((scaled - first_scaled) ** 2)))
        distance = (one.value - terms[0].value) ** 2
        # distance x the share of it that chance does not explain
        out[i] = variance + (distance**2 / (distance + apart) if distance > 0 else 0.0)
    return out


def _mean_square(pull: F64) -> float:
    return float(pull @ pull) / len(pull) ** 2


def _reference(rounds: LoggedRounds, support: Support) -> Estimator:
    if support.mass <= 1e-9:
        return ControlVariates()
    # some mass was not logged, so the weights do not average to 1 and cannot serve as a control
    return SelfNormalisedIps() if rounds.q_hat is None else SelfNormalisedDoublyRobust()


def _reason(candidates: Sequence[Estimator], errors: F64, best: int) -> Mapping[Language, str]:
    name, first = candidates[best].name, candidates[0].name
    if len(candidates) == 1:
        return {
            "en": f"{name}: without an outcome model it has the least variance of the unbiased estimators.",
            "zh": f"{name}：没有结果模型时，它是无偏估计中方差最小的。",
        }
    if best == 0:
        runner = 1 + int(np.argmin(errors[1:]))
        other, gap = candidates[runner].name, f"{errors[runner] / max(errors[0], 1e-300):.2f}"
        return {
            "en": f"{name}: unbiased, and no biased one has a clearly smaller error (the best, {other}: {gap} times).",
            "zh": f"{name}：无偏，且没有误差明显更小的有偏估计（最好的 {other} 为 {gap} 倍）。",
        }
    share = f"{errors[best] / max(errors[0], 1e-300):.2f}"
    return {
        "en": f"{name}: its estimated error, bias included, is {share} times that of {first}.",
        "zh": f"{name}：包括偏差在内，它的估计误差是 {first} 的 {share} 倍。",
    }
