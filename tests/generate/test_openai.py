import json
import time
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from adwright.errors import BackendError, ConfigError
from adwright.generate.backends.chat_client import ClientConfig
from adwright.generate.backends.openai import OpenAIBackend, OpenAIConfig
from adwright.generate.facts import facts_of
from adwright.generate.requests import WriteRequest
from generate.chat_server import chat_server, completion, dripping, raw, silent, truncated

KEY = "sk-very-secret-0123456789"
SLOTS = {"headline": "你好", "description": "A shirt for slow days"}
GOOD = completion(json.dumps(SLOTS, ensure_ascii=False))
PATIENT = ClientConfig(
    connect_timeout_s=5, read_timeout_s=5, total_timeout_s=10, max_sends=3, backoff_s=0.001
)
HASTY = ClientConfig(
    connect_timeout_s=5, read_timeout_s=0.3, total_timeout_s=0.6, max_sends=3, backoff_s=0.001
)
MIDDLING = ClientConfig(
    connect_timeout_s=5, read_timeout_s=1, total_timeout_s=1.5, max_sends=3, backoff_s=0.001
)


def _backend(server, *, waits=None, **changes):
    config = OpenAIConfig(
        **({"model": "m", "base_url": server.url, "client": PATIENT, "concurrency": 1} | changes)
    )
    sleep = waits.append if waits is not None else (lambda seconds: None)
    return OpenAIBackend(config, env={"OPENAI_API_KEY": KEY}, sleep=sleep)


def _ends(backend):
    return [end for _, end in backend.meter.book.calls.values()]


@pytest.fixture
def request_(make_brief, now):
    brief = make_brief()
    return WriteRequest(brief=brief, n=1, seed=0, facts=facts_of(brief, now=now), now=now)


def test_an_answer_becomes_a_draft_with_its_cost(request_):
    with chat_server(GOOD) as server:
        backend = _backend(server, prompt_price_minor=250, completion_price_minor=1000)
        ((draft,),) = backend.write([request_])
    assert draft.slots == SLOTS
    assert (draft.provenance.n_prompt_tokens, draft.provenance.n_completion_tokens) == (100, 20)
    assert draft.provenance.cost_minor == 1  # 0.045 minor units, rounded up
    assert server.headers[0]["Authorization"] == f"Bearer {KEY}"
    body = server.bodies[0]
    assert body["response_format"]["json_schema"]["schema"]["required"] == ["headline", "description"]
    assert [m["role"] for m in body["messages"]] == ["system", "user"]


@pytest.mark.parametrize(
    "fault",
    [raw(500), raw(503), raw(429), raw(200, b"<html>"), raw(200, b"{}"), truncated()],
    ids=["500", "503", "429", "no JSON", "no choices", "truncated"],
)
def test_a_passing_fault_is_tried_again(fault, request_):
    with chat_server(fault, GOOD) as server:
        backend = _backend(server)
        ((draft,),) = backend.write([request_])
    assert draft.slots == SLOTS
    assert draft.provenance.n_tries == 2
    assert [bool(end.fault) for end in _ends(backend)] == [True, False]


@pytest.mark.parametrize("fault", [silent(1.5), dripping(60, 0.05)], ids=["slow", "dripping"])
def test_an_answer_that_takes_too_long_is_given_up_and_asked_for_again(fault, request_):
    with chat_server(fault, GOOD) as server:
        ((draft,),) = _backend(server, client=MIDDLING).write([request_])
    assert draft.slots == SLOTS
    assert draft.provenance.n_tries >= 2


@pytest.mark.parametrize("fault", [raw(500), silent(1), dripping(200, 0.05)], ids=["500", "slow", "dripping"])
def test_tries_are_bounded_in_number_and_time(fault, request_):
    with chat_server(fault) as server:
        started = time.monotonic()
        with pytest.raises(BackendError, match="3 tries") as caught:
            _backend(server, client=HASTY).write([request_])
        assert time.monotonic() - started < 10  # 3 x 0.6 s, and room for a busy machine
    assert caught.value.retryable
    assert caught.value.hint
    assert len(server.bodies) == 3


