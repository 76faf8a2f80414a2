from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from adwright.errors import UsageError
from adwright.experiment.definition import experiment_from_mapping

ARMS = [{"content_id": "a", "share": 0.5, "is_control": True}, {"content_id": "b", "share": 0.5}]
GOOD: dict[str, Any] = {"id": "t", "arms": ARMS, "n_per_arm": 100}


def test_what_is_not_said_has_a_default() -> None:
    test = experiment_from_mapping(GOOD)
    assert (test.metric, test.alpha, test.arms[1].is_control) == ("click", 0.05, False)


def test_times_become_utc() -> None:
    test = experiment_from_mapping({**GOOD, "starts_at": "2026-01-01T08:00:00+08:00"})
    assert test.starts_at == datetime(2026, 1, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"metrik": "click"}, "metric"),
        ({"metric": "likes"}, "metric"),
        ({"n_per_arm": "many"}, "n_per_arm"),
        ({"starts_at": "tomorrow"}, "starts_at"),
        ({"starts_at": "2026-01-01T00:00:00"}, "zone"),
        ({"arms": ARMS[:1]}, "two arms"),
        ({"arms": [{**ARMS[0], "share": 0.9}, ARMS[1]]}, "sum to 1"),
        ({"arms": [{**ARMS[0], "weight": 0.9}, ARMS[1]]}, "weight"),
    ],
)
def test_what_is_wrong_is_named(change: dict[str, Any], named: str) -> None:
    with pytest.raises(UsageError, match=named):
        experiment_from_mapping({**GOOD, **change})
