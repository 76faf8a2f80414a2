import json

import pytest

from adwright.errors import BackendError, ConfigError
from adwright.generate import write_contents
from adwright.generate.backends.attempts import plan_attempts
from adwright.generate.backends.hf import HfBackend, HfConfig, _chat
from adwright.generate.backends.meter import Meter
from adwright.generate.facts import facts_of
from adwright.generate.requests import WriteRequest
from backbone.tiny_model import build_model, build_tokenizer, save, save_adapter, teach

ANSWER = json.dumps({"headline": "你好 hello", "description": "A shirt for slow days"}, ensure_ascii=False)


def _request(make_brief, now, **changes):
    brief = make_brief(angle="ease", tone="plain")
    values = {"brief": brief, "n": 2, "seed": 0, "facts": facts_of(brief, now=now), "now": now}
    return WriteRequest(**(values | changes))


@pytest.fixture(params=[False, True], ids=["plain", "chat"])
def taught(request, tmp_path, make_brief, now):
    """A saved tiny model that answers these prompts with ANSWER, with and without a chat template."""
    prompts = [a.prompt for a in plan_attempts([_request(make_brief, now)])]
    tokenizer = build_tokenizer([p.system + p.user for p in prompts] + [ANSWER] * 5, chat=request.param)
    model = build_model(tokenizer)
    assert teach(model, tokenizer, [_chat(tokenizer, p) for p in prompts], ANSWER) < 0.05
    return save(tmp_path / "model", tokenizer, model)


def test_a_real_model_writes_what_it_was_taught(taught, make_brief, now):
    backend = HfBackend(HfConfig(model=taught, temperature=0.0, max_new_tokens=80))
    (drafts,) = backend.write([_request(make_brief, now)])
    assert [d.slots for d in drafts] == [json.loads(ANSWER)] * 2
    provenance = drafts[0].provenance
    assert (provenance.backend, provenance.model, provenance.n_tries) == ("hf", taught, 1)
    assert provenance.n_prompt_tokens > 100
    assert 5 < provenance.n_completion_tokens < 80
    assert provenance.created_at == now
    assert (drafts[0].angle, drafts[0].tone) == ("ease", "plain")


def test_its_contents_are_guarded_and_tried_again(taught, make_brief, now):
    brief = make_brief(angle="ease", tone="plain", channel="email")
    backend = HfBackend(HfConfig(model=taught, temperature=0.0, max_new_tokens=80))
    told: list[str] = []
    (written,) = write_contents([brief], backend=backend, n=2, seed=0, now=now, progress=told.append)
    assert written.content.slots == json.loads(ANSWER)
    assert written.content.status == "rejected"  # Chinese was not asked for
    assert told[1] == "1 variants were blocked; one more try with the findings"


def test_sampling_depends_on_the_seed_alone(tmp_path, make_brief, now):
    tokenizer = build_tokenizer(["a b c"])
    folder = save(tmp_path / "m", tokenizer, build_model(tokenizer))
    backend = HfBackend(HfConfig(model=folder, max_new_tokens=8, max_tries=1))
    answers = []
    for seed in (1, 1, 2):
        attempts = plan_attempts([_request(make_brief, now, n=1, seed=seed)])
        answers += backend._generate(attempts)
    assert answers[0] == answers[1] != answers[2]


def test_a_model_that_never_answers_readably_is_an_error_after_bounded_tries(tmp_path, make_brief, now):
    tokenizer = build_tokenizer(["a b c"])
    adapter_base = build_model(tokenizer)
    folder = save(tmp_path / "m", tokenizer, adapter_base)
    adapter = save_adapter(tmp_path / "a", adapter_base, trained=True)
    backend = HfBackend(HfConfig(model=folder, adapter=adapter, max_new_tokens=4, max_tries=2))
    with pytest.raises(BackendError, match="no answer could be read") as caught:
        backend.write([_request(make_brief, now)])
    assert not caught.value.retryable


def test_nothing_is_loaded_before_the_first_request(now):
    assert HfBackend(HfConfig(model="/nowhere")).write([]) == []


@pytest.mark.parametrize(
    "wrong", [{"batch_size": 0}, {"max_tries": 0}, {"temperature": -1.0}, {"top_p": 0.0}]
)
def test_impossible_options_are_refused(wrong):
    with pytest.raises(ConfigError):
        HfConfig(model="m", **wrong)


def test_what_was_generated_before_is_read_back_and_not_generated_again(taught, make_brief, now, monkeypatch):
    config, meter = HfConfig(model=taught, temperature=0.0, max_new_tokens=80), Meter()
    first = HfBackend(config, meter=meter).write([_request(make_brief, now)])
    calls = [end for _, end in meter.book.calls.values()]
    assert [(c.status, c.cost_micro) for c in calls] == [("answered", 0)] * 2
    assert sum(c.n_completion_tokens for c in calls) == sum(
        d.provenance.n_completion_tokens for d in first[0]
    )
    monkeypatch.setattr(HfBackend, "_generate", lambda self, attempts: pytest.fail("generated again"))
    assert HfBackend(config).with_meter(meter).write([_request(make_brief, now)]) == first
    assert len(meter.book.calls) == 2
