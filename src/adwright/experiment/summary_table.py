"""The table of summary statistics, checked and cut into what comparisons need."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

from adwright.errors import DataError
from adwright.experiment.findings import DataFinding
from adwright.experiment.metrics import FIELDS, MetricSpec
from adwright.schema import F64, Experiment


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class SummaryTable:
    """Rows by metric, arm, segment and look.

    Args:
        experiment: The test.
        frame: With `metric`, `arm`, `segment` ("" for all units), `look` and the numbers.
        control: Content id of the control.
        treatments: The other arms that should get traffic.
        active: Indices of the arms that should get traffic.
        findings: Faults of the rows.
    """

    experiment: Experiment
    frame: pl.DataFrame
    control: str
    treatments: tuple[str, ...]
    active: tuple[int, ...]
    findings: tuple[DataFinding, ...]

    @classmethod
    def of(cls, experiment: Experiment, metrics: Sequence[MetricSpec], rows: pl.DataFrame) -> SummaryTable:
        """The table; raises `DataError` for an absent column or two rows of one place."""
        for name in ("metric", "arm", "n"):
            if name not in rows.columns:
                raise DataError("a column is absent", argument="summaries", value=name)
        frame = rows.with_columns(
            (pl.col("segment").fill_null("") if "segment" in rows.columns else pl.lit("")).alias("segment"),
            (pl.col("look").cast(pl.Int64) if "look" in rows.columns else pl.lit(1))
            .fill_null(1)
            .alias("look"),
        ).sort("look", maintain_order=True)
        place = frame.select("metric", "arm", "segment", "look")
        if place.is_duplicated().any():
            twice = place.filter(place.is_duplicated()).row(0)
            raise DataError(
                "two rows of one metric, arm, segment and look", argument="summaries", value=twice
            )
        control = next(a.content_id for a in experiment.arms if a.is_control)
        return cls(
            experiment=experiment,
            frame=frame,
            control=control,
            treatments=tuple(
                a.content_id for a in experiment.arms if a.share > 0 and a.content_id != control
            ),
            active=tuple(i for i, a in enumerate(experiment.arms) if a.share > 0),
            findings=_findings(experiment, metrics, frame),
        )

    def looks(self, metric: MetricSpec, arm: str) -> pl.DataFrame:
        """The rows of an arm over all units, look by look."""
        return self._rows(metric, arm).filter(pl.col("segment") == "")

    def last(self, metric: MetricSpec, arm: str) -> pl.DataFrame:
        """The row of the last look."""
        return self.looks(metric, arm).tail(1)

    def units(self, metric: MetricSpec) -> F64:
        """(n_arms,) units at the last look, in the experiment's order."""
        last = [self.last(metric, arm.content_id) for arm in self.experiment.arms]
        return np.array([float(row["n"][0] or 0) if len(row) else 0.0 for row in last])

    def by_segment(self, metric: MetricSpec, arm: str) -> tuple[tuple[str, ...], pl.DataFrame, pl.DataFrame]:
        """Names of the segments that both arms have at the last look, with the rows of control and arm."""
        control, treatment = (self._segment_rows(metric, one) for one in (self.control, arm))
        names = tuple(s for s in control["segment"].to_list() if s in set(treatment["segment"].to_list()))
        order = pl.DataFrame({"segment": list(names)}, schema={"segment": pl.String})
        joined = (
            order.join(rows, on="segment", how="left", maintain_order="left") for rows in (control, treatment)
        )
        first, second = joined
        return names, first, second

    def dimension_counts(self, metric: MetricSpec) -> dict[tuple[str, str], list[float]]:
        """(dimension, value) -> units by arm; a segment "device=phone" is the value phone of device."""
        out: dict[tuple[str, str], list[float]] = {}
        for i, arm in enumerate(self.experiment.arms):
            for name, n in self._segment_rows(metric, arm.content_id).select("segment", "n").iter_rows():
                dimension, _, value = name.partition("=")
                counts = out.setdefault((dimension, value or dimension), [0.0] * len(self.experiment.arms))
                counts[i] = float(n)
        return out

    def _rows(self, metric: MetricSpec, arm: str) -> pl.DataFrame:
        return self.frame.filter((pl.col("metric") == metric.name) & (pl.col("arm") == arm))

    def _segment_rows(self, metric: MetricSpec, arm: str) -> pl.DataFrame:
        rows = self._rows(metric, arm).filter(pl.col("segment") != "")
        return rows.group_by("segment", maintain_order=True).last()


_COUNTS = {"n": "negative_count", "successes": "negative_count", "n_clusters": "negative_count"}


def _findings(
    experiment: Experiment, metrics: Sequence[MetricSpec], frame: pl.DataFrame
) -> tuple[DataFinding, ...]:
    arms = [arm.content_id for arm in experiment.arms]
    found: list[DataFinding | None] = [_bad("unknown_arm", frame, ~pl.col("arm").is_in(arms))]
    for metric in metrics:
        rows = frame.filter(pl.col("metric") == metric.name)
        names = [n for n in FIELDS[metric.kind][1] if n in frame.columns]
        for name in names:
            number = pl.col(name).cast(pl.Float64)
            found.append(_bad("missing_number", rows, (~number.is_finite()).fill_null(True)))
            if name in _COUNTS or name.endswith("squares"):
                found.append(_bad("negative_count", rows, number < 0))
        if "successes" in names and metric.kind == "proportion":
            found.append(_bad("more_clicks_than_impressions", rows, pl.col("successes") > pl.col("n")))
        if metric.kind in ("mean", "adjusted") and {"total", "squares"} <= set(names):
            least = pl.col("total") ** 2 / pl.col("n")
            found.append(_bad("squares_too_small", rows, pl.col("squares") < least * (1 - 1e-9)))
        with_data = set(rows.filter((pl.col("n") > 0) & (pl.col("segment") == ""))["arm"].to_list())
        missing = [a.content_id for a in experiment.arms if a.share > 0 and a.content_id not in with_data]
        if missing:
            found.append(
                DataFinding(
                    name="arm_without_data",
                    severity="block",
                    n=len(missing),
                    example=f"{metric.name}: {missing[0]}",
                )
            )
    return tuple(f for f in found if f is not None)


def _bad(name: str, rows: pl.DataFrame, wrong: pl.Expr) -> DataFinding | None:
    at_fault = rows.filter(wrong.fill_null(False))
    if not len(at_fault):
        return None
    first = ", ".join(f"{k}={v}" for k, v in at_fault.row(0, named=True).items() if v is not None)
    return DataFinding(name=name, severity="block", n=len(at_fault), example=first)
