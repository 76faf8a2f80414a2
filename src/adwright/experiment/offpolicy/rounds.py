"""Logged rounds and the policy to judge on them, checked once so that no estimator has to.

*Holds when* the logged propensity is the probability with which the action was drawn in that round.
*Does not cover* propensities that were estimated afterwards: their error is in no interval here.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from adwright.errors import DataError
from adwright.schema import F64

_SUM_TOLERANCE = 1e-6
_PROPENSITY_TOLERANCE = 1e-6


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class LoggedRounds:
    """What a log holds, and what the judged policy would have done; make it with `logged_rounds`.

    Args:
        action: (n,) index of the action taken, 0 to n_actions - 1.
        reward: (n,) what came of it.
        propensity: (n,) probability with which it was taken, in (0, 1].
        target: (n, n_actions) probabilities of the judged policy.
        q_hat: (n, n_actions) expected rewards by an outcome model, or None.
        behaviour: (n, n_actions) probabilities of the logging policy, or None where only those of what was
            taken are known.
        actions: n_actions names.
        stratum: (n,) small integers, the contexts that can be told apart (a position, a placement), or None.
        weight: (n,) target over propensity of the action taken.
    """

    action: npt.NDArray[np.intp]
    reward: F64
    propensity: F64
    target: F64
    q_hat: F64 | None
    behaviour: F64 | None
    actions: tuple[str, ...]
    stratum: npt.NDArray[np.intp] | None
    weight: F64 = field(repr=False)

    @property
    def n(self) -> int:
        """Rounds."""
        return len(self.action)

    @property
    def is_binary(self) -> bool:
        """Whether every reward is 0 or 1."""
        return bool(np.all((self.reward == 0) | (self.reward == 1)))

    def q_logged(self) -> F64:
        """(n,) the model's expected reward of the action taken.

        Raises:
            DataError: there is no outcome model.
        """
        return np.asarray(self.model()[np.arange(self.n), self.action])

    def q_value(self) -> F64:
        """(n,) the model's expected reward under the judged policy; `DataError` without a model."""
        return np.asarray(np.einsum("ij,ij->i", self.target, self.model()), dtype=np.float64)

    def model(self) -> F64:
        """(n, n_actions) the outcome model's table; `DataError` where there is none."""
        if self.q_hat is None:
            raise DataError(
                "this estimator needs an outcome model",
                argument="q_hat",
                value=None,
                allowed="(n, n_actions) expected rewards",
                hint="Fit one with `cross_fitted_rewards`, or use an estimator without a model",
            )
        return self.q_hat


def logged_rounds(
    action: npt.ArrayLike,
    reward: npt.ArrayLike,
    *,
    propensity: npt.ArrayLike,
    target: npt.ArrayLike,
    q_hat: npt.ArrayLike | None = None,
    behaviour: npt.ArrayLike | None = None,
    actions: Sequence[str] | None = None,
    stratum: npt.ArrayLike | None = None,
    round_ids: Sequence[Hashable] | None = None,
    allow_negative: bool = False,
) -> LoggedRounds:
    """The rounds, checked.

    Args:
        action: (n,) integers.
        reward: (n,) finite; negative ones only with `allow_negative` (a margin can be, a click cannot).
        propensity: (n,) in (0, 1].
        target: (n, n_actions) or (n_actions,), rows that sum to 1; a trailing axis of length 1 is dropped.
        q_hat: (n, n_actions) finite.
        behaviour: As `target`; must agree with `propensity` at the actions taken.
        actions: Names; the indices where absent.
        stratum: (n,) labels of contexts that can be told apart.
        round_ids: (n,) ids; the same round twice is an error.
        allow_negative: Whether a reward may be below 0.

    Raises:
        DataError: which of these is broken, in which round.

    >>> rounds = logged_rounds([0, 1], [1, 0], propensity=[0.5, 0.5], target=[0.8, 0.2])
    >>> rounds.weight.tolist()
    [1.6, 0.4]
    """
    taken, rewards = _actions(action), _vector("reward", reward)
    n = len(taken)
    probability = _propensities(propensity)
    for name, length in (("reward", len(rewards)), ("propensity", len(probability))):
        if length != n:
            raise DataError("lengths differ", argument=name, value=length, allowed=f"{n}, as of action")
    if not allow_negative and rewards.min() < 0:
        at = int(np.argmin(rewards))
        raise DataError(
            f"a negative reward in round {at}",
            argument="reward",
            value=float(rewards[at]),
            allowed="0 or more",
            hint="Say so where a reward can be a loss: allow_negative",
        )
    policy = _distribution("target", target, n)
    n_actions = policy.shape[1]
    if taken.max() >= n_actions:
        raise DataError("an action without a column", argument="action", value=int(taken.max()),
                        allowed=f"0 to {n_actions - 1}")  # fmt: skip
    _no_duplicates(round_ids, n)
    rows = np.arange(n)
    return LoggedRounds(
        action=taken,
        reward=rewards,
        propensity=probability,
        target=policy,
        q_hat=None if q_hat is None else _model(q_hat, policy.shape),
        behaviour=None if behaviour is None else _behaviour(behaviour, taken, probability, n_actions),
        actions=_names(actions, n_actions),
        stratum=None if stratum is None else _strata(stratum, n),
        weight=policy[rows, taken] / probability,
    )


