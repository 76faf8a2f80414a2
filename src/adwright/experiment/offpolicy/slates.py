"""The value of a policy that fills several places at once (a page, a list of products).

Whole slates are hardly ever the same twice, so their weights are useless. What helps is an assumption on how a
place's reward comes about:

- `independent`: it depends on the place's own item alone (IIPS: weight of that item);
- `reward interaction`: on the items from the top down to it, as read by a customer who scrolls (RIPS: weight
  of the items so far);
- `standard`: on the whole slate (SIPS).

*Holds when* the named assumption does. *Does not cover* orders that customers choose themselves.

Source: Li, Abbasi-Yadkori, Kveton, Muthukrishnan, Vinay and Wen (2018), KDD; McInerney et al. (2020), KDD.
"""

from __future__ import annotations

from typing import Literal

import numpy as np
import numpy.typing as npt

from adwright.errors import DataError, unknown_name
from adwright.experiment.offpolicy.terms import Terms
from adwright.schema import F64

SlateModel = Literal["independent", "reward interaction", "standard"]


def slate_terms(
    reward: npt.ArrayLike,
    *,
    propensity: npt.ArrayLike,
    target: npt.ArrayLike,
    model: SlateModel,
    place_weights: npt.ArrayLike | None = None,
    self_normalised: bool = False,
) -> Terms:
    """The terms of the value of a slate (the sum of its places' rewards), one entry a slate.

    Args:
        reward: (n_slates, n_places), finite.
        propensity: (n_slates, n_places) in (0, 1]: the probability with which each place's item was drawn, for
            "independent" its marginal one, for the others the one given the places above.
        target: The same under the judged policy, in [0, 1].
        model: How a place's reward comes about.
        place_weights: (n_places,) what each place counts; 1 each by default.
        self_normalised: Divide each place by its mean weight, which costs a bias of order 1/n.

    Raises:
        DataError: shapes that differ, a propensity outside (0, 1], a reward that is not finite.
        NotFoundError: no such model.

    >>> terms = slate_terms([[1, 0]], propensity=[[0.5, 0.5]], target=[[1.0, 0.25]], model="independent")
    >>> terms.value
    2.0
    """
    rewards, logged, wanted = (np.asarray(x, dtype=np.float64) for x in (reward, propensity, target))
    _check(rewards, logged, wanted)
    single: F64 = wanted / logged
    weight: F64
    if model == "independent":
        weight = single
    elif model == "reward interaction":
        weight = np.asarray(np.cumprod(single, axis=1), dtype=np.float64)
    elif model == "standard":
        weight = np.broadcast_to(single.prod(axis=1, keepdims=True), single.shape)
    else:
        raise unknown_name("slate model", model, ("independent", "reward interaction", "standard"))
    counts = np.ones(rewards.shape[1]) if place_weights is None else np.asarray(place_weights, np.float64)
    if counts.shape != (rewards.shape[1],):
        raise DataError("not one weight a place", argument="place_weights", value=counts.shape,
                        allowed=f"({rewards.shape[1]},)")  # fmt: skip
    plain = np.zeros(len(rewards))
    if self_normalised:
        plain, correction = _normalised(rewards, weight, counts)
    else:
        correction = (weight * rewards) @ counts
    return Terms(plain=plain, correction=correction, weight=weight.mean(axis=1))


def _normalised(rewards: F64, weight: F64, counts: F64) -> tuple[F64, F64]:
    """(plain, correction): each place's ratio, written as its value plus the delta method's residuals."""
    mean = weight.mean(axis=0)
    if np.any(mean <= 0):
        raise DataError("the log never took what the policy takes in a place", argument="target",
                        value=int(np.argmin(mean)))  # fmt: skip
    ratio = (weight * rewards).mean(axis=0) / mean
    return np.full(len(rewards), float(ratio @ counts)), (weight * (rewards - ratio) / mean) @ counts


def _check(rewards: F64, logged: F64, wanted: F64) -> None:
    if (
        rewards.ndim != 2
        or not rewards.size
        or rewards.shape != logged.shape
        or rewards.shape != wanted.shape
    ):
        raise DataError("shapes differ", argument="propensity", value=(logged.shape, wanted.shape),
                        allowed=f"(n_slates, n_places) as reward, {rewards.shape}")  # fmt: skip
    for name, values, ok in (
        ("reward", rewards, np.isfinite(rewards)),
        ("propensity", logged, (logged > 0) & (logged <= 1)),
        ("target", wanted, (wanted >= 0) & (wanted <= 1)),
    ):
        if not ok.all():
            at = np.argwhere(~ok)[0]
            raise DataError(f"out of range in slate {at[0]}, place {at[1]}", argument=name,
                            value=float(values[tuple(at)]))  # fmt: skip
