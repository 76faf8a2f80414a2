"""The contrast: what only this content does, and how outcomes sharpen it. It chooses between siblings.

Gamma family, with E_c the sum of the predicted means m_i over the exposures of content c:

    clicks_c | r_c ~ Poisson(r_c E_c),  r_c ~ Gamma(k_c, k_c)   =>   r_c | data ~ Gamma(k_c + clicks_c, k_c + E_c)

The evidence (clicks_c, E_c) is additive, so the order and the batching of outcomes do not matter. Siblings in
one test share a level L that is not theirs; with `shared_level` it is learned from all of them together,
E_c becomes L E_c, and a content without outcomes is compared with its siblings rather than with the model.

Logistic family (rates above 20 %): logit p_i = logit m_i + b + u_c; the evidence then also holds the trials
by logit of m_i on a fixed grid, the posterior of u_c is normal at its mode (Laplace).

Holds when: m_i were predicted without the outcomes that are counted here (see `decide.beliefs`).
Does not cover: content effects that drift.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import special

from adwright.errors import DataError, UsageError
from adwright.schema import F64, Rate, RateFamily
from adwright.stats.rates import content_logit_sd

_LOGIT_GRID = np.linspace(-9.0, 9.0, 73)
_LEVEL_NODES = 161


@dataclass(frozen=True, slots=True, eq=False)
class Evidence:
    """What is known of n contents.

    Args:
        successes: (n,) counts.
        expected: (n,) sums of the predicted means over the exposures.
        logit_trials: (n, 73) trials by logit of the mean; only in the logistic family.

    >>> a = Evidence(np.array([3.0]), np.array([2.5]))
    >>> b = Evidence(np.array([1.0]), np.array([0.5]))
    >>> float((a + b).successes[0]), float((a + b).expected[0])
    (4.0, 3.0)
    """

    successes: F64
    expected: F64
    logit_trials: F64 | None = None

    def __len__(self) -> int:
        return len(self.successes)

    def __add__(self, other: Evidence) -> Evidence:
        if (self.logit_trials is None) != (other.logit_trials is None):
            raise UsageError("cannot add evidence of two families", allowed="both gamma or both logistic")
        joint = None
        if self.logit_trials is not None and other.logit_trials is not None:
            joint = self.logit_trials + other.logit_trials
        return Evidence(self.successes + other.successes, self.expected + other.expected, joint)

    @classmethod
    def none(cls, n: int, *, family: RateFamily = "gamma") -> Evidence:
        """No outcome yet, for n contents."""
        grid = np.zeros((n, len(_LOGIT_GRID))) if family == "logistic" else None
        return cls(np.zeros(n), np.zeros(n), grid)

    @classmethod
    def collect(
        cls,
        *,
        content: npt.NDArray[np.intp],
        n_contents: int,
        successes: F64,
        trials: F64,
        mean: F64,
        family: RateFamily = "gamma",
    ) -> Evidence:
        """The evidence in rows of outcomes.

        Args:
            content: (rows,) index of the content, in [0, n_contents).
            n_contents: n.
            successes: (rows,) counts, between 0 and `trials`.
            trials: (rows,) counts.
            mean: (rows,) what was predicted for one trial of the row.
            family: gamma or logistic.
        """
        successes, trials = np.asarray(successes, float), np.asarray(trials, float)
        if np.any(successes < 0) or np.any(successes > trials):
            row = int(np.flatnonzero((successes < 0) | (successes > trials))[0])
            seen = (float(successes[row]), float(trials[row]))
            raise DataError("successes must lie between 0 and trials", argument=f"row {row}", value=seen)
        grid = _by_logit(content, n_contents, trials, mean) if family == "logistic" else None
        return cls(
            np.bincount(content, successes, n_contents).astype(np.float64),
            np.bincount(content, trials * mean, n_contents).astype(np.float64),
            grid,
        )


@dataclass(frozen=True, slots=True, eq=False)
class Posterior:
    """The posterior of n content effects.

    Args:
        rate: The prior: (n,) rows, one a content.
        evidence: What was seen since.
        log_level: (g,) grid of the shared level; one zero where it is not learned.
        level_weight: (g,) its posterior probabilities.
    """

    rate: Rate
    evidence: Evidence
    log_level: F64
    level_weight: F64

    @property
    def level(self) -> float:
        """The posterior mean of the shared level (of its logit shift in the logistic family)."""
        level = np.exp(self.log_level) if self.rate.family == "gamma" else self.log_level
        return float(level @ self.level_weight)

    def mean(self) -> F64:
        """The posterior mean (n,) of the relative effect r (gamma) or of the logit shift u (logistic)."""
        if self.rate.family == "logistic":
            mode, _ = _logit_modes(self.rate, self.evidence, self.log_level)
            return np.asarray(self.level_weight @ mode)
        shape = self.rate.k + self.evidence.successes
        rates = self.rate.k + np.exp(self.log_level)[:, None] * self.evidence.expected
        return np.asarray(self.level_weight @ (shape / rates))

    def sample(self, n_draws: int, *, rng: np.random.Generator) -> F64:
        """(n_draws, n) draws of the effects; a row shares one draw of the level."""
        node = rng.choice(len(self.log_level), size=n_draws, p=self.level_weight)
        if self.rate.family == "logistic":
            mode, sd = _logit_modes(self.rate, self.evidence, self.log_level)
            return np.asarray(mode[node] + sd[node] * rng.standard_normal((n_draws, len(self.rate))))
        level = np.exp(self.log_level[node])[:, None]
        shape = self.rate.k + self.evidence.successes
        return np.asarray(rng.standard_gamma(shape, (n_draws, len(self.rate)))) / (
            self.rate.k + level * self.evidence.expected
        )

    def rates(self, draws: F64, *, mean: F64 | None = None) -> F64:
        """The rates (n_draws, n) that the drawn effects mean, around `mean` (n,), by default the prior's."""
        centre = self.rate.mean if mean is None else mean
        if self.rate.family == "logistic":
            return np.asarray(special.expit(special.logit(np.clip(centre, 1e-12, 1 - 1e-12)) + draws))
        return np.minimum(centre * draws, 1.0)


