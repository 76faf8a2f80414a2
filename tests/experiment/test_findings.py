from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import polars as pl
import pytest

from adwright.experiment.findings import WORDS, blocking, check_exposures, check_totals
from adwright.schema import Arm, Experiment

START = datetime(2026, 1, 1, tzinfo=UTC)
NOW = START + timedelta(days=10)
TEST = Experiment(
    id="t",
    arms=(Arm(content_id="a", share=0.5, is_control=True), Arm(content_id="b", share=0.5)),
    metric="click",
    starts_at=START,
    n_per_arm=100,
    minimum_effect=0.1,
)


def totals(**changed: Any) -> pl.DataFrame:
    rows: dict[str, list[Any]] = {"content_id": ["a", "b"], "n_exposures": [100, 100], "n_clicks": [5, 6]}
    return pl.DataFrame(rows | changed, strict=False)


@pytest.mark.parametrize(
    ("changed", "name"),
    [
        ({"n_clicks": [-1, 6]}, "negative_count"),
        ({"n_clicks": [101, 6]}, "more_clicks_than_impressions"),
        ({"n_exposures": [100, 0], "n_clicks": [5, 0]}, "arm_without_data"),
        ({"content_id": ["a", "c"]}, "unknown_arm"),
        ({"n_clicks": [None, 6]}, "missing_number"),
        ({"n_clicks": [float("nan"), 6.0]}, "missing_number"),
    ],
)
def test_each_fault_of_the_totals_has_its_name(changed: Any, name: str) -> None:
    found = check_totals(TEST, totals(**changed))
    assert name in [f.name for f in found]
    assert blocking(found)


def exposures(**changed: Any) -> pl.DataFrame:
    rows: dict[str, list[Any]] = {
        "exposure_id": ["1", "2", "3"],
        "unit_id": ["u1", "u2", "u3"],
        "content_id": ["a", "b", "a"],
        "propensity": [0.5, 0.5, 0.5],
        "at": [START + timedelta(days=i) for i in (1, 2, 3)],
    }
    return pl.DataFrame(rows | changed, strict=False)


@pytest.mark.parametrize(
    ("changed", "name", "blocks"),
    [
        ({"exposure_id": ["1", "1", "3"]}, "duplicate_exposure", False),
        ({"unit_id": ["u1", "u1", "u3"]}, "unit_in_two_arms", True),
        ({"propensity": [0.0, 0.5, 0.5]}, "propensity_out_of_range", True),
        ({"propensity": [1.5, 0.5, 0.5]}, "propensity_out_of_range", True),
        ({"propensity": [None, 0.5, 0.5]}, "propensity_out_of_range", True),
        ({"propensity": [0.4, 0.5, 0.5]}, "propensity_not_planned", False),
        ({"at": [START - timedelta(hours=1), START, START]}, "clock_skew", False),
        ({"at": [NOW + timedelta(hours=1), START, START]}, "clock_skew", False),
        ({"content_id": ["a", "x", "a"]}, "unknown_arm", True),
        ({"unit_id": [None, "u2", "u3"]}, "missing_id", True),
    ],
)
def test_each_fault_of_the_exposures_has_its_name(changed: Any, name: str, blocks: bool) -> None:
    found = check_exposures(TEST, exposures(**changed), now=NOW)
    assert [f.name for f in found] == [name]
    assert blocking(found) is blocks


def test_sound_data_have_no_finding() -> None:
    assert check_totals(TEST, totals()) == ()
    assert check_exposures(TEST, exposures(), now=NOW) == ()


def test_every_name_is_said_in_both_languages() -> None:
    for words in WORDS.values():
        assert words["en"]
        assert words["zh"]
    finding = check_totals(TEST, totals(n_clicks=[-1, 6]))[0]
    assert finding.message("en").startswith("a count is negative (1 rows; first: content_id=a")
    assert finding.message("zh").startswith("计数为负")
