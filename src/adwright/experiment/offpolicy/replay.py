"""Replay: on a log whose actions were drawn by chance alone, the rounds on which the policy agrees are its own.

*Holds when* the log drew uniformly: the same propensity for every action in every round; checked.
*Does not cover* policies that learn from rounds that replay throws away: feed them the kept ones.

Source: Li, Chu, Langford and Wang (2011), WSDM.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from adwright.errors import DataError, InfeasibleError
from adwright.stats.intervals import normal_quantile, wilson


@dataclass(frozen=True, slots=True, kw_only=True)
class Replay:
    """The mean reward on the kept rounds with its interval, and how many they are."""

    value: float
    low: float
    high: float
    n_kept: int
    n: int


def replay(
    action: npt.ArrayLike,
    reward: npt.ArrayLike,
    *,
    propensity: npt.ArrayLike,
    chosen: npt.ArrayLike,
    level: float = 0.95,
) -> Replay:
    """What the policy earned on the rounds on which the log took its choice.

    Args:
        action: (n,) what the log took.
        reward: (n,) finite.
        propensity: (n,) all the same, in (0, 1].
        chosen: (n,) what the policy takes (a draw of it, where it is random).
        level: Coverage: Wilson's interval for rewards of 0 and 1, else the normal one.

    Raises:
        DataError: lengths that differ, a log that was not randomised uniformly, rewards that are not finite.
        InfeasibleError: no round on which both agree.

    >>> kept = replay([0, 1, 1, 0], [1, 0, 1, 0], propensity=[0.5] * 4, chosen=[0, 1, 0, 0])
    >>> kept.n_kept, round(kept.value, 3)
    (3, 0.333)
    """
    taken, wanted = np.asarray(action), np.asarray(chosen)
    rewards, logged = np.asarray(reward, np.float64), np.asarray(propensity, np.float64)
    if (
        not (taken.shape == wanted.shape == rewards.shape == logged.shape)
        or taken.ndim != 1
        or not len(taken)
    ):
        raise DataError("lengths differ", argument="chosen", value=wanted.shape, allowed=str(taken.shape))
    if not np.isfinite(rewards).all():
        raise DataError("a reward is not finite", argument="reward", value=float("nan"))
    if not (np.all((logged > 0) & (logged <= 1)) and np.ptp(logged) <= 1e-9):
        raise DataError(
            "replay needs a log that was randomised uniformly",
            argument="propensity",
            value=(float(logged.min()), float(logged.max())),
            allowed="one value above 0",
            hint="Weight with the propensities: evaluate_policy",
        )
    kept = rewards[taken == wanted]
    if not len(kept):
        raise InfeasibleError("the log never took the policy's choice", argument="chosen", value=0)
    mean = float(kept.mean())
    if np.all((kept == 0) | (kept == 1)):
        low, high = (float(x) for x in wilson(kept.sum(), len(kept), level=level))
    else:
        half = normal_quantile(level) * float(kept.std(ddof=min(1, len(kept) - 1))) / len(kept) ** 0.5
        low, high = mean - half, mean + half
    return Replay(value=mean, low=low, high=high, n_kept=len(kept), n=len(taken))
