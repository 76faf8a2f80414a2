"""From rows of units (customers, sessions) to the summary statistics of a test, with caps and covariates."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import polars as pl

from adwright.errors import DataError, UsageError, unknown_name
from adwright.experiment.adjustment import adjust_outcome, winsorise
from adwright.experiment.findings import DataFinding
from adwright.experiment.metrics import MetricSpec
from adwright.schema import F64, Experiment

_Z = 1.959964


@dataclass(frozen=True, slots=True, kw_only=True)
class UnitColumn:
    """Where a metric stands in a table of units.

    Args:
        spec: The metric; its kind may be proportion, mean, ratio or quantile.
        column: Of the outcome (of a ratio: the numerator).
        denominator: Of a ratio.
        covariates: Columns from before the test; one gives CUPED, several a cross-fitted ridge regression.
        cap: Quantile of all arms together to which larger outcomes are brought down; None for no cap.
        level: Of a quantile.
    """

    spec: MetricSpec
    column: str
    denominator: str | None = None
    covariates: tuple[str, ...] = ()
    cap: float | None = None
    level: float = 0.5


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class UnitSummary:
    """The table of summaries, with the metrics as they are to be compared.

    Args:
        metrics: The metrics; one with covariates has become an adjusted one.
        summaries: See `metrics`.
        caps: Metric -> the value that outcomes were capped at.
        explained: Metric -> share of the variance that the covariates took away.
        findings: Faults of the rows.
    """

    metrics: tuple[MetricSpec, ...]
    summaries: pl.DataFrame
    caps: dict[str, float]
    explained: dict[str, float]
    findings: tuple[DataFinding, ...]


def summarise_units(
    experiment: Experiment,
    units: pl.DataFrame,
    columns: Sequence[UnitColumn],
    *,
    arm: str = "arm",
    unit: str | None = None,
    segments: Sequence[str] = (),
    rng: np.random.Generator,
) -> UnitSummary:
    """The summary statistics of a table with one row a unit.

    Args:
        experiment: Its arms; rows of other arms are a finding.
        units: One row a unit.
        columns: Where the metrics stand.
        arm: Column of the arm's content id.
        unit: Column of the unit's id, to see that none is in twice.
        segments: Columns from before the test to cut the result by.
        rng: For the folds of the cross-fitting.

    Raises:
        NotFoundError: a column that is not there.
        DataError: an outcome with gaps or that is no number.
    """
    for name in (arm, *segments, *((unit,) if unit else ())):
        if name not in units.columns:
            raise unknown_name("column", name, units.columns)
    known = [a.content_id for a in experiment.arms]
    findings = _findings(units, arm, unit, known)
    rows = units.filter(pl.col(arm).cast(pl.String).is_in(known))
    arms = rows[arm].cast(pl.String).to_numpy()
    parts = [("", np.ones(len(rows), dtype=np.bool_))]
    for name in segments:
        values = rows[name].cast(pl.String).fill_null("?").to_numpy()
        parts += [(f"{name}={value}", values == value) for value in sorted(set(values))]
    out: list[dict[str, Any]] = []
    metrics: list[MetricSpec] = []
    caps: dict[str, float] = {}
    explained: dict[str, float] = {}
    for column in columns:
        spec, numbers, note = _numbers(column, rows, arms, rng)
        metrics.append(spec)
        caps |= {spec.name: note["cap"]} if "cap" in note else {}
        explained |= {spec.name: note["explained"]} if "explained" in note else {}
        for segment, inside in parts:
            for one in known:
                own = {k: v[inside & (arms == one)] for k, v in numbers.items()}
                out.append(
                    {"metric": spec.name, "arm": one, "segment": segment} | _sums(spec, own, column.level)
                )
    return UnitSummary(
        metrics=tuple(metrics),
        summaries=pl.DataFrame(out, infer_schema_length=None),
        caps=caps,
        explained=explained,
        findings=findings,
    )


def _findings(
    units: pl.DataFrame, arm: str, unit: str | None, known: Sequence[str]
) -> tuple[DataFinding, ...]:
    found = []
    strangers = units.filter(pl.col(arm).is_null() | ~pl.col(arm).cast(pl.String).is_in(list(known)))
    if len(strangers):
        found.append(
            DataFinding(name="unknown_arm", severity="warn", n=len(strangers), example=str(strangers[arm][0]))
        )
    if unit is not None:
        both = units.group_by(unit).agg(pl.col(arm).n_unique().alias("arms"), pl.len().alias("rows"))
        two = both.filter(pl.col("arms") > 1)
        if len(two):
            found.append(
                DataFinding(name="unit_in_two_arms", severity="block", n=len(two), example=str(two[unit][0]))
            )
        twice = both.filter((pl.col("rows") > 1) & (pl.col("arms") == 1))
        if len(twice):
            found.append(
                DataFinding(
                    name="duplicate_exposure", severity="block", n=len(twice), example=str(twice[unit][0])
                )
            )
    return tuple(found)


def _numbers(
    column: UnitColumn,
    rows: pl.DataFrame,
    arms: np.ndarray[tuple[int], np.dtype[Any]],
    rng: np.random.Generator,
) -> tuple[MetricSpec, dict[str, F64], dict[str, float]]:
    """The metric as it is compared, its numbers by unit, and what was done to them."""
    spec, note = column.spec, {}
    y = _column(rows, column.column)
    if column.cap is not None:
        y, note["cap"] = winsorise(y, quantile=column.cap)
    if spec.kind == "ratio":
        if column.denominator is None:
            raise UsageError("a ratio needs a denominator", argument=spec.name, value=None)
        return spec, {"y": y, "d": _column(rows, column.denominator)}, note
    if not column.covariates:
        return spec, {"y": y}, note
    if spec.kind not in ("proportion", "mean"):
        raise UsageError(
            "covariates adjust a proportion or a mean", argument=spec.name, value=spec.kind, allowed="mean"
        )
    if len(column.covariates) == 1:
        x = _column(rows, column.covariates[0])
        note["explained"] = float(np.corrcoef(x, y)[0, 1] ** 2) if np.std(x) * np.std(y) > 0 else 0.0
        return replace(spec, kind="adjusted"), {"y": y, "x": x}, note
    x = np.stack([_column(rows, name) for name in column.covariates], axis=1)
    adjusted = adjust_outcome(y, x, arms=arms, rng=rng)
    note["explained"] = adjusted.explained
    return replace(spec, kind="mean"), {"y": adjusted.outcome}, note


def _column(rows: pl.DataFrame, name: str) -> F64:
    if name not in rows.columns:
        raise unknown_name("column", name, rows.columns)
    try:
        values = rows[name].cast(pl.Float64).to_numpy()
    except pl.exceptions.PolarsError as error:
        raise DataError("not numbers", argument=name, value=rows[name].head(1).to_list()) from error
    if not np.all(np.isfinite(values)):
        raise DataError("a gap in a column that a metric needs", argument=name, value=None, allowed="numbers")
    return np.asarray(values, np.float64)


def _sums(spec: MetricSpec, own: dict[str, F64], level: float) -> dict[str, float]:
    y, n = own["y"], float(len(own["y"]))
    if spec.kind == "proportion":
        if not np.all((y == 0) | (y == 1)):
            raise DataError("a proportion counts 0 and 1", argument=spec.name, value=float(y.max()))
        return {"n": n, "successes": float(y.sum())}
    if spec.kind == "quantile":
        return {"n": n} | _quantile(np.sort(y), level)
    if spec.kind == "ratio":
        d = own["d"]
        return {
            "n": n,
            "numerator": float(y.sum()),
            "numerator_squares": float(y @ y),
            "denominator": float(d.sum()),
            "denominator_squares": float(d @ d),
            "products": float(y @ d),
        }
    out = {"n": n, "total": float(y.sum()), "squares": float(y @ y)}
    if spec.kind == "adjusted":
        x = own["x"]
        out |= {
            "covariate_total": float(x.sum()),
            "covariate_squares": float(x @ x),
            "products": float(x @ y),
        }
    return out


def _quantile(ordered: F64, level: float) -> dict[str, float]:
    """The quantile and the order statistics at the ends of its distribution-free 95 % interval."""
    n = len(ordered)
    if n == 0:
        return {"level": level, "quantile": 0.0, "low": 0.0, "high": 0.0}
    half = _Z * np.sqrt(n * level * (1.0 - level))
    low, high = (int(np.clip(np.floor(n * level + s * half), 0, n - 1)) for s in (-1, 1))
    middle = float(np.quantile(ordered, level))
    return {
        "level": level,
        "quantile": middle,
        "low": min(float(ordered[low]), middle),
        "high": max(float(ordered[high]), middle),
    }
