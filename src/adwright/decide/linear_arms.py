"""One Bayesian linear regression of the reward for each content, exact, in fixed memory.

    P_c = ridge I + sum of w_i x_i x_i',   b_c = sum of x_i (y_i - w_i o_i),   theta_c = P_c^-1 b_c

o_i is the model's prediction for the row (0 where there is none), so theta is what the content does beyond
it. w_i = 1, or by age with an `Ageing`: an exposure then counts as much of itself as would have arrived.
State is d^2 + d numbers a content, plus the same for each span of time that still waits for outcomes.

Holds when: the reward is roughly linear in the features and its noise roughly alike.
Does not cover: features whose scale differs by orders of magnitude; standardise them first.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from adwright.decide.ageing import Ageing
from adwright.errors import UsageError
from adwright.schema import F64

_EXACT_EVERY = 2048
"""Rank-one updates of an inverse after which it is computed anew, against rounding."""

Rows = npt.NDArray[np.intp]
F32 = npt.NDArray[np.float32]


@dataclass(slots=True, eq=False)
class _Prepared:
    """What decisions between some contents need, in float32; kept in step with the regressions.

    Args:
        content_ids: The n_arms contents.
        coefficient: (n_arms, d).
        covariance: (n_arms d, d).
        factor: (d, n_arms d) Cholesky factors side by side; None where they are stale.
    """

    content_ids: tuple[str, ...]
    coefficient: F32
    covariance: F32
    factor: F32 | None = None


class LinearArms:
    """The regressions of all contents seen so far. A content that is not known yet has the prior.

    Args:
        n_features: d, the length of a context.
        ridge: Prior precision of each coefficient, > 0.
        ageing: How exposures and outcomes count by their age; None for all alike, outcomes at once.
    """

    def __init__(self, n_features: int, *, ridge: float = 1.0, ageing: Ageing | None = None) -> None:
        if n_features < 1 or not ridge > 0:
            raise UsageError(
                "a regression needs features and a ridge", argument="ridge", value=(n_features, ridge)
            )
        self.n_features, self.ridge, self.ageing = n_features, float(ridge), ageing
        self.row_of: dict[str, int] = {}
        d = n_features
        self.gram = np.empty((0, d, d))  # sum of w x x', without the ridge
        self.moment = np.empty((0, d))
        self.n_rewards = np.empty(0)
        self.covariance = np.empty((0, d, d))
        self.coefficient = np.empty((0, d))
        self.pending: dict[int, tuple[F64, F64, F64]] = {}  # bucket -> gram, offsets, moment of its outcomes
        self.now_h = -np.inf
        self._since_exact = 0
        self._cached: _Prepared | None = None

    def rows(self, content_ids: Sequence[str]) -> Rows:
        """The row of each content; those not known yet get one, with the prior."""
        fresh = [c for c in dict.fromkeys(content_ids) if c not in self.row_of]
        if fresh:
            self._grow(fresh)
        return np.fromiter((self.row_of[c] for c in content_ids), np.intp, len(content_ids))

    def scores(self, context: F64, content_ids: tuple[str, ...]) -> tuple[F64, F64]:
        """Mean and standard deviation (before scaling) of the reward beyond the prediction, each (n, n_arms).

        Args:
            context: (n, d).
            content_ids: The n_arms contents that compete, in order.
        """
        x = context.astype(np.float32)
        ready = self._prepared(content_ids, factored=len(x) > 8)
        theta, flat = ready.coefficient, ready.covariance
        n_arms, d = theta.shape
        if ready.factor is not None and len(x) > 8:
            spread = (x @ ready.factor).reshape(len(x), n_arms, d)
            variance = np.einsum("nad,nad->na", spread, spread)
        else:
            variance = np.stack([(flat @ row).reshape(n_arms, d) @ row for row in x])
        mean, sd = x @ theta.T, np.sqrt(np.maximum(variance, 0.0))
        return np.asarray(mean, np.float64), np.asarray(sd, np.float64)

    def add(self, rows: Rows, context: F64, rewards: F64, predicted: F64) -> None:
        """Settled outcomes: exposure and reward at once, weight 1.

        Args:
            rows: (n,) from `rows`.
            context: (n, d).
            rewards: (n,).
            predicted: (n,) the model's prediction o_i.
        """
        beyond = rewards - predicted
        if len(rows) == 1:
            self._add_one(int(rows[0]), context[0], float(beyond[0]))
            return
        gram, moment = self._sums(rows, context, beyond)
        touched = np.unique(rows)
        self.gram[touched] += gram[touched]
        self.moment[touched] += moment[touched]
        self.n_rewards += np.bincount(rows, minlength=len(self.n_rewards))
        self._solve(touched)

    def expose(self, rows: Rows, context: F64, predicted: F64, *, at_h: float) -> None:
        """Exposures whose outcomes are still to come; they count from the next `advance` on."""
        gram, offset = self._sums(rows, context, predicted)
        kept = self._bucket(at_h)
        kept[0][:], kept[1][:] = kept[0] + gram, kept[1] + offset

    def reward(self, rows: Rows, context: F64, rewards: F64, *, at_h: float) -> None:
        """Outcomes of exposures of the time `at_h`, whenever they come; merged evidence takes late ones, too."""
        _, moment = self._sums(rows, context, rewards)
        self.n_rewards += np.bincount(rows, minlength=len(self.n_rewards))
        bucket = self._index(at_h)
        if bucket in self.pending:
            self.pending[bucket][2][:] += moment
        else:
            age = np.array(max(self.now_h - at_h, 0.0) if np.isfinite(self.now_h) else 0.0)
            self.moment += moment * float(self._ageing.outcome_weight(age))

    def advance(self, now_h: float) -> None:
        """Brings the regressions to this time: what is old counts less, what was waited for counts in full.

        A time before the last one changes nothing: the clock never runs backwards.
        """
        if not now_h > self.now_h:
            return
        passed = now_h - self.now_h if np.isfinite(self.now_h) else 0.0
        fade = float(self._ageing.outcome_weight(np.array(passed)))
        self.gram *= fade
        self.moment *= fade
        self.now_h = now_h
        for bucket in [b for b in self.pending if self._age(b) > self._ageing.horizon_h]:
            gram, offset, moment = self.pending.pop(bucket)
            w, g = self._weights(bucket)
            self.gram += w * gram
            self.moment += g * moment - w * offset
        self._solve(np.arange(len(self.gram)))

    @property
    def _ageing(self) -> Ageing:
        return self.ageing or Ageing()

    def _index(self, at_h: float) -> int:
        return int(np.floor(at_h / self._ageing.bucket_h))

    def _age(self, bucket: int) -> float:
        return float(self.now_h - (bucket + 0.5) * self._ageing.bucket_h)

    def _weights(self, bucket: int) -> tuple[float, float]:
        age = np.array(max(self._age(bucket), 0.0))
        return float(self._ageing.exposure_weight(age)), float(self._ageing.outcome_weight(age))

    def _bucket(self, at_h: float) -> tuple[F64, F64, F64]:
        index = self._index(at_h)
        if index not in self.pending:
            n, d = self.moment.shape
            self.pending[index] = (np.zeros((n, d, d)), np.zeros((n, d)), np.zeros((n, d)))
        return self.pending[index]

    def _sums(self, rows: Rows, context: F64, values: F64) -> tuple[F64, F64]:
        """Per content: sum of x x' (n_contents, d, d) and of x v (n_contents, d)."""
        gram, moment = np.zeros_like(self.gram), np.zeros_like(self.moment)
        order = np.argsort(rows, kind="stable")
        starts = np.flatnonzero(np.diff(rows[order], prepend=-1))
        for part in np.split(order, starts[1:]) if len(order) else []:
            x = context[part]
            gram[rows[part[0]]] = x.T @ x
            moment[rows[part[0]]] = values[part] @ x
        return gram, moment

    def _add_one(self, row: int, x: F64, beyond: float) -> None:
        """Sherman and Morrison 1950: the inverse and the coefficients after one more outcome."""
        v = self.covariance[row]
        vx = v @ x
        gain = vx / (1.0 + vx @ x)
        self.coefficient[row] += gain * (beyond - float(self.coefficient[row] @ x))
        v -= np.multiply.outer(gain, vx)
        self.gram[row] += np.multiply.outer(x, x)
        self.moment[row] += x * beyond
        self.n_rewards[row] += 1
        self._since_exact += 1
        self._refresh(row)
        if self._since_exact >= _EXACT_EVERY:
            self._solve(np.arange(len(self.gram)))

    def _solve(self, rows: Rows) -> None:
        gram, moment = self.gram[rows], self.moment[rows]
        for bucket, (waiting, offset, arrived) in self.pending.items():
            w, g = self._weights(bucket)
            gram = gram + w * waiting[rows]
            moment = moment + g * arrived[rows] - w * offset[rows]
        precision = gram + self.ridge * np.eye(self.n_features)
        inverse = np.linalg.inv(precision)
        self.covariance[rows] = (inverse + inverse.transpose(0, 2, 1)) / 2
        self.coefficient[rows] = np.linalg.solve(precision, moment[..., None])[..., 0]
        self._since_exact, self._cached = 0, None

    def _refresh(self, row: int) -> None:
        """Keeps the float32 copies of one content in step, where it is among them."""
        if self._cached is None:
            return
        self._cached.factor = None
        d = self.n_features
        for place, content in enumerate(self._cached.content_ids):
            if self.row_of[content] == row:
                self._cached.coefficient[place] = self.coefficient[row]
                self._cached.covariance[place * d : (place + 1) * d] = self.covariance[row]

    def _prepared(self, ids: tuple[str, ...], *, factored: bool) -> _Prepared:
        if self._cached is None or self._cached.content_ids != ids:
            rows = self.rows(ids)
            flat = self.covariance[rows].reshape(-1, self.n_features).astype(np.float32)
            self._cached = _Prepared(ids, self.coefficient[rows].astype(np.float32), flat)
        if factored and self._cached.factor is None:
            lower = np.linalg.cholesky(self.covariance[self.rows(ids)])
            factor = np.concatenate(list(lower), axis=1).astype(np.float32)
            self._cached.factor = np.ascontiguousarray(factor)
        return self._cached

    def _grow(self, fresh: list[str]) -> None:
        d, k = self.n_features, len(fresh)
        for content in fresh:
            self.row_of[content] = len(self.row_of)
        self.gram = np.concatenate([self.gram, np.zeros((k, d, d))])
        self.moment = np.concatenate([self.moment, np.zeros((k, d))])
        self.n_rewards = np.concatenate([self.n_rewards, np.zeros(k)])
        prior = np.broadcast_to(np.eye(d) / self.ridge, (k, d, d))
        self.covariance = np.concatenate([self.covariance, prior])
        self.coefficient = np.concatenate([self.coefficient, np.zeros((k, d))])
        self.pending = {
            b: (
                np.concatenate([gram, np.zeros((k, d, d))]),
                np.concatenate([offset, np.zeros((k, d))]),
                np.concatenate([moment, np.zeros((k, d))]),
            )
            for b, (gram, offset, moment) in self.pending.items()
        }

    def restore(self, contents: Sequence[str], arrays: Mapping[str, F64]) -> None:
        """Takes over the sums that `LinearPolicy.state` wrote; the rest is computed from them."""
        self.rows(contents)
        self.gram, self.moment = arrays["gram"].copy(), arrays["moment"].copy()
        self.n_rewards, self.now_h = arrays["n_rewards"].copy(), float(arrays["now_h"])
        parts = zip(arrays["pending_gram"], arrays["pending_offset"], arrays["pending_moment"], strict=True)
        self.pending = {
            int(b): (g.copy(), o.copy(), m.copy())
            for b, (g, o, m) in zip(arrays["buckets"], parts, strict=True)
        }
        self._solve(np.arange(len(self.gram)))