def posterior(rate: Rate, evidence: Evidence | None = None, *, shared_level: bool = False) -> Posterior:
    """The posterior of the content effects of n contents.

    Args:
        rate: The prior, one row a content.
        evidence: Outcomes after the prior's data; None for none.
        shared_level: The contents are siblings in one test: learn the level that they share.

    Raises:
        DataError: `rate.k` is unknown (NaN): the model was fitted without contents.

    >>> prior = Rate(mean=np.array([0.02]), k=np.array([50.0]), level_sd=np.array([0.3]))
    >>> seen = Evidence(successes=np.array([30.0]), expected=np.array([20.0]))
    >>> round(float(posterior(prior, seen).mean()[0]), 4)  # (50 + 30) / (50 + 20)
    1.1429
    """
    if evidence is None:
        evidence = Evidence.none(len(rate), family=rate.family)
    if len(evidence) != len(rate):
        raise UsageError("evidence and rate differ in length", value=len(evidence), allowed=str(len(rate)))
    if not np.all(np.isfinite(rate.k)):
        raise DataError(
            "the strength of the content effect is not known",
            argument="k",
            value=float("nan"),
            hint="Fit the model on outcomes with a content column",
        )
    level_sd = float(np.nan_to_num(rate.level_sd).max(initial=0.0))
    if not shared_level or level_sd == 0.0 or not np.any(evidence.expected > 0):
        return Posterior(rate, evidence, np.zeros(1), np.ones(1))
    if rate.family == "logistic":
        return Posterior(rate, evidence, *_logit_level(rate, evidence, level_sd))
    return Posterior(rate, evidence, *_gamma_level(rate, evidence, level_sd))


