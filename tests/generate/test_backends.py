"""Promises that every registered backend keeps."""

import json
from contextlib import ExitStack

import pytest

from adwright.generate.backends import BACKENDS, Backend, create_backend
from adwright.generate.backends.attempts import plan_attempts
from adwright.generate.backends.hf import _chat
from adwright.generate.facts import facts_of
from adwright.generate.requests import WriteRequest
from backbone.tiny_model import build_model, build_tokenizer, save, teach
from generate.chat_server import chat_server, completion

ANSWER = json.dumps({"headline": "A shirt", "description": "For slow days"})


@pytest.fixture
def requests(make_brief, make_product, now):
    briefs = [make_brief(products=(make_product(id=f"p{i}"),), angle="ease", tone="plain") for i in range(2)]
    return [WriteRequest(brief=b, n=2, seed=5, facts=facts_of(b, now=now), now=now) for b in briefs]


@pytest.fixture
def make_backend(tmp_path, requests, monkeypatch):
    """A working backend of each name; one that another package adds must do without options."""
    with ExitStack() as stack:

        def make(name):
            if name == "openai":
                monkeypatch.setenv("OPENAI_API_KEY", "k")
                server = stack.enter_context(chat_server(completion(ANSWER)))
                return create_backend("openai", {"model": "m", "base_url": server.url})
            if name == "hf":
                prompts = [a.prompt for a in plan_attempts(requests[:1])]
                tokenizer = build_tokenizer([p.system + p.user for p in prompts] + [ANSWER] * 5)
                model = build_model(tokenizer)
                teach(model, tokenizer, [_chat(tokenizer, p) for p in prompts], ANSWER)
                options = {
                    "model": save(tmp_path / "m", tokenizer, model),
                    "temperature": 0,
                    "max_new_tokens": 60,
                }
                return create_backend("hf", options)
            return create_backend(name)

        yield make


@pytest.mark.parametrize("name", BACKENDS.names())
def test_a_backend_keeps_the_protocol(name, make_backend, requests, now):
    backend = make_backend(name)
    assert isinstance(backend, Backend)
    assert backend.name == name
    assert backend.write([]) == []
    answered = backend.write(requests)
    assert len(answered) == len(requests)
    for request, drafts in zip(requests, answered, strict=True):
        assert 0 < len(drafts) <= request.n
        for draft in drafts:
            assert set(draft.slots) == {"headline", "description"}
            assert all(draft.slots.values())
            provenance = draft.provenance
            assert (provenance.backend, provenance.created_at) == (name, now)
            assert provenance.model
            assert provenance.prompt_digest
            assert provenance.n_tries >= 1
            assert (draft.angle, draft.tone) == ("ease", "plain")
