"""Has a table changed? Every column of a new sample against a reference, with limits that know the samples' size.

Numbers are compared in tenths of the reference, missing values as a cell of their own: stability index (PSI),
Jensen-Shannon distance, Kolmogorov-Smirnov. Categories are compared by value: PSI, Jensen-Shannon, chi-square;
those that the reference never had are named, with their share.

A column drifts if its change is no chance (after Holm over the columns) *and* large enough to matter
(`least_psi`). The folklore limits 0.1 and 0.25 alone would alarm on every small sample.

*Holds when* rows are independent, in both samples. *Does not cover* changes of the relation between columns, and
seasons: compare like with like.

Source: Siddiqi (2006) and Yurdakul and Naranjo (2020) for the index; Lin (1991), IEEE Transactions on Information
Theory 37, for Jensen-Shannon; Smirnov (1948) for the test; Holm (1979).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

import numpy as np
import polars as pl
from scipy import special

from adwright.errors import DataError, UsageError
from adwright.schema import F64
from adwright.stats.stability import stability_index, stability_noise

_N_BINS = 10
_KS_POINTS = 2000
_MOST_NAMED = 5
LEAST_PSI = 0.02
"""A smaller change matters to nobody: some 14 % more or less in each cell."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ColumnDrift:
    """One column.

    Args:
        column: Its name.
        kind: How it was compared.
        psi: Stability index.
        psi_noise: The index that chance alone exceeds once in a hundred times.
        js: Jensen-Shannon distance, base 2: 0 (the same) to 1 (nothing in common).
        ks: Largest distance of the distribution functions; None for categories.
        p: Of the chi-square test on the cells, or for numbers of the smaller of it and KS, doubled.
        p_adjusted: After Holm over the columns.
        missing_before: Share of missing values in the reference.
        missing_now: Share of missing values in the new sample.
        unseen: Categories that the reference never had, the commonest first.
        unseen_share: Their share of the new sample.
        drifted: Whether the column has changed.
    """

    column: str
    kind: Literal["number", "category"]
    psi: float
    psi_noise: float
    js: float
    ks: float | None
    p: float
    p_adjusted: float
    missing_before: float
    missing_now: float
    unseen: tuple[str, ...]
    unseen_share: float
    drifted: bool


@dataclass(frozen=True, slots=True)
class _Cells:
    kind: Literal["number", "category"]
    first: F64
    last: F64
    ks: float | None = None
    ks_p: float = 1.0
    unseen: tuple[str, ...] = ()
    n_unseen: int = 0


def drift(
    reference: pl.DataFrame,
    current: pl.DataFrame,
    *,
    columns: Iterable[str] | None = None,
    alpha: float = 0.01,
    least_psi: float = LEAST_PSI,
) -> tuple[ColumnDrift, ...]:
    """Every column's change, in the reference's order.

    Args:
        reference: The rows to compare with.
        current: The new rows.
        columns: Which; all of the reference by default.
        alpha: Share of false alarms over all columns together.
        least_psi: Smallest stability index that counts as drift.

    Raises:
        DataError: no rows, or a column that is absent or has changed between number and text.
        UsageError: `alpha` or `least_psi` out of range.

    >>> before = pl.DataFrame({"x": np.arange(1000.0)})
    >>> [c.drifted for c in drift(before, before + 300.0)]
    [True]
    """
    if not 0.0 < alpha < 1.0 or not least_psi >= 0.0:
        raise UsageError("not a limit", argument="alpha, least_psi", value=(alpha, least_psi),
                         allowed="alpha between 0 and 1, least_psi 0 or more")  # fmt: skip
    if reference.is_empty() or current.is_empty():
        raise DataError("no rows", argument="reference, current", value=(reference.height, current.height))
    names = list(reference.columns if columns is None else columns)
    cells = [_cells(name, reference, current) for name in names]
    tests = [_chi_square(c.first, c.last) for c in cells]
    p = np.array(
        [t if c.ks is None else min(1.0, 2.0 * min(t, c.ks_p)) for c, t in zip(cells, tests, strict=True)]
    )
    adjusted = _holm(p)
    return tuple(
        _column(name, c, p=float(p[i]), adjusted=float(adjusted[i]), alpha=alpha, least_psi=least_psi)
        for i, (name, c) in enumerate(zip(names, cells, strict=True))
    )


def _column(
    name: str, cells: _Cells, *, p: float, adjusted: float, alpha: float, least_psi: float
) -> ColumnDrift:
    n_first, n_last = float(cells.first.sum()), float(cells.last.sum())
    psi = float(stability_index(cells.first, cells.last))
    occupied = int(np.count_nonzero(cells.first + cells.last))
    unseen_share = cells.n_unseen / n_last
    return ColumnDrift(
        column=name,
        kind=cells.kind,
        psi=psi,
        psi_noise=float(stability_noise(occupied, n_first, n_last)),
        js=_jensen_shannon(cells.first / n_first, cells.last / n_last),
        ks=cells.ks,
        p=p,
        p_adjusted=adjusted,
        missing_before=float(cells.first[-1]) / n_first,
        missing_now=float(cells.last[-1]) / n_last,
        unseen=cells.unseen,
        unseen_share=unseen_share,
        drifted=adjusted < alpha and psi >= least_psi,
    )