def _gamma_level(rate: Rate, evidence: Evidence, level_sd: float) -> tuple[F64, F64]:
    """A grid of log L and its posterior weights, r integrated out."""

    def log_density(x: F64) -> F64:
        shape = rate.k + evidence.successes
        spread = np.log1p(np.exp(x)[:, None] * evidence.expected / rate.k)
        prior = -0.5 * ((x + level_sd**2 / 2) / level_sd) ** 2
        return np.asarray(evidence.successes.sum() * x - (shape * spread).sum(axis=1) + prior)

    return _grid(log_density, -(level_sd**2) / 2, level_sd)


def _logit_level(rate: Rate, evidence: Evidence, level_sd: float) -> tuple[F64, F64]:
    def log_density(x: F64) -> F64:
        mode, sd = _logit_modes(rate, evidence, x)
        tau = content_logit_sd(rate)
        inside = _logit_log_likelihood(evidence, x[:, None] + mode) - 0.5 * (mode / tau) ** 2
        return np.asarray((inside + np.log(sd / tau)).sum(axis=1) - 0.5 * (x / level_sd) ** 2)

    return _grid(log_density, 0.0, level_sd)


def _grid(log_density: Callable[[F64], F64], centre: float, sd: float) -> tuple[F64, F64]:
    """Nodes and normalised weights of a unimodal density: a wide grid first, then one around its bulk."""
    low, high = centre - 8 * sd, centre + 8 * sd
    nodes = np.linspace(low, high, _LEVEL_NODES)
    weights = np.ones(_LEVEL_NODES)
    for _ in range(3):
        nodes = np.linspace(low, high, _LEVEL_NODES)
        log_weights = log_density(nodes)
        weights = np.exp(log_weights - log_weights.max())
        bulk = np.flatnonzero(weights > 1e-9)
        step = nodes[1] - nodes[0]
        low, high = nodes[bulk[0]] - step, nodes[bulk[-1]] + step
    return nodes, weights / weights.sum()


def _by_logit(content: npt.NDArray[np.intp], n: int, trials: F64, mean: F64) -> F64:
    """Trials by logit of the mean, each split linearly over the two nearest nodes of the grid."""
    logit = np.clip(special.logit(np.clip(mean, 1e-12, 1 - 1e-12)), _LOGIT_GRID[0], _LOGIT_GRID[-1] - 1e-9)
    position = (logit - _LOGIT_GRID[0]) / (_LOGIT_GRID[1] - _LOGIT_GRID[0])
    left = position.astype(np.intp)
    right_share = position - left
    out = np.zeros((n, len(_LOGIT_GRID)))
    np.add.at(out, (content, left), trials * (1 - right_share))
    np.add.at(out, (content, left + 1), trials * right_share)
    return out


def _logit_log_likelihood(evidence: Evidence, shift: F64) -> F64:
    """log-likelihood (g, n) of a logit shift, up to a constant."""
    assert evidence.logit_trials is not None
    softplus = np.logaddexp(0.0, _LOGIT_GRID + shift[..., None])
    return np.asarray(evidence.successes * shift - (evidence.logit_trials * softplus).sum(axis=-1))


def _logit_modes(rate: Rate, evidence: Evidence, level: F64) -> tuple[F64, F64]:
    """Mode and standard deviation (g, n) of u_c given each level of the grid, by Newton's method."""
    if evidence.logit_trials is None:
        raise UsageError("a logistic rate needs evidence with logit_trials", hint="Use Evidence.collect")
    precision = 1 / content_logit_sd(rate) ** 2
    mode = np.zeros((len(level), len(rate)))
    bend = np.broadcast_to(precision, mode.shape)
    for _ in range(40):
        p = special.expit(_LOGIT_GRID + level[:, None, None] + mode[..., None])
        slope = evidence.successes - (evidence.logit_trials * p).sum(axis=-1) - mode * precision
        bend = (evidence.logit_trials * p * (1 - p)).sum(axis=-1) + precision
        step = np.clip(slope / bend, -1.0, 1.0)
        mode = mode + step
        if np.max(np.abs(step), initial=0.0) < 1e-9:
            break
    return mode, np.asarray(1 / np.sqrt(bend))
