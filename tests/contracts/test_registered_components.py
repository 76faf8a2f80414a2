"""The promises of `adwright.testing`, held by every component that is registered, built in or installed."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from adwright.decide import CONTEXTUAL_POLICIES, POLICIES, Policy, contextual_policy, policy_named
from adwright.decide.contextual import ContextualPolicy
from adwright.generate import BACKENDS, GUARDS, KINDS, Backend, WriteRequest, create_backend, get_kind
from adwright.generate.backends.attempts import plan_attempts
from adwright.generate.backends.hf import _chat
from adwright.generate.facts import facts_of
from adwright.generate.guards import Guard, create_guards
from adwright.generate.kinds import Kind
from adwright.report.words import Messages
from adwright.schema import Brief, Language
from adwright.testing import (
    BACKEND_CHECKS,
    CONTEXTUAL_CHECKS,
    GUARD_CHECKS,
    KIND_CHECKS,
    NOW,
    POLICY_CHECKS,
    ScriptedBackend,
    toy_products,
)
from backbone.tiny_model import build_model, build_tokenizer, save, teach
from generate.chat_server import chat_server, completion

ANSWER = json.dumps({"headline": "A shirt", "description": "For slow days"})


def named(check: Callable[..., None]) -> str:
    return check.__name__.removeprefix("check_")


@pytest.mark.parametrize("check", POLICY_CHECKS, ids=named)
@pytest.mark.parametrize("name", POLICIES.names())
def test_a_policy(name: str, check: Callable[[Policy], None]) -> None:
    policy = policy_named(name)
    assert policy.name == name
    check(policy)


@pytest.mark.parametrize("check", CONTEXTUAL_CHECKS, ids=named)
@pytest.mark.parametrize("name", CONTEXTUAL_POLICIES.names())
def test_a_contextual_policy(name: str, check: Callable[[Callable[[int], ContextualPolicy]], None]) -> None:
    assert contextual_policy(name, 2).name == name
    check(lambda n_features: contextual_policy(name, n_features))


@pytest.mark.parametrize("check", GUARD_CHECKS, ids=named)
@pytest.mark.parametrize("name", GUARDS.names())
def test_a_guard(name: str, check: Callable[[Guard], None]) -> None:
    (guard,) = create_guards([name])
    assert guard.name == name
    check(guard)


@pytest.mark.parametrize("check", KIND_CHECKS, ids=named)
@pytest.mark.parametrize("name", KINDS.names())
def test_a_kind(name: str, check: Callable[[Kind], None]) -> None:
    kind = get_kind(name)
    assert kind.name == name
    check(kind)


@pytest.fixture(scope="module")
def requests() -> list[WriteRequest]:
    briefs = [
        Brief(kind="ad_copy", products=(p,), channel="email", language="en", angle="ease", tone="plain")
        for p in toy_products(2)
    ]
    return [WriteRequest(brief=b, n=2, seed=5, facts=facts_of(b, now=NOW), now=NOW) for b in briefs]


@pytest.fixture(scope="module")
def make_backend(
    tmp_path_factory: pytest.TempPathFactory, requests: list[WriteRequest]
) -> Iterator[Callable[[str], Backend]]:
    """A working backend of each name; one that another package adds must do without options."""
    made: dict[str, Backend] = {}
    with ExitStack() as stack:
        environment = stack.enter_context(pytest.MonkeyPatch.context())

        def make(name: str) -> Backend:
            if name == "openai":
                environment.setenv("OPENAI_API_KEY", "k")
                server = stack.enter_context(chat_server(completion(ANSWER)))
                return create_backend("openai", {"model": "m", "base_url": server.url})
            if name == "hf":
                return create_backend("hf", _tiny_model(tmp_path_factory.mktemp("hf"), requests))
            return create_backend(name)

        yield lambda name: made.setdefault(name, made.get(name) or make(name))


def _tiny_model(folder: Path, requests: list[WriteRequest]) -> dict[str, object]:
    prompts = [attempt.prompt for attempt in plan_attempts(requests)]
    tokenizer = build_tokenizer([p.system + p.user for p in prompts] + [ANSWER] * 5)
    model = build_model(tokenizer)
    teach(model, tokenizer, [_chat(tokenizer, p) for p in prompts], ANSWER)
    return {"model": save(folder, tokenizer, model), "temperature": 0, "max_new_tokens": 60}


@pytest.mark.parametrize("check", BACKEND_CHECKS, ids=named)
@pytest.mark.parametrize("name", BACKENDS.names())
def test_a_backend(
    name: str,
    check: Callable[[Backend, list[WriteRequest]], None],
    make_backend: Callable[[str], Backend],
    requests: list[WriteRequest],
) -> None:
    backend = make_backend(name)
    assert backend.name == name
    check(backend, requests)


@pytest.mark.parametrize("check", BACKEND_CHECKS, ids=named)
def test_the_scripted_backend_keeps_the_promises_of_a_backend(
    check: Callable[[Backend, list[WriteRequest]], None], requests: list[WriteRequest]
) -> None:
    check(ScriptedBackend(), requests)


# --- the checks themselves see a broken promise ---------------------------------------------------


def test_a_policy_that_breaks_a_promise_is_caught() -> None:
    class Careless:
        name = "careless"

        def probabilities(self, draws, *, mask, rng):  # type: ignore[no-untyped-def]
            return draws.mean(axis=0)

    caught = [check for check in POLICY_CHECKS if _fails(lambda c=check: c(Careless()))]
    assert {named(c) for c in caught} >= {
        "policy_probabilities_sum_to_one_and_are_not_negative",
        "policy_gives_masked_arms_nothing",
        "policy_names_what_is_wrong",
    }


def test_a_guard_that_points_outside_the_text_is_caught() -> None:
    class Vague:
        name = "vague"

        def check(self, content, *, products, offer, now):  # type: ignore[no-untyped-def]
            from adwright.schema import Finding

            yield Finding(
                rule_id="vague.x", severity="warn", slot="headline", start=0, end=9, text="", evidence="x"
            )

    assert [named(c) for c in GUARD_CHECKS if _fails(lambda c=c: c(Vague()))] == [
        "guard_never_fails_and_points_inside_the_text"
    ]


def _fails(call: Callable[[], None]) -> bool:
    try:
        call()
    except Exception:  # noqa: BLE001 - an accident breaks the promise, too
        return True
    return False


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("name", KINDS.names())
def test_a_kind_and_its_slots_have_names_for_people(name: str, language: Language) -> None:
    messages = Messages(language)
    kind = get_kind(name)
    assert messages.has(f"kind.{name}")
    assert [s.name for s in (*kind.slots, *kind.extras) if messages.name("slot", s.name) == s.name] == []
