"""What is wrong with the data of a test, each fault by its name: nothing is repaired in silence.

A blocking finding makes the result invalid; a warning is shown beside it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

import polars as pl

from adwright.schema import Experiment, Language

Severity = Literal["block", "warn"]

WORDS: Mapping[str, Mapping[Language, str]] = {
    "negative_count": {"en": "a count is negative", "zh": "计数为负"},
    "more_clicks_than_impressions": {
        "en": "more clicks or conversions than impressions",
        "zh": "点击或转化数多于曝光数",
    },
    "arm_without_data": {"en": "an arm that should get traffic has no data", "zh": "应有流量的组没有数据"},
    "unknown_arm": {"en": "data of an arm that the test does not have", "zh": "数据中有测试里不存在的组"},
    "missing_number": {"en": "a number is missing or not finite", "zh": "数值缺失或不是有限数"},
    "duplicate_total": {"en": "the same total is given twice", "zh": "同一汇总出现两次"},
    "squares_too_small": {
        "en": "a sum of squares is too small for its sum",
        "zh": "平方和小于按总和应有的下限",
    },
    "propensity_out_of_range": {
        "en": "a propensity is 0, negative, above 1 or missing",
        "zh": "分配概率为 0、负数、大于 1 或缺失",
    },
    "propensity_not_planned": {
        "en": "a logged propensity is not the share of its arm",
        "zh": "记录的分配概率与该组的计划份额不符",
    },
    "duplicate_exposure": {"en": "the same exposure is logged twice", "zh": "同一次曝光被记录两次"},
    "unit_in_two_arms": {
        "en": "a customer (or other unit) saw two arms",
        "zh": "同一客户（或其他单位）进入了两个组",
    },
    "clock_skew": {
        "en": "an exposure lies before the start of the test or in the future",
        "zh": "曝光时间早于测试开始或在将来（时钟偏差）",
    },
    "missing_id": {"en": "an exposure has no unit, arm or time", "zh": "曝光缺少单位、组或时间"},
}
"""Name -> what it means, by language."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DataFinding:
    """One fault.

    Args:
        name: A key of `WORDS`.
        severity: "block" makes the result invalid.
        n: Rows at fault.
        example: The first of them, as text.
    """

    name: str
    severity: Severity
    n: int
    example: str

    def message(self, language: Language) -> str:
        """The fault in words.

        >>> DataFinding(name="clock_skew", severity="warn", n=2, example="u1").message("en")
        'an exposure lies before the start of the test or in the future (2 rows; first: u1)'
        """
        rows = (
            f"{self.n} rows; first: {self.example}"
            if language == "en"
            else f"{self.n} 行；首个：{self.example}"
        )
        return (
            f"{WORDS[self.name][language]} ({rows})"
            if language == "en"
            else f"{WORDS[self.name]['zh']}（{rows}）"
        )


def blocking(findings: Sequence[DataFinding]) -> bool:
    """Whether one of them makes the result invalid."""
    return any(finding.severity == "block" for finding in findings)


def check_totals(experiment: Experiment, totals: pl.DataFrame) -> tuple[DataFinding, ...]:
    """The faults of a table of totals (see `analyse.analyse` for its columns).

    >>> from datetime import UTC
    >>> from adwright.schema import Arm
    >>> arms = (Arm(content_id="a", share=0.5, is_control=True), Arm(content_id="b", share=0.5))
    >>> test = Experiment(id="x", arms=arms, metric="click", starts_at=datetime(2026, 1, 1, tzinfo=UTC),
    ...                   n_per_arm=100, minimum_effect=0.1)
    >>> rows = pl.DataFrame({"content_id": ["a"], "n_exposures": [100], "n_clicks": [120]})
    >>> [f.name for f in check_totals(test, rows)]
    ['more_clicks_than_impressions', 'arm_without_data']
    """
    arms = [arm.content_id for arm in experiment.arms]
    counts = [c for c in ("n_exposures", "n_clicks", "n_conversions", "n_units") if c in totals.columns]
    values = [c for c in ("value_minor", "value_squares") if c in totals.columns]
    parts = [c for c in ("n_clicks", "n_conversions") if c in counts and "n_exposures" in counts]
    given = [c for c in (*counts, *values) if totals[c].null_count() < max(len(totals), 1)]
    keys = [c for c in ("content_id", "at", "channel", "cohort_id") if c in totals.columns]
    repeated = pl.struct(keys).is_duplicated() if {"at", "channel"} <= set(keys) else None
    found = [
        _finding("unknown_arm", totals, _not_in("content_id", arms)),
        _finding("missing_number", totals, _any([~pl.col(c).cast(pl.Float64).is_finite() for c in given])),
        _finding("negative_count", totals, _any([pl.col(c) < 0 for c in (*counts, *values[1:])])),
        _finding(
            "more_clicks_than_impressions", totals, _any([pl.col(c) > pl.col("n_exposures") for c in parts])
        ),
        _finding("duplicate_total", totals, repeated),
    ]
    missing = [a.content_id for a in experiment.arms if a.share > 0 and not _has_data(totals, a.content_id)]
    if missing:
        found.append(
            DataFinding(name="arm_without_data", severity="block", n=len(missing), example=missing[0])
        )
    return tuple(f for f in found if f is not None)


