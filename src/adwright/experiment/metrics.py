"""What a test measures, and its summary statistics as a table: one row a metric, arm, and where given segment, look.

| kind | columns beside `metric`, `arm`, `segment`, `look` |
|---|---|
| proportion | n, successes |
| mean | n, total, squares |
| ratio | n, numerator, numerator_squares, denominator, denominator_squares, products |
| adjusted | n, total, squares, covariate_total, covariate_squares, products |
| quantile | n, level, quantile, low, high (and n_used) |
| clustered_quantile | the same and below, below_squares, rows, rows_squares, products, n_clusters |

Looks hold cumulative numbers and are numbered in their order.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import polars as pl

from adwright.errors import DataError, UsageError
from adwright.experiment.inference import (
    AdjustedSummary,
    ClusteredQuantileSummary,
    MeanSummary,
    NormalPrior,
    ProportionSummary,
    QuantileSummary,
    RatioSummary,
)
from adwright.experiment.inference.summaries import Summary
from adwright.schema import Language

MetricKind = Literal["proportion", "mean", "ratio", "adjusted", "quantile", "clustered_quantile"]
Role = Literal["deciding", "guardrail", "secondary"]

_QUANTILE = ("n", "level", "quantile", "low", "high")
FIELDS: Mapping[str, tuple[type[Any], tuple[str, ...]]] = {
    "proportion": (ProportionSummary, ("n", "successes")),
    "mean": (MeanSummary, ("n", "total", "squares")),
    "ratio": (
        RatioSummary,
        ("n", "numerator", "numerator_squares", "denominator", "denominator_squares", "products"),
    ),
    "adjusted": (
        AdjustedSummary,
        ("n", "total", "squares", "covariate_total", "covariate_squares", "products"),
    ),
    "quantile": (QuantileSummary, _QUANTILE),
    "clustered_quantile": (
        ClusteredQuantileSummary,
        (*_QUANTILE, "below", "below_squares", "rows", "rows_squares", "products", "n_clusters"),
    ),
}
"""Kind -> its class and the columns it needs."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MetricSpec:
    """One metric of a test.

    Args:
        name: As in the table.
        kind: How it is compared.
        role: The deciding metric decides; a guardrail can only forbid; a secondary one is shown.
        lower_is_better: Such as returns or load time.
        margin: Of a guardrail: the relative loss that is tolerable, a fraction. With it the arm has to be shown
            to lose less (non-inferiority); without it, it only must not be shown to lose.
        prior: Belief about the relative effect before the test, for the Bayesian reading.
        label: Its name in words, by language.
    """

    name: str
    kind: MetricKind
    role: Role = "secondary"
    lower_is_better: bool = False
    margin: float | None = None
    prior: NormalPrior | None = None
    label: Mapping[Language, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.kind not in FIELDS:
            raise UsageError("unknown kind", argument="kind", value=self.kind, allowed=", ".join(FIELDS))
        if self.role not in ("deciding", "guardrail", "secondary"):
            raise UsageError(
                "unknown role", argument="role", value=self.role, allowed="deciding, guardrail, secondary"
            )
        if self.margin is not None and not 0.0 <= self.margin < 1.0:
            raise UsageError("not a margin", argument="margin", value=self.margin, allowed="0 to below 1")

    def words(self, language: Language) -> str:
        """The metric in words."""
        return self.label.get(language, self.name)

    @property
    def sign(self) -> int:
        """+1 where more is better, else -1."""
        return -1 if self.lower_is_better else 1


def check_metrics(metrics: Sequence[MetricSpec]) -> MetricSpec:
    """The deciding metric.

    Raises:
        UsageError: none or several that decide, or a name given twice.
    """
    names = [m.name for m in metrics]
    deciding = [m for m in metrics if m.role == "deciding"]
    if len(deciding) != 1 or len(set(names)) != len(names):
        raise UsageError(
            "one metric decides, and names differ",
            argument="metrics",
            value=[(m.name, m.role) for m in metrics],
        )
    return deciding[0]


def summary_of(metric: MetricSpec, rows: pl.DataFrame, *, shape: tuple[int, ...] | None = None) -> Summary:
    """The summary statistics of rows of one metric, as arrays.

    Args:
        metric: Which.
        rows: In the order wanted.
        shape: Of the arrays; one axis where it is None.

    Raises:
        DataError: a column that the kind needs is absent or has a gap.
    """
    cls, names = FIELDS[metric.kind]
    optional = ("n_used",) if "quantile" in metric.kind else ()
    values: dict[str, Any] = {}
    for name in (*names, *(n for n in optional if n in rows.columns and rows[n].null_count() == 0)):
        if name not in rows.columns or rows[name].null_count():
            raise DataError(
                f"the metric {metric.name} lacks a number",
                argument="summaries",
                value=name,
                allowed=", ".join(names),
            )
        column = rows[name].cast(pl.Float64).to_numpy()
        values[name] = column if shape is None else column.reshape(shape)
    made: Summary = cls(**values)
    return made
