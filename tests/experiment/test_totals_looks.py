from __future__ import annotations

from datetime import UTC, datetime, timedelta

import polars as pl
import pytest

from adwright.errors import DataError
from adwright.experiment.totals_looks import metrics_of_totals, summaries_of_totals
from adwright.schema import Arm, Experiment, GoalKind

START = datetime(2026, 1, 2, 9, tzinfo=UTC)


def experiment(metric: GoalKind = "click") -> Experiment:
    arms = (Arm(content_id="a", share=0.5, is_control=True), Arm(content_id="b", share=0.5))
    return Experiment(id="t", arms=arms, metric=metric, starts_at=START, n_per_arm=100, minimum_effect=0.1)


def totals() -> pl.DataFrame:
    day = START.replace(hour=0)
    return pl.DataFrame(
        {
            "content_id": ["a", "b", "a", "b", "a"],
            "at": [day, day, day + timedelta(days=1), day + timedelta(days=2), day - timedelta(days=1)],
            "n_exposures": [10, 12, 5, 7, 99],
            "n_clicks": [1, 2, 1, 0, 9],
            "n_conversions": [0, 1, 0, 0, 9],
        }
    )


def test_each_day_is_a_look_with_the_sums_so_far() -> None:
    rows = summaries_of_totals(experiment(), totals()).filter(pl.col("metric") == "click")
    found = rows.sort("arm", "look").select("arm", "look", "n", "successes").rows()
    assert found == [
        ("a", 1, 10, 1), ("a", 2, 15, 2), ("a", 3, 15, 2),
        ("b", 1, 12, 2), ("b", 2, 12, 2), ("b", 3, 19, 2),
    ]  # fmt: skip


def test_what_lies_further_down_the_funnel_guards() -> None:
    roles = {m.name: m.role for m in metrics_of_totals(experiment(), totals())}
    assert roles == {"click": "deciding", "conversion": "guardrail"}
    roles = {m.name: m.role for m in metrics_of_totals(experiment("conversion"), totals())}
    assert roles == {"click": "secondary", "conversion": "deciding"}
    with pytest.raises(DataError, match="value_squares"):
        metrics_of_totals(experiment("revenue"), totals())
