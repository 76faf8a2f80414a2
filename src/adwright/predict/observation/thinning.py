"""Successes that would not have been seen: what a row without one is then worth.

A success of rate p is seen with probability t (its content was looked at; its delay is over), so one observes
y ~ Bernoulli(p t). Let M say whether a success would have been seen. Given none was,

    P(M = 1 | y = 0) = t (1 - p) / (1 - t p)

and the row is worth so many trials; a success is worth one. Of trials so counted the share p succeeds, exactly:
p t / (p t + (1 - p t) P(M = 1 | y = 0)) = p. This is the E step of the position-based click model, and of a
conversion's delay with M for "would have come by now"; with it any model of rates corrects for either.

Source: Dempster, Laird and Rubin 1977, JRSS B 39; Wang et al. 2018, WSDM, section 4; Chapelle 2014, KDD, section 4.
Holds when: being seen does not depend on whether it would succeed. Does not cover: false successes.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from scipy import sparse, special

from adwright.predict.mixed_logistic import Evidence, MixedFit, fit_mixed_logistic
from adwright.schema import F64

MAX_STEPS = 100
TOLERANCE = 1e-8
"""Of the log-likelihood a trial, at which the steps end."""


def effective_trials(successes: F64, trials: F64, seen: F64, mean: F64) -> F64:
    """(n,) trials in which a success would have been seen, in expectation: at least the successes.

    >>> effective_trials(np.array([0.0, 1.0]), np.ones(2), np.full(2, 0.5), np.full(2, 0.2)).round(3).tolist()
    [0.444, 1.0]
    """
    return np.asarray(successes + (trials - successes) * seen * (1 - mean) / (1 - seen * mean))


def thinned_log_likelihood(successes: F64, trials: F64, seen: F64, mean: F64) -> float:
    """Of y ~ Binomial(n, p t), without its constant."""
    rate = np.clip(seen * mean, 1e-300, 1 - 1e-12)
    return float(successes @ np.log(rate) + (trials - successes) @ np.log1p(-rate))


def fit_thinned(
    x: sparse.csr_matrix,
    successes: F64,
    trials: F64,
    *,
    ridge: F64 | float,
    seen: F64,
    learn: Callable[[F64], tuple[F64, float]] | None = None,
) -> tuple[F64, F64]:
    """(n,) rates and (n,) probabilities of being seen, at the maximum of the penalised likelihood.

    Args:
        x: (n, p) sparse features.
        successes: (n,) counts.
        trials: (n,) counts.
        ridge: Penalty of the weights, a scalar or (p,).
        seen: (n,) probabilities, or where to begin.
        learn: From (n,) rates, better (n,) probabilities, and what the log-likelihood gains beside y's; None: fixed.
    """
    size = len(successes)
    total, extra = float(trials.sum()), 0.0
    mean = np.full(size, float((successes.sum() + 0.5) / (seen @ trials + 1)))
    fit: MixedFit | None = None
    before = -np.inf
    for _ in range(MAX_STEPS):
        worth = effective_trials(successes, trials, seen, mean)
        evidence = Evidence(x, successes, worth, np.ones(size), np.zeros(size, np.intp), 1, float("inf"))
        fit = fit_mixed_logistic(evidence, ridge, start=_restart(fit))
        mean = np.asarray(special.expit(fit.intercept + x @ fit.beta))
        if learn is not None:
            seen, extra = learn(mean)
        found = thinned_log_likelihood(successes, trials, seen, mean) + extra
        found -= 0.5 * float(np.broadcast_to(ridge, fit.beta.shape) @ fit.beta**2)
        if abs(found - before) < TOLERANCE * total:
            break
        before = found
    return mean, seen


def _restart(fit: MixedFit | None) -> MixedFit | None:
    """Where the last fit ended; its loss belonged to other trials."""
    return None if fit is None else MixedFit(fit.beta, fit.intercept, fit.level, np.inf)
