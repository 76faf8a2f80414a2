from __future__ import annotations

from importlib.metadata import EntryPoint, EntryPoints

import pytest

from adwright.decide import registry
from adwright.decide.uniform import Uniform


def test_another_package_adds_a_policy_by_entry_point(monkeypatch: pytest.MonkeyPatch) -> None:
    point = EntryPoint(name="mine", value="adwright.decide.uniform:Uniform", group=registry.ENTRY_POINT_GROUP)
    points = EntryPoints([point])
    monkeypatch.setattr(registry, "entry_points", points.select)
    assert "mine" in registry.policy_names()
    assert isinstance(registry.policy_named("mine"), Uniform)


def test_the_built_in_policies_are_there() -> None:
    assert {"thompson", "greedy", "uniform"} <= set(registry.policy_names())
