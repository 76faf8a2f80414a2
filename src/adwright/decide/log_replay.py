"""A contextual policy on a log of single decisions whose propensities are known.

A logged row is accepted with probability c pi(a | x) / p(a | x), c the least propensity in the log; accepted rows
are distributed as if the policy itself had chosen, and the policy learns from them alone, in order. The mean
reward of the accepted rows is unbiased for the learning policy.

Source: Li, Chu, Langford and Wang 2011, Unbiased offline evaluation of contextual-bandit-based news article
recommendation algorithms, algorithm 2, with the acceptance of von Neumann's rejection sampling in place of
their uniform log.

Holds when: rows are independent of one another, and every content that the policy may choose was logged with
a probability above 0.
Does not cover: long logs of many contents cheaply: about c n rows are accepted. For a policy that does not learn,
`experiment`'s off-policy estimates use every row.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from adwright.decide.constraints import constrain
from adwright.decide.contextual import ContextualPolicy, checked_values
from adwright.errors import DataError, UsageError
from adwright.schema import F64


@dataclass(frozen=True, slots=True, eq=False)
class LogReplay:
    """What a policy would have won on a log.

    Args:
        reward: Mean reward of the accepted rows; NaN where none was accepted.
        standard_error: Of it, from the variance between accepted rows.
        accepted: (k,) the rows, in order.
    """

    reward: float
    standard_error: float
    accepted: npt.NDArray[np.intp]


def replay_log(
    policy: ContextualPolicy,
    *,
    context: F64,
    content_ids: Sequence[str],
    shown: Sequence[str],
    rewards: npt.ArrayLike,
    propensities: npt.ArrayLike,
    rng: np.random.Generator,
    batch: int = 100,
    floor: float = 0.0,
) -> LogReplay:
    """The policy, learning, on the rows of a log in order.

    Args:
        policy: It is taught; pass a new one.
        context: (n, policy.n_features).
        content_ids: What may be chosen; every one is in the log.
        shown: (n,) the content that was shown.
        rewards: (n,) what came of it.
        propensities: (n,) the probability with which it was shown, in (0, 1].
        rng: Of the acceptance.
        batch: Rows after which the policy learns.
        floor: Exploration floor of the policy.

    Raises:
        UsageError: rows that do not fit.
        DataError: a propensity outside (0, 1], a content that is logged but may not be chosen, or one that may
            be chosen and was never logged: nothing is known of it.
    """
    n = len(context)
    y = checked_values(rewards, (n,), argument="rewards")
    p = checked_values(propensities, (n,), argument="propensities")
    if not n or np.any((p <= 0) | (p > 1)):
        raise DataError("not propensities", argument="propensities", value=p[:3].tolist(), allowed="(0, 1]")
    if batch < 1 or len(shown) != n:
        raise UsageError("one content a row", argument="shown", value=len(shown), allowed=str(n))
    column = {content: i for i, content in enumerate(content_ids)}
    odd = set(shown) ^ set(column)
    if odd:
        raise DataError(
            "the log and the choice differ in contents", argument="content_ids", value=sorted(odd)
        )
    index = np.array([column[c] for c in shown], np.intp)
    least = float(p.min())
    everything = np.ones(len(column), np.bool_)
    taken: list[npt.NDArray[np.intp]] = []
    for start in range(0, n, batch):
        rows = np.arange(start, min(start + batch, n))
        vectors = policy.probabilities(context[rows], content_ids)
        vectors = constrain(vectors, eligible=everything, floor=floor)
        wanted = vectors[np.arange(len(rows)), index[rows]]
        kept = rows[rng.random(len(rows)) < least * wanted / p[rows]]
        if len(kept):
            policy.update(context[kept], [shown[i] for i in kept], y[kept])
        taken.append(kept)
    accepted = np.concatenate(taken)
    won = y[accepted]
    error = float(won.std(ddof=1) / np.sqrt(len(won))) if len(won) > 1 else float("nan")
    return LogReplay(float(won.mean()) if len(won) else float("nan"), error, accepted)
