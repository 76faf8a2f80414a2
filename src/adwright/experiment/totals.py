"""The summary statistics of a test, checked: one row an arm, and the same by day where days are given."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import polars as pl

from adwright.errors import DataError
from adwright.experiment.unit_dispersion import count_units, unit_dispersion
from adwright.schema import F64, Experiment

COUNTS = ("n_exposures", "n_clicks", "n_conversions", "n_units")
VALUES = ("value_minor", "value_squares")
_LINE = ("content_id", "at", "channel", "cohort_id")


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class ArmTotals:
    """What the arms did, in the order of the experiment's arms.

    Args:
        exposures: (n_arms,) counts.
        clicks: (n_arms,) counts, or None where they were not given; likewise the following.
        conversions: (n_arms,) counts.
        value: (n_arms,) sums in minor units, of revenue or margin as the goal counts it.
        value_squares: (n_arms,) sums of the squared value of single exposures.
        units: (n_arms,) customers (or whatever was assigned) for the sample-ratio check.
        by_day: Frame of arm (index), `at` and the columns above, one row an arm and day; None without days.
        n_left_out: Rows from before the start of the experiment.
        by_unit: Column -> variance over that of independent exposures, where units are known.
        currency: Of the value, where given.
    """

    exposures: F64
    clicks: F64 | None
    conversions: F64 | None
    value: F64 | None
    value_squares: F64 | None
    units: F64 | None
    by_day: pl.DataFrame | None
    n_left_out: int
    currency: str | None
    by_unit: Mapping[str, float] = field(default_factory=dict)


def arm_totals(
    experiment: Experiment, totals: pl.DataFrame, *, units: pl.DataFrame | None = None
) -> ArmTotals:
    """The totals by arm.

    Args:
        experiment: Its arms; its start, where `totals` has times.
        totals: One or more rows an arm: `content_id`, `n_exposures`, and where known `n_clicks`,
            `n_conversions`, `value_minor`, `value_squares`, `n_units`, `at`, `channel`, `cohort_id`,
            `currency`.
        units: One row a unit, see `unit_dispersion`; None where exposures are counted as independent.

    Raises:
        DataError: an absent column, an unknown arm, the same line twice, a count that is null, negative or
            larger than the exposures, or two currencies.
    """
    for name in ("content_id", "n_exposures"):
        if name not in totals.columns:
            raise DataError("a column is absent", argument="totals", value=name)
    frame, n_left_out = _since_start(totals, experiment)
    given = [name for name in (*COUNTS, *VALUES) if name in frame.columns]
    given = [name for name in given if frame[name].null_count() < max(len(frame), 1)]
    _check(frame, given, experiment)
    index = {arm.content_id: i for i, arm in enumerate(experiment.arms)}
    frame = frame.with_columns(
        pl.col("content_id").replace_strict(index, return_dtype=pl.Int64).alias("arm"),
        *(pl.col(name).cast(pl.Float64) for name in given),
    )

    def by_arm(name: str) -> F64 | None:
        if name not in given:
            return None
        return np.bincount(frame["arm"].to_numpy(), frame[name].to_numpy(), len(index)).astype(np.float64)

    exposures = by_arm("n_exposures")
    return ArmTotals(
        exposures=np.zeros(len(index)) if exposures is None else exposures,
        clicks=by_arm("n_clicks"),
        conversions=by_arm("n_conversions"),
        value=by_arm("value_minor"),
        value_squares=by_arm("value_squares"),
        units=by_arm("n_units") if units is None else np.array(count_units(experiment, units)),
        by_day=_by_day(frame, given),
        n_left_out=n_left_out,
        currency=_currency(frame),
        by_unit={} if units is None else unit_dispersion(experiment, units),
    )


def _since_start(totals: pl.DataFrame, experiment: Experiment) -> tuple[pl.DataFrame, int]:
    if "at" not in totals.columns or totals["at"].null_count() == len(totals):
        return totals, 0
    if totals["at"].null_count():
        raise DataError(
            "a time is absent", argument="at", value=None, allowed="a time in every row, or in none"
        )
    # A day's total carries the start of the day, which may lie before the hour at which the test began.
    kept = totals.filter(pl.col("at").dt.date() >= experiment.starts_at.date())
    return kept, len(totals) - len(kept)


def _check(frame: pl.DataFrame, given: Sequence[str], experiment: Experiment) -> None:
    arms = [arm.content_id for arm in experiment.arms]
    strangers = frame.filter(pl.col("content_id").is_null() | ~pl.col("content_id").is_in(arms))
    if len(strangers):
        raise DataError(
            "not an arm of the experiment",
            argument="content_id",
            value=strangers["content_id"][0],
            allowed=", ".join(arms),
        )
    if all(name in frame.columns for name in _LINE) and frame.select(_LINE).is_duplicated().any():
        twice = frame.select(_LINE).filter(frame.select(_LINE).is_duplicated()).row(0)
        raise DataError("the same total is given twice", argument="totals", value=twice)
    for name in given:
        if frame[name].null_count() or not frame[name].cast(pl.Float64).is_finite().all():
            raise DataError("a number is absent", argument=name, value=None, allowed="a number in every row")
    for name in (*COUNTS, "value_squares"):
        if name in given and (frame[name] < 0).any():
            raise DataError("a negative count", argument=name, value=frame[name].min(), allowed="0 or more")
    for name in ("n_clicks", "n_conversions"):
        if name in given and (frame[name] > frame["n_exposures"]).any():
            bad = frame.filter(pl.col(name) > pl.col("n_exposures")).row(0, named=True)
            raise DataError(
                f"more than the exposures of {bad['content_id']}",
                argument=name,
                value=bad[name],
                allowed=f"at most {bad['n_exposures']}",
            )


def _by_day(frame: pl.DataFrame, given: Sequence[str]) -> pl.DataFrame | None:
    if "at" not in frame.columns or frame["at"].null_count():
        return None
    return frame.group_by("arm", pl.col("at").dt.date()).agg(pl.col(given).sum()).sort("arm", "at")


def _currency(frame: pl.DataFrame) -> str | None:
    if "currency" not in frame.columns:
        return None
    seen = frame["currency"].drop_nulls().unique().sort().to_list()
    if len(seen) > 1:
        raise DataError("two currencies in one test", argument="currency", value=seen)
    return str(seen[0]) if seen else None
