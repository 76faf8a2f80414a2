"""Several models as one: a weighted sum of their scores, the weights from `tune`.

Each model is judged on tune before it learned from it. Weights are those of a logistic regression of tune's
outcomes on the scores, with the levels as random effects, shrunk to an even split; a model that tune gives a
negative weight is left out.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl
from scipy import sparse

from adwright.predict.mixed_logistic import fit_mixed_logistic
from adwright.predict.models.logistic import MIN_EVENTS
from adwright.predict.models.model import Arrays, Fit, FitData, FittedModel
from adwright.predict.models.nuisance import Nuisance
from adwright.predict.models.registry import model_named
from adwright.predict.rows import Rows
from adwright.schema import F64

_WEIGHT_PRIOR_SD = 0.5


@dataclass(frozen=True, slots=True, eq=False)
class Blend:
    """Fitted models and their weights.

    Args:
        models: By name.
        weights: By name, on the log-odds.
    """

    models: Mapping[str, FittedModel]
    weights: Mapping[str, float]

    @property
    def reads_design(self) -> bool:
        """Whether a model reads the sparse features; one says that it does not by `reads_design = False`."""
        return any(getattr(model, "reads_design", True) for model in self.models.values())

    def score(self, x: Any, frame: pl.DataFrame) -> F64:
        """(n, 1 + n_members) weighted sums; members are paired off, the shorter list repeats."""
        parts = [self.weights[name] * model.score(x, frame) for name, model in self.models.items()]
        n_members = max(part.shape[1] for part in parts) - 1
        total = np.sum([part[:, 0] for part in parts], axis=0)
        members = np.sum([part[:, 1 + np.arange(n_members) % (part.shape[1] - 1)] for part in parts], axis=0)
        return np.column_stack([total, members])

    def pack(self) -> tuple[dict[str, Any], dict[str, npt.NDArray[Any]]]:
        """(values for JSON, arrays)."""
        values: dict[str, Any] = {"weights": dict(self.weights), "models": {}}
        arrays: dict[str, npt.NDArray[Any]] = {}
        for name, model in self.models.items():
            values["models"][name], held = model.pack()
            arrays |= {f"{name}/{key}": array for key, array in held.items()}
        return values, arrays

    def summary(self) -> dict[str, Any]:
        """The weights, and what each model chose."""
        parts = {name: model.summary() for name, model in self.models.items()}
        if len(parts) == 1:
            return next(iter(parts.values()))
        return {"weights_chosen_on_tune": dict(self.weights), "models": parts}


def fit_blend(names: tuple[str, ...], data: FitData) -> Blend:
    """The named models, each fitted on the same rows, and the weights that tune gives them."""
    kinds = {name: model_named(name) for name in names}
    fits: dict[str, Fit] = {}
    for name, kind in kinds.items():
        data.progress(f"model: {name}")
        fits[name] = kind.fit(replace(data, rng=np.random.default_rng(data.rng.integers(2**63))))
    models = {name: fit.model for name, fit in fits.items()}
    if len(fits) == 1:
        return Blend(models, dict.fromkeys(models, 1.0))
    weights = _weights({name: fit.on_tune for name, fit in fits.items()}, data)
    data.progress("weights from tune: " + ", ".join(f"{name} {w:.3f}" for name, w in weights.items()))
    return Blend(models, weights)


def blend_on_tune(names: tuple[str, ...], data: FitData) -> F64:
    """(n_tune,) scores of the blend for tune, by models learned from train: what settings are judged by.

    A model that cannot give them alone is fitted whole.
    """
    scores: dict[str, F64] = {}
    for name in names:
        own = replace(data, rng=np.random.default_rng(data.rng.integers(2**63)))
        kind = model_named(name)
        alone: Callable[[FitData], F64] | None = getattr(kind, "on_tune", None)
        scores[name] = kind.fit(own).on_tune if alone is None else alone(own)
    if len(scores) == 1:
        return next(iter(scores.values()))
    weights = _weights(scores, data)
    return np.asarray(np.sum([weights[name] * held for name, held in scores.items()], axis=0))


def refit_blend(blend: Blend, rows: Rows, data: FitData) -> Blend:
    """The same models with the same choices and weights, learned from other rows."""
    models = {}
    for name, model in blend.models.items():
        data.progress(f"model: {name}, again on {len(rows)} rows")
        models[name] = model_named(name).refit(model, rows, data)
    return Blend(models, blend.weights)


def unpack_blend(values: Mapping[str, Any], arrays: Arrays) -> Blend:
    """The inverse of `Blend.pack`."""
    models = {}
    for name, held in values["models"].items():
        own = {key.removeprefix(f"{name}/"): a for key, a in arrays.items() if key.startswith(f"{name}/")}
        models[name] = model_named(name).unpack(held, own)
    return Blend(models, {name: float(weight) for name, weight in values["weights"].items()})


def _weights(scores: Mapping[str, F64], data: FitData) -> dict[str, float]:
    """By name; an even split where tune has too few outcomes to choose."""
    tune, even = data.tune, 1 / len(scores)
    if min(tune.successes.sum(), tune.trials.sum() - tune.successes.sum()) < MIN_EVENTS:
        data.notes.append("tune has too few successes to weigh the models: an even split is used")
        return dict.fromkeys(scores, even)
    nuisance = Nuisance.learn(data.train, data.rng)
    kept = dict(scores)
    while True:
        found = _regress(tune, kept, nuisance, even)
        worst = min(found, key=lambda name: found[name])
        if found[worst] > 0 or len(kept) == 1:
            break
        data.notes.append(f"blend: {worst} is left out, tune gives it a negative weight")
        del kept[worst]
    return {name: max(found.get(name, 0.0), 0.0) for name in scores}


def _regress(tune: Rows, scores: Mapping[str, F64], nuisance: Nuisance, even: float) -> dict[str, float]:
    """Weights of the scores, each with a prior N(even, 0.5^2)."""
    columns = np.column_stack([values - values.mean() for values in scores.values()])
    evidence = nuisance.evidence(replace(tune, x=sparse.csr_matrix(columns)))
    fit = fit_mixed_logistic(evidence, 1 / _WEIGHT_PRIOR_SD**2, centre=even, tolerance=1e-8)
    return dict(zip(scores, fit.beta.tolist(), strict=True))
