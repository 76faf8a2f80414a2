"""What customers did in the shop: sessions of searches, views, promotions, baskets, orders and returns.

    sessions_i ~ Poisson(activity_i * weeks), on days weighted by the week
    P(view j)  ~ affinity_gj * popularity_j * thrift_gj * season_j, 3.3 times that in the session's category
    basket ~ Bernoulli(0.17) a view; order ~ Bernoulli(0.5) a session with a basket; return ~ Bernoulli(r0)

So behaviour shows the tastes for categories and prices; tastes for concepts show only in past results.

*Does not cover* video, reviews, or sessions that span midnight's season.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np

from adwright.schema import F64, Language
from adwright.simulate.catalogue import categories, category_nouns
from adwright.simulate.market import Ints, Market
from adwright.simulate.past_contents import PastContents
from adwright.simulate.traffic import CHANNELS, Times, draw_day_offsets, draw_return_delays, later, season

_SECOND = np.timedelta64(1_000_000, "us")
_FOCUS = 1.2
_BASKET, _ORDER = 0.17, 0.5
_SEARCH, _PROMOTION, _PROMOTION_CLICK = 0.3, 0.35, 0.12


@dataclass(frozen=True, slots=True)
class Happening:
    """One event before it is written: when, in which session, Segment's name and properties."""

    at: np.datetime64
    session: int
    name: str
    properties: Mapping[str, Any]


@dataclass(frozen=True, slots=True, eq=False)
class Sessions:
    """n sessions: customer and channel index, start, and the weight of each product, log (n, n_products)."""

    customer: Ints
    channel: Ints
    start: Times
    log_weight: F64

    def __len__(self) -> int:
        return len(self.customer)


def draw_sessions(
    market: Market, *, n_customers: int, n_days: int, now: datetime, rng: np.random.Generator
) -> Sessions:
    """The sessions of the first `n_customers` customers in the `n_days` before `now`."""
    people = market.population
    counts = rng.poisson(people.activity[:n_customers] * n_days / 7.0)
    customer = np.repeat(np.arange(n_customers), counts)
    end = np.datetime64(now.astimezone(UTC).replace(tzinfo=None), "us")
    first = np.datetime64(now.astimezone(UTC).date() - timedelta(days=n_days - 1), "us")
    days = first + np.arange(n_days) * np.timedelta64(1, "D")
    busy = season(days, np.full(n_days, _unseasonal()))
    day = rng.choice(days, len(customer), p=busy / busy.sum())
    start = later(day, draw_day_offsets(len(customer), rng=rng))
    past = start < end
    customer, start = customer[past], start[past]
    cumulative = people.channel[customer].cumsum(axis=1)
    channel = (rng.random(len(customer))[:, None] > cumulative).sum(axis=1)
    return Sessions(
        customer, np.minimum(channel, len(CHANNELS) - 1), start, _log_weights(market, customer, start, rng)
    )


def draw_happenings(
    market: Market,
    sessions: Sessions,
    past: PastContents,
    *,
    language: Language,
    now: datetime,
    rng: np.random.Generator,
) -> list[Happening]:
    """Everything that happened in the sessions, up to `now`, in no particular order."""
    first = _choose(sessions.log_weight, rng)
    found = _searches(market, sessions, first, language, rng) + _promotions(market, sessions, past, rng)
    n_views = 1 + rng.poisson(1.5, len(sessions))
    of = np.repeat(np.arange(len(sessions)), n_views)
    same = market.category[None, :] == market.category[first][of][:, None]
    product = _choose(sessions.log_weight[of] + _FOCUS * same, rng)
    order = np.arange(len(of)) - np.repeat(np.cumsum(n_views) - n_views, n_views)
    at = sessions.start[of] + (20 + 45 * order + rng.integers(0, 40, len(of))) * _SECOND
    found += _views(market, of, product, at)
    basket = rng.random(len(of)) < _BASKET
    found += _baskets(market, of[basket], product[basket], at[basket] + 12 * _SECOND)
    found += _orders(market, of[basket], product[basket], at[basket], rng)
    end = np.datetime64(now.astimezone(UTC).replace(tzinfo=None), "us")
    return [h for h in found if h.at < end]


def _log_weights(market: Market, customer: Ints, start: Times, rng: np.random.Generator) -> F64:
    popularity = rng.normal(0.0, 0.6, len(market.products))
    prices = market.prices()
    aversion = market.segments.price_aversion[market.population.segment[customer]]
    liking = market.segments.affinity[market.population.segment[customer]][:, market.category]
    thrift = -aversion[:, None] * np.log(prices / np.median(prices))[None, :]
    demand = season(start[:, None], market.category[None, :])
    return np.asarray(1.3 * np.log(liking) + popularity + thrift + np.log(demand), dtype=np.float64)


