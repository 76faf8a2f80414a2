from __future__ import annotations

from datetime import UTC, datetime, timedelta

import polars as pl
import pytest

from adwright.errors import DataError, UsageError
from adwright.experiment.switchback import schedule, slot_ids
from adwright.schema import Arm, Experiment

START = datetime(2026, 1, 1, tzinfo=UTC)


def experiment(*shares: float) -> Experiment:
    arms = tuple(Arm(content_id=f"a{i}", share=s, is_control=i == 0) for i, s in enumerate(shares))
    return Experiment(
        id="t", arms=arms, metric="click", starts_at=START, n_per_arm=10, minimum_effect=0.1, unit="slot"
    )


def test_every_block_holds_every_arm_once() -> None:
    plan = schedule(experiment(0.25, 0.25, 0.5 - 0.25, 0.25), n_slots=40, slot_s=3600)
    blocks = plan.with_row_index().group_by(pl.col("index") // 4).agg(pl.col("content_id").n_unique())
    assert blocks["content_id"].to_list() == [4] * 10
    assert plan["propensity"].unique().to_list() == [0.25]


def test_orders_differ_between_blocks_and_are_the_same_every_time() -> None:
    plan = schedule(experiment(0.5, 0.5), n_slots=40, slot_s=3600)
    first = plan["content_id"].to_list()[::2]
    assert 3 < first.count("a0") < 17
    assert plan.equals(schedule(experiment(0.5, 0.5), n_slots=40, slot_s=3600))


def test_unequal_shares_are_drawn_slot_by_slot() -> None:
    plan = schedule(experiment(0.8, 0.2), n_slots=1000, slot_s=60)
    assert (plan["content_id"] == "a0").sum() == pytest.approx(800, abs=60)


def test_a_time_falls_into_its_slot_and_the_washout_is_marked() -> None:
    test = experiment(0.5, 0.5)
    times = [START, START + timedelta(seconds=3599), START + timedelta(seconds=3600)]
    assert slot_ids(times, test, slot_s=3600) == ["t#0", "t#0", "t#1"]
    plan = schedule(test, n_slots=1, slot_s=3600, washout_s=600)
    assert plan["counts_from"][0] - plan["starts_at"][0] == timedelta(seconds=600)


def test_times_before_the_start_and_empty_slots_are_refused() -> None:
    with pytest.raises(DataError, match="before the start"):
        slot_ids([START - timedelta(seconds=1)], experiment(0.5, 0.5), slot_s=60)
    with pytest.raises(UsageError, match="not a schedule"):
        schedule(experiment(0.5, 0.5), n_slots=0, slot_s=60)
