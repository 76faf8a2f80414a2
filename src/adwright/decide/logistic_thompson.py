"""Logistic Thompson sampling: the model's prediction as offset, a random effect per content.

    logit p_c(x) = logit m_c(x) + z'w_c,   w_c ~ N(0, diag(tau_0^2, tau^2, ..., tau^2)),   z = (1, x)

m_c(x) is the predicted rate; the first coefficient is the random effect of the content, the others let it act
on some customers more than on others. The posterior of w_c is normal at its mode (Laplace). Outcomes are
binomial; with an `Ageing` a trial without an outcome counts F of its age, one with an outcome in full: that
is the likelihood of an outcome that may still be on its way, for rates that are not large.

Source: Chapelle and Li 2011, An empirical evaluation of Thompson sampling, algorithm 3, with the full
covariance in place of its diagonal.

Holds when: rewards are 0 or 1 and the features are standardised (the constant is added here).
Does not cover: rewards in money; multiply by the order value afterwards, or use a linear policy.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy import special

from adwright.decide.ageing import Ageing
from adwright.decide.contextual import checked_context, checked_values
from adwright.decide.linear_policy import hours
from adwright.decide.normal_wins import normal_wins
from adwright.errors import DataError, UsageError
from adwright.schema import F64, NO_CONTENT, Bools

_STEPS = 12
_NEVER = -30.0


class LogisticThompson:
    """Each content as often as its rate is believed to be the best for this customer.

    Args:
        n_features: Length of a context, without the constant.
        content_sd: tau_0, sd of the content effect on the logit scale; 1 / sqrt(k) of the predictor.
        feature_sd: tau, sd of the content's effect by feature; 0 for none.
        base_rate: The prediction where none is given, in (0, 1).
        ageing: How exposures and outcomes count by their age; None for all alike, outcomes at once.

    >>> policy = LogisticThompson(0 + 1, content_sd=0.5, base_rate=0.1)
    >>> policy.update(np.zeros((200, 1)), ["a"] * 100 + ["b"] * 100, [1] * 20 + [0] * 80 + [1] * 5 + [0] * 95)
    >>> bool(policy.probabilities(np.zeros((1, 1)), ["a", "b"])[0, 0] > 0.9)
    True
    """

    name = "logistic_thompson"

    def __init__(
        self,
        n_features: int,
        *,
        content_sd: float = 0.3,
        feature_sd: float = 0.2,
        base_rate: float = 0.02,
        ageing: Ageing | None = None,
    ) -> None:
        if not (content_sd > 0 and feature_sd >= 0 and 0 < base_rate < 1):
            raise UsageError("not a prior", argument="content_sd", value=(content_sd, feature_sd, base_rate))
        self.n_features = n_features
        self.content_sd, self.feature_sd, self.base_rate = content_sd, feature_sd, base_rate
        self.ageing = ageing
        prior_sd = np.r_[content_sd, np.full(n_features, max(feature_sd, 1e-4))]
        self.prior_precision = np.diag(1.0 / prior_sd**2)
        self.mean: dict[str, F64] = {}  # the mode of w_c
        self.covariance: dict[str, F64] = {}
        self._prior_covariance = np.diag(prior_sd**2)
        self.settled: dict[str, tuple[F64, F64]] = {}  # mode and precision without what still waits
        self.pending: dict[
            str, dict[tuple[int, bytes], F64]
        ] = {}  # (bucket, features + offset) -> n, successes
        self.now_h = -np.inf

    def probabilities(
        self,
        context: F64,
        content_ids: Sequence[str],
        *,
        mask: Bools | None = None,
        predicted: F64 | None = None,
    ) -> F64:
        """See `ContextualPolicy.probabilities`; predictions are rates in (0, 1)."""
        z, ids = self._features(context), tuple(content_ids)
        if not ids or len(set(ids)) < len(ids):
            raise UsageError("contents compete, each once", argument="content_ids", value=ids)
        shape = (len(z), len(ids))
        centre = self._offset(predicted, shape)
        none = np.zeros(z.shape[1]), self._prior_covariance
        w = np.stack([self.mean.get(c, none[0]) for c in ids])
        covariance = np.concatenate([self.covariance.get(c, none[1]) for c in ids], axis=1)
        spread = ((z @ covariance).reshape(len(z), len(ids), -1) * z[:, None, :]).sum(axis=2)
        score, sd = centre + z @ w.T, np.sqrt(np.maximum(spread, 0.0))
        if NO_CONTENT in ids:  # a rate of 0, for certain
            score[:, ids.index(NO_CONTENT)], sd[:, ids.index(NO_CONTENT)] = _NEVER, 0.0
        return normal_wins(score, sd, mask)

    def update(
        self,
        context: F64,
        content_ids: Sequence[str],
        rewards: npt.ArrayLike,
        *,
        predicted: npt.ArrayLike | None = None,
    ) -> None:
        """See `ContextualPolicy.update`; rewards are 0 or 1."""
        z, y, offset = self._checked(context, content_ids, rewards, predicted)
        for content, rows in _by_content(content_ids):
            mean, precision = self.settled.get(content, self._prior())
            seen = _Trials(z[rows], offset[rows], y[rows], np.ones(len(rows)))
            self.settled[content] = _mode(mean, precision, seen)
            self._refit(content)

    def exposed(
        self,
        context: F64,
        content_ids: Sequence[str],
        *,
        at: datetime,
        predicted: npt.ArrayLike | None = None,
    ) -> None:
        """See `ContextualPolicy.exposed`."""
        z, _, offset = self._checked(context, content_ids, None, predicted)
        self._note(_Trials(z, offset, np.zeros(len(z)), np.ones(len(z))), content_ids, hours(at))

    def rewarded(
        self,
        context: F64,
        content_ids: Sequence[str],
        rewards: npt.ArrayLike,
        *,
        at: datetime,
        predicted: npt.ArrayLike | None = None,
    ) -> None:
        """See `ContextualPolicy.rewarded`. An outcome later than the ageing's horizon is counted as settled."""
        z, y, offset = self._checked(context, content_ids, rewards, predicted)
        self._note(_Trials(z, offset, y, np.zeros(len(z))), content_ids, hours(at))

    def advance(self, now: datetime) -> None:
        """See `ContextualPolicy.advance`."""
        now_h = hours(now)
        if not now_h > self.now_h:
            return
        ageing = self.ageing or Ageing()
        passed = now_h - self.now_h if np.isfinite(self.now_h) else 0.0
        fade = float(ageing.outcome_weight(np.array(passed)))
        self.now_h = now_h
        for content in {*self.settled, *self.pending}:
            mean, precision = self.settled.get(content, self._prior())
            # what was learned fades, the prior does not: the mode goes back to 0 as evidence thins out
            kept = self.prior_precision + fade * (precision - self.prior_precision)
            mean = np.asarray(np.linalg.solve(kept, fade * (precision @ mean)))
            waiting = self.pending.get(content, {})
            old = [key for key in waiting if self._age(key[0]) > ageing.horizon_h]
            if old:
                mean, kept = _mode(mean, kept, self._table(old, waiting))
                for key in old:
                    del waiting[key]
            self.settled[content] = (mean, kept)
            self._refit(content)

    def state(self) -> tuple[dict[str, Any], dict[str, F64]]:
        """Settings as JSON can hold them, and the arrays: what `decide.policy_files` writes."""
        contents = list(dict.fromkeys([*self.settled, *self.pending]))
        settled = [self.settled.get(c, self._prior()) for c in contents]
        lines = [
            np.r_[i, bucket, counts, np.frombuffer(features)]
            for i, c in enumerate(contents)
            for (bucket, features), counts in self.pending.get(c, {}).items()
        ]
        d = self.n_features + 1
        settings = {
            "n_features": self.n_features,
            "content_sd": self.content_sd,
            "feature_sd": self.feature_sd,
            "base_rate": self.base_rate,
            "contents": contents,
        }
        arrays = {
            "mean": np.array([m for m, _ in settled]).reshape(-1, d),
            "precision": np.array([p for _, p in settled]).reshape(-1, d, d),
            "pending": np.array(lines).reshape(-1, 5 + d),
            "now_h": np.array(self.now_h),
        }
        return settings, arrays

    @classmethod
    def from_state(
        cls, settings: Mapping[str, Any], arrays: Mapping[str, F64], *, ageing: Ageing | None
    ) -> LogisticThompson:
        """The policy that `state` described."""
        options = {k: settings[k] for k in ("content_sd", "feature_sd", "base_rate")}
        policy = cls(int(settings["n_features"]), **options, ageing=ageing)
        policy.now_h = float(arrays["now_h"])
        contents = [str(c) for c in settings["contents"]]
        for content, mean, precision in zip(contents, arrays["mean"], arrays["precision"], strict=True):
            policy.settled[content] = (mean.copy(), precision.copy())
        for line in arrays["pending"]:
            kept = policy.pending.setdefault(contents[int(line[0])], {})
            kept[int(line[1]), np.ascontiguousarray(line[4:]).tobytes()] = line[2:4].copy()
        for content in contents:
            policy._refit(content)
        return policy

    def _prior(self) -> tuple[F64, F64]:
        return np.zeros(len(self.prior_precision)), self.prior_precision

    def _features(self, context: F64) -> F64:
        x = checked_context(context, self.n_features)
        return np.hstack([np.ones((len(x), 1)), x])

    def _offset(self, predicted: npt.ArrayLike | None, shape: tuple[int, ...]) -> F64:
        if predicted is None:
            return np.full(shape, special.logit(self.base_rate))
        rate = checked_values(predicted, shape, argument="predicted")
        if np.any((rate <= 0) | (rate >= 1)):
            bad = rate[(rate <= 0) | (rate >= 1)][:3].tolist()
            raise DataError("not a rate", argument="predicted", value=bad, allowed="between 0 and 1")
        return np.asarray(special.logit(rate))

    def _checked(
        self,
        context: F64,
        content_ids: Sequence[str],
        rewards: npt.ArrayLike | None,
        predicted: npt.ArrayLike | None,
    ) -> tuple[F64, F64, F64]:
        z = self._features(context)
        if len(content_ids) != len(z):
            raise UsageError(
                "one content a row", argument="content_ids", value=len(content_ids), allowed=str(len(z))
            )
        y = checked_values(rewards, (len(z),), argument="rewards")
        if np.any((y < 0) | (y > 1)):
            raise DataError("not a rate", argument="rewards", value=y[(y < 0) | (y > 1)][:3].tolist())
        return z, y, self._offset(predicted, (len(z),))

    def _age(self, bucket: int) -> float:
        return self.now_h - (bucket + 0.5) * (self.ageing or Ageing()).bucket_h

    def _note(self, rows_seen: _Trials, content_ids: Sequence[str], at_h: float) -> None:
        bucket = int(np.floor(at_h / (self.ageing or Ageing()).bucket_h))
        table = np.column_stack([rows_seen.offset, rows_seen.z])
        for content, rows in _by_content(content_ids):
            waiting = self.pending.setdefault(content, {})
            distinct, which = np.unique(table[rows], axis=0, return_inverse=True)
            counts = np.column_stack(
                [np.bincount(which.reshape(-1), v[rows], len(distinct)) for v in (rows_seen.n, rows_seen.y)]
            )
            for features, count in zip(distinct, counts, strict=True):
                key = (bucket, features.tobytes())
                waiting[key] = waiting.get(key, np.zeros(2)) + count

    def _table(self, keys: Sequence[tuple[int, bytes]], waiting: Mapping[tuple[int, bytes], F64]) -> _Trials:
        """What waits, weighted by age."""
        ageing = self.ageing or Ageing()
        features = np.frombuffer(b"".join(key[1] for key in keys)).reshape(len(keys), -1)
        counts = np.stack([waiting[key] for key in keys])
        age = np.maximum([self._age(key[0]) for key in keys], 0.0)
        y = counts[:, 1] * ageing.outcome_weight(age)
        n = np.maximum(counts[:, 0] * ageing.exposure_weight(age), y)
        return _Trials(features[:, 1:], features[:, 0], y, n)

    def _refit(self, content: str) -> None:
        mean, precision = self.settled.get(content, self._prior())
        waiting = self.pending.get(content)
        if waiting:
            mean, precision = _mode(mean, precision, self._table(list(waiting), waiting))
        self.mean[content], self.covariance[content] = mean, np.asarray(np.linalg.inv(precision))


