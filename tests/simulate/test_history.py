from __future__ import annotations

import csv
import json
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from adwright.errors import UsageError
from adwright.simulate.world import World


@pytest.fixture(scope="module")
def paths(world: World, now: datetime, tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Path]:
    return world.write_history(tmp_path_factory.mktemp("history"), now=now, n_days=90, n_groups=40, n_bad=6)


@pytest.fixture(scope="module")
def events(paths: Mapping[str, Path]) -> list[dict]:
    found = []
    for line in paths["events"].read_text(encoding="utf-8").splitlines():
        try:
            found.append(json.loads(line))
        except json.JSONDecodeError:
            continue
    return [e for e in found if not e["messageId"].startswith("bad-")]


def test_the_four_files_are_there(paths: Mapping[str, Path]) -> None:
    assert sorted(paths) == ["catalog", "contents", "customers", "events"]
    assert all(path.stat().st_size > 0 for path in paths.values())


def test_events_are_segments_and_idempotent(events: list[dict]) -> None:
    assert len({e["messageId"] for e in events}) == len(events) > 1000
    for event in events:
        assert event["type"] == "track"
        assert event["userId"].startswith("user-")
        assert event["context"]["locale"] in {"en-US", "zh-CN"}
        assert event["timestamp"].endswith("Z")


def test_a_few_in_a_hundred_arrive_late_and_the_file_is_in_order_of_arrival(events: list[dict]) -> None:
    received = [datetime.fromisoformat(e["receivedAt"]) for e in events]
    sent = [datetime.fromisoformat(e["timestamp"]) for e in events]
    assert received == sorted(received)
    assert sent != sorted(sent)
    delays = np.array([(r - s).total_seconds() for r, s in zip(received, sent, strict=True)])
    assert delays.min() >= 0
    share = (delays > 300).mean()
    assert share == pytest.approx(0.03, abs=5 * np.sqrt(0.03 * 0.97 / len(events)))


def test_promotions_point_at_past_contents(events: list[dict], paths: Mapping[str, Path]) -> None:
    ids = set(pl.read_parquet(paths["contents"])["content_id"])
    promotions = [e for e in events if e["event"].startswith("Promotion")]
    assert promotions
    assert all(e["properties"]["promotion_id"] in ids for e in promotions)


def test_malformed_rows_are_as_many_as_asked_for(world: World, now: datetime, tmp_path: Path) -> None:
    good = world.write_history(tmp_path / "a", now=now, n_days=20, n_groups=5, n_bad=0)["events"].read_text(
        "utf-8"
    )
    bad = world.write_history(tmp_path / "b", now=now, n_days=20, n_groups=5, n_bad=7)["events"].read_text(
        "utf-8"
    )
    assert len(bad.splitlines()) == len(good.splitlines()) + 7
    assert set(good.splitlines()) <= set(bad.splitlines())
    assert all(json.loads(line) for line in good.splitlines())


def test_catalogue_has_merchant_names_and_prices(world: World, paths: Mapping[str, Path]) -> None:
    rows = json.loads(paths["catalog"].read_text(encoding="utf-8"))
    assert len(rows) == len(world.products)
    for row, product in zip(rows, world.products, strict=True):
        amount, currency = row["price"].split()
        assert round(float(amount) * 100) == product.price_minor
        assert currency == product.currency
        assert row["attributes"] == product.attributes


def test_customers_have_a_language_and_consent_and_nothing_else(paths: Mapping[str, Path]) -> None:
    with paths["customers"].open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 400
    assert list(rows[0]) == ["id", "language", "consent"]
    languages = [row["language"] for row in rows]
    assert languages.count("en") > languages.count("zh") > 0


def test_no_file_holds_the_truth(paths: Mapping[str, Path]) -> None:
    for path in paths.values():
        raw = path.read_bytes()
        for word in (b"segment", b"affinity", b"susceptib", b"p_click", b"multiplier", b"responsiveness"):
            assert word not in raw, (path.name, word)


def test_the_same_seed_writes_the_same_bytes_and_the_future_holds_nothing(
    world: World, now: datetime, tmp_path: Path
) -> None:
    first = world.write_history(tmp_path / "1", now=now, n_days=20, n_groups=5)
    again = World.draw(1, n_products=32, n_customers=400).write_history(
        tmp_path / "2", now=now, n_days=20, n_groups=5
    )
    for name in ("events", "catalog", "customers"):
        assert first[name].read_bytes() == again[name].read_bytes()
    assert pl.read_parquet(first["contents"]).equals(pl.read_parquet(again["contents"]))


def test_wrong_sizes_and_times_are_refused(world: World, now: datetime, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="n_customers = 401"):
        world.write_history(tmp_path, now=now, n_customers=401)
    with pytest.raises(UsageError, match="aware"):
        world.write_history(tmp_path, now=now.replace(tzinfo=None))
    with pytest.raises(UsageError, match="n_days"):
        world.write_history(tmp_path, now=now, n_days=0)
