"""An endpoint that does its worst: the run ends, and the ledger says what the server counted."""

import json
import time

import pytest

from adwright.errors import BackendError
from adwright.generate.backends.breaker import BreakerConfig
from adwright.generate.backends.chat_client import ClientConfig
from adwright.generate.backends.meter import Meter, SpendingConfig
from adwright.generate.backends.openai import OpenAIBackend, OpenAIConfig
from adwright.generate.facts import facts_of
from adwright.generate.requests import WriteRequest
from adwright.store.calls import CallLedger
from adwright.store.database import open_database
from generate.chat_server import chat_server, completion, dripping, endless, raw, silent, told, truncated

SLOTS = json.dumps({"headline": "A calm shirt", "description": "For slow days and long walks."})
GOOD = completion(SLOTS, prompt_tokens=100, completion_tokens=20)
HASTY = ClientConfig(
    connect_timeout_s=2,
    read_timeout_s=0.4,
    total_timeout_s=0.8,
    max_sends=2,
    backoff_s=0.001,
    max_wait_s=0.01,
)


@pytest.fixture
def ledger(tmp_path):
    database = open_database(f"sqlite:///{tmp_path / 'calls.db'}")
    database.migrate()
    yield CallLedger(database)
    database.close()


def _backend(server, ledger, *, spending=None, **changes):
    values = {
        "model": "m",
        "base_url": server.url,
        "client": HASTY,
        "concurrency": 2,
        "max_reads": 2,
        "prompt_price_minor": 100.0,
        "completion_price_minor": 200.0,
        "breaker": BreakerConfig(failures_to_open=6, cool_down_s=60),
    }
    meter = Meter(book=ledger, run="r", spending=spending or SpendingConfig())
    return OpenAIBackend(OpenAIConfig(**(values | changes)), env={}, meter=meter)


def _request(make_brief, now, n=4):
    brief = make_brief()
    return WriteRequest(brief=brief, n=n, seed=0, facts=facts_of(brief, now=now), now=now)


WORST = {
    "slow": silent(1.0),
    "dripping": dripping(400, 0.05),
    "truncating": truncated(),
    "endless": endless(),
    "not JSON": raw(200, b"<html>hello</html>"),
    "JSON of another shape": raw(200, b'{"choices": [3]}'),
    "deep JSON": raw(200, b"[" * 200_000),
    "rate limiting": raw(429, headers=[("Retry-After", "3600")]),
    "rate limiting with nonsense": raw(429, headers=[("Retry-After", "nan")]),
    "redirecting": raw(302, headers=[("Location", "http://127.0.0.1:1/")]),
    "compressed nonsense": raw(200, b"\x1f\x8bnonsense", headers=[("Content-Encoding", "gzip")]),
    "no status": lambda handler: handler.wfile.write(b"\x00\xff\x00 nonsense\r\n\r\n"),
    "closing": lambda handler: handler.connection.close(),
}


@pytest.mark.parametrize("name", list(WORST))
def test_it_never_hangs_or_crashes_and_every_sending_is_written_down(name, make_brief, now, ledger):
    started = time.monotonic()
    with chat_server(WORST[name]) as server:
        with pytest.raises(BackendError) as caught:
            _backend(server, ledger).write([_request(make_brief, now)])
        assert caught.value.hint
        n_seen = len(server.bodies)
    assert time.monotonic() - started < 30  # 8 sendings of at most 0.8 s, two at a time, on a busy machine
    calls = ledger.calls(run="r")
    assert calls.height == n_seen >= 1
    assert set(calls["status"]) == {"failed"}
    assert calls["n_completion_tokens"].sum() == 0


@pytest.mark.parametrize(
    "lie",
    [
        "I would rather not.",
        "[]",
        '{"headline": 7}',
        "\ud800\x00",
        '{"headline": "x", "description": ""}',
        "x" * 500_000,
    ],
)
def test_an_answer_of_no_use_is_paid_for_and_counted(lie, make_brief, now, ledger):
    with chat_server(completion(lie, prompt_tokens=90, completion_tokens=7)) as server:
        with pytest.raises(BackendError, match="no answer could be read"):
            _backend(server, ledger).write([_request(make_brief, now)])
        n = len(server.bodies)
    (cost,) = ledger.costs(run="r")
    assert (cost["n_unreadable"], cost["n_answered"], cost["n_failed"]) == (n, 0, 0)
    assert (cost["n_prompt_tokens"], cost["n_completion_tokens"]) == (90 * n, 7 * n)
    assert cost["cost_micro"] == n * (90 * 100 + 7 * 200)


