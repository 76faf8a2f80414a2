"""What a contextual policy is: features of the customer in, a probability for each content out; it learns.

The vectors are a function of the state alone, so the number that is logged is no estimate. `choose` puts
eligibility and floor on them and draws from what comes out, in a batch or for one customer.

Outcomes come in one of two ways. Settled: `update`, exposure and reward at once. Late: `exposed` when a
content was shown, `rewarded` whenever an outcome comes, `advance` as time goes by; see `decide.ageing`.
Contents are named in every call: one that is not known yet has the prior, one that is no longer named keeps
what it has learned, and its late outcomes still count.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol, runtime_checkable

import numpy as np
import numpy.typing as npt

from adwright.decide.constraints import constrain
from adwright.errors import DataError, UsageError
from adwright.schema import F64, Bools


@runtime_checkable
class ContextualPolicy(Protocol):
    """Learns what each content is worth to whom."""

    @property
    def name(self) -> str:
        """The policy's name in the registry and in the log."""
        ...

    @property
    def n_features(self) -> int:
        """Length of a context."""
        ...

    def probabilities(
        self,
        context: F64,
        content_ids: Sequence[str],
        *,
        mask: Bools | None = None,
        predicted: F64 | None = None,
    ) -> F64:
        """The vectors (n, n_arms): not negative, 0 where masked out, rows sum to 1.

        Args:
            context: (n, n_features) features of each customer, finite; standardised, with a constant.
            content_ids: The n_arms contents that compete.
            mask: (n, n_arms) or (n_arms,), True where a content may be shown; None where all may.
            predicted: (n, n_arms) the predictor's mean reward; None for none.

        Raises:
            UsageError: shapes that do not fit.
            DataError: a feature or prediction that is not finite.
            InfeasibleError: a customer for whom no content may be shown.
        """
        ...

    def update(
        self,
        context: F64,
        content_ids: Sequence[str],
        rewards: npt.ArrayLike,
        *,
        predicted: npt.ArrayLike | None = None,
    ) -> None:
        """Learns from n settled outcomes: the content that was shown, and the reward (n,), each finite."""
        ...

    def exposed(
        self,
        context: F64,
        content_ids: Sequence[str],
        *,
        at: datetime,
        predicted: npt.ArrayLike | None = None,
    ) -> None:
        """Notes n exposures whose outcomes are still to come."""
        ...

    def rewarded(
        self,
        context: F64,
        content_ids: Sequence[str],
        rewards: npt.ArrayLike,
        *,
        at: datetime,
        predicted: npt.ArrayLike | None = None,
    ) -> None:
        """Notes outcomes of exposures of the time `at`, with the prediction that `exposed` was told.

        What brings nothing is not reported.
        """
        ...

    def advance(self, now: datetime) -> None:
        """Brings beliefs to this time; an earlier one than before changes nothing."""
        ...


@dataclass(frozen=True, slots=True, eq=False)
class Chosen:
    """What was drawn for n customers.

    Args:
        index: (n,) position among the contents.
        propensity: (n,) the entry of the vector that was drawn.
        vectors: (n, n_arms) what was drawn from, after eligibility and floor.
        mask: (n, n_arms) what the rules allowed; None where there were none.
    """

    index: npt.NDArray[np.intp]
    propensity: F64
    vectors: F64
    mask: Bools | None = None


def choose(
    policy: ContextualPolicy,
    context: F64,
    content_ids: Sequence[str],
    *,
    rng: np.random.Generator,
    mask: Bools | None = None,
    predicted: F64 | None = None,
    floor: float = 0.0,
) -> Chosen:
    """A content for each customer, drawn from the policy's vectors after eligibility and floor.

    Args:
        policy: Which.
        context: (n, n_features).
        content_ids: The n_arms contents that compete.
        rng: Source of the draws.
        mask: See `ContextualPolicy.probabilities`.
        predicted: See `ContextualPolicy.probabilities`.
        floor: Least probability of an eligible content.
    """
    vectors = policy.probabilities(context, content_ids, mask=mask, predicted=predicted)
    if floor > 0.0:
        vectors = constrain(
            vectors, eligible=np.ones(len(content_ids), np.bool_) if mask is None else mask, floor=floor
        )
    return draw(vectors, rng=rng)


def draw(vectors: F64, *, rng: np.random.Generator) -> Chosen:
    """One draw from each row of `vectors` (n, n_arms); an arm of probability 0 is never drawn.

    >>> draw(np.array([[0.0, 1.0]]), rng=np.random.default_rng(0)).index.tolist()
    [1]
    """
    edges = vectors.cumsum(axis=1)
    point = rng.random((len(vectors), 1)) * edges[:, -1:]
    index = (edges <= point).sum(axis=1)
    return Chosen(index, vectors[np.arange(len(vectors)), index], vectors)


def checked_context(context: F64, n_features: int) -> F64:
    """The context as (n, d) float64, or one of our errors."""
    x = np.asarray(context, dtype=np.float64)
    if x.ndim != 2 or x.shape[1] != n_features:
        raise UsageError(
            "context does not fit", argument="context", value=x.shape, allowed=f"(n, {n_features})"
        )
    if not np.isfinite(x).all():
        raise DataError("a feature is not finite", argument="context", value=x[~np.isfinite(x)][:3].tolist())
    return x


def checked_values(values: npt.ArrayLike | None, shape: tuple[int, ...], *, argument: str) -> F64:
    """Finite numbers of that shape, zeros for None, or one of our errors."""
    if values is None:
        return np.zeros(shape)
    out = np.asarray(values, dtype=np.float64)
    if out.shape != shape:
        raise UsageError("shapes do not fit", argument=argument, value=out.shape, allowed=str(shape))
    if not np.isfinite(out).all():
        raise DataError("not finite", argument=argument, value=out[~np.isfinite(out)][:3].tolist())
    return out
