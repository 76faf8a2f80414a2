from __future__ import annotations

import math

import pytest

from adwright.errors import UsageError
from adwright.store import Database, RunLog


@pytest.fixture
def runs(database: Database) -> RunLog:
    return RunLog(database)


def test_an_unfinished_run_of_the_same_digest_is_resumed(runs: RunLog, database: Database) -> None:
    run_id = runs.start("run", "d1")
    runs.finish_step(run_id, "profile", {"n_cohorts": 3})
    again = RunLog(database)
    assert again.start("run", "d1") == run_id
    assert again.done(run_id, "profile") == {"n_cohorts": 3}
    assert again.done(run_id, "recommend") is None


def test_another_digest_or_name_is_another_run(runs: RunLog) -> None:
    run_id = runs.start("run", "d1")
    runs.finish_step(run_id, "profile", {})
    other = runs.start("run", "d2")
    assert len({run_id, other, runs.start("train", "d1")}) == 3
    assert runs.done(other, "profile") is None
    assert runs.done(run_id, "profile") == {}


def test_a_finished_run_is_not_resumed(runs: RunLog) -> None:
    run_id = runs.start("run", "d1")
    runs.finish(run_id)
    assert runs.start("run", "d1") != run_id


def test_a_step_that_finishes_again_replaces_what_it_left(runs: RunLog) -> None:
    run_id = runs.start("run", "d1")
    runs.finish_step(run_id, "profile", {"n": 1})
    runs.finish_step(run_id, "profile", {"n": 2})
    assert runs.done(run_id, "profile") == {"n": 2}


@pytest.mark.parametrize("payload", [{"x": {1, 2}}, {"x": math.nan}])
def test_a_payload_that_json_cannot_hold_is_refused(runs: RunLog, payload: dict[str, object]) -> None:
    with pytest.raises(UsageError, match="JSON"):
        runs.finish_step(runs.start("run", "d1"), "profile", payload)
