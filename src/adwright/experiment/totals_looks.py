"""Totals by arm and day as metrics with looks: each day that was totalled is a look that somebody may have taken."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from adwright.errors import DataError
from adwright.experiment.metrics import MetricSpec, Role
from adwright.schema import Experiment

_LABELS = {
    "click": {"en": "click rate", "zh": "点击率"},
    "conversion": {"en": "conversion rate per exposure", "zh": "每次曝光的转化率"},
    "value": {"en": "value per exposure", "zh": "每次曝光的金额"},
}
_COLUMNS = {"click": "n_clicks", "conversion": "n_conversions", "value": "value_minor"}
_FUNNEL = ("click", "conversion", "value")


def metrics_of_totals(experiment: Experiment, totals: pl.DataFrame) -> tuple[MetricSpec, ...]:
    """The metrics that the totals hold: the experiment's decides, what lies further down the funnel guards.

    Raises:
        DataError: the deciding metric is not in the totals.
    """
    deciding = experiment.metric if experiment.metric in ("click", "conversion") else "value"
    present = [name for name in _FUNNEL if _has(totals, name)]
    if deciding not in present:
        need = "value_minor with value_squares" if deciding == "value" else _COLUMNS[deciding]
        raise DataError(
            f"the metric {experiment.metric} cannot be computed from these totals",
            argument="totals",
            value=totals.columns,
            allowed=need,
        )
    place = _FUNNEL.index(deciding)
    return tuple(
        MetricSpec(
            name=name,
            kind="mean" if name == "value" else "proportion",
            role=_role(_FUNNEL.index(name), place),
            label=_LABELS[name],  # type: ignore[arg-type]
        )
        for name in present
    )


def summaries_of_totals(experiment: Experiment, totals: pl.DataFrame) -> pl.DataFrame:
    """The totals as cumulative summaries: a look a day where days are given, else one look."""
    frame = totals
    if "at" in totals.columns and totals["at"].null_count() == 0 and len(totals):
        frame = totals.filter(pl.col("at").dt.date() >= experiment.starts_at.date())
        days = frame["at"].dt.date().rank("dense").cast(pl.Int64)
    else:
        days = pl.Series("look", [1] * len(frame), dtype=pl.Int64)
    frame = frame.with_columns(days.alias("look"))
    numbers = [c for c in ("n_exposures", *_COLUMNS.values(), "value_squares") if c in frame.columns]
    by_day = frame.group_by("content_id", "look").agg(pl.col(numbers).sum())
    arms, looks = frame["content_id"].unique().to_list(), sorted(set(days.to_list()))
    grid = pl.DataFrame(
        {"content_id": [a for a in arms for _ in looks], "look": [d for _ in arms for d in looks]},
        schema={"content_id": pl.String, "look": pl.Int64},
    )
    whole = grid.join(by_day, on=["content_id", "look"], how="left").sort("content_id", "look")
    sums = whole.with_columns(pl.col(numbers).fill_null(0.0).cum_sum().over("content_id"))
    parts = [_metric_rows(sums, name) for name in _FUNNEL if _has(totals, name)]
    return pl.concat(parts, how="diagonal")


def _metric_rows(sums: pl.DataFrame, name: str) -> pl.DataFrame:
    columns: Sequence[pl.Expr]
    if name == "value":
        columns = (pl.col("value_minor").alias("total"), pl.col("value_squares").alias("squares"))
    else:
        columns = (pl.col(_COLUMNS[name]).alias("successes"),)
    return sums.select(
        pl.lit(name).alias("metric"),
        pl.col("content_id").alias("arm"),
        "look",
        pl.col("n_exposures").alias("n"),
        *columns,
    )


def _has(totals: pl.DataFrame, name: str) -> bool:
    needed = (_COLUMNS[name], "value_squares") if name == "value" else (_COLUMNS[name],)
    return all(c in totals.columns and totals[c].null_count() < max(len(totals), 1) for c in needed)


def _role(own: int, deciding: int) -> Role:
    if own == deciding:
        return "deciding"
    return "guardrail" if own > deciding else "secondary"
