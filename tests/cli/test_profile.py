"""`adwright profile` reads what is new and says the same as a count of everything."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import polars as pl
import pytest

from adwright.workspace import Workspace
from cli.command_line import command_line
from random_events import random_shop


def test_new_events_are_taken_in_and_an_erased_one_is_noticed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    run = command_line(monkeypatch, capsys)
    events, _, products, customers = random_shop(1)
    recent = datetime.now(UTC) - timedelta(days=60)
    shift = recent - events["at"].min()  # type: ignore[operator]
    events = events.with_columns(pl.col("at") + shift, pl.col("received_at") + shift)
    with Workspace.init(tmp_path / "shop") as shop:
        shop.tables.upsert("products", products, key="id")
        shop.tables.upsert("customers", customers, key="id")
        shop.tables.append("events", events.head(40), key="message_id")
    first = run("profile", "-w", tmp_path / "shop", "-k", "1", "--json").json
    assert (first["n_new_events"], first["n_events"], first["recounted"]) == (40, 40, None)
    again = run("profile", "-w", tmp_path / "shop", "-k", "1", "--json").json
    assert again["n_new_events"] == 0
    assert again["cohorts"] == first["cohorts"]
    with Workspace.open(tmp_path / "shop") as shop:
        late = events.tail(20).with_columns(received_at=None)  # they do not say when they came in
        shop.tables.append("events", late, key="message_id")
    third = run("profile", "-w", tmp_path / "shop", "-k", "1", "--json").json
    assert third["n_events"] == events.height
    assert "had been counted" in third["recounted"]
