"""What ad platforms report, ingested as totals, into the ledger that beliefs are rebuilt from."""

from __future__ import annotations

import polars as pl

from adwright.schema import EVERYONE, OutcomeTotal
from adwright.workspace import Workspace

SOURCE = "totals"
_KEY = ("content_id", "at", "channel", "cohort_id")
_SUMS = ("n_exposures", "n_clicks", "n_conversions", "value_minor", "cost_minor")


def record_platform_totals(workspace: Workspace) -> int:
    """Records the table `totals` in the ledger; returns how many lines were new.

    Rows of finer context (age, placement) are added up by content, time, channel and cohort. Recorded again,
    a line replaces what it said before, so nothing counts twice. Rows without a time cannot be placed before
    or after a model's data and are left out.
    """
    rows = workspace.tables.read("totals").filter(
        pl.col("at").is_not_null() & pl.col("content_id").is_not_null()
    )
    if rows.is_empty():
        return 0
    summed = (
        rows.with_columns(pl.col("cohort_id").fill_null(EVERYONE), pl.col("channel").fill_null("unknown"))
        .group_by(_KEY)
        .agg(*(pl.col(c).fill_null(0).sum() for c in _SUMS), pl.col("currency").drop_nulls().first())
        .sort(_KEY)
    )
    added, _ = workspace.ledger.record_totals([OutcomeTotal(**row) for row in summed.to_dicts()], SOURCE)
    return added
