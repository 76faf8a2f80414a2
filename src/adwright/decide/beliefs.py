"""What is believed of each content now: the model's prior and the outcomes since.

The posterior is a function of two things only, the `Effect` and the *set* of ledger lines after its
`trained_through`. A line is named by (content_id, at, channel, cohort_id). Delivered twice it is one line;
delivered again with higher counts (a day that was not over, a conversion that came late) it replaces the
earlier one; lines may come in any order. To replace the model, keep the lines and exchange the `Effect`. So
no outcome counts twice, whatever happens.

Expected counts belong to the model that predicted them. Where a line says that this very model predicted it
(`predicted_by`), its `expected_clicks` is the personal sum of m_i over its exposures. Otherwise, above all
after a model is replaced, it is n_exposures x the new model's mean for that content; what is lost is only
how the persons within one content's audience differed. The conversions expected are treated alike, per click
(per exposure in channels without clicks).

Holds when: `at` is the time at which the line's outcomes begin (the start of its day), so that a line at or
before `trained_through` may hold outcomes that the model has seen, and is left out as a whole.
Does not cover: two platforms that report disjoint exposures of one content under the same channel name;
they would pass for one line. Name their channels apart. Counts that shrink afterwards (invalid clicks that
a platform takes back) keep their highest value.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt
import polars as pl

from adwright.errors import DataError, UsageError
from adwright.schema import EVERYONE, F64, Effect, Goal, OutcomeTotal, Rate
from adwright.stats.contrast import Evidence
from adwright.stats.value import Value, value

_KEY = ("content_id", "at", "channel", "cohort_id")
_COUNTS = ("n_exposures", "n_clicks", "n_conversions")
_EXPECTED = ("expected_clicks", "expected_conversions")
_LINES: dict[str, pl.DataType | type[pl.DataType]] = {
    "content_id": pl.String,
    "at": pl.Datetime("us", "UTC"),
    "channel": pl.String,
    "cohort_id": pl.String,
    "n_exposures": pl.Int64,
    "n_clicks": pl.Int64,
    "n_conversions": pl.Int64,
    "expected_clicks": pl.Float64,  # null where this model did not predict it
    "expected_conversions": pl.Float64,
}


@dataclass(frozen=True, eq=False)
class Beliefs:
    """The prior and the outcomes since; immutable, every change is a new object.

    Args:
        effect: The prior, one row a content (contents that compete for one cohort and channel).
        lines: The outcomes, one row a line; made by `update` and `rebuild`, not by hand.

    >>> from datetime import UTC, datetime
    >>> rate = Rate(mean=np.array([0.02]), k=np.array([50.0]), level_sd=np.array([0.0]))
    >>> prior = Effect(content_ids=("a",), click=rate)
    >>> line = OutcomeTotal(
    ...     content_id="a", at=datetime(2026, 1, 1, tzinfo=UTC), channel="ads", n_exposures=1000, n_clicks=30
    ... )
    >>> seen = Beliefs.from_effect(prior).update([line]).update([line]).click_evidence
    >>> float(seen.successes[0]), float(seen.expected[0])
    (30.0, 20.0)
    """

    effect: Effect
    lines: pl.DataFrame

    @classmethod
    def from_effect(cls, effect: Effect) -> Beliefs:
        """The prior alone.

        Raises:
            UsageError: two rows of the same content; the posterior is one a content.
        """
        if len(set(effect.content_ids)) < len(effect):
            twice = next(c for c in effect.content_ids if effect.content_ids.count(c) > 1)
            raise UsageError("beliefs need one row a content", argument="content_ids", value=twice)
        return cls(effect, pl.DataFrame(schema=_LINES))

    @classmethod
    def rebuild(cls, effect: Effect, ledger: pl.DataFrame | Sequence[OutcomeTotal]) -> Beliefs:
        """The posterior of a new model: its prior, and the ledger's lines after its `trained_through`.

        Args:
            effect: The new model's prediction.
            ledger: All lines, as `store.ledger.Ledger.totals()` or `Beliefs.lines` hold them.
        """
        return cls.from_effect(effect).update(ledger)

    def update(
        self, totals: pl.DataFrame | Sequence[OutcomeTotal], *, predicted_by: str | None = None
    ) -> Beliefs:
        """The beliefs after these outcomes; lines known already, or too old, change nothing.

        Args:
            totals: New lines; further columns are ignored. Contents that are not among the beliefs are kept
                but count for nothing.
            predicted_by: The model version whose means `expected_clicks` and `expected_conversions` sum up.
                Only where it is this model's are they used; else they are recomputed.

        Raises:
            DataError: an absent column, negative counts, more clicks than exposures, or more conversions
                than clicks (than exposures in channels without clicks).
        """
        fresh = _as_lines(totals)
        if predicted_by is None or predicted_by != self.effect.model_version:
            fresh = fresh.with_columns(pl.lit(None, pl.Float64).alias(name) for name in _EXPECTED)
        if self.effect.trained_through is not None:
            fresh = fresh.filter(pl.col("at") > self.effect.trained_through)
        self._check(fresh)
        return Beliefs(self.effect, _merged(pl.concat([self.lines, fresh])))

    @cached_property
    def click_evidence(self) -> Evidence | None:
        """Clicks since, against those expected: one entry a content; None in channels without clicks."""
        return self._evidence(self.effect.click, "n_clicks", "n_exposures", "expected_clicks")

    @cached_property
    def conversion_evidence(self) -> Evidence | None:
        """Conversions since, against those expected; None where the effect has no conversion part."""
        trials = "n_exposures" if self.effect.click is None else "n_clicks"
        return self._evidence(self.effect.conversion, "n_conversions", trials, "expected_conversions")

    def value(
        self, goal: Goal, *, rng: np.random.Generator, n_draws: int = 2000, shared_level: bool = True
    ) -> Value:
        """The value per exposure of each content, for choosing between them (see `stats.value.value`).

        Args:
            goal: What counts.
            rng: Source of the draws.
            n_draws: Number of draws.
            shared_level: The contents are siblings whose outcomes share a level that is not theirs.
        """
        return value(
            self.effect,
            goal,
            rng=rng,
            scope="contrast",
            click_evidence=self.click_evidence,
            conversion_evidence=self.conversion_evidence,
            shared_level=shared_level,
            n_draws=n_draws,
        )

    def _evidence(self, rate: Rate | None, successes: str, trials: str, expected: str) -> Evidence | None:
        if rate is None:
            return None
        index = pl.DataFrame(
            {"content_id": list(self.effect.content_ids), "row": np.arange(len(rate))},
            schema={"content_id": pl.String, "row": pl.Int64},
        )
        lines = self.lines.join(index, on="content_id", how="inner").filter(pl.col(trials) > 0)
        row = lines["row"].to_numpy().astype(np.intp)
        n = _float(lines[trials])
        personal = _float(lines[expected]) / n
        return Evidence.collect(
            content=row,
            n_contents=len(rate),
            successes=_float(lines[successes]),
            trials=n,
            mean=np.where(np.isfinite(personal), personal, rate.mean[row]),
            family=rate.family,
        )

    def _check(self, lines: pl.DataFrame) -> None:
        limit = "n_exposures" if self.effect.click is None else "n_clicks"
        faults = (
            ("negative counts", pl.any_horizontal(pl.col(c) < 0 for c in _COUNTS)),
            ("more clicks than exposures", pl.col("n_clicks") > pl.col("n_exposures")),
            (f"more conversions than {limit[2:]}", pl.col("n_conversions") > pl.col(limit)),
        )
        for message, fault in faults:
            bad = lines.filter(fault)
            if not bad.is_empty():
                raise DataError(
                    f"{message} in an outcome total", argument="totals", value=bad.row(0, named=True)
                )


def _as_lines(totals: pl.DataFrame | Sequence[OutcomeTotal]) -> pl.DataFrame:
    """The lines as a frame of `_LINES`; what is not given is zero, or not known."""
    if not isinstance(totals, pl.DataFrame):
        rows = [{name: getattr(total, name) for name in _LINES} for total in totals]
        return pl.DataFrame(rows, schema=_LINES, orient="row")
    for name in ("content_id", "at", "channel", "n_exposures"):
        if name not in totals.columns:
            raise DataError("a column is absent", argument="totals", value=name, allowed=", ".join(_LINES))
    absent = [pl.lit(None).alias(name) for name in _LINES if name not in totals.columns]
    defaults = {"cohort_id": EVERYONE, "n_clicks": 0, "n_conversions": 0}
    lines = totals.with_columns(absent).select(pl.col(name).cast(dtype) for name, dtype in _LINES.items())
    return lines.with_columns(pl.col(name).fill_null(value) for name, value in defaults.items())


def _merged(lines: pl.DataFrame) -> pl.DataFrame:
    """One row a line: the highest counts, and the expectation that belongs to them. Order does not matter."""
    return (
        lines.sort([*_KEY, *_COUNTS, *_EXPECTED], nulls_last=False)
        .group_by(_KEY, maintain_order=True)
        .agg(*(pl.col(c).max() for c in _COUNTS), *(pl.col(c).last() for c in _EXPECTED))
        .select(list(_LINES))
    )


def _float(column: pl.Series) -> F64:
    out: npt.NDArray[np.float64] = column.cast(pl.Float64).fill_null(float("nan")).to_numpy()
    return out
