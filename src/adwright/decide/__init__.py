"""Which content to show: policies on the effects, under constraints, logged with their probabilities."""

from adwright.decide.arms import DecideConfig, current_probabilities
from adwright.decide.beliefs import Beliefs
from adwright.decide.constraints import constrain
from adwright.decide.decider import decide
from adwright.decide.picks import Choice
from adwright.decide.policy import Policy
from adwright.decide.registry import policy_named, policy_names
from adwright.decide.traffic import assign_slice

__all__ = [
    "Beliefs",
    "Choice",
    "DecideConfig",
    "Policy",
    "assign_slice",
    "constrain",
    "current_probabilities",
    "decide",
    "policy_named",
    "policy_names",
]
