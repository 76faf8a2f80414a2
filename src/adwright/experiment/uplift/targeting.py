"""Whom to send what, and what that earns beyond sending nothing, or the same to everybody.

The policy sends each customer the treatment with the largest predicted earning, if that is above 0. Its value is a
mean of effect scores of customers that the prediction did not see.

*Holds when* predictions are out of fold and the next campaign is like the trial. *Does not cover* budgets and
caps: `decide` has them.

Source: Athey and Wager (2021), Econometrica 89, for scores as policy values.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from adwright.errors import DataError
from adwright.experiment.uplift.curves import Bounded
from adwright.schema import F64
from adwright.stats.intervals import normal_quantile


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyEarning:
    """What a targeting earns per customer of the whole population, against sending nothing.

    Args:
        sent: Share of the customers that get each treatment, in the arms' order without the control.
        value: Earning of the targeting.
        simple: The best of the simple policies: nothing to anybody, or one treatment to all.
        simple_sent: Index of that treatment in `sent`, None for nothing.
        gain: `value` less `simple`.
    """

    sent: tuple[float, ...]
    value: Bounded
    simple: Bounded
    simple_sent: int | None
    gain: Bounded

    @property
    def is_within_noise(self) -> bool:
        """Whether the targeting may be worth no more than the simple policy."""
        return self.gain.low <= 0.0


def policy_earning(
    scores: npt.ArrayLike,
    predicted: npt.ArrayLike,
    *,
    value: float = 1.0,
    cost: npt.ArrayLike = 0.0,
    level: float = 0.95,
) -> PolicyEarning:
    """The earning of sending each customer what is predicted to earn most.

    Args:
        scores: (n, n_treatments) effect scores.
        predicted: (n, n_treatments) effects by models that did not see the customer.
        value: Worth of one unit of the outcome: 1 for spend, the margin of an order for conversion.
        cost: Of sending, one number or one a treatment, >= 0, in the same unit.
        level: Coverage.

    Raises:
        DataError: shapes that differ, a value that is not above 0, a cost below 0.

    >>> earning = policy_earning([[1.0], [-0.5]], [[0.8], [-0.2]])
    >>> earning.value.value, earning.simple.value, earning.sent
    (0.5, 0.25, (0.5,))
    """
    psi, effects = (np.asarray(x, dtype=np.float64) for x in (scores, predicted))
    if psi.ndim != 2 or psi.shape != effects.shape or len(psi) < 2:
        raise DataError("shapes differ", argument="predicted", value=effects.shape, allowed=str(psi.shape))
    costs = np.broadcast_to(np.asarray(cost, np.float64), psi.shape[1:])
    if not value > 0 or not np.isfinite(costs).all() or costs.min() < 0:
        raise DataError("not a value or a cost", argument="value, cost", value=(value, costs.tolist()),
                        allowed="value above 0, costs 0 or more")  # fmt: skip
    earned, expected = psi * value - costs, effects * value - costs
    best = expected.argmax(axis=1)
    row = np.arange(len(psi))
    send = expected[row, best] > 0.0
    own = np.where(send, earned[row, best], 0.0)
    means = earned.mean(axis=0)
    simple_sent = int(means.argmax()) if means.max() > 0 else None
    simple = earned[:, simple_sent] if simple_sent is not None else np.zeros(len(psi))
    return PolicyEarning(
        sent=tuple(float(np.mean(send & (best == a))) for a in range(psi.shape[1])),
        value=_mean(own, level),
        simple=_mean(simple, level),
        simple_sent=simple_sent,
        gain=_mean(own - simple, level),
    )


def _mean(values: F64, level: float) -> Bounded:
    mean = float(values.mean())
    half = normal_quantile(level) * float(values.std(ddof=1)) / len(values) ** 0.5
    return Bounded(value=mean, low=mean - half, high=mean + half)