def _cells(name: str, reference: pl.DataFrame, current: pl.DataFrame) -> _Cells:
    for what, frame in (("reference", reference), ("current", current)):
        if name not in frame.columns:
            raise DataError(
                "a column is absent", argument=what, value=name, allowed=", ".join(frame.columns[:20])
            )
    first, last = reference[name], current[name]
    numeric = first.dtype.is_numeric()
    if (
        last.dtype.is_numeric() != numeric
        and last.null_count() < last.len()
        and first.null_count() < first.len()
    ):
        raise DataError("a column has changed its type", argument=name, value=str(last.dtype),
                        allowed=str(first.dtype))  # fmt: skip
    return _number_cells(_floats(first), _floats(last)) if numeric else _category_cells(first, last)


def _floats(column: pl.Series) -> F64:
    """The values, NaN where missing."""
    return np.asarray(
        column.cast(pl.Float64, strict=False).fill_null(float("nan")).to_numpy(), dtype=np.float64
    )


def _number_cells(first: F64, last: F64) -> _Cells:
    """Counts in tenths of the reference with the missing last, and Kolmogorov-Smirnov of the present values."""
    before, now = np.sort(first), np.sort(last)  # NaN goes to the end
    n_before = len(before) - int(np.isnan(first).sum())
    n_now = len(now) - int(np.isnan(last).sum())
    before, now = before[:n_before], now[:n_now]
    missing = (float(len(first) - n_before), float(len(last) - n_now))
    if n_before == 0 or n_now == 0:
        return _Cells("number", np.array([n_before, missing[0]], float), np.array([n_now, missing[1]], float))
    edges = np.unique(before[(np.arange(1, _N_BINS) * n_before) // _N_BINS])

    def counts(ordered: F64, n_missing: float) -> F64:
        at = np.concatenate([[0], np.searchsorted(ordered, edges, "right"), [len(ordered)]])
        return np.append(np.diff(at).astype(np.float64), n_missing)

    distance = _largest_distance(before, now)
    root = np.sqrt(n_before * n_now / (n_before + n_now))
    p = float(special.kolmogorov((root + 0.12 + 0.11 / root) * distance))
    return _Cells("number", counts(before, missing[0]), counts(now, missing[1]), ks=distance, ks_p=p)


def _largest_distance(before: F64, now: F64) -> float:
    """The two-sample Kolmogorov-Smirnov statistic of sorted values; of many, too small by at most 1 / 2,000."""

    def some(ordered: F64) -> F64:
        return ordered[:: max(1, len(ordered) // _KS_POINTS)]

    at = np.unique(np.concatenate([some(before), some(now), before[-1:], now[-1:]]))
    gaps = np.searchsorted(before, at, "right") / len(before) - np.searchsorted(now, at, "right") / len(now)
    return float(np.abs(gaps).max())


def _category_cells(first: pl.Series, last: pl.Series) -> _Cells:
    def counted(column: pl.Series) -> pl.DataFrame:
        return pl.DataFrame({"value": column.cast(pl.String)}).group_by("value").len("n")

    both = counted(first).join(counted(last), on="value", how="full", coalesce=True, nulls_equal=True)
    both = both.with_columns(pl.col("n").fill_null(0), pl.col("n_right").fill_null(0))
    missing = both.filter(pl.col("value").is_null())
    present = both.filter(pl.col("value").is_not_null()).sort(
        "n", "n_right", "value", descending=[True, True, False]
    )
    unseen = present.filter(pl.col("n") == 0)

    def cells(name: str) -> F64:
        return np.append(present[name].to_numpy().astype(np.float64), float(missing[name].sum()))

    return _Cells(
        "category",
        cells("n"),
        cells("n_right"),
        unseen=tuple(unseen["value"].head(_MOST_NAMED).to_list()),
        n_unseen=int(unseen["n_right"].sum()),
    )


def _chi_square(first: F64, last: F64) -> float:
    """The p-value of equal shares; cells with fewer than five expected rows are pooled."""
    total, rows = first + last, float(first.sum() + last.sum())
    share = min(float(first.sum()), float(last.sum())) / rows
    small = total * share < 5.0
    pooled = [np.append(x[~small], x[small].sum()) for x in (first, last)]
    table = np.stack(pooled)
    table = table[:, table.sum(axis=0) > 0]
    if table.shape[1] < 2:
        return 1.0
    expected = table.sum(axis=1, keepdims=True) * table.sum(axis=0) / rows
    statistic = float(np.sum((table - expected) ** 2 / expected))
    return float(special.gammaincc((table.shape[1] - 1) / 2.0, statistic / 2.0))


def _jensen_shannon(p: F64, q: F64) -> float:
    middle = (p + q) / 2.0
    divergence = float(np.sum(special.rel_entr(p, middle) + special.rel_entr(q, middle))) / 2.0
    return float(np.sqrt(max(divergence, 0.0) / np.log(2.0)))


def _holm(p: F64) -> F64:
    order = np.argsort(p, kind="stable")
    out = np.empty(len(p))
    factors = np.arange(len(p), 0, -1)
    out[order] = np.minimum(np.maximum.accumulate(p[order] * factors), 1.0)
    return out
