"""Policies by name. Another package adds one with an entry point in the group `adwright.policies`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib.metadata import entry_points

from adwright.decide.greedy import Greedy
from adwright.decide.policy import Policy
from adwright.decide.thompson import ThompsonSampling
from adwright.decide.uniform import Uniform
from adwright.errors import unknown_name

ENTRY_POINT_GROUP = "adwright.policies"

_BUILT_IN: Mapping[str, Callable[[], Policy]] = {
    "thompson": ThompsonSampling,
    "greedy": Greedy,
    "uniform": Uniform,
}


def policy_names() -> tuple[str, ...]:
    """The names of all policies, built in or installed, sorted."""
    return tuple(sorted({*_BUILT_IN, *entry_points(group=ENTRY_POINT_GROUP).names}))


def policy_named(name: str) -> Policy:
    """The policy of that name.

    Raises:
        NotFoundError: there is none; the message proposes the nearest name.

    >>> policy_named("thompson").name
    'thompson'
    """
    if name in _BUILT_IN:
        return _BUILT_IN[name]()
    for entry in entry_points(group=ENTRY_POINT_GROUP, name=name):
        made: Policy = entry.load()()
        return made
    raise unknown_name("policy", name, policy_names())
