"""The arms of a decision: the contents that compete, what each is worth, and how likely each is to be shown."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from adwright.decide.beliefs import Beliefs
from adwright.decide.constraints import constrain
from adwright.decide.registry import policy_named
from adwright.errors import UsageError
from adwright.schema import CONTACT_CHANNELS, F64, NO_CONTENT, Bools, Goal


@dataclass(frozen=True, slots=True, kw_only=True)
class DecideConfig:
    """How to decide.

    Args:
        policy: Its name in the registry.
        floor: Least probability of every eligible arm, a fraction.
        n_draws: Draws of the value per arm; the probabilities' error is at most 0.5 / sqrt(n_draws).
        test_share: Share of customers in the test slice while an experiment runs.
        holdout_share: Share of customers in the persistent holdout.
        salt: Of the slices; leave it as it is for the life of the shop.
    """

    policy: str = "thompson"
    floor: float = 0.01
    n_draws: int = 2000
    test_share: float = 0.2
    holdout_share: float = 0.05
    salt: str = "adwright-traffic"


def arm_ids(beliefs: Beliefs, channel: str) -> tuple[str, ...]:
    """The contents, and sending nothing (last) in the channels that reach out to a customer."""
    ids = beliefs.effect.content_ids
    return (*ids, NO_CONTENT) if channel in CONTACT_CHANNELS and NO_CONTENT not in ids else ids


def arm_draws(beliefs: Beliefs, *, goal: Goal, channel: str, n_draws: int, rng: np.random.Generator) -> F64:
    """Draws (n_draws, n_arms) of the value per exposure, in the order of `arm_ids`.

    Sending nothing is worth 0 and costs nothing: values are those that are attributed to an exposure. What
    customers would have bought anyway is measured against the holdout, not here.
    """
    draws = beliefs.value(goal, rng=rng, n_draws=n_draws).draws
    missing = len(arm_ids(beliefs, channel)) - draws.shape[1]
    return np.hstack([draws, np.zeros((len(draws), missing))]) if missing else draws


def arm_mask(eligible: npt.ArrayLike | None, *, n_contents: int, n_arms: int) -> Bools:
    """Eligibility over the arms, (..., n_arms); sending nothing is always eligible.

    Args:
        eligible: (n_contents,) or (n_customers, n_contents); None where all may be shown.
        n_contents: Number of contents.
        n_arms: The same, plus one where sending nothing is an arm.
    """
    mask = np.ones(n_contents, dtype=np.bool_) if eligible is None else np.asarray(eligible, dtype=np.bool_)
    if mask.ndim not in (1, 2) or mask.shape[-1] != n_contents:
        raise UsageError(
            "eligible does not fit the contents",
            argument="eligible",
            value=mask.shape,
            allowed=f"({n_contents},) or (n_customers, {n_contents})",
        )
    nothing = np.ones((*mask.shape[:-1], n_arms - n_contents), dtype=np.bool_)
    return np.concatenate([mask, nothing], axis=-1)


def arm_probabilities(draws: F64, mask: Bools, *, config: DecideConfig, rng: np.random.Generator) -> F64:
    """The vector (n_arms,) that is drawn from and logged: the policy's, after eligibility and floor."""
    wanted = policy_named(config.policy).probabilities(draws, mask=mask, rng=rng)
    return constrain(wanted, eligible=mask, floor=config.floor)


def current_probabilities(
    beliefs: Beliefs,
    *,
    goal: Goal,
    channel: str,
    rng: np.random.Generator,
    config: DecideConfig | None = None,
    eligible: npt.ArrayLike | None = None,
) -> dict[str, float]:
    """The probability with which each arm would be shown now in the adaptive slice, by content id.

    Raises:
        AdwrightError: what `decide` would answer with the default content for.
    """
    settings = config or DecideConfig()
    ids = arm_ids(beliefs, channel)
    draws = arm_draws(beliefs, goal=goal, channel=channel, n_draws=settings.n_draws, rng=rng)
    mask = arm_mask(eligible, n_contents=len(beliefs.effect), n_arms=len(ids))
    vector = arm_probabilities(draws, mask, config=settings, rng=rng)
    return {i: float(p) for i, p in zip(ids, vector, strict=True)}
