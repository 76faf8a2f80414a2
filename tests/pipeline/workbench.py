"""A toy workspace, a scripted writer in its run, and customers who do what a test says."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from pathlib import Path

import numpy as np
import polars as pl

from adwright.decide import decide
from adwright.pipeline.job import RunResult, run
from adwright.pipeline.judging import Judged
from adwright.pipeline.launch import Launch
from adwright.schema import Approval, Decision
from adwright.store.columns import EVENTS
from adwright.testing import NOW, products_frame, toy_past_contents, toy_products
from adwright.workspace import Workspace

RECIPE = """
[shop]
name = "Toy"
languages = ["en"]

[generate]
n_variants = 3
"""


def open_shop(folder: Path, recipe: str = RECIPE, *, n_products: int = 3, n_groups: int = 0) -> Workspace:
    """A workspace with a catalogue and, with groups, past contents to learn from."""
    shop = Workspace.init(folder, recipe, env={})
    products = toy_products(n_products)
    shop.tables.upsert("products", products_frame(products), key="id")
    if n_groups:
        past = toy_past_contents(products, n_groups=n_groups, rng=np.random.default_rng(0))
        shop.tables.upsert("contents", past, key="content_id")
    return shop


def quiet(message: str) -> None:
    """Progress that nobody reads."""


def run_job(
    shop: Workspace, *, now: datetime = NOW, reviewer: Callable[..., Sequence[Approval]] | None = None
) -> RunResult:
    return run(shop, now=now, progress=quiet, reviewer=reviewer)


def approve_all(waiting: Sequence[Judged]) -> list[Approval]:
    return [approval(j) for j in waiting]


def approval(judged: Judged, *, approved: bool = True, reason: str = "") -> Approval:
    content = judged.content
    return Approval(
        content_id=content.id, approved=approved, by="Li Lei", at=NOW, text=content.text, reason=reason
    )


def statuses(shop: Workspace) -> dict[str, str]:
    return {
        c.id: c.status for c in shop.contents.by_status("draft", "approved", "rejected", "live", "retired")
    }


def decisions_for(item: Launch, n: int, *, at: datetime, seed: int = 0) -> list[Decision]:
    """One decision for each of n customers, from the running launch."""
    customers = [f"p_{i}" for i in range(n)]
    return decide(
        customers,
        item.choice,
        now=at,
        rng=np.random.default_rng(seed),
        config=item.config,
        session_ids=customers,
    )


Fate = Callable[[int], tuple[bool, bool, int | None, int]]
"""Number of the decision -> is it exposed, clicked; what it buys (None: nothing); what it sends back."""


def events_of(decisions: Sequence[Decision], fate: Fate) -> pl.DataFrame:
    """The events that follow decisions: seen and clicked within minutes, bought a day later, returned in ten."""
    rows: list[dict[str, object]] = []
    for i, decision in enumerate(decisions):
        is_seen, is_clicked, bought, returned = fate(i)
        told = {"customer_id": decision.customer_id, "decision_id": decision.id}
        order = told | {"order_id": f"o-{decision.id}", "currency": "USD"}
        if is_seen:
            rows.append(told | {"event": "Promotion Viewed", "at": decision.at + timedelta(minutes=1)})
        if is_clicked:
            rows.append(told | {"event": "Promotion Clicked", "at": decision.at + timedelta(minutes=2)})
        if bought is not None:
            at = decision.at + timedelta(days=1)
            rows.append(order | {"event": "Order Completed", "at": at, "value_minor": bought})
        if returned:
            at = decision.at + timedelta(days=10)
            rows.append(order | {"event": "Order Refunded", "at": at, "value_minor": returned})
    for row in rows:
        row["message_id"] = f"{row['decision_id']}-{row['event']}"
    return pl.DataFrame(rows, schema=dict(EVENTS), orient="row")


def add_events(shop: Workspace, frame: pl.DataFrame) -> int:
    return shop.tables.append("events", frame, key="message_id")
