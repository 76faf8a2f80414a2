"""What the linear policies share: they learn in the same way, and differ in how scores become probabilities."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Self

import numpy as np
import numpy.typing as npt

from adwright.decide.ageing import Ageing
from adwright.decide.contextual import checked_context, checked_values
from adwright.decide.linear_arms import LinearArms
from adwright.errors import UsageError
from adwright.schema import F64, NO_CONTENT, Bools


class LinearPolicy(ABC):
    """A policy on one linear regression a content.

    Args:
        n_features: Length of a context.
        width: How far a score may lie from its mean, in standard deviations of the posterior, in the units of
            the reward; what it means is each policy's own. Near the standard deviation of a single reward.
        ridge: Prior precision of each coefficient.
        ageing: How exposures and outcomes count by their age; None for all alike, outcomes at once.
    """

    name = ""

    def __init__(
        self, n_features: int, *, width: float = 1.0, ridge: float = 1.0, ageing: Ageing | None = None
    ) -> None:
        if not width >= 0:
            raise UsageError("not a width", argument="width", value=width, allowed="0 or more")
        self.width = float(width)
        self.arms = LinearArms(n_features, ridge=ridge, ageing=ageing)

    @property
    def n_features(self) -> int:
        """Length of a context."""
        return self.arms.n_features

    @abstractmethod
    def vectors(self, mean: F64, sd: F64, mask: Bools | None) -> F64:
        """Probabilities (n, n_arms) from the scores' means and standard deviations."""

    def probabilities(
        self,
        context: F64,
        content_ids: Sequence[str],
        *,
        mask: Bools | None = None,
        predicted: F64 | None = None,
    ) -> F64:
        """See `ContextualPolicy.probabilities`."""
        x = checked_context(context, self.n_features)
        ids = tuple(content_ids)
        if not ids or len(set(ids)) < len(ids):
            raise UsageError("contents compete, each once", argument="content_ids", value=ids)
        mean, spread = self.arms.scores(x, ids)
        if predicted is not None:
            mean = mean + checked_values(predicted, mean.shape, argument="predicted")
        if NO_CONTENT in ids:  # worth nothing, for certain
            mean[:, ids.index(NO_CONTENT)] = spread[:, ids.index(NO_CONTENT)] = 0.0
        return self.vectors(mean, self.width * spread, mask)

    def update(
        self,
        context: F64,
        content_ids: Sequence[str],
        rewards: npt.ArrayLike,
        *,
        predicted: npt.ArrayLike | None = None,
    ) -> None:
        """See `ContextualPolicy.update`."""
        x, y, offset = self._checked(context, content_ids, rewards, predicted)
        self.arms.add(self.arms.rows(content_ids), x, y, offset)

    def exposed(
        self,
        context: F64,
        content_ids: Sequence[str],
        *,
        at: datetime,
        predicted: npt.ArrayLike | None = None,
    ) -> None:
        """See `ContextualPolicy.exposed`."""
        x, _, offset = self._checked(context, content_ids, None, predicted)
        self.arms.expose(self.arms.rows(content_ids), x, offset, at_h=hours(at))

    def rewarded(
        self,
        context: F64,
        content_ids: Sequence[str],
        rewards: npt.ArrayLike,
        *,
        at: datetime,
        predicted: npt.ArrayLike | None = None,
    ) -> None:
        """See `ContextualPolicy.rewarded`; the prediction was counted with the exposure."""
        x, y, _ = self._checked(context, content_ids, rewards, predicted)
        self.arms.reward(self.arms.rows(content_ids), x, y, at_h=hours(at))

    def advance(self, now: datetime) -> None:
        """See `ContextualPolicy.advance`."""
        self.arms.advance(hours(now))

    def state(self) -> tuple[dict[str, Any], dict[str, F64]]:
        """Settings as JSON can hold them, and the arrays: what `decide.policy_files` writes."""
        arms = self.arms
        waiting = sorted(arms.pending)
        d, n = arms.n_features, len(arms.row_of)
        empty = (np.zeros((0, n, d, d)), np.zeros((0, n, d)), np.zeros((0, n, d)))
        parts = [np.stack([arms.pending[b][i] for b in waiting]) if waiting else empty[i] for i in range(3)]
        settings = {"n_features": d, "width": self.width, "ridge": arms.ridge, "contents": list(arms.row_of)}
        arrays = {
            "gram": arms.gram,
            "moment": arms.moment,
            "n_rewards": arms.n_rewards,
            "now_h": np.array(arms.now_h),
            "buckets": np.array(waiting, dtype=np.float64),
            "pending_gram": parts[0],
            "pending_offset": parts[1],
            "pending_moment": parts[2],
        }
        return settings, arrays

    @classmethod
    def from_state(
        cls, settings: Mapping[str, Any], arrays: Mapping[str, F64], *, ageing: Ageing | None
    ) -> Self:
        """The policy that `state` described."""
        policy = cls(
            int(settings["n_features"]), width=settings["width"], ridge=settings["ridge"], ageing=ageing
        )
        policy.arms.restore([str(c) for c in settings["contents"]], arrays)
        return policy

    def _checked(
        self,
        context: F64,
        content_ids: Sequence[str],
        rewards: npt.ArrayLike | None,
        predicted: npt.ArrayLike | None,
    ) -> tuple[F64, F64, F64]:
        x = checked_context(context, self.n_features)
        if len(content_ids) != len(x):
            raise UsageError(
                "one content a row", argument="content_ids", value=len(content_ids), allowed=str(len(x))
            )
        shape = (len(x),)
        return (
            x,
            checked_values(rewards, shape, argument="rewards"),
            checked_values(predicted, shape, argument="predicted"),
        )


def hours(at: datetime) -> float:
    """The time in hours since 1970; a time without zone is refused, since hours would be off by one."""
    if at.tzinfo is None:
        raise UsageError("a time without time zone", argument="at", value=at.isoformat(), allowed="aware")
    return at.timestamp() / 3600.0