def _actions(action: npt.ArrayLike) -> npt.NDArray[np.intp]:
    taken = np.asarray(action)
    if taken.ndim != 1 or not len(taken):
        raise DataError("no rounds", argument="action", value=taken.shape, allowed="(n,) with n >= 1")
    if not np.issubdtype(taken.dtype, np.integer) or taken.min() < 0:
        raise DataError(
            "not action indices", argument="action", value=taken[:3].tolist(), allowed="0, 1, ..."
        )
    return taken.astype(np.intp)


def _vector(name: str, values: npt.ArrayLike) -> F64:
    out = np.asarray(values, dtype=np.float64)
    if out.ndim != 1:
        raise DataError("not one number a round", argument=name, value=out.shape, allowed="(n,)")
    bad = np.flatnonzero(~np.isfinite(out))
    if len(bad):
        raise DataError(f"not finite in round {bad[0]}", argument=name, value=float(out[bad[0]]))
    return out


def _propensities(values: npt.ArrayLike) -> F64:
    out = _vector("propensity", values)
    bad = np.flatnonzero((out <= 0) | (out > 1))
    if len(bad):
        raise DataError(
            f"not a propensity in round {bad[0]} ({len(bad)} such rounds)",
            argument="propensity",
            value=float(out[bad[0]]),
            allowed="above 0, at most 1",
            hint="An action that was taken had a probability above 0; log the one it was drawn with",
        )
    return out


def _distribution(name: str, values: npt.ArrayLike, n: int) -> F64:
    out = np.asarray(values, dtype=np.float64)
    if out.ndim == 3 and out.shape[2] == 1:
        out = out[:, :, 0]
    if out.ndim == 1:
        out = np.broadcast_to(out, (n, len(out)))
    if out.ndim != 2 or out.shape[0] != n or not out.shape[1]:
        raise DataError("not a distribution a round", argument=name, value=out.shape,
                        allowed=f"({n}, n_actions) or (n_actions,)")  # fmt: skip
    off = np.abs(out @ np.ones(out.shape[1]) - 1.0)  # much faster than a sum along the short axis
    if not off.max() <= _SUM_TOLERANCE or out.min() < 0:  # NaN fails here, too
        at = int(np.flatnonzero(~(off <= _SUM_TOLERANCE) | (out < 0).any(axis=1))[0])
        raise DataError(f"not a distribution in round {at}", argument=name, value=out[at].tolist(),
                        allowed="0 or more, with sum 1")  # fmt: skip
    return out


def _behaviour(values: npt.ArrayLike, action: npt.NDArray[np.intp], propensity: F64, n_actions: int) -> F64:
    out = _distribution("behaviour", values, len(action))
    if out.shape[1] != n_actions:
        raise DataError("another number of actions", argument="behaviour", value=out.shape[1],
                        allowed=str(n_actions))  # fmt: skip
    differs = np.abs(out[np.arange(len(action)), action] - propensity) > _PROPENSITY_TOLERANCE
    if differs.any():
        at = int(np.argmax(differs))
        raise DataError(f"differs from the logged propensity in round {at}", argument="behaviour",
                        value=float(out[at, action[at]]), allowed=str(propensity[at]))  # fmt: skip
    return out


def _model(values: npt.ArrayLike, shape: tuple[int, ...]) -> F64:
    out = np.asarray(values, dtype=np.float64)
    if out.ndim == 3 and out.shape[2] == 1:
        out = out[:, :, 0]
    if out.shape != shape:
        raise DataError("not one number a round and action", argument="q_hat", value=out.shape,
                        allowed=str(shape))  # fmt: skip
    if not np.isfinite(out).all():
        raise DataError("not finite", argument="q_hat", value=float("nan"), allowed="expected rewards")
    return out


def _names(actions: Sequence[str] | None, n_actions: int) -> tuple[str, ...]:
    names = tuple(str(i) for i in range(n_actions)) if actions is None else tuple(actions)
    if len(names) != n_actions or len(set(names)) != n_actions:
        raise DataError("not one name an action", argument="actions", value=names,
                        allowed=f"{n_actions} different names")  # fmt: skip
    return names


def _strata(labels: npt.ArrayLike, n: int) -> npt.NDArray[np.intp]:
    values = np.asarray(labels)
    if values.shape != (n,):
        raise DataError("not one label a round", argument="stratum", value=values.shape, allowed=f"({n},)")
    return np.unique(values, return_inverse=True)[1].reshape(-1).astype(np.intp)


def _no_duplicates(round_ids: Sequence[Hashable] | None, n: int) -> None:
    if round_ids is None:
        return
    if len(round_ids) != n:
        raise DataError("lengths differ", argument="round_ids", value=len(round_ids), allowed=str(n))
    seen: set[Hashable] = set()
    for round_id in round_ids:
        if round_id in seen:
            raise DataError("the same round is logged twice", argument="round_ids", value=round_id)
        seen.add(round_id)
