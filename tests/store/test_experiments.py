from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from adwright.errors import NotFoundError, UsageError
from adwright.schema import Arm, Experiment
from adwright.store import Database, ExperimentStore

EXPERIMENT = Experiment(
    id="spring",
    arms=(Arm(content_id="a", share=0.5, is_control=True), Arm(content_id="b", share=0.5)),
    metric="click",
    starts_at=datetime(2025, 3, 1, tzinfo=UTC),
    n_per_arm=1000,
    minimum_effect=0.1,
    salt="x",
)


def test_an_experiment_comes_back_as_it_was_planned(database: Database) -> None:
    store = ExperimentStore(database)
    store.save(EXPERIMENT)
    store.save(EXPERIMENT)
    autumn = replace(EXPERIMENT, id="autumn")
    store.save(autumn)
    assert store.get("spring") == EXPERIMENT
    assert store.list() == [EXPERIMENT, autumn]


def test_a_plan_cannot_be_changed_under_the_same_id(database: Database) -> None:
    store = ExperimentStore(database)
    store.save(EXPERIMENT)
    with pytest.raises(UsageError, match="another id"):
        store.save(replace(EXPERIMENT, n_per_arm=10))
    assert store.get("spring") == EXPERIMENT


def test_an_unknown_experiment_names_the_nearest(database: Database) -> None:
    store = ExperimentStore(database)
    store.save(EXPERIMENT)
    with pytest.raises(NotFoundError, match="Did you mean 'spring'"):
        store.get("sprin")