@dataclass(frozen=True, slots=True, eq=False)
class _Trials:
    """Rows of binomial outcomes: features z (n, d), offset, successes y and trials n, each (n,)."""

    z: F64
    offset: F64
    y: F64
    n: F64


def _mode(mean: F64, precision: F64, seen: _Trials) -> tuple[F64, F64]:
    """Mode and precision (Laplace) of w ~ N(mean, precision^-1), y ~ Binomial(n, expit(offset + z w)).

    Newton's method, damped: the objective is concave, so a step that does not help is halved.
    """

    z, offset, y, n = seen.z, seen.offset, seen.y, seen.n

    def objective(w: F64) -> float:
        eta = offset + z @ w
        gap = w - mean
        return float(y @ eta - n @ np.logaddexp(0.0, eta) - 0.5 * gap @ precision @ gap)

    w, best = mean.copy(), objective(mean)
    bend = precision
    for _ in range(_STEPS):
        p = special.expit(offset + z @ w)
        bend = precision + (z * (n * p * (1 - p))[:, None]).T @ z
        step = np.linalg.solve(bend, z.T @ (y - n * p) - precision @ (w - mean))
        scale = 1.0
        while (value := objective(w + scale * step)) < best - 1e-12 and scale > 1e-4:
            scale /= 2
        w, best = w + scale * step, value
        if np.max(np.abs(step)) < 1e-8:
            break
    return w, bend


def _by_content(content_ids: Sequence[str]) -> list[tuple[str, npt.NDArray[np.intp]]]:
    names, which = np.unique(np.asarray(content_ids, dtype=str), return_inverse=True)
    return [(str(name), np.flatnonzero(which.reshape(-1) == i)) for i, name in enumerate(names)]
