"""What each slice of the traffic is shown: the holdout nothing, the test its arm, the rest a draw."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np
import numpy.typing as npt
import polars as pl

from adwright.decide.arms import DecideConfig, arm_draws, arm_ids, arm_probabilities
from adwright.decide.beliefs import Beliefs
from adwright.errors import InfeasibleError, UsageError
from adwright.schema import CONTACT_CHANNELS, F64, NO_CONTENT, Bools, Experiment, Goal, Slice

Assign = Callable[[Sequence[str], Experiment], pl.DataFrame]
"""(unit ids, experiment) -> frame with a column `content_id`, null where a unit takes no part."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Choice:
    """What there is to choose from, and what for.

    Args:
        beliefs: Of the contents that compete for these customers in this channel.
        goal: What counts.
        channel: In "email", "push" and "sms" sending nothing is always an arm, worth 0.
        default_content: What is shown when deciding fails.
        experiment: The running test, if there is one; before its start its slice is adaptive.
        assign: Assigns arms to units (`experiment.assign.assign`); needed with an experiment.
    """

    beliefs: Beliefs
    goal: Goal
    channel: str
    default_content: str
    experiment: Experiment | None = None
    assign: Assign | None = None

    def running(self, now: datetime) -> bool:
        """Whether there is a test, and it has begun."""
        return self.experiment is not None and self.experiment.starts_at <= now


@dataclass(frozen=True, slots=True, kw_only=True)
class Pick:
    """What is common to all customers who got the same content from the same vector."""

    content_id: str
    propensities: Mapping[str, float]
    policy: str
    slice: Slice = "adaptive"
    experiment_id: str | None = None
    degraded: bool = False
    reason: str = ""


def fallback(choice: Choice, reason: str, *, in_test: bool = False) -> Pick:
    """The default content, marked as degraded, with the reason."""
    experiment = choice.experiment if in_test else None
    return Pick(
        content_id=choice.default_content,
        propensities={choice.default_content: 1.0},
        policy="default",
        slice="adaptive" if experiment is None else "test",
        experiment_id=None if experiment is None else experiment.id,
        degraded=True,
        reason=reason,
    )


def held_out(choice: Choice) -> Pick:
    """Nothing in channels that reach out; elsewhere the default content, since something must stand there.

    Logged in the test slice, being a share fixed beforehand, and with the policy "holdout".
    """
    content = NO_CONTENT if choice.channel in CONTACT_CHANNELS else choice.default_content
    return Pick(content_id=content, propensities={content: 1.0}, policy="holdout", slice="test")


def fixed_picks(choice: Choice, units: Sequence[str], *, mask: Bools) -> list[Pick | None]:
    """The test slice: the arm that the experiment's own hash assigns; None where it assigns none.

    Args:
        choice: With an experiment.
        units: n ids to hash.
        mask: (n, n_arms) or (n_arms,) eligibility.
    """
    if not units:
        return []
    experiment = choice.experiment
    if experiment is None or choice.assign is None:
        raise UsageError("an experiment needs the function that assigns its arms", argument="assign")
    shares = {arm.content_id: arm.share for arm in experiment.arms}
    column = {content: i for i, content in enumerate(arm_ids(choice.beliefs, choice.channel))}
    table = {
        content: Pick(
            content_id=content,
            propensities=shares,
            policy="fixed",
            slice="test",
            experiment_id=experiment.id,
        )
        for content in shares
    }
    always = {choice.default_content, NO_CONTENT}
    allowed = np.broadcast_to(mask, (len(units), len(column)))
    picks: list[Pick | None] = []
    for row, content in enumerate(choice.assign(units, experiment)["content_id"].to_list()):
        if content is None or content in always or (content in column and allowed[row, column[content]]):
            picks.append(None if content is None else table[content])
        else:
            fault = "is not eligible" if content in column else "is not known"
            picks.append(fallback(choice, f"the assigned arm {content} {fault}", in_test=True))
    return picks


def adaptive_picks(
    choice: Choice, n: int, *, mask: Bools, config: DecideConfig, rng: np.random.Generator
) -> list[Pick]:
    """The adaptive slice: a draw from the policy's vector, one vector for each pattern of eligibility.

    Args:
        choice: What to choose from.
        n: Number of customers.
        mask: (n, n_arms) or (n_arms,) eligibility.
        config: How to decide.
        rng: Source of randomness.
    """
    ids = arm_ids(choice.beliefs, choice.channel)
    draws = arm_draws(
        choice.beliefs, goal=choice.goal, channel=choice.channel, n_draws=config.n_draws, rng=rng
    )
    picks = np.full(n, None, dtype=object)
    for pattern, rows in patterns(mask, n):
        try:
            vector = arm_probabilities(draws, pattern, config=config, rng=rng)
        except InfeasibleError as error:
            picks[rows] = fallback(choice, f"{type(error).__name__}: {error}")
            continue
        logged = {content: float(p) for content, p in zip(ids, vector, strict=True)}
        table = np.array(
            [Pick(content_id=content, propensities=logged, policy=config.policy) for content in ids],
            dtype=object,
        )
        picks[rows] = table[draw_from(vector, len(rows), rng=rng)]
    return list(picks)


def draw_from(vector: F64, n: int, *, rng: np.random.Generator) -> npt.NDArray[np.intp]:
    """n indices drawn from the probability vector; an arm of probability 0 is never drawn."""
    edges = np.cumsum(vector)
    return np.searchsorted(edges / edges[-1], rng.random(n), side="right")


def patterns(mask: Bools, n: int) -> list[tuple[Bools, npt.NDArray[np.intp]]]:
    """Each distinct row of the mask (n, n_arms), with the customers that have it."""
    if mask.ndim == 1:
        return [(mask, np.arange(n))]
    distinct, which = np.unique(mask, axis=0, return_inverse=True)
    order = np.argsort(which.reshape(-1), kind="stable")
    ends = np.cumsum(np.bincount(which.reshape(-1), minlength=len(distinct)))
    return list(zip(distinct, np.split(order, ends[:-1]), strict=True))
