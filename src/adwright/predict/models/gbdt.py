"""Gradient-boosted trees (LightGBM) on categories, numbers and the surface of texts.

Words do not enter; blend with "logistic" for those. Counts are learned with the binomial likelihood, weighted as
`nuisance` says, from the level of each group as the starting score, so that trees explain contrasts within groups.

Source: Ke et al. 2017, NeurIPS 30. Holds when: new rows share categories with the old ones.
Does not cover: extrapolating a number beyond what training saw.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from adwright.errors import DataError
from adwright.predict.model_config import GbdtConfig
from adwright.predict.models.logistic import MIN_EVENTS
from adwright.predict.models.model import Arrays, Fit, FitData, with_mean
from adwright.predict.models.nuisance import Nuisance
from adwright.predict.models.tree_features import TreeFeatures
from adwright.predict.rows import Rows
from adwright.schema import F64

_FEW_TREES = 100  # where nothing can choose their number
_ROWS_A_THREAD = 100_000  # with fewer rows, threads spend more time waiting for each other than they save


@dataclass(frozen=True, slots=True, eq=False)
class Trees:
    """Fitted boosters.

    Args:
        features: How rows become numbers.
        texts: The boosters as LightGBM writes them; none where there was nothing to learn.
        n_rounds: Trees of each.
    """

    features: TreeFeatures
    texts: tuple[str, ...]
    n_rounds: int
    _loaded: list[Any] = field(default_factory=list, repr=False)

    @property
    def reads_design(self) -> bool:
        """Not the sparse features: the columns themselves."""
        return False

    def score(self, x: Any, frame: pl.DataFrame) -> F64:
        """(n, 1 + n_members) scores; the sparse features are not needed."""
        del x
        if not self.texts:
            return np.zeros((frame.height, 3))
        if not self._loaded:
            import lightgbm

            self._loaded.extend(lightgbm.Booster(model_str=text) for text in self.texts)
        if not frame.height:
            return np.zeros((0, 1 + len(self.texts)))
        table = self.features.transform(frame)
        return with_mean(np.column_stack([b.predict(table, raw_score=True) for b in self._loaded]))

    def pack(self) -> tuple[dict[str, Any], dict[str, npt.NDArray[Any]]]:
        """(values for JSON, arrays)."""
        features, arrays = self.features.to_json()
        values = {"features": features, "n_boosters": len(self.texts), "n_rounds": self.n_rounds}
        boosters = {f"booster{i}": np.frombuffer(t.encode(), np.uint8) for i, t in enumerate(self.texts)}
        return values, {**arrays, **boosters}

    def summary(self) -> dict[str, Any]:
        """What tune chose."""
        return {"trees_chosen_on_tune": self.n_rounds, "n_boosters": len(self.texts)}


class Gbdt:
    """LightGBM with early stopping on tune, then fitted again on train and tune together."""

    name = "gbdt"

    def fit(self, data: FitData) -> Fit:
        """The number of trees from tune, the trees from train and tune."""
        first = _early_stopped(data)
        if first is None:
            return Fit(Trees(_features(data), (), 0), np.zeros(len(data.tune)))
        n_rounds, on_tune, nuisance, seed = first
        return Fit(_learn(data.train.joined(data.tune), data, nuisance, n_rounds, seed), on_tune)

    def on_tune(self, data: FitData) -> F64:
        """As `Fit.on_tune`, without the rest of the fit."""
        first = _early_stopped(data)
        return np.zeros(len(data.tune)) if first is None else first[1]

    def refit(self, model: Trees, rows: Rows, data: FitData) -> Trees:
        """The trees from other rows, as many as before."""
        if not model.texts:
            return model
        nuisance = Nuisance.learn(data.train, data.rng)
        return _learn(rows, data, nuisance, model.n_rounds, int(data.rng.integers(2**30)))

    def unpack(self, values: Mapping[str, Any], arrays: Arrays) -> Trees:
        """The inverse of `Trees.pack`."""
        features = TreeFeatures.from_json(values["features"], arrays)
        texts = tuple(arrays[f"booster{i}"].tobytes().decode() for i in range(values["n_boosters"]))
        return Trees(features, texts, int(values["n_rounds"]))


def _features(data: FitData) -> TreeFeatures:
    weight = Nuisance.learn(data.train, data.rng).weight(data.train)
    return TreeFeatures.learn(data.train, data.roles, weight)


def _early_stopped(data: FitData) -> tuple[int, F64, Nuisance, int] | None:
    """Trees that tune chose, (n_tune,) scores of the booster learned from train, and the rest of the fit's start.

    None where there is too little in train to learn from.
    """
    config, train, tune = data.config.gbdt, data.train, data.tune
    if not MIN_EVENTS <= train.successes.sum() <= train.trials.sum() - MIN_EVENTS:
        data.notes.append("gbdt: too few successes or failures in train, the rate is a constant")
        return None
    nuisance = Nuisance.learn(train, data.rng)
    weight = nuisance.weight(train)
    features = TreeFeatures.learn(train, data.roles, weight)
    seed = int(data.rng.integers(2**30))
    table = features.transform_training(train, weight, data.rng)
    if not table.shape[1]:
        raise DataError("no columns for trees", argument="model.kind", value="gbdt")
    can_choose = bool(MIN_EVENTS <= tune.successes.sum() <= tune.trials.sum() - MIN_EVENTS)
    if not can_choose:
        data.notes.append("gbdt: tune has too few successes to choose the number of trees")
    judged = (features.transform(tune.frame), tune)
    boosting = _Boosting(config, nuisance, features.categorical)
    first = boosting.early_stopped((table, train), judged if can_choose else None, seed=seed)
    n_rounds = first.best_iteration if can_choose else first.num_trees()
    data.progress(f"gbdt: {n_rounds} trees")
    on_tune = first.predict(judged[0], raw_score=True, num_iteration=n_rounds) if len(tune) else np.zeros(0)
    return int(n_rounds), np.asarray(on_tune), nuisance, seed


def _learn(rows: Rows, data: FitData, nuisance: Nuisance, n_rounds: int, seed: int) -> Trees:
    weight, n_members = nuisance.weight(rows), data.config.gbdt.n_members
    features = TreeFeatures.learn(rows, data.roles, weight)
    table = features.transform_training(rows, weight, data.rng)
    boosting = _Boosting(data.config.gbdt, nuisance, features.categorical)
    texts = []
    for member in range(n_members):
        data.progress(f"gbdt: booster {member + 1} of {n_members}")
        texts.append(boosting.of_size((table, rows), n_rounds, seed=seed + member).model_to_string())
    return Trees(features, tuple(texts), n_rounds)


@dataclass(frozen=True, slots=True, eq=False)
class _Boosting:
    """How a booster learns from rows."""

    config: GbdtConfig
    nuisance: Nuisance
    categorical: list[int]

    def early_stopped(self, train: tuple[F64, Rows], valid: tuple[F64, Rows] | None, *, seed: int) -> Any:
        """The booster with as many trees as `valid` likes; with few where there is nothing to judge by."""
        import lightgbm

        if valid is None:
            return self.of_size(train, min(_FEW_TREES, self.config.n_rounds), seed=seed)
        data = self._dataset(train)
        return lightgbm.train(
            self._settings(seed, train),
            data,
            num_boost_round=self.config.n_rounds,
            valid_sets=[self._dataset(valid, reference=data)],
            callbacks=[lightgbm.early_stopping(self.config.patience, verbose=False)],
        )

    def of_size(self, train: tuple[F64, Rows], n_rounds: int, *, seed: int) -> Any:
        """A booster of so many trees."""
        import lightgbm

        return lightgbm.train(
            self._settings(seed, train), self._dataset(train), num_boost_round=max(n_rounds, 1)
        )

    def _settings(self, seed: int, train: tuple[F64, Rows]) -> dict[str, Any]:
        return {
            "objective": "cross_entropy",
            "metric": "cross_entropy",
            "learning_rate": self.config.learning_rate,
            "num_leaves": self.config.n_leaves,
            "min_data_in_leaf": self.config.min_rows_in_leaf,
            "feature_fraction": self.config.column_share,
            "bagging_fraction": self.config.row_share,
            "bagging_freq": 1,
            "max_cat_to_onehot": 16,
            "cat_smooth": 20.0,
            "cat_l2": self.config.category_l2,
            "lambda_l2": self.config.l2,
            "seed": seed,
            "num_threads": 1 if len(train[1]) < _ROWS_A_THREAD else 0,
            "deterministic": True,
            "force_row_wise": True,
            "verbosity": -1,
        }

    def _dataset(self, part: tuple[F64, Rows], reference: Any = None) -> Any:
        import lightgbm

        table, rows = part
        weight = self.nuisance.weight(rows) * rows.trials
        return lightgbm.Dataset(
            table,
            label=rows.successes / rows.trials,
            weight=weight / np.clip(float(weight.mean()), 1e-12, 1.0),  # counts keep all that they tell
            init_score=self.nuisance.starting_score(rows),
            categorical_feature=self.categorical,
            reference=reference,
            params={"max_cat_threshold": 64, "verbosity": -1},
            free_raw_data=False,
        )