def check_exposures(
    experiment: Experiment,
    exposures: pl.DataFrame,
    *,
    now: datetime,
    tolerance: timedelta = timedelta(minutes=5),
) -> tuple[DataFinding, ...]:
    """The faults of a log of exposures.

    Args:
        experiment: Its arms and start.
        exposures: One row an exposure: `unit_id`, `content_id`, `at` (UTC), and where logged `exposure_id`
            and `propensity`.
        now: The time that nothing can lie after.
        tolerance: By how much clocks may differ.

    Without `exposure_id`, the same unit, arm and time count as the same exposure.
    """
    arms = [arm.content_id for arm in experiment.arms]
    ids = [c for c in ("unit_id", "content_id", "at") if c in exposures.columns]
    key = ["exposure_id"] if "exposure_id" in exposures.columns else ids
    early, late = experiment.starts_at - tolerance, now + tolerance
    found = [
        _finding("missing_id", exposures, _any([pl.col(c).is_null() for c in ids])),
        _finding("unknown_arm", exposures, _not_in("content_id", arms)),
        _finding("duplicate_exposure", exposures, ~pl.struct(key).is_first_distinct()),
        _finding("clock_skew", exposures, (pl.col("at") < early) | (pl.col("at") > late)),
        _finding("unit_in_two_arms", exposures, pl.col("content_id").n_unique().over("unit_id") > 1),
    ]
    if "propensity" in exposures.columns:
        p = pl.col("propensity")
        wrong = p.is_null() | ~p.is_finite() | (p <= 0) | (p > 1)
        found.append(_finding("propensity_out_of_range", exposures, wrong))
        shares = {arm.content_id: arm.share for arm in experiment.arms}
        planned = pl.col("content_id").replace_strict(shares, default=None, return_dtype=pl.Float64)
        found.append(_finding("propensity_not_planned", exposures, ~wrong & ((p - planned).abs() > 1e-6)))
    return tuple(f for f in found if f is not None)


_WARNINGS = {"duplicate_exposure", "clock_skew", "propensity_not_planned"}


def _finding(name: str, frame: pl.DataFrame, wrong: pl.Expr | None) -> DataFinding | None:
    if wrong is None or not len(frame):
        return None
    rows = frame.filter(wrong.fill_null(name == "missing_number"))
    if not len(rows):
        return None
    first = ", ".join(f"{k}={v}" for k, v in rows.row(0, named=True).items() if v is not None)
    severity: Severity = "warn" if name in _WARNINGS else "block"
    return DataFinding(name=name, severity=severity, n=len(rows), example=first)


def _any(conditions: Sequence[pl.Expr]) -> pl.Expr | None:
    return pl.any_horizontal(conditions) if conditions else None


def _not_in(column: str, allowed: Sequence[str]) -> pl.Expr:
    return pl.col(column).is_null() | ~pl.col(column).is_in(list(allowed))


def _has_data(totals: pl.DataFrame, arm: str) -> bool:
    rows = totals.filter(pl.col("content_id") == arm)
    return bool(len(rows)) and ("n_exposures" not in rows.columns or (rows["n_exposures"].sum() or 0) > 0)
