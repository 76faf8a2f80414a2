"""Gradient-boosted trees (LightGBM) on categories, numbers and the surface of texts.

A categorical column enters twice: as LightGBM's own categorical, and as how often training saw the value (a new
value is one that was seen 0 times). Words do not enter; blend with "logistic" for those. Counts are learned
with the binomial likelihood, weighted as `nuisance` says, from the level of each group as the starting score,
so that trees explain contrasts within groups.

Source: Ke et al. 2017, NeurIPS 30. Holds when: new rows share categories with the old ones.
Does not cover: extrapolating a number beyond what training saw.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from adwright.errors import DataError
from adwright.predict.features import numbers, strings
from adwright.predict.model_config import GbdtConfig
from adwright.predict.models.logistic import MIN_EVENTS
from adwright.predict.models.model import Arrays, Fit, FitData, with_mean
from adwright.predict.models.nuisance import Nuisance
from adwright.predict.rows import Rows
from adwright.predict.surface import NAMES, surface_features
from adwright.schema import F64

MAX_CATEGORIES = 1000
"""Categories of a column that trees may split on by name; the rarer ones go by their frequency."""

_FEW_TREES = 100  # where nothing can choose their number


@dataclass(frozen=True, slots=True, eq=False)
class TreeFeatures:
    """How rows become (n, p) numbers with NaN for what is missing.

    Args:
        text: Text columns.
        categories: By column, category -> (its number, or -1 where it is rare; how often train saw it).
        numeric: Number columns.
    """

    text: tuple[str, ...]
    categories: Mapping[str, Mapping[str, tuple[int, int]]]
    numeric: tuple[str, ...]

    @classmethod
    def learn(cls, frame: pl.DataFrame, roles: Mapping[str, str]) -> TreeFeatures:
        """From the training rows."""

        def named(role: str) -> tuple[str, ...]:
            return tuple(name for name, held in roles.items() if held == role)

        categories = {}
        for name in named("categorical"):
            seen = Counter(_known(strings(frame, name))).most_common()
            categories[name] = {
                value: (i if i < MAX_CATEGORIES else -1, n) for i, (value, n) in enumerate(seen)
            }
        return cls(named("text"), categories, named("numeric"))

    @property
    def categorical(self) -> list[int]:
        """Which columns hold numbers of categories."""
        return [2 * i for i in range(len(self.categories))]

    def transform(self, frame: pl.DataFrame) -> F64:
        """(n, p) numbers."""
        columns: list[F64] = []
        for name, known in self.categories.items():
            found = [known.get(value, (-1, 0)) for value in _known(strings(frame, name))]
            pairs = np.array(found, np.float64).reshape(-1, 2)
            columns += [np.where(pairs[:, 0] < 0, np.nan, pairs[:, 0]), np.log1p(pairs[:, 1])]
        if self.numeric:
            columns += list(numbers(frame, self.numeric).T)
        for name in self.text:
            columns += list(_surfaces(strings(frame, name)).T)
        return np.column_stack(columns) if columns else np.zeros((frame.height, 0))


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
        held = {name: [[k, i, n] for k, (i, n) in known.items()] for name, known in self._categories()}
        values = {
            "text": list(self.features.text),
            "numeric": list(self.features.numeric),
            "categories": held,
            "n_boosters": len(self.texts),
            "n_rounds": self.n_rounds,
        }
        return values, {f"booster{i}": np.frombuffer(t.encode(), np.uint8) for i, t in enumerate(self.texts)}

    def summary(self) -> dict[str, Any]:
        """What tune chose."""
        return {"trees_chosen_on_tune": self.n_rounds, "n_boosters": len(self.texts)}

    def _categories(self) -> list[tuple[str, Mapping[str, tuple[int, int]]]]:
        return list(self.features.categories.items())


class Gbdt:
    """LightGBM with early stopping on tune, then fitted again on train and tune together."""

    name = "gbdt"

    def fit(self, data: FitData) -> Fit:
        """The number of trees from tune, the trees from train and tune."""
        config, train, tune = data.config.gbdt, data.train, data.tune
        features = TreeFeatures.learn(train.frame, data.roles)
        hits = train.successes.sum()
        if not MIN_EVENTS <= hits <= train.trials.sum() - MIN_EVENTS:
            data.notes.append("gbdt: too few successes or failures in train, the rate is a constant")
            return Fit(Trees(features, (), 0), np.zeros(len(tune)))
        nuisance = Nuisance.learn(train, data.rng)
        seed = int(data.rng.integers(2**30))
        table = features.transform(train.frame)
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
        on_tune = (
            first.predict(judged[0], raw_score=True, num_iteration=n_rounds) if len(tune) else np.zeros(0)
        )
        return Fit(_learn(train.joined(tune), data, nuisance, n_rounds, seed), np.asarray(on_tune))

    def refit(self, model: Trees, rows: Rows, data: FitData) -> Trees:
        """The trees from other rows, as many as before."""
        if not model.texts:
            return model
        nuisance = Nuisance.learn(data.train, data.rng)
        return _learn(rows, data, nuisance, model.n_rounds, int(data.rng.integers(2**30)))

    def unpack(self, values: Mapping[str, Any], arrays: Arrays) -> Trees:
        """The inverse of `Trees.pack`."""
        held = {
            name: {k: (int(i), int(n)) for k, i, n in known} for name, known in values["categories"].items()
        }
        features = TreeFeatures(tuple(values["text"]), held, tuple(values["numeric"]))
        texts = tuple(arrays[f"booster{i}"].tobytes().decode() for i in range(values["n_boosters"]))
        return Trees(features, texts, int(values["n_rounds"]))


def _learn(rows: Rows, data: FitData, nuisance: Nuisance, n_rounds: int, seed: int) -> Trees:
    features = TreeFeatures.learn(rows.frame, data.roles)
    table, n_members = features.transform(rows.frame), data.config.gbdt.n_members
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
            self._settings(seed),
            data,
            num_boost_round=self.config.n_rounds,
            valid_sets=[self._dataset(valid, reference=data)],
            callbacks=[lightgbm.early_stopping(self.config.patience, verbose=False)],
        )

    def of_size(self, train: tuple[F64, Rows], n_rounds: int, *, seed: int) -> Any:
        """A booster of so many trees."""
        import lightgbm

        return lightgbm.train(self._settings(seed), self._dataset(train), num_boost_round=max(n_rounds, 1))

    def _settings(self, seed: int) -> dict[str, Any]:
        return {
            "objective": "cross_entropy",
            "metric": "cross_entropy",
            "learning_rate": self.config.learning_rate,
            "num_leaves": self.config.n_leaves,
            "min_data_in_leaf": self.config.min_rows_in_leaf,
            "feature_fraction": 0.7,
            "bagging_fraction": 0.8,
            "bagging_freq": 1,
            "cat_smooth": 20.0,
            "cat_l2": 20.0,
            "lambda_l2": 1.0,
            "seed": seed,
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
            weight=weight / max(float(weight.mean()), 1e-12),
            init_score=self.nuisance.starting_score(rows),
            categorical_feature=self.categorical,
            reference=reference,
            params={"max_cat_threshold": 64, "verbosity": -1},
            free_raw_data=False,
        )


def _known(values: Sequence[str | None]) -> list[str]:
    return ["\x00null" if value is None else value for value in values]


def _surfaces(texts: Sequence[str | None]) -> F64:
    """(n, len(NAMES)) surface features, each distinct text looked at once."""
    seen: dict[str, F64] = {}
    for text in texts:
        if (text or "") not in seen:
            seen[text or ""] = surface_features(text)
    return np.array([seen[text or ""] for text in texts]).reshape(len(texts), len(NAMES))
