"""A linear model that starts from one trained elsewhere: logit p = x beta + w s(row) + level, s the other's score.

beta ~ N(0, 1 / ridge) is what the local outcomes add, so w s is the prior mean of the whole score: the hierarchical
shrinkage of a shop's weights towards those of another shop, with a strength w ~ N(1/2, 1/2^2) that the local outcomes
estimate along with beta. A cold fit (w = 0) stands beside it, each with the ridge that tune likes best, and the two
are averaged with weights proportional to tune's likelihood of each: by halves where tune can tell nothing, the better
one alone where it can. A source that is liked backwards (w < 0) is no guide and gets nothing.

Source: shrinkage to a prior mean learned elsewhere as in Chelba and Acero 2006, Computer Speech and Language 20,
section 4; weights by held-out likelihood as in Yao et al. 2018, Bayesian Analysis 13, section 3.4 (pseudo-BMA).
Holds when: rows of tune are as those to be scored.
Does not cover: columns that mean something else here than there.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl
from scipy import sparse, special

from adwright.errors import DataError
from adwright.predict.linear_source import LinearSource
from adwright.predict.mixed_logistic import Evidence, MixedFit, fit_mixed_logistic, logistic_slope
from adwright.predict.models.logistic import SLOPE_PRIOR_SD, bootstrap_weights
from adwright.predict.models.model import Arrays, Fit, FitData
from adwright.predict.models.nuisance import Nuisance
from adwright.predict.rows import Rows
from adwright.schema import F64

STRENGTH, STRENGTH_SD = 0.5, 0.5
"""The prior of w: 1 if the other shop's outcomes are as good as one's own, 0 if they say nothing here."""

_NOTHING = 0.02
"""A share of either fit below this counts as none."""

_FIRM = (10.0, 100.0)  # times the largest ridge: next to nothing of one's own, where there are few outcomes


@dataclass(frozen=True, slots=True, eq=False)
class Transferred:
    """A fitted model.

    Args:
        source: What it started from.
        centre: Mean of the source's score in training.
        beta: (1 + n_members, p) of the row's own features: of the fit, then of the members.
        strength: (1 + n_members,) of the source's score; 0 where tune ignores it.
        ridges: That tune chose, of the cold and of the warm fit.
        share: Weight of the warm fit in the average, 0 to 1.
    """

    source: LinearSource
    centre: float
    beta: F64
    strength: F64
    ridges: tuple[float, float]
    share: float

    def score(self, x: Any, frame: pl.DataFrame) -> F64:
        """(n, 1 + n_members) scores."""
        own = np.asarray(x @ self.beta.T)
        if not self.strength.any() or not frame.height:
            return own
        return own + np.outer(self.source.score(frame) - self.centre, self.strength)

    def pack(self) -> tuple[dict[str, Any], dict[str, npt.NDArray[Any]]]:
        """(values for JSON, arrays)."""
        values, arrays = self.source.pack()
        kept = {"source": values, "centre": self.centre, "ridges": list(self.ridges), "share": self.share}
        return kept, {**arrays, "beta": self.beta, "strength": self.strength}

    def summary(self) -> dict[str, Any]:
        """What tune chose."""
        return {
            "ridges_chosen_on_tune": {"cold": self.ridges[0], "warm": self.ridges[1]},
            "share_of_the_warm_fit": self.share,
            "strength_of_the_source": float(self.strength[0]),
        }


class Transfer:
    """Logistic regression around the score of a model trained elsewhere."""

    name = "transfer"

    def fit(self, data: FitData) -> Fit:
        """Strength and ridge from tune, the weights from train and tune together.

        Raises:
            DataError: there is no model to start from.
        """
        source = _source_of(data)
        if not 0 < data.train.successes.sum() < data.train.trials.sum():
            data.notes.append(
                "transfer: every training outcome is the same, the source's score is used as it is"
            )
            found = _source_alone(source, data)
            return Fit(found, found.score(data.tune.x, data.tune.frame)[:, 0])
        chosen = _choose(source, data)
        return Fit(_learn(data.train.joined(data.tune), data, source, chosen), chosen.on_tune)

    def on_tune(self, data: FitData) -> F64:
        """As `Fit.on_tune`, without the rest of the fit."""
        source = _source_of(data)
        if not 0 < data.train.successes.sum() < data.train.trials.sum():
            return _source_alone(source, data).score(data.tune.x, data.tune.frame)[:, 0]
        return _choose(source, data).on_tune

    def refit(self, model: Transferred, rows: Rows, data: FitData) -> Transferred:
        """The weights from other rows, with the same ridge, and the source used or ignored as before."""
        nuisance = Nuisance.learn(data.train, data.rng)
        choice = _Choice(nuisance, model.centre, model.ridges, model.share, np.zeros(0))
        return _learn(rows, data, model.source, choice)

    def unpack(self, values: Mapping[str, Any], arrays: Arrays) -> Transferred:
        """The inverse of `Transferred.pack`."""
        source = LinearSource.unpack(values["source"], arrays)
        beta, strength = (np.asarray(arrays[name], np.float64) for name in ("beta", "strength"))
        cold, warm = values["ridges"]
        return Transferred(source, values["centre"], beta, strength, (cold, warm), values["share"])


@dataclass(frozen=True, slots=True, eq=False)
class _Choice:
    """What tune chose: both ridges, the share of the warm fit, and (n_tune,) scores of the weights from train."""

    nuisance: Nuisance
    centre: float
    ridges: tuple[float, float]
    share: float
    on_tune: F64


def _source_of(data: FitData) -> LinearSource:
    if data.source is None:
        raise DataError(
            "'transfer' needs a model to start from",
            argument="model.kind",
            value="transfer",
            hint="Name it: adwright predict fit --from MODEL, or [model] warm_start",
        )
    return data.source


def _source_alone(source: LinearSource, data: FitData) -> Transferred:
    n, p = data.config.n_members, data.train.x.shape[1]
    centre = float(source.score(data.train.frame).mean())
    largest = max(data.config.ridges)
    return Transferred(source, centre, np.zeros((1 + n, p)), np.ones(1 + n), (largest, largest), 1.0)


def _choose(source: LinearSource, data: FitData) -> _Choice:
    """The best ridge of a path without the source and of one with it, and how much tune believes each."""
    nuisance = Nuisance.learn(data.train, data.rng)
    train, tune = source.score(data.train.frame), source.score(data.tune.frame)
    centre = float(train.mean())
    evidence, judge = nuisance.evidence(data.train), nuisance.evidence(data.tune)
    path = sorted(data.config.ridges, reverse=True)
    firm = [path[0] * times for times in reversed(_FIRM)]
    cold = _best_of(path, evidence, data.tune.x, judge, warm=False)
    warm = _best_of(
        [*firm, *path],
        _with_score(evidence, train - centre),
        _columns(data.tune.x, tune - centre),
        judge,
        warm=True,
    )
    # a source that is liked backwards gets nothing, and is no better where the cold fit is liked backwards too
    share = 0.0 if np.isinf(warm.loss) else float(special.expit(np.clip(cold.loss - warm.loss, -50, 50)))
    share = 0.0 if share < _NOTHING else 1.0 if share > 1 - _NOTHING else share
    data.progress(
        f"transfer: ridges {cold.ridge:g} cold and {warm.ridge:g} warm, share of the warm fit {share:.2f}"
    )
    on_tune = (1 - share) * cold.score + (share * warm.score if share else 0.0)
    return _Choice(nuisance, centre, (cold.ridge, warm.ridge), share, on_tune)


@dataclass(frozen=True, slots=True, eq=False)
class _Candidate:
    """A ridge, tune's loss of its fit (a sum over the evidence), and (n_tune,) its scores."""

    ridge: float
    loss: float
    score: F64