def _choose(log_weight: F64, rng: np.random.Generator) -> Ints:
    """One column a row, with probability proportional to exp(log_weight): the Gumbel-max draw."""
    noise = -np.log(rng.exponential(size=log_weight.shape))
    return np.asarray((log_weight + noise).argmax(axis=1), dtype=np.int64)


def _unseasonal() -> int:
    return next(i for i, c in enumerate(categories()) if c.peak_month == 0)


def _searches(
    market: Market, sessions: Sessions, first: Ints, language: Language, rng: np.random.Generator
) -> list[Happening]:
    rows = np.flatnonzero(rng.random(len(sessions)) < _SEARCH)
    nouns = [category_nouns(c.key, language) for c in categories()]
    picks = rng.integers(0, 1_000_000, len(rows))
    found = []
    for row, pick in zip(rows.tolist(), picks.tolist(), strict=True):
        words = nouns[market.category[first[row]]]
        query = {"query": words[pick % len(words)]}
        found.append(Happening(sessions.start[row] + 5 * _SECOND, row, "Products Searched", query))
    return found


def _promotions(
    market: Market, sessions: Sessions, past: PastContents, rng: np.random.Generator
) -> list[Happening]:
    if not past.contents:
        return []
    rows = np.flatnonzero(rng.random(len(sessions)) < _PROMOTION)
    # whatever had been written last by then, among the eighty newest
    newest = np.searchsorted(past.at, sessions.start[rows], side="right")
    pick = newest - 1 - rng.integers(0, 80, len(rows))
    rows, pick = rows[pick >= 0], pick[pick >= 0]
    positions = rng.integers(1, 6, len(rows))
    clicked = rng.random(len(rows)) < _PROMOTION_CLICK / np.sqrt(positions)
    names = past.group_ids()
    found = []
    for row, c, position, click in zip(
        rows.tolist(), pick.tolist(), positions.tolist(), clicked.tolist(), strict=True
    ):
        content = past.contents[c]
        shown = {
            "promotion_id": content.id,
            "name": names[c],
            "creative": next(iter(content.slots.values())),
            "position": position,
            "product_id": content.product_ids[0],
        }
        found.append(Happening(sessions.start[row] + 2 * _SECOND, row, "Promotion Viewed", shown))
        if click:
            found.append(Happening(sessions.start[row] + 9 * _SECOND, row, "Promotion Clicked", shown))
    return found


def _views(market: Market, of: Ints, product: Ints, at: Times) -> list[Happening]:
    cards = [_card(market, j) for j in range(len(market.products))]
    return [
        Happening(t, s, "Product Viewed", cards[j])
        for t, s, j in zip(at, of.tolist(), product.tolist(), strict=True)
    ]


def _baskets(market: Market, of: Ints, product: Ints, at: Times) -> list[Happening]:
    cards = [_card(market, j) | {"quantity": 1} for j in range(len(market.products))]
    return [
        Happening(t, s, "Product Added", cards[j])
        for t, s, j in zip(at, of.tolist(), product.tolist(), strict=True)
    ]


def _orders(market: Market, of: Ints, product: Ints, at: Times, rng: np.random.Generator) -> list[Happening]:
    """An order of everything in the basket for half of the sessions with one; some of them come back."""
    sessions, begin = np.unique(of, return_index=True)
    bought = rng.random(len(sessions)) < _ORDER
    back = rng.random(len(sessions)) < market.response.return_rate
    waits = rng.integers(120, 900, len(sessions)) * _SECOND
    returns = draw_return_delays(len(sessions), rng=rng)
    ends = np.append(begin[1:], len(of))
    found = []
    for i in np.flatnonzero(bought).tolist():
        lines = product[begin[i] : ends[i]]
        when = at[ends[i] - 1] + waits[i]
        properties = _order(market, f"o{sessions[i] + 1:07d}", lines, rng)
        session = int(sessions[i])
        found.append(Happening(when, session, "Order Completed", properties))
        if back[i]:
            found.append(Happening(when + returns[i], session, "Order Refunded", properties))
    return found


def _order(market: Market, order_id: str, lines: Ints, rng: np.random.Generator) -> dict[str, Any]:
    rows, pieces = np.unique(lines, return_counts=True)
    pieces = pieces + rng.poisson(0.1, len(rows))
    products = [_card(market, int(j)) | {"quantity": int(q)} for j, q in zip(rows, pieces, strict=True)]
    total = sum(int(market.products[j].price_minor or 0) * int(q) for j, q in zip(rows, pieces, strict=True))
    return {
        "order_id": order_id,
        "total": total / 100,
        "revenue": total / 100,
        "currency": market.products[0].currency,
        "products": products,
    }


def _card(market: Market, j: int) -> dict[str, Any]:
    product = market.products[j]
    return {
        "product_id": product.id,
        "name": product.title,
        "category": product.product_type,
        "brand": product.brand,
        "price": (product.price_minor or 0) / 100,
        "currency": product.currency,
    }
