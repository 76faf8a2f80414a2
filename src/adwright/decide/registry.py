"""Policies by name. Another package adds one with an entry point in the group `adwright.policies`.

`policy_named` gives policies on draws of the contents' values (`Policy`); `contextual_policy` those that
learn from features of the customer (`ContextualPolicy`).
"""

from __future__ import annotations

from typing import cast

from adwright.decide.contextual import ContextualPolicy
from adwright.decide.policy import Policy
from adwright.registry import Registry

POLICIES = Registry(
    "policy",
    "adwright.policies",
    {
        "thompson": "adwright.decide.thompson:ThompsonSampling",
        "thompson_sharp": "adwright.decide.thompson:sharp_thompson",
        "greedy": "adwright.decide.greedy:Greedy",
        "uniform": "adwright.decide.uniform:Uniform",
        "epsilon_greedy": "adwright.decide.epsilon_greedy:EpsilonGreedy",
        "ucb": "adwright.decide.ucb:UCB",
        "top_two": "adwright.decide.top_two:TopTwo",
    },
)
"""Policies on draws."""

CONTEXTUAL_POLICIES = Registry(
    "policy",
    "adwright.contextual_policies",
    {
        "linucb": "adwright.decide.linucb:LinUCB",
        "linear_thompson": "adwright.decide.linear_thompson:LinearThompson",
        "logistic_thompson": "adwright.decide.logistic_thompson:LogisticThompson",
    },
)


def policy_named(name: str) -> Policy:
    """The policy of that name.

    Raises:
        NotFoundError: there is none; the message proposes the nearest name.

    >>> policy_named("thompson").name
    'thompson'
    """
    return cast(Policy, POLICIES.load(name)())


def contextual_policy(name: str, n_features: int) -> ContextualPolicy:
    """A new contextual policy of that name, with its default settings, that has learned nothing.

    Raises:
        NotFoundError: there is none; the message proposes the nearest name.

    >>> contextual_policy("linucb", 3).n_features
    3
    """
    return cast(ContextualPolicy, CONTEXTUAL_POLICIES.load(name)(n_features))
