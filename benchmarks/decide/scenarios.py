"""The scenarios: frozen records with permanent ids, so that results of two commits can be compared."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """One question.

    Args:
        id: Never reused.
        kind: Which part of `run.py` answers it.
        why: What it is there to show.
    """

    id: str
    kind: Literal["replay", "shop", "speed", "allocation"]
    why: str


SCENARIOS = (
    Scenario(
        id="upworthy-replay",
        kind="replay",
        why="clicks won on tests later than all that the predictor has seen, and where its prior hurts",
    ),
    Scenario(
        id="drifting-late-shop",
        kind="shop",
        why="regret of every policy against the oracle, and what it costs to ignore the delay or the drift",
    ),
    Scenario(id="speed", kind="speed", why="decisions and updates a second, state, save and load"),
    Scenario(
        id="allocation-100x1000",
        kind="allocation",
        why="the optimum beside proportional and greedy splits, its time, and clashing limits explained",
    ),
)
