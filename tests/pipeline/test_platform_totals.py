"""Totals that ad platforms report reach the ledger once, summed over finer context."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import polars as pl

from adwright.pipeline.platform_totals import record_platform_totals
from adwright.workspace import Workspace

DAY = datetime(2026, 3, 1, tzinfo=UTC)


def rows(*, clicks: int) -> pl.DataFrame:
    return pl.DataFrame(
        {
            "content_id": ["c1", "c1", "c2", None],
            "at": [DAY, DAY, DAY, DAY],
            "channel": ["meta", "meta", None, "meta"],
            "n_exposures": [100, 200, 50, 9],
            "n_clicks": [clicks, 4, None, 1],
            "attributes": ['{"age": "18-24"}', '{"age": "25-34"}', None, None],
        },
        schema_overrides={"at": pl.Datetime("us", "UTC"), "n_clicks": pl.Int64},
    )


def test_finer_rows_are_added_up_and_counted_once(tmp_path: Path) -> None:
    with Workspace.init(tmp_path / "shop", env={}) as workspace:
        workspace.tables.append("totals", rows(clicks=3), key=None)
        assert record_platform_totals(workspace) == 2
        assert record_platform_totals(workspace) == 0
        ledger = workspace.ledger.totals()
    kept = {r["content_id"]: (r["n_exposures"], r["n_clicks"], r["channel"]) for r in ledger.to_dicts()}
    assert kept == {"c1": (300, 7, "meta"), "c2": (50, 0, "unknown")}


def test_nothing_reported_is_no_error(tmp_path: Path) -> None:
    with Workspace.init(tmp_path / "shop", env={}) as workspace:
        assert record_platform_totals(workspace) == 0