def _best_of(path: list[float], evidence: Evidence, rows: Any, judge: Evidence, *, warm: bool) -> _Candidate:
    """The ridge that tune likes best, from large to small; one in the middle where tune is empty."""
    total = float(np.sum(judge.weight * judge.n))
    found: list[_Candidate] = []
    fit = None
    for ridge in path:
        fit = _fit(evidence, ridge, warm=warm, start=fit)
        score = np.asarray(rows @ fit.beta)
        if not len(score):
            found.append(_Candidate(ridge, 0.0, score))
            continue
        _, slope, loss = logistic_slope(score, judge, prior_sd=SLOPE_PRIOR_SD)
        backwards = warm and fit.beta[-1] < 0
        found.append(_Candidate(ridge, float("inf") if backwards or slope < 0 else loss * total, score))
    if not total:
        return found[len(found) // 3]
    return min(found, key=lambda candidate: candidate.loss)


def _learn(rows: Rows, data: FitData, source: LinearSource, choice: _Choice) -> Transferred:
    """Both fits on these rows, as far as they count, and their average; that of linear scores is linear."""
    share, n_members = choice.share, data.config.n_members
    evidence = choice.nuisance.evidence(rows)
    draws = [bootstrap_weights(rows, evidence, data.rng) for _ in range(n_members)]
    beta, strength = np.zeros((1 + n_members, rows.x.shape[1])), np.zeros(1 + n_members)
    if share < 1:
        beta += (1 - share) * _fits(evidence, choice.ridges[0], draws, warm=False)
    if share > 0:
        held = _with_score(evidence, source.score(rows.frame) - choice.centre)
        warm = _fits(held, choice.ridges[1], draws, warm=True)
        if warm[0, -1] < 0:
            return _learn(rows, data, source, replace(choice, share=0.0))
        beta, strength = beta + share * warm[:, :-1], share * warm[:, -1]
    data.progress(f"transfer: strength of the source {strength[0]:.2f}")
    return Transferred(source, choice.centre, beta, strength, choice.ridges, share)


def _fits(evidence: Evidence, ridge: float, draws: list[F64], *, warm: bool) -> F64:
    """(1 + n_members, p) weights: of the fit, then on each draw of the bootstrap."""
    final = _fit(evidence, ridge, warm=warm, start=None)
    members = [_fit(evidence.weighted(evidence.weight * w), ridge, warm=warm, start=final) for w in draws]
    return np.array([fit.beta for fit in (final, *members)])


def _fit(evidence: Evidence, ridge: float, *, warm: bool, start: MixedFit | None) -> MixedFit:
    if not warm:
        return fit_mixed_logistic(evidence, ridge, start=start)
    p = evidence.x.shape[1]
    penalty, middle = np.full(p, ridge), np.zeros(p)
    penalty[-1], middle[-1] = 1 / STRENGTH_SD**2, STRENGTH
    return fit_mixed_logistic(evidence, penalty, centre=middle, start=start)


def _with_score(evidence: Evidence, score: F64) -> Evidence:
    return replace(evidence, x=_columns(evidence.x, score))


def _columns(x: Any, score: F64) -> sparse.csr_matrix:
    return sparse.csr_matrix(sparse.hstack([x, sparse.csr_matrix(score[:, None])], format="csr"))
