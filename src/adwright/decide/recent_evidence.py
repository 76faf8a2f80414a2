"""Evidence by time: late outcomes, effects that drift, and effects that change at one stroke.

Exposures and outcomes are summed by span of time and content. Evidence now is

    successes_c = sum_b g(age_b) s_bc,    expected_c = sum_b g(age_b) F(age_b) e_bc      (`decide.ageing`)

and is exact for a rate that stands still, since thinned Poisson counts are Poisson. A change at one stroke
is looked for with a generalised likelihood ratio: for content c and every span after which it could have
changed, the counts of c and of all others, before and after, are four Poisson counts with means

    e_ij a_i b_j            if nothing changed but the level b, which all share
    free                    if c changed against the others

and GLR = sum of s_ij ln(s_ij / mean_ij). Where it passes the threshold, what is older is forgotten for this
content. The others' counts are noise, too, and are treated so: a content that takes nearly all of the
traffic has little to be compared with, and its change is seen late; an exploration floor helps.

Source: Besson, Kaufmann, Maillard and Seznec 2022, Efficient change-point detection for tackling
piecewise-stationary bandits, JMLR 23; their threshold is ln(3 n^1.5 / alpha), n the number of spans.

Holds when: outcomes are rare, as Poisson counts are.
Does not cover: a change that all contents share; that is the level, not the content. Nor a level that moves
together with the shares of traffic within one side of a split.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import numpy as np
import numpy.typing as npt

from adwright.decide.ageing import Ageing
from adwright.decide.linear_policy import hours
from adwright.errors import DataError, UsageError
from adwright.schema import F64
from adwright.stats.contrast import Evidence

_LEAST_SUCCESSES = 5.0
_FITS = 20


class RecentEvidence:
    """What is known of each content, by span of time; in fixed memory, since what is old is merged.

    Args:
        content_ids: The contents; more may come.
        ageing: How exposures and outcomes count by their age.
        detect: Look for changes; `alpha` is the false-alarm rate a content over its life.
        alpha: See `detect`, in (0, 1).
    """

    def __init__(
        self,
        content_ids: Sequence[str],
        *,
        ageing: Ageing | None = None,
        detect: bool = False,
        alpha: float = 0.01,
    ) -> None:
        if not 0 < alpha < 1:
            raise UsageError("not a rate", argument="alpha", value=alpha, allowed="0 to 1")
        self.ageing = ageing or Ageing()
        self.detect, self.alpha = detect, alpha
        self.row_of = {c: i for i, c in enumerate(dict.fromkeys(content_ids))}
        self._spans: dict[int, F64] = {}  # span -> (2, n): successes, expected
        self._since: dict[int, float] = {}  # row -> time of its last change, hours

    def exposed(self, content_ids: Sequence[str], expected: npt.ArrayLike, *, at: datetime) -> None:
        """Notes exposures: what was expected of each (the sum of m_i), in order of `content_ids`."""
        self._add(1, content_ids, expected, at)

    def arrived(self, content_ids: Sequence[str], successes: npt.ArrayLike, *, exposed_at: datetime) -> None:
        """Notes outcomes of exposures of that time, whenever they come."""
        self._add(0, content_ids, successes, exposed_at)

    def evidence(self, content_ids: Sequence[str], *, now: datetime) -> Evidence:
        """The evidence of these contents as it counts now; those not known have none."""
        rows = np.array([self.row_of.get(c, -1) for c in content_ids], np.intp)
        spans, table = self._table()
        age = np.maximum(hours(now) - (spans + 0.5) * self.ageing.bucket_h, 0.0)
        g, w = self.ageing.outcome_weight(age), self.ageing.exposure_weight(age)
        since = np.array([self._since.get(int(r), -np.inf) for r in rows])
        fresh = spans[:, None] * self.ageing.bucket_h >= since[None, :]
        known = table[:, :, np.maximum(rows, 0)] * (rows >= 0) * fresh[:, None, :]
        return Evidence(g @ known[:, 0], w @ known[:, 1])

    def find_changes(self, *, now: datetime) -> dict[str, datetime]:
        """Contents whose effect changed, with the time since which it is another; what is older is forgotten.

        Only what has settled is looked at: a late outcome is no change.
        """
        spans, table = self._table()
        age = hours(now) - (spans + 0.5) * self.ageing.bucket_h
        arrived = self.ageing.exposure_weight(age) / np.maximum(self.ageing.outcome_weight(age), 1e-300)
        found: dict[str, datetime] = {}
        if not self.detect or len(spans) < 4:
            return found
        expected = table[:, 1] * arrived[:, None]
        names, changed = list(self.row_of), np.zeros(table.shape[2], np.bool_)
        while len(found) < len(names) - 1:  # the clearest change first; those found are nobody's yardstick
            best: tuple[float, int, float] | None = None
            for row in np.flatnonzero(~changed[: len(names)]):
                keep = spans * self.ageing.bucket_h >= self._since.get(int(row), -np.inf)
                yardstick = ~changed
                yardstick[row] = False
                own = np.stack([table[keep, 0, row], expected[keep, row]])
                rest = np.stack([table[keep][:, 0, yardstick].sum(1), expected[keep][:, yardstick].sum(1)])
                score, split = _best_split(own, rest, alpha=self.alpha)
                if split is not None and (best is None or score > best[0]):
                    best = score, int(row), float(spans[keep][split] * self.ageing.bucket_h)
            if best is None:
                break
            _, worst, start = best
            changed[worst] = True
            self._since[worst] = start
            found[names[worst]] = datetime.fromtimestamp(start * 3600, tz=now.tzinfo)
        return found

    def forget_before(self, now: datetime) -> None:
        """Drops spans that count less than a thousandth; without drift, merges those past the horizon."""
        spans = sorted(self._spans)
        age = hours(now) - (np.array(spans) + 0.5) * self.ageing.bucket_h
        if self.ageing.half_life_h is not None:
            for span, weight in zip(spans, self.ageing.outcome_weight(age), strict=True):
                if weight < 1e-3:
                    del self._spans[span]
            return
        old = [s for s, a in zip(spans, age, strict=True) if a > self.ageing.horizon_h]
        for span in old[:-1]:
            self._spans[old[-1]] = self._padded(old[-1]) + self._padded(span)
            del self._spans[span]

    def _add(self, part: int, content_ids: Sequence[str], counts: npt.ArrayLike, at: datetime) -> None:
        values = np.asarray(counts, dtype=np.float64)
        if values.shape != (len(content_ids),) or not np.all(np.isfinite(values)) or np.any(values < 0):
            raise DataError("not counts", argument="counts", value=values.tolist())
        for content in content_ids:
            self.row_of.setdefault(content, len(self.row_of))
        rows = np.array([self.row_of[c] for c in content_ids], np.intp)
        span = int(np.floor(hours(at) / self.ageing.bucket_h))
        table = self._padded(span)
        np.add.at(table[part], rows, values)
        self._spans[span] = table

    def _padded(self, span: int) -> F64:
        table = self._spans.get(span, np.zeros((2, 0)))
        missing = len(self.row_of) - table.shape[1]
        return np.hstack([table, np.zeros((2, missing))]) if missing else table

    def _table(self) -> tuple[F64, F64]:
        """Spans (b,) in order of time, and (b, 2, n) counts."""
        spans = sorted(self._spans)
        n = max(len(self.row_of), 1)
        table = np.zeros((len(spans), 2, n))
        for i, span in enumerate(spans):
            table[i, :, : self._spans[span].shape[1]] = self._spans[span]
        return np.array(spans, dtype=np.float64), table


def _best_split(own: F64, rest: F64, *, alpha: float) -> tuple[float, int | None]:
    """The best score, and the span from which the content is another, None below the threshold.

    `own` and `rest` are (2, n): successes and expected counts by span.
    """
    n = own.shape[1]
    if n < 4 or own[0].sum() < 2 * _LEAST_SUCCESSES:
        return 0.0, None
    first = np.stack([own, rest]).cumsum(axis=2)[
        :, :, :-1
    ]  # (content or rest, successes or expected, splits)
    second = np.stack([own, rest]).sum(axis=2)[:, :, None] - first
    s = np.stack([first[:, 0], second[:, 0]], axis=1)  # (i, j, splits)
    e = np.maximum(np.stack([first[:, 1], second[:, 1]], axis=1), 1e-12)
    a, b = np.ones((2, 1, n - 1)), np.ones((1, 2, n - 1))
    for _ in range(_FITS):  # iterative proportional fitting
        b = s.sum(axis=0, keepdims=True) / (e * a).sum(axis=0, keepdims=True)
        a = s.sum(axis=1, keepdims=True) / np.maximum((e * b).sum(axis=1, keepdims=True), 1e-300)
    ratio = np.where(s > 0, s, 1.0) / np.where(s > 0, np.maximum(e * a * b, 1e-300), 1.0)
    glr = (s * np.log(ratio)).sum(axis=(0, 1))
    glr = np.where((e[0] > 1.0).all(axis=0), glr, -np.inf)
    best = int(np.argmax(glr))
    return float(glr[best]), best + 1 if glr[best] > np.log(3 * n**1.5 / alpha) else None
