"""Whether the log can say anything about the judged policy: its mass on what the log never took.

Weights do not show this: an action that was never taken has no weight at all, the effective sample size even
rises, and every estimator is silently off by that mass. So it is counted, and beyond a threshold refused.

*Holds when* `stratum` and `behaviour` are given where they are known.
*Does not cover* gaps inside continuous contexts that nobody labelled: there only the mean weight tells (its
expectation is 1 less the unlogged mass), and it tells late.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from adwright.errors import DataError, UsageError
from adwright.experiment.offpolicy.rounds import LoggedRounds
from adwright.schema import F64

MOST_UNLOGGED = 0.05
"""A policy with more of its mass on actions that the log never took gets no estimate."""
_CHANCE = 0.01
_MOST_NAMED = 8


class UnsupportedPolicyError(DataError):
    """The refusal: too much of the policy lies where the log never was.

    Args:
        mass: The policy's unlogged mass, a fraction.
        actions: The actions with most of it, with their part of the mass.
        most: The threshold.
    """

    def __init__(self, mass: float, actions: tuple[tuple[str, float], ...], most: float) -> None:
        named = ", ".join(f"{name} ({share:.1%})" for name, share in actions[:_MOST_NAMED])
        more = len(actions) - _MOST_NAMED
        super().__init__(
            f"no estimate: {mass:.1%} of the policy's probability lies on actions that the log never took "
            f"there: {named}{f' and {more} more' if more > 0 else ''}",
            argument="unlogged mass",
            value=round(mass, 4),
            allowed=f"at most {most:g}",
            hint="Log these actions with some probability first, or judge a policy without them",
        )
        self.mass = mass
        self.actions = actions


@dataclass(frozen=True, slots=True, kw_only=True)
class Support:
    """Where the policy goes and the log was not.

    Args:
        mass: Mean over rounds of the policy's probability of unlogged actions.
        actions: Action and its part of that mass, the largest first.
        never: Actions that the log took in no round at all and the policy could take.
    """

    mass: float
    actions: tuple[tuple[str, float], ...]
    never: tuple[str, ...]


def check_support(rounds: LoggedRounds, *, most: float = MOST_UNLOGGED) -> Support:
    """The unlogged mass, or a refusal.

    Unlogged is an action that the log took in no round; one whose logged probability was 0 in a round (with
    `behaviour`); one never taken in a stratum, where that is no accident: at the action's mean probability it
    would have been taken with a chance of 99 %.

    Args:
        rounds: The log and the policy.
        most: Largest mass that still gets an estimate, in [0, 1).

    Raises:
        UnsupportedPolicyError: more mass than that.

    >>> from adwright.experiment.offpolicy.rounds import logged_rounds
    >>> rounds = logged_rounds([0, 0], [1, 0], propensity=[1.0, 1.0], target=[0.97, 0.03])
    >>> check_support(rounds).actions
    (('1', 0.03),)
    """
    if not 0.0 <= most < 1.0:
        raise UsageError("not a threshold", argument="most", value=most, allowed="0 to below 1")
    counts = np.bincount(rounds.action, minlength=len(rounds.actions))
    by_action = _unlogged(rounds, counts)
    order = [int(a) for a in np.argsort(-by_action, kind="stable") if by_action[a] > 1e-12]
    support = Support(
        mass=float(by_action.sum()),
        actions=tuple((rounds.actions[a], float(by_action[a])) for a in order),
        never=tuple(rounds.actions[a] for a in order if counts[a] == 0),
    )
    if support.mass > most:
        raise UnsupportedPolicyError(support.mass, support.actions, most)
    return support


def _unlogged(rounds: LoggedRounds, counts: npt.NDArray[np.intp]) -> F64:
    """(n_actions,) mean probability of each action where it is unlogged."""
    if rounds.behaviour is None and rounds.stratum is None:
        return np.asarray(np.where(counts == 0, rounds.target.mean(axis=0), 0.0))
    unlogged = np.broadcast_to(counts == 0, rounds.target.shape)
    if rounds.behaviour is not None:
        unlogged = unlogged | (rounds.behaviour <= 0.0)
    if rounds.stratum is not None:
        unlogged = unlogged | _never_in_stratum(rounds, counts)[rounds.stratum]
    return np.asarray(np.where(unlogged, rounds.target, 0.0).mean(axis=0))


def _never_in_stratum(rounds: LoggedRounds, counts: npt.NDArray[np.intp]) -> npt.NDArray[np.bool_]:
    assert rounds.stratum is not None
    n_actions, n_strata = len(rounds.actions), int(rounds.stratum.max()) + 1
    cells = np.bincount(rounds.stratum * n_actions + rounds.action, minlength=n_strata * n_actions)
    sizes = np.bincount(rounds.stratum, minlength=n_strata)
    # Harmonic mean of the logged propensities: as many takings divided by that many rounds' worth of them.
    worth = np.bincount(rounds.action, weights=1.0 / rounds.propensity, minlength=n_actions)
    share = np.divide(counts, worth, out=np.zeros(n_actions), where=worth > 0)
    by_chance = (1.0 - np.minimum(share, 1.0))[None, :] ** sizes[:, None]
    return np.asarray((cells.reshape(n_strata, n_actions) == 0) & (by_chance < _CHANCE))
