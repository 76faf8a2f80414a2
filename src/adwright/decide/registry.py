"""Policies by name. Another package adds one with an entry point in the group `adwright.policies`.

`policy_named` gives policies on draws of the contents' values (`Policy`); `contextual_policy` those that
learn from features of the customer (`ContextualPolicy`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from importlib.metadata import entry_points

from adwright.decide.contextual import ContextualPolicy
from adwright.decide.epsilon_greedy import EpsilonGreedy
from adwright.decide.greedy import Greedy
from adwright.decide.linear_thompson import LinearThompson
from adwright.decide.linucb import LinUCB
from adwright.decide.logistic_thompson import LogisticThompson
from adwright.decide.policy import Policy
from adwright.decide.thompson import ThompsonSampling
from adwright.decide.top_two import TopTwo
from adwright.decide.ucb import UCB
from adwright.decide.uniform import Uniform
from adwright.errors import unknown_name

ENTRY_POINT_GROUP = "adwright.policies"
CONTEXTUAL_GROUP = "adwright.contextual_policies"

_BUILT_IN: Mapping[str, Callable[[], Policy]] = {
    "thompson": ThompsonSampling,
    "thompson_sharp": partial(ThompsonSampling, spread=0.25, name="thompson_sharp"),
    "greedy": Greedy,
    "uniform": Uniform,
    "epsilon_greedy": EpsilonGreedy,
    "ucb": UCB,
    "top_two": TopTwo,
}

_CONTEXTUAL: Mapping[str, Callable[[int], ContextualPolicy]] = {
    "linucb": LinUCB,
    "linear_thompson": LinearThompson,
    "logistic_thompson": LogisticThompson,
}


def policy_names() -> tuple[str, ...]:
    """The names of all policies on draws, built in or installed, sorted."""
    return tuple(sorted({*_BUILT_IN, *entry_points(group=ENTRY_POINT_GROUP).names}))


def contextual_policy_names() -> tuple[str, ...]:
    """The names of all contextual policies, built in or installed, sorted."""
    return tuple(sorted({*_CONTEXTUAL, *entry_points(group=CONTEXTUAL_GROUP).names}))


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


def contextual_policy(name: str, n_features: int) -> ContextualPolicy:
    """A new contextual policy of that name, with its default settings, that has learned nothing.

    Raises:
        NotFoundError: there is none; the message proposes the nearest name.

    >>> contextual_policy("linucb", 3).n_features
    3
    """
    if name in _CONTEXTUAL:
        return _CONTEXTUAL[name](n_features)
    for entry in entry_points(group=CONTEXTUAL_GROUP, name=name):
        made: ContextualPolicy = entry.load()(n_features)
        return made
    raise unknown_name("policy", name, contextual_policy_names())
