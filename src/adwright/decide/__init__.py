"""Which content to show: policies on the effects, under constraints, logged with their probabilities."""

from adwright.decide.ageing import Ageing, ArrivalCurve
from adwright.decide.arms import DecideConfig, current_probabilities
from adwright.decide.beliefs import Beliefs
from adwright.decide.constraints import constrain
from adwright.decide.contextual import Chosen, ContextualPolicy, choose
from adwright.decide.decider import decide
from adwright.decide.feedback import Feedback, Outcome
from adwright.decide.picks import Choice
from adwright.decide.policy import Policy
from adwright.decide.policy_files import load_policy, save_policy
from adwright.decide.recent_evidence import RecentEvidence
from adwright.decide.registry import CONTEXTUAL_POLICIES, POLICIES, contextual_policy, policy_named
from adwright.decide.rules import Rules
from adwright.decide.slate import Slate, draw_slate
from adwright.decide.traffic import assign_slice

__all__ = [
    "CONTEXTUAL_POLICIES",
    "POLICIES",
    "Ageing",
    "ArrivalCurve",
    "Beliefs",
    "Choice",
    "Chosen",
    "ContextualPolicy",
    "DecideConfig",
    "Feedback",
    "Outcome",
    "Policy",
    "RecentEvidence",
    "Rules",
    "Slate",
    "assign_slice",
    "choose",
    "constrain",
    "contextual_policy",
    "current_probabilities",
    "decide",
    "draw_slate",
    "load_policy",
    "policy_named",
    "save_policy",
]