def test_a_refusal_is_not_tried_again(request_):
    with chat_server(
        raw(401, json.dumps({"error": f"Incorrect API key provided: {KEY}"}).encode())
    ) as server:
        backend = _backend(server)
        with pytest.raises(BackendError, match="OPENAI_API_KEY") as caught:
            backend.write([request_])
    assert not caught.value.retryable
    assert len(server.bodies) == 1
    assert KEY not in str(caught.value)
    assert KEY not in str(_ends(backend))


def test_a_dead_endpoint_is_named(request_):
    with chat_server(GOOD) as server:
        pass
    with pytest.raises(BackendError, match="no connection") as caught:
        _backend(server).write([request_])
    assert caught.value.retryable


@pytest.mark.parametrize("as_date", [False, True])
def test_retry_after_is_honoured(as_date, request_):
    header = format_datetime(datetime.now(UTC) + timedelta(seconds=7)) if as_date else "7"
    waits = []
    with chat_server(raw(429, headers=[("Retry-After", header)]), GOOD) as server:
        _backend(server, waits=waits).write([request_])
    assert waits[0] == pytest.approx(7, abs=2)


def test_retry_after_is_bounded_and_backoff_grows_with_jitter(request_):
    waits = []
    with chat_server(raw(429, headers=[("Retry-After", "86400")]), raw(500), GOOD) as server:
        _backend(server, waits=waits).write([request_])
    assert waits[0] == PATIENT.max_wait_s
    assert 2 * PATIENT.backoff_s <= waits[1] <= 4 * PATIENT.backoff_s


def test_an_unreadable_answer_is_asked_for_again_and_paid_for(request_):
    with chat_server(completion("I would rather not"), completion('{"headline": "x"'), GOOD) as server:
        backend = _backend(server)
        ((draft,),) = backend.write([request_])
    assert draft.slots == SLOTS
    assert draft.provenance.n_tries == 3
    assert draft.provenance.n_prompt_tokens == 300
    assert [end.n_completion_tokens for end in _ends(backend)] == [20, 20, 20]
    assert "could not be used" in server.bodies[1]["messages"][1]["content"]


def test_an_answer_cut_at_the_token_limit_is_not_taken(request_):
    whole = json.dumps(SLOTS)
    with chat_server(completion(whole, finish="length"), GOOD) as server:
        ((draft,),) = _backend(server).write([request_])
    assert draft.provenance.n_tries == 2


def test_answers_that_never_can_be_read_end_in_an_error(request_):
    with (
        chat_server(completion("no")) as server,
        pytest.raises(BackendError, match="no answer could be read"),
    ):
        _backend(server, max_reads=2).write([request_])
    assert len(server.bodies) == 2


def test_what_was_written_before_a_failure_is_kept(request_, make_brief, now):
    brief = make_brief()
    many = WriteRequest(brief=brief, n=6, seed=0, facts=facts_of(brief, now=now), now=now)
    with chat_server(GOOD, raw(400)) as server:
        (drafts,) = _backend(server).write([many])
    assert len(drafts) == 1
    assert len(server.bodies) == 2  # a refusal stops the rest
    assert "5 further variants" in drafts[0].provenance.note


def test_several_requests_are_answered_in_order_at_once(request_):
    with chat_server(GOOD) as server:
        drafts = _backend(server, concurrency=4).write([request_] * 5)
    assert [len(d) for d in drafts] == [1] * 5


def test_key_and_url_come_from_the_environment(request_):
    with chat_server(GOOD) as server:
        backend = OpenAIBackend(OpenAIConfig(model="m", client=PATIENT), env={"OPENAI_BASE_URL": server.url})
        backend.write([request_])
    assert "Authorization" not in server.headers[0]  # an endpoint of one's own may do without
    with pytest.raises(ConfigError, match="OPENAI_API_KEY"):
        OpenAIBackend(OpenAIConfig(model="m"), env={})


def test_a_url_that_is_none_is_the_callers_fault(request_):
    backend = OpenAIBackend(OpenAIConfig(model="m", base_url="http://[::bad"), env={})
    with pytest.raises((ConfigError, BackendError)):
        backend.write([request_])


@pytest.mark.parametrize("wrong", [{"max_tokens": 0}, {"concurrency": 0}, {"max_reads": 0}])
def test_impossible_options_are_refused(wrong):
    with pytest.raises(ConfigError):
        OpenAIConfig(model="m", **wrong)


def test_timeouts_must_be_positive():
    with pytest.raises(ConfigError, match="read_timeout_s"):
        ClientConfig(read_timeout_s=0)
