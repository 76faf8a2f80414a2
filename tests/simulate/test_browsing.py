from __future__ import annotations

from collections import Counter
from datetime import datetime

import numpy as np
import pytest

from adwright.simulate.browsing import Happening, Sessions, draw_happenings, draw_sessions
from adwright.simulate.past_contents import PastContents
from adwright.simulate.world import World

Drawn = tuple[Sessions, list[Happening]]


@pytest.fixture(scope="module")
def drawn(world: World, now: datetime) -> Drawn:
    rng = np.random.default_rng(0)
    nothing = PastContents(
        [], np.zeros(0, dtype=np.int64), np.zeros(0, dtype="datetime64[us]"), np.zeros(0, dtype=np.int64)
    )
    sessions = draw_sessions(world._market, n_customers=400, n_days=180, now=now, rng=rng)
    return sessions, draw_happenings(world._market, sessions, nothing, language="en", now=now, rng=rng)


def test_customers_come_as_often_as_their_activity_says(world: World, drawn: Drawn) -> None:
    expected = world._market.population.activity[:400].sum() * 180 / 7
    assert len(drawn[0]) == pytest.approx(expected, rel=0.1)


def test_every_order_follows_a_basket_and_every_return_an_order(drawn: Drawn) -> None:
    first = {}
    for happening in drawn[1]:
        key = (happening.session, happening.name)
        first[key] = min(first.get(key, happening.at), happening.at)
    for (session, name), at in first.items():
        if name == "Order Completed":
            assert first[session, "Product Added"] < at
        if name == "Order Refunded":
            assert at - first[session, "Order Completed"] >= np.timedelta64(1, "D")


def test_nothing_happens_after_now(drawn: Drawn, now: datetime) -> None:
    end = np.datetime64(now.replace(tzinfo=None), "us")
    assert all(h.at < end for h in drawn[1])
    names = Counter(h.name for h in drawn[1])
    assert (
        names["Product Viewed"]
        > names["Product Added"]
        > names["Order Completed"]
        > names["Order Refunded"]
        > 0
    )


def test_behaviour_reveals_the_segments(world: World, drawn: Drawn) -> None:
    """The share of each category among a segment's views goes with its hidden affinity."""
    market = world._market
    rows = {p.id: j for j, p in enumerate(market.products)}
    views = np.zeros_like(market.segments.affinity)
    for happening in drawn[1]:
        if happening.name == "Product Viewed":
            segment = market.population.segment[drawn[0].customer[happening.session]]
            views[segment, market.category[rows[happening.properties["product_id"]]]] += 1
    share = views / views.sum(axis=1, keepdims=True)
    relative = share / share.mean(axis=0)
    liking = market.segments.affinity / market.segments.affinity.mean(axis=0)
    assert np.corrcoef(np.log(relative + 0.01).ravel(), np.log(liking).ravel())[0, 1] > 0.6


def test_an_order_is_the_sum_of_its_lines(drawn: Drawn) -> None:
    for happening in drawn[1]:
        if happening.name == "Order Completed":
            lines = happening.properties["products"]
            total = sum(round(line["price"] * 100) * line["quantity"] for line in lines)
            assert round(happening.properties["total"] * 100) == total
