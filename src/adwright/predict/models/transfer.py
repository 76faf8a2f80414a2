"""A linear model that starts from one trained elsewhere: logit p = x beta + w s(row) + level, s the other's score.

beta ~ N(0, 1 / ridge) is what the local outcomes add, so w s is the prior mean of the whole score: the hierarchical
shrinkage of a shop's weights towards those of another shop, with a strength w ~ N(1/2, 1/2^2) that the local outcomes
estimate along with beta. `tune` chooses between that and the model that ignores s (w = 0), each with its own ridge.

Source: shrinkage to a prior mean learned elsewhere as in Evgeniou and Pontil 2004, KDD; a shared score as one
predictor as in Chelba and Acero 2006, Computer Speech and Language 20, section 4.
Holds when: there is a tune block that can tell the two apart; where it cannot, the estimated strength is used.
Does not cover: columns that mean something else here than there.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl
from scipy import sparse

from adwright.errors import DataError
from adwright.predict.linear_source import LinearSource
from adwright.predict.mixed_logistic import Evidence, MixedFit, fit_mixed_logistic, logistic_slope
from adwright.predict.models.logistic import MIN_EVENTS, SLOPE_PRIOR_SD, bootstrap_weights
from adwright.predict.models.model import Arrays, Fit, FitData
from adwright.predict.models.nuisance import Nuisance
from adwright.predict.rows import Rows
from adwright.schema import F64

STRENGTH, STRENGTH_SD = 0.5, 0.5
"""The prior of w: 1 if the other shop's outcomes are as good as one's own, 0 if they say nothing here."""

_FIRM = (10.0, 100.0)  # times the largest ridge: next to nothing of one's own, where there are few outcomes


@dataclass(frozen=True, slots=True, eq=False)
class Transferred:
    """A fitted model.

    Args:
        source: What it started from.
        centre: Mean of the source's score in training.
        beta: (1 + n_members, p) of the row's own features: of the fit, then of the members.
        strength: (1 + n_members,) of the source's score; 0 where tune chose to ignore it.
        ridge: That tune chose.
    """

    source: LinearSource
    centre: float
    beta: F64
    strength: F64
    ridge: float

    def score(self, x: Any, frame: pl.DataFrame) -> F64:
        """(n, 1 + n_members) scores."""
        own = np.asarray(x @ self.beta.T)
        if not self.strength.any() or not frame.height:
            return own
        return own + np.outer(self.source.score(frame) - self.centre, self.strength)

    def pack(self) -> tuple[dict[str, Any], dict[str, npt.NDArray[Any]]]:
        """(values for JSON, arrays)."""
        values, arrays = self.source.pack()
        kept = {"source": values, "centre": self.centre, "ridge": self.ridge}
        return kept, {**arrays, "beta": self.beta, "strength": self.strength}

    def summary(self) -> dict[str, Any]:
        """What tune chose."""
        return {
            "ridge_chosen_on_tune": self.ridge,
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
        model = _learn(data.train.joined(data.tune), data, source, chosen)
        return Fit(model, chosen.on_tune)

    def on_tune(self, data: FitData) -> F64:
        """As `Fit.on_tune`, without the rest of the fit."""
        return _choose(_source_of(data), data).on_tune

    def refit(self, model: Transferred, rows: Rows, data: FitData) -> Transferred:
        """The weights from other rows, with the same ridge, and the source used or ignored as before."""
        nuisance = Nuisance.learn(data.train, data.rng)
        choice = _Choice(nuisance, model.centre, model.ridge, bool(model.strength.any()), np.zeros(0))
        return _learn(rows, data, model.source, choice)

    def unpack(self, values: Mapping[str, Any], arrays: Arrays) -> Transferred:
        """The inverse of `Transferred.pack`."""
        source = LinearSource.unpack(values["source"], arrays)
        beta, strength = (np.asarray(arrays[name], np.float64) for name in ("beta", "strength"))
        return Transferred(source, float(values["centre"]), beta, strength, float(values["ridge"]))


@dataclass(frozen=True, slots=True, eq=False)
class _Choice:
    """What tune chose: the ridge, whether the source is used, and (n_tune,) scores of the weights from train."""

    nuisance: Nuisance
    centre: float
    ridge: float
    warm: bool
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
    return Transferred(source, centre, np.zeros((1 + n, p)), np.ones(1 + n), max(data.config.ridges))


def _choose(source: LinearSource, data: FitData) -> _Choice:
    """The best of a path of ridges without the source and one with it, by the loss on tune at its own slope."""
    nuisance = Nuisance.learn(data.train, data.rng)
    train, tune = source.score(data.train.frame), source.score(data.tune.frame)
    centre = float(train.mean())
    evidence, judge = nuisance.evidence(data.train), nuisance.evidence(data.tune)
    path = sorted(data.config.ridges, reverse=True)
    hits = float(data.tune.successes.sum())
    can_choose = min(hits, float(data.tune.trials.sum()) - hits) >= MIN_EVENTS
    if not can_choose:
        data.notes.append(
            f"transfer: tune has {hits:.0f} successes, too few to choose whether to use the source"
        )
    best: tuple[float, _Choice] | None = None
    for warm in (True, False) if can_choose else (True,):
        ridges = [path[0] * times for times in reversed(_FIRM)] + path if warm else path
        if not can_choose:
            ridges = [path[0]]
        held = _with_score(evidence, train - centre) if warm else evidence
        rows = _columns(data.tune.x, tune - centre) if warm else data.tune.x
        fit = None
        for ridge in ridges:
            fit = _fit(held, ridge, warm=warm, start=fit)
            score = np.asarray(rows @ fit.beta)
            _, slope, loss = (
                logistic_slope(score, judge, prior_sd=SLOPE_PRIOR_SD) if can_choose else (0, 1, 0)
            )
            found = _Choice(nuisance, centre, ridge, warm, score)
            backwards = warm and fit.beta[-1] < 0  # what is liked there is disliked here: no guide
            if slope > 0 and not backwards and (best is None or loss < best[0]):
                best = (loss, found)
            data.progress(f"transfer: {'warm' if warm else 'cold'}, ridge {ridge:g}: loss on tune {loss:.6f}")
    return best[1] if best else _Choice(nuisance, centre, path[0], False, np.zeros(len(data.tune)))


def _learn(rows: Rows, data: FitData, source: LinearSource, choice: _Choice) -> Transferred:
    evidence, n_members = choice.nuisance.evidence(rows), data.config.n_members
    if choice.warm:
        evidence = _with_score(evidence, source.score(rows.frame) - choice.centre)
    final = _fit(evidence, choice.ridge, warm=choice.warm, start=None)
    if choice.warm and final.beta[-1] < 0:
        return _learn(rows, data, source, replace(choice, warm=False))
    fits = [final]
    for member in range(n_members):
        data.progress(f"member {member + 1} of {n_members}")
        weight = evidence.weight * bootstrap_weights(rows, evidence, data.rng)
        fits.append(_fit(evidence.weighted(weight), choice.ridge, warm=choice.warm, start=final))
    beta = np.array([fit.beta for fit in fits])
    if not choice.warm:
        return Transferred(source, choice.centre, beta, np.zeros(1 + n_members), choice.ridge)
    return Transferred(source, choice.centre, beta[:, :-1], np.maximum(beta[:, -1], 0.0), choice.ridge)


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
