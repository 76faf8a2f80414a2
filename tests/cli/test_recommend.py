"""`adwright recommend`: fit, score, evaluate on a workspace, and what it says when something is missing."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from adwright.store.columns import EVENTS, ORDER_LINES, PRODUCTS
from adwright.workspace import Workspace
from cli.command_line import CommandLine, command_line

N_CUSTOMERS, N_PRODUCTS = 60, 12


def table(columns: Any, rows: list[dict[str, Any]]) -> pl.DataFrame:
    return pl.DataFrame([dict.fromkeys(columns) | row for row in rows], schema=dict(columns))


def orders(first_day: int, n_days: int) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Customers of two groups who buy within their group, one order a customer every four days."""
    rng = np.random.default_rng(first_day)
    start = datetime.now(UTC) - timedelta(days=60)
    events, lines = [], []
    for day in range(first_day, first_day + n_days):
        for c in range(day % 4, N_CUSTOMERS, 4):
            shared = {"message_id": f"m{day}-{c}", "order_id": f"o{day}-{c}", "customer_id": f"c{c}"}
            shared |= {"event": "Order Completed", "at": start + timedelta(days=day)}
            events.append(shared | {"value_minor": 100, "currency": "USD"})
            for item in rng.choice(N_PRODUCTS // 2, 2, replace=False):
                lines.append(shared | {"product_id": f"p{2 * item + c % 2}", "quantity": 1})
    return table(EVENTS, events), table(ORDER_LINES, lines)


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    products = [
        {"id": f"p{i}", "title": f"Thing {i}", "product_type": f"Group {i % 2}", "price_minor": 100 * i}
        for i in range(N_PRODUCTS)
    ]
    folder = tmp_path / "shop"
    with Workspace.init(folder) as opened:
        opened.tables.upsert("products", table(PRODUCTS, products), key="id")
    add(folder, *orders(0, 40))
    return folder


def add(folder: Path, events: pl.DataFrame, lines: pl.DataFrame) -> None:
    with Workspace.open(folder) as opened:
        opened.tables.append_many({"events": events, "order_lines": lines}, key="message_id")


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> CommandLine:
    return command_line(monkeypatch, capsys)


def test_fit_score_and_evaluate(shop: Path, tmp_path: Path, run: CommandLine) -> None:
    fitted = run("recommend", "fit", "-w", shop, "--json").json
    assert fitted["model"] == "recommend@1"
    assert sum(fitted["weights"].values()) > 0
    asked = ("--customer", "c1", "--customer", "stranger")
    rows = run("recommend", "score", "-w", shop, *asked, "-n", "3", "--json").json["rows"]
    own = [row for row in rows if row["customer_id"] == "c1"]
    assert len(rows) == 6
    assert all(int(row["product_id"][1:]) % 2 == 1 for row in own)
    assert all(row["evidence_en"] and row["evidence_zh"] for row in rows)
    said = run("recommend", "score", "-w", shop, "-n", "2", "--out", tmp_path / "all.csv").out
    assert f"{2 * N_CUSTOMERS} rows for {N_CUSTOMERS} customers" in said
    assert pl.read_csv(tmp_path / "all.csv").height == 2 * N_CUSTOMERS


def test_evaluate_judges_by_what_came_later(shop: Path, run: CommandLine) -> None:
    found = run("recommend", "evaluate", "-w", shop, "--json").json
    assert 0.3 < found["recall@10"]["mean"] <= 1.0
    assert found["recall@10"]["low"] <= found["recall@10"]["mean"] <= found["recall@10"]["high"]
    assert (shop / "reports" / "recommend.json").is_file()


def test_a_fitted_model_is_judged_by_what_came_after_it(
    shop: Path, run: CommandLine, monkeypatch: pytest.MonkeyPatch
) -> None:
    early = datetime.now(UTC) - timedelta(days=25)

    class Early(datetime):
        @classmethod
        def now(cls, tz: Any = None) -> Any:
            return early

    with monkeypatch.context() as patch:
        patch.setattr("adwright.cli.recommend.datetime", Early)
        run("recommend", "fit", "-w", shop, "--json")
        assert "Ingest later events" in run("recommend", "evaluate", "-w", shop, "--model", "recommend").fault
    printed = run("recommend", "evaluate", "-w", shop, "--model", "recommend")
    assert "recommend, on what was bought after it was fitted" in printed.out
    assert "ndcg@10" in printed.out


def test_without_a_model_it_says_how_to_get_one(shop: Path, run: CommandLine) -> None:
    assert "adwright recommend fit" in run("recommend", "score", "-w", shop).fault


def test_the_recipes_rules_hold(shop: Path, run: CommandLine) -> None:
    recipe = shop / "adwright.toml"
    rules = "[recommend.rules]\nmax_price_minor = 300\nnot_again_days = 0.0\n"
    recipe.write_text(recipe.read_text() + rules)
    run("recommend", "fit", "-w", shop, "--json")
    rows = run("recommend", "score", "-w", shop, "--customer", "c1", "--json").json["rows"]
    assert {row["product_id"] for row in rows} <= {"p0", "p1", "p2", "p3"}
    recipe.write_text(recipe.read_text().replace("max_price_minor = 300", "max_price = 300"))
    assert "max_price_minor" in run("recommend", "fit", "-w", shop).fault


def test_a_cohort_is_ranked_without_a_fit(shop: Path, run: CommandLine) -> None:
    found = run("recommend", "-w", shop, "-n", "2", "--json").json
    assert found["cohort"] == "everyone"
    assert len(found["products"]) == 2
