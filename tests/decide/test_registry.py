from __future__ import annotations

from importlib.metadata import EntryPoint

import pytest

from adwright import registry
from adwright.decide import POLICIES, policy_named
from adwright.decide.uniform import Uniform


def test_another_package_adds_a_policy_by_entry_point(monkeypatch: pytest.MonkeyPatch) -> None:
    mine = EntryPoint(name="mine", value="adwright.decide.uniform:Uniform", group=POLICIES.group)
    monkeypatch.setattr(registry, "_added", lambda group: {"mine": mine} if group == POLICIES.group else {})
    assert "mine" in POLICIES.names()
    assert isinstance(policy_named("mine"), Uniform)


def test_the_sharp_one_is_thompson_sampling_with_less_spread() -> None:
    assert policy_named("thompson_sharp").name == "thompson_sharp"
    assert policy_named("thompson_sharp") != policy_named("thompson")