def test_the_ledger_adds_up_to_what_a_moody_server_counted(make_brief, now, ledger):
    steps = [
        GOOD,
        raw(503),
        GOOD,
        truncated(),
        completion("no", prompt_tokens=50, completion_tokens=5),
        GOOD,
        GOOD,
        GOOD,
    ]
    with chat_server(*steps) as server:
        backend = _backend(server, ledger, concurrency=1)
        (drafts,) = backend.write([_request(make_brief, now, n=5)])
        n = len(server.bodies)
    assert len(drafts) == 5
    (cost,) = ledger.costs(run="r")
    assert (cost["n_answered"], cost["n_unreadable"], cost["n_failed"]) == (5, 1, 2)
    assert n == 8
    assert cost["n_prompt_tokens"] == 5 * 100 + 50
    assert cost["n_completion_tokens"] == 5 * 20 + 5
    assert cost["cost_micro"] == 100 * cost["n_prompt_tokens"] + 200 * cost["n_completion_tokens"]
    assert sum(d.provenance.n_prompt_tokens for d in drafts) == cost["n_prompt_tokens"]
    assert sum(d.provenance.n_tries for d in drafts) == n
    assert cost["unknown_micro"] > 0  # the broken answer may have been charged for


@pytest.mark.parametrize(
    "usage",
    [
        {"prompt_tokens": 10**30, "completion_tokens": -4},
        {"prompt_tokens": "many"},
        "lots",
        None,
        {"prompt_tokens": 1e308},
    ],
)
def test_counts_that_cannot_be_true_are_unknown_and_weigh_as_reserved(usage, make_brief, now, ledger):
    with chat_server(told(usage, SLOTS)) as server:
        (drafts,) = _backend(server, ledger).write([_request(make_brief, now, n=1)])
    assert len(drafts) == 1
    (cost,) = ledger.costs(run="r")
    assert cost["cost_micro"] == 0
    assert cost["unknown_micro"] > 600 * 200


def test_a_count_that_is_dear_but_possible_is_believed_and_stops_the_run(make_brief, now, ledger):
    huge = {"prompt_tokens": 100, "completion_tokens": 900_000_000}
    with chat_server(told(huge, SLOTS)) as server:
        spending = SpendingConfig(per_run_minor=100)
        backend = _backend(server, ledger, spending=spending, concurrency=1)
        (drafts,) = backend.write([_request(make_brief, now, n=4)])
        assert len(server.bodies) == len(drafts) == 1
    assert "spending cap of this run" in backend.last_fault
    (cost,) = ledger.costs(run="r")
    assert cost["n_completion_tokens"] == 900_000_000


def test_the_cap_holds_with_many_calls_under_way(make_brief, now, ledger):
    with chat_server(GOOD) as server:
        backend = _backend(server, ledger, spending=SpendingConfig(per_run_minor=1.8), concurrency=4)
        (drafts,) = backend.write([_request(make_brief, now, n=120)])
        n = len(server.bodies)
    assert len(drafts) == n
    assert 0 < n < 120
    (cost,) = ledger.costs(run="r")
    assert cost["cost_micro"] == n * (100 * 100 + 20 * 200) <= 1_800_000


def test_after_an_open_breaker_nothing_is_sent(make_brief, now, ledger):
    with chat_server(raw(500)) as server:
        backend = _backend(server, ledger, breaker=BreakerConfig(failures_to_open=2, cool_down_s=60))
        for _ in range(3):
            with pytest.raises(BackendError):
                backend.write([_request(make_brief, now, n=20)])
        assert len(server.bodies) <= 4
        assert backend.breaker.is_open


def test_the_same_request_again_pays_for_nothing(make_brief, now, ledger):
    with chat_server(completion("no"), GOOD) as server:
        first = _backend(server, ledger, concurrency=1).write([_request(make_brief, now, n=3)])
        n = len(server.bodies)
        again = _backend(server, ledger, concurrency=1).write([_request(make_brief, now, n=3)])
        assert len(server.bodies) == n == 4
    assert again == first  # what it cost then is still told
    assert ledger.calls(run="r").height == n


def test_a_repeated_sending_carries_the_same_idempotency_key(make_brief, now, ledger):
    with chat_server(raw(503), GOOD) as server:
        _backend(server, ledger, concurrency=1).write([_request(make_brief, now, n=1)])
        keys = [headers["Idempotency-Key"] for headers in server.headers]
    assert len(keys) == 2
    assert len(set(keys)) == 1
