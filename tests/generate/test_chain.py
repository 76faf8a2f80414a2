import json

import pytest

from adwright.errors import BackendError, ConfigError, NotFoundError
from adwright.generate import create_writer, write_contents
from adwright.generate.backends.chain import FallbackBackend
from adwright.generate.backends.meter import Meter
from adwright.generate.facts import facts_of
from adwright.generate.requests import WriteRequest
from adwright.testing import ScriptedBackend
from generate.chat_server import chat_server, completion, raw

GOOD = completion(json.dumps({"headline": "A shirt for you", "description": "Slow days, good shirt."}))


def _named(name, backend):
    backend.name = name
    return backend


def _request(make_brief, now, n=3):
    brief = make_brief()
    return WriteRequest(brief=brief, n=n, seed=0, facts=facts_of(brief, now=now), now=now)


def test_what_the_first_cannot_write_the_next_one_does_and_says_why(make_brief, now):
    broken = _named("first", ScriptedBackend(fails_at=1))
    chain = FallbackBackend([broken, _named("second", ScriptedBackend())])
    (drafts,) = chain.write([_request(make_brief, now)])
    assert len(drafts) == 3
    assert {d.provenance.backend for d in drafts} == {"second"}
    assert all("instead of first: the scripted backend fails" in d.provenance.note for d in drafts)
    assert chain.last_fault == ""


def test_only_the_missing_variants_are_asked_for(make_brief, now):
    class Half(ScriptedBackend):
        last_fault = "two could not be read"

        def write(self, requests):
            return [drafts[:1] for drafts in super().write(requests)]

    second = _named("second", ScriptedBackend())
    (drafts,) = FallbackBackend([_named("first", Half()), second]).write([_request(make_brief, now)])
    assert [d.provenance.backend for d in drafts] == ["first", "second", "second"]
    assert drafts[0].provenance.note == ""
    assert "two could not be read" in drafts[1].provenance.note
    (asked,) = second.asked
    assert (asked.n, len(asked.avoid)) == (2, 1)


def test_the_second_is_left_alone_where_the_first_wrote_all(make_brief, now):
    second = ScriptedBackend()
    FallbackBackend([_named("first", ScriptedBackend()), second]).write([_request(make_brief, now)])
    assert second.n_calls == 0


def test_where_all_fail_the_first_failure_is_told(make_brief, now):
    chain = FallbackBackend([_named(str(i), ScriptedBackend(fails_at=1)) for i in range(2)])
    with pytest.raises(BackendError, match="as it was told to"):
        chain.write([_request(make_brief, now)])


def test_a_dead_endpoint_falls_back_to_the_composer_after_few_sendings(make_brief, now):
    meter = Meter()
    with chat_server(raw(503)) as server:
        options = {
            "model": "m",
            "base_url": server.url,
            "concurrency": 2,
            "client": {"backoff_s": 0.001, "max_sends": 2},
            "breaker": {"failures_to_open": 3},
        }
        writer = create_writer("openai", {"openai": options}, fallback=("compose",), meter=meter)
        briefs = [make_brief(angle=angle) for angle in ("gift", "ease", "style", "trust") * 10]
        written = write_contents(briefs, backend=writer, n=2, seed=0, now=now)
    assert len(server.bodies) <= 5  # three failures open the breaker; two may be under way
    assert len(meter.book.calls) == len(server.bodies)
    assert {w.content.provenance.backend for w in written} == {"compose"}
    assert "breaker" in written[-1].content.provenance.note or "503" in written[-1].content.provenance.note


def test_an_empty_cap_falls_back_and_sends_nothing_more(make_brief, now):
    meter = Meter(
        spending=__import__("adwright.generate.backends.meter", fromlist=["x"]).SpendingConfig(
            per_run_minor=2
        )
    )
    with chat_server(GOOD) as server:
        options = {
            "model": "m",
            "base_url": server.url,
            "concurrency": 1,
            "prompt_price_minor": 100.0,
            "completion_price_minor": 2000.0,
        }
        writer = create_writer("openai", {"openai": options}, fallback=("compose",), meter=meter)
        written = write_contents([make_brief()] * 3, backend=writer, n=1, seed=0, now=now)
    spent = sum(e.cost_micro for _, e in meter.book.calls.values())
    assert spent == len(server.bodies) * (100 * 100 + 20 * 2000) <= 2_000_000
    assert 1 <= len(server.bodies) < 40
    last = [w.content.provenance for w in written if w.content.provenance.backend == "compose"]
    assert not last or "spending cap of this run" in last[-1].note


def test_names_and_options_are_checked_before_anything_is_written():
    with pytest.raises(NotFoundError, match="Did you mean 'compose'"):
        create_writer("compos", {})
    with pytest.raises(ConfigError, match="stand in for itself"):
        create_writer("compose", {}, fallback=("compose",))
    with pytest.raises(ConfigError, match="hf"):
        create_writer("hf", {"hf": {"modle": "x"}})
    assert create_writer("compose", {}, meter=Meter()).name == "compose"
