"""Embeddings of hashed fields, crossed and mixed: what categories, numbers and words do jointly.

`tune` chooses the number of epochs with one network; then every member learns from train and tune together.
Counts are learned with the binomial likelihood, weighted as `nuisance` says, from the level of each group as
the starting score.

Holds when: categories come back; a new one is scored from the other fields. Does not cover: order of words
(the model "encoder"), sequences and pictures.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from adwright.config import build, to_mapping
from adwright.errors import DataError
from adwright.predict.model_config import FusionConfig
from adwright.predict.models.fields import FieldOutcomes, Fields
from adwright.predict.models.logistic import MIN_EVENTS
from adwright.predict.models.model import Arrays, Fit, FitData, with_mean
from adwright.predict.models.nuisance import Nuisance
from adwright.predict.rows import Rows
from adwright.schema import F64


@dataclass(frozen=True, slots=True, eq=False)
class Networks:
    """Fitted networks.

    Args:
        config: Their shape.
        fields: How rows become fields.
        members: By member, its weights; none where there was nothing to learn.
        n_epochs: That tune chose.
    """

    config: FusionConfig
    fields: Fields
    members: tuple[Mapping[str, npt.NDArray[Any]], ...]
    n_epochs: int
    _loaded: list[Any] = field(default_factory=list, repr=False)

    def score(self, x: Any, frame: pl.DataFrame) -> F64:
        """(n, 1 + n_members) scores; the sparse features are not needed."""
        del x
        if not self.members:
            return np.zeros((frame.height, 1 + self.config.n_members))
        if not self._loaded:
            from adwright.predict.models.fusion_network import load_network

            self._loaded.extend(load_network(self.config, self.fields, held) for held in self.members)
        batch = self.fields.transform(frame)
        return with_mean(np.column_stack([network.score(batch) for network in self._loaded]))

    def pack(self) -> tuple[dict[str, Any], dict[str, npt.NDArray[Any]]]:
        """(values for JSON, arrays)."""
        fields, arrays = self.fields.to_json()
        held: dict[str, npt.NDArray[Any]] = {f"fields/{key}": array for key, array in arrays.items()}
        held |= {f"member{i}/{k}": a for i, member in enumerate(self.members) for k, a in member.items()}
        return {
            "config": to_mapping(self.config),
            "fields": fields,
            "n_members": len(self.members),
            "n_epochs": self.n_epochs,
        }, held

    def summary(self) -> dict[str, Any]:
        """What tune chose, and how many known values are expected to share a bucket."""
        return {
            "epochs_chosen_on_tune": self.n_epochs,
            "n_networks": len(self.members),
            "n_buckets": self.fields.n_buckets,
            "hash_collision_rate": round(self.fields.collision_rate, 4),
        }


class Fusion:
    """A deep and cross network on hashed fields."""

    name = "fusion"

    def fit(self, data: FitData) -> Fit:
        """The number of epochs from tune, the weights from train and tune."""
        first = _first(data)
        if first is None:
            fields = Fields.learn(data.train.frame, data.roles)
            return Fit(Networks(data.config.fusion, fields, (), 0), np.zeros(len(data.tune)))
        n_epochs, on_tune, nuisance = first
        return Fit(_learn(data.train.joined(data.tune), data, nuisance, n_epochs), on_tune)

    def on_tune(self, data: FitData) -> F64:
        """As `Fit.on_tune`, without the members."""
        first = _first(data)
        return np.zeros(len(data.tune)) if first is None else first[1]

    def refit(self, model: Networks, rows: Rows, data: FitData) -> Networks:
        """The networks trained on other rows, for as many epochs."""
        if not model.members:
            return model
        return _learn(rows, data, Nuisance.learn(data.train, data.rng), model.n_epochs)

    def unpack(self, values: Mapping[str, Any], arrays: Arrays) -> Networks:
        """The inverse of `Networks.pack`."""
        members: list[dict[str, npt.NDArray[Any]]] = [{} for _ in range(values["n_members"])]
        own: dict[str, npt.NDArray[Any]] = {}
        for key, array in arrays.items():
            place, _, name = key.partition("/")
            if place == "fields":
                own[name] = array
            else:
                members[int(place.removeprefix("member"))][name] = array
        fields = Fields.from_json(values["fields"], own)
        return Networks(
            build(FusionConfig, values["config"]), fields, tuple(members), int(values["n_epochs"])
        )


def _first(data: FitData) -> tuple[int, F64, Nuisance] | None:
    """Epochs that tune chose, (n_tune,) scores of the network learned from train; None with nothing to learn."""
    from adwright.predict.models.fusion_network import train_network

    config, train, tune = data.config.fusion, data.train, data.tune
    if not data.roles:
        raise DataError("no columns to embed", argument="model.kind", value="fusion")
    if not MIN_EVENTS <= train.successes.sum() <= train.trials.sum() - MIN_EVENTS:
        data.notes.append("fusion: too few successes or failures in train, the rate is a constant")
        return None
    fields = Fields.learn(train.frame, data.roles)
    nuisance = Nuisance.learn(train, data.rng)
    learned = FieldOutcomes.of(train, fields, nuisance)
    judged = FieldOutcomes.of(tune, fields, nuisance)
    can_choose = bool(MIN_EVENTS <= tune.successes.sum() <= tune.trials.sum() - MIN_EVENTS)
    if not can_choose:
        data.notes.append("fusion: tune has too few successes to choose the number of epochs")
    first = train_network(
        learned,
        fields,
        config,
        seed=int(data.rng.integers(2**30)),
        judge=judged if can_choose else None,
        progress=data.progress,
    )
    return first.n_epochs, first.on_judge if can_choose else np.zeros(len(tune)), nuisance


def _learn(rows: Rows, data: FitData, nuisance: Nuisance, n_epochs: int) -> Networks:
    from adwright.predict.models.fusion_network import train_network

    config, seed = data.config.fusion, int(data.rng.integers(2**30))
    fields = Fields.learn(rows.frame, data.roles)
    learned = FieldOutcomes.of(rows, fields, nuisance)
    members = []
    for member in range(config.n_members):
        data.progress(f"fusion: network {member + 1} of {config.n_members}")
        trained = train_network(
            learned, fields, config, seed=seed + member, n_epochs=n_epochs, progress=data.progress
        )
        members.append(trained.weights)
    return Networks(config, fields, tuple(members), n_epochs)
