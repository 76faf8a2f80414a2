"""Embeddings of hashed fields, crossed and mixed: what categories, numbers, words and past behaviour do jointly.

`tune` chooses the number of epochs with one network; then every member learns from train and tune together.
Counts are learned with the binomial likelihood, weighted as `nuisance` says, from the level of each group as
the starting score. Where there are clicks, conversions are learned over all exposures (`fusion_tasks`).

Holds when: categories come back; a new one is scored from the other fields. Does not cover: order of words
(the model "encoder"); the level of each group in conversions given click, for which one mean stands.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from adwright.config import build, to_mapping
from adwright.errors import DataError
from adwright.predict.model_config import FusionConfig
from adwright.predict.models.fields import Fields
from adwright.predict.models.logistic import MIN_EVENTS
from adwright.predict.models.model import Arrays, Fit, FitData, with_mean
from adwright.predict.models.nuisance import Nuisance
from adwright.predict.rows import Rows
from adwright.schema import F64

MAX_COLLISIONS = 0.25
"""A share of values that share their bucket beyond which a warning is due."""


@dataclass(frozen=True, slots=True, eq=False)
class Networks:
    """Fitted networks.

    Args:
        config: Their shape.
        fields: How rows become fields.
        members: By member, its weights; none where there was nothing to learn.
        n_epochs: That tune chose.
        towers: Outputs of each tower.
        head: Which output is the score.
    """

    config: FusionConfig
    fields: Fields
    members: tuple[Mapping[str, npt.NDArray[Any]], ...]
    n_epochs: int
    towers: tuple[int, ...] = (1,)
    head: int = 0
    _loaded: list[Any] = field(default_factory=list, repr=False)

    @property
    def reads_design(self) -> bool:
        """Not the sparse features: the columns themselves."""
        return False

    def score(self, x: Any, frame: pl.DataFrame) -> F64:
        """(n, 1 + n_members) scores; the sparse features are not needed."""
        del x
        if not self.members:
            return np.zeros((frame.height, 1 + self.config.n_members))
        return with_mean(self.outputs(frame)[:, :, self.head].T)

    def outputs(self, frame: pl.DataFrame) -> F64:
        """(n_members, n, sum of towers) outputs."""
        if not self._loaded:
            from adwright.predict.models.fusion_network import load_network

            self._loaded.extend(
                load_network(self.config, self.fields, self.towers, held) for held in self.members
            )
        batch = self.fields.transform(frame)
        return np.stack([network.outputs(batch) for network in self._loaded])

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
            "towers": list(self.towers),
            "head": self.head,
            "pairs": True,
        }, held

    @classmethod
    def unpacked(cls, values: Mapping[str, Any], arrays: Arrays) -> Networks:
        """The inverse of `pack`; `DataError` for networks of the time when fields were not paired."""
        if "pairs" not in values:
            raise DataError(
                "networks of an earlier version; fit the model again", argument="model.kind", value="fusion"
            )
        members: list[dict[str, npt.NDArray[Any]]] = [{} for _ in range(values["n_members"])]
        own: dict[str, npt.NDArray[Any]] = {}
        for key, array in arrays.items():
            place, _, name = key.partition("/")
            if place == "fields":
                own[name] = array
            else:
                members[int(place.removeprefix("member"))][name] = array
        return cls(
            build(FusionConfig, values["config"]),
            Fields.from_json(values["fields"], own),
            tuple(members),
            int(values["n_epochs"]),
            tuple(values["towers"]),
            int(values["head"]),
        )

    def summary(self) -> dict[str, Any]:
        """What tune chose, and how many known values are expected to share a bucket."""
        return {
            "epochs_chosen_on_tune": self.n_epochs,
            "n_networks": len(self.members),
            "learned_over": "all exposures, with the clicks" if len(self.towers) > 1 else "its own rows",
            "n_buckets": self.fields.n_buckets,
            "hash_collision_rate": round(self.fields.collision_rate, 4),
        }


class Fusion:
    """A deep and cross network on hashed fields."""

    name = "fusion"
    wants_exposures = True
    streams = True

    def fit(self, data: FitData) -> Fit:
        """The number of epochs from tune, the weights from train and tune."""
        first = _first(data)
        if first is None:
            fields = Fields.learn(data.train.frame, data.roles, data.candidates)
            return Fit(Networks(data.config.fusion, fields, (), 0), np.zeros(len(data.tune)))
        teacher, held, n_epochs, on_tune = first
        return Fit(teacher.members(held["train"].joined(held["tune"]), n_epochs), on_tune)

    def on_tune(self, data: FitData) -> F64:
        """As `Fit.on_tune`, without the members."""
        first = _first(data)
        return np.zeros(len(data.tune)) if first is None else first[3]

    def refit(self, model: Networks, rows: Rows, data: FitData) -> Networks:
        """The networks trained on other rows, for as many epochs; streamed ones stay, there being more rows."""
        if not model.members or data.streamed is not None:
            return model
        if data.exposed is None:
            return Teacher(data, data.train).members(rows, model.n_epochs)
        held = data.exposed
        every = held["train"].joined(held["tune"]).joined(held["calibrate"])
        return Teacher(data, held["train"]).members(every, model.n_epochs)

    def unpack(self, values: Mapping[str, Any], arrays: Arrays) -> Networks:
        """The inverse of `Networks.pack`."""
        return Networks.unpacked(values, arrays)


class Teacher:
    """Trains networks on rows, with the constants of the training rows.

    Args:
        data: How to fit.
        train: Where the constants come from.
        orders: Whether the value of orders is learned, too.
    """

    def __init__(self, data: FitData, train: Any, *, orders: bool = False) -> None:
        from adwright.predict.models.fusion_tasks import Lessons

        first = train if isinstance(train, Rows) else train.first
        self._data = data
        self._lessons = Lessons.of(train, Nuisance.learn(first, data.rng), orders=orders)

    @property
    def unit(self) -> tuple[float, float]:
        """Centre and scale of the log order values."""
        return float(self._lessons.centre or 0.0), self._lessons.scale

    def first(self, train: Any, tune: Any) -> Networks:
        """One network, with as many epochs as tune likes; as many as the recipe says where tune is None."""
        from adwright.predict.models.fusion_network import train_network

        data, config = self._data, self._data.config.fusion
        fields = self._fields(train)
        if fields.collision_rate > MAX_COLLISIONS:
            data.notes.append(
                f"fusion: {fields.collision_rate:.0%} of {fields.n_values} values share their bucket with "
                f"another one; there are never more than {fields.n_buckets} buckets"
            )
        learned = self._lessons.task(train, fields)
        trained = train_network(
            learned,
            fields,
            config,
            seed=int(data.rng.integers(2**30)),
            judge=None if tune is None else self._lessons.task(tune, fields),
            progress=data.progress,
        )
        return _networks(data, fields, learned.towers, [trained])

    def members(self, rows: Any, n_epochs: int) -> Networks:
        """A network a member, trained for so many epochs."""
        from adwright.predict.models.fusion_network import train_network

        data, config = self._data, self._data.config.fusion
        seed, streamed = int(data.rng.integers(2**30)), data.streamed
        fields = self._fields(rows)
        learned = self._lessons.task(rows, fields)
        if streamed is not None:
            n_epochs = streamed.n_passes(n_epochs, len(rows))
        trained = []
        for member in range(config.n_members):
            data.progress(f"fusion: network {member + 1} of {config.n_members}")
            trained.append(
                train_network(
                    learned,
                    fields,
                    config,
                    seed=seed + member,
                    n_epochs=n_epochs,
                    progress=data.progress,
                    chunks=None if streamed is None else lambda: self._chunks(fields),
                    n_rows=None if streamed is None else streamed.n_rows,
                )
            )
        return _networks(data, fields, learned.towers, trained)

    def _chunks(self, fields: Fields) -> Iterator[Any]:
        streamed = self._data.streamed
        assert streamed is not None
        held: Iterator[Any] = streamed.rows() if self._data.exposed is None else streamed.exposures()
        for rows in held:
            if len(rows):
                yield self._lessons.task(rows, fields)

    def _fields(self, rows: Any) -> Fields:
        known = 0 if self._data.streamed is None else self._data.streamed.n_values
        return Fields.learn(rows.frame, self._data.roles, self._data.candidates, n_categories=known)


def _first(data: FitData) -> tuple[Teacher, dict[str, Any], int, F64] | None:
    """The teacher, what it teaches, epochs that tune chose, (n_tune,) scores of the network learned from train.

    None where there is too little in train to learn from.
    """
    train, tune = data.train, data.tune
    if not data.roles:
        raise DataError("no columns to embed", argument="model.kind", value="fusion")
    if not MIN_EVENTS <= train.successes.sum() <= train.trials.sum() - MIN_EVENTS:
        data.notes.append("fusion: too few successes or failures in train, the rate is a constant")
        return None
    can_choose = bool(MIN_EVENTS <= tune.successes.sum() <= tune.trials.sum() - MIN_EVENTS)
    if not can_choose:
        data.notes.append("fusion: tune has too few successes to choose the number of epochs")
    held = _learned_from(data, train, tune)
    teacher = Teacher(data, held["train"])
    first = teacher.first(held["train"], held["tune"] if can_choose else None)
    on_tune = first.score(None, tune.frame)[:, 0] if can_choose else np.zeros(len(tune))
    return teacher, held, first.n_epochs, on_tune


def _learned_from(data: FitData, train: Rows, tune: Rows) -> dict[str, Any]:
    return dict(data.exposed) if data.exposed is not None else {"train": train, "tune": tune}


def _networks(data: FitData, fields: Fields, towers: tuple[int, ...], trained: list[Any]) -> Networks:
    return Networks(
        data.config.fusion,
        fields,
        tuple(one.weights for one in trained),
        trained[0].n_epochs,
        towers,
        sum(towers[:-1]),
    )
