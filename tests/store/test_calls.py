from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from adwright.store import CallLedger, open_database
from adwright.store.call_records import CallEnd, CallStart, CapReached, CapRule

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[CallLedger]:
    database = open_database(f"sqlite:///{tmp_path / 'a.db'}")
    database.migrate()
    yield CallLedger(database)
    database.close()


def start(key: str = "k", **changes: object) -> CallStart:
    values = {
        "key": key,
        "run": "r",
        "at": NOW,
        "backend": "openai",
        "endpoint": "http://x",
        "model": "m",
        "reserved_micro": 10,
    }
    return CallStart(**(values | changes))  # type: ignore[arg-type]


def answered(cost: int | None = 7, *, text: str = "hello") -> CallEnd:
    return CallEnd(
        status="answered",
        http_status=200,
        n_prompt_tokens=3,
        n_completion_tokens=2,
        seconds=0.5,
        cost_micro=cost,
        answer=text,
    )


def begin(ledger: CallLedger, *args: object, **kwargs: object) -> int:
    number = ledger.begin(start(*args, **kwargs))  # type: ignore[arg-type]
    assert isinstance(number, int)
    return number


def test_a_call_is_there_before_it_is_answered(ledger: CallLedger) -> None:
    begin(ledger)
    assert ledger.calls()["status"].to_list() == ["sent"]
    (cost,) = ledger.costs()
    assert (cost["n_sent"], cost["cost_micro"], cost["unknown_micro"]) == (1, 0, 10)


def test_costs_add_up_by_model_with_failures_in(ledger: CallLedger) -> None:
    ledger.end(begin(ledger), answered())
    ledger.end(
        begin(ledger), CallEnd(status="failed", http_status=503, seconds=0.25, cost_micro=0, fault="busy")
    )
    ledger.end(begin(ledger), CallEnd(status="unreadable", n_completion_tokens=5, cost_micro=5, answer="?"))
    ledger.end(begin(ledger, model="other"), answered(100))
    first, second = ledger.costs(run="r")
    assert (first["n_answered"], first["n_unreadable"], first["n_failed"]) == (1, 1, 1)
    assert (first["n_prompt_tokens"], first["n_completion_tokens"]) == (3, 7)
    assert (first["cost_micro"], first["seconds"]) == (12, 0.75)
    assert (second["model"], second["cost_micro"]) == ("other", 100)
    assert ledger.costs(run="another") == []
    assert ledger.calls(since=NOW + timedelta(seconds=1)).is_empty()


def test_the_newest_answer_under_a_key_is_recalled_whole(ledger: CallLedger) -> None:
    assert ledger.recall("k") is None
    ledger.end(begin(ledger), answered(text="old"))
    ledger.end(begin(ledger), answered(text="new"))
    ledger.end(begin(ledger), CallEnd(status="failed"))
    assert ledger.recall("k") == answered(text="new")
    assert ledger.recall("other") is None


def test_a_cap_counts_its_scope_and_its_currency_only(ledger: CallLedger) -> None:
    ledger.end(begin(ledger, reserved_micro=50), answered(40))
    ledger.end(begin(ledger, currency="CNY"), answered(1000))
    ledger.end(begin(ledger, run="other", at=NOW - timedelta(days=1)), answered(1000))
    of_run = CapRule(scope="run", limit_micro=60)
    of_day = CapRule(scope="day", limit_micro=60, since=NOW.replace(hour=0))
    assert isinstance(ledger.begin(start(reserved_micro=20), [of_run, of_day]), int)
    reached = ledger.begin(start(reserved_micro=1), [of_run, of_day])
    assert reached == CapReached(rule=of_run, spent_micro=60)
    assert ledger.calls().height == 4


def test_threads_cannot_spend_the_same_money(ledger: CallLedger) -> None:
    rule = CapRule(scope="run", limit_micro=100)
    begun: list[int | CapReached] = []
    threads = [
        threading.Thread(target=lambda: begun.append(ledger.begin(start(), [rule]))) for _ in range(16)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(isinstance(number, int) for number in begun) == 10
