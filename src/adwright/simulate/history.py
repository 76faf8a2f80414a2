"""The files that a shop hands over: events, catalogue, customers, and past contents with their results.

Events are JSON Lines in the format of Segment's e-commerce specification with raw user ids; about three in a
hundred arrive hours or days late, and the file is in order of arrival. A few malformed rows stand among
them, as in life: broken JSON, no event, a negative price, an unknown currency, a wrong time, no user.

*Does not cover* other formats than these, and holds nothing of the truth.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np

from adwright.errors import UsageError
from adwright.schema import Language, Product
from adwright.simulate.browsing import Happening, Sessions, draw_happenings, draw_sessions
from adwright.simulate.customers import Population
from adwright.simulate.market import Market
from adwright.simulate.past_contents import run_past_contents, write_past_contents
from adwright.simulate.traffic import CHANNELS, Times

_LATE_SHARE = 0.03
_SOURCE = {
    "search_ads": {"source": "search", "medium": "cpc"},
    "email": {"source": "newsletter", "medium": "email"},
    "push": {"source": "app", "medium": "push"},
}


@dataclass(frozen=True, slots=True, kw_only=True)
class HistorySize:
    """How much history: days, customers, past campaigns, and malformed rows among the events."""

    n_days: int
    n_customers: int
    n_groups: int
    n_bad: int


def write_history(
    market: Market,
    folder: Path,
    *,
    language: Language,
    size: HistorySize,
    now: datetime,
    rng: np.random.Generator,
) -> Mapping[str, Path]:
    """Writes the four files; returns `events`, `catalog`, `customers` and `contents` with their paths.

    Raises:
        UsageError: no time zone on `now`, or more customers than the world has.
    """
    if now.tzinfo is None:
        raise UsageError("a time without zone", argument="now", value=now, allowed="an aware datetime")
    if not 1 <= size.n_customers <= len(market.population):
        raise UsageError(
            "not so many customers",
            argument="n_customers",
            value=size.n_customers,
            allowed=f"1 to {len(market.population)}",
        )
    if size.n_days < 1 or size.n_groups < 0 or size.n_bad < 0:
        raise UsageError(
            "a size is too small", argument="size", value=size, allowed="n_days from 1, others from 0"
        )
    folder.mkdir(parents=True, exist_ok=True)
    past = write_past_contents(
        market, language=language, n_groups=size.n_groups, n_days=size.n_days, now=now, rng=rng
    )
    sessions = draw_sessions(market, n_customers=size.n_customers, n_days=size.n_days, now=now, rng=rng)
    happenings = draw_happenings(market, sessions, past, language=language, now=now, rng=rng)
    paths = {
        "events": folder / "events.jsonl",
        "catalog": folder / "catalog.json",
        "customers": folder / "customers.csv",
        "contents": folder / "contents.parquet",
    }
    lines = _event_lines(market.population, sessions, happenings, seed=market.seed, now=now, rng=rng)
    for line in _bad_lines(size.n_bad, lines):
        lines.insert(int(rng.integers(len(lines) + 1)), line)
    paths["events"].write_text("\n".join(lines) + "\n", encoding="utf-8")
    _write_catalogue(paths["catalog"], market.products)
    _write_customers(paths["customers"], market.population, size.n_customers)
    run_past_contents(market, past, rng=rng).write_parquet(paths["contents"])
    return paths


def _event_lines(
    people: Population,
    sessions: Sessions,
    happenings: list[Happening],
    *,
    seed: int,
    now: datetime,
    rng: np.random.Generator,
) -> list[str]:
    """One JSON text an event, in order of arrival."""
    at = np.array([h.at for h in happenings], dtype="datetime64[us]")
    received = _arrivals(at, now, rng)
    sent_at, received_at = _iso(at), _iso(received)
    contexts = _contexts(people, sessions, rng)
    users = people.ids[sessions.customer].tolist()
    lines = []
    for i in np.argsort(received, kind="stable").tolist():
        happening = happenings[i]
        event = {
            "type": "track",
            "event": happening.name,
            "messageId": f"m{seed:04d}-{i:07d}",
            "userId": users[happening.session],
            "timestamp": sent_at[i],
            "receivedAt": received_at[i],
            "context": contexts[happening.session],
            "properties": happening.properties,
        }
        lines.append(json.dumps(event, ensure_ascii=False))
    return lines


def _contexts(people: Population, sessions: Sessions, rng: np.random.Generator) -> list[dict[str, Any]]:
    mobile = rng.random(len(sessions)) < people.mobile[sessions.customer]
    chinese = people.reads_chinese[sessions.customer]
    found = []
    for s, (h, m, zh) in enumerate(
        zip(sessions.channel.tolist(), mobile.tolist(), chinese.tolist(), strict=True)
    ):
        context: dict[str, Any] = {
            "locale": "zh-CN" if zh else "en-US",
            "device": {"type": "mobile" if m else "desktop"},
            "sessionId": f"s{s + 1:07d}",
        }
        if CHANNELS[h] in _SOURCE:
            context["campaign"] = _SOURCE[CHANNELS[h]]
        found.append(context)
    return found


def _arrivals(at: Times, now: datetime, rng: np.random.Generator) -> Times:
    """A second or so after the event; for a few hours or days after; never later than now."""
    seconds = rng.exponential(1.5, len(at))
    late = rng.random(len(at)) < _LATE_SHARE
    seconds = np.where(late, rng.exponential(18 * 3600.0, len(at)) + 600.0, seconds)
    arrived = at + (seconds * 1e6).astype(np.int64).astype("timedelta64[us]")
    end = np.datetime64(now.astimezone(UTC).replace(tzinfo=None), "us")
    capped: Times = np.where(arrived > end, end, arrived)
    return capped


def _iso(times: Times) -> list[str]:
    return [str(t) + "Z" for t in np.datetime_as_string(times.astype("datetime64[ms]"))]


def _bad_lines(n: int, lines: list[str]) -> list[str]:
    """`n` malformed rows, each broken in another way, in turn."""
    if not lines:
        return []
    bad = []
    for i in range(n):
        event = json.loads(lines[(i * 37) % len(lines)])
        event["messageId"] = f"bad-{i:04d}"
        match i % 6:
            case 0:
                bad.append(json.dumps(event, ensure_ascii=False)[:-25])
                continue
            case 1:
                del event["event"]
            case 2:
                event |= {"event": "Product Viewed", "properties": _odd_product(-5.0, "USD")}
            case 3:
                event |= {"event": "Product Viewed", "properties": _odd_product(5.0, "XQX")}
            case 4:
                event["timestamp"] = "yesterday evening"
            case _:
                del event["userId"]
        bad.append(json.dumps(event, ensure_ascii=False))
    return bad


def _odd_product(price: float, currency: str) -> dict[str, Any]:
    return {"product_id": "p0001", "price": price, "currency": currency}


def _write_catalogue(path: Path, products: Sequence[Product]) -> None:
    rows = [
        {
            "id": p.id,
            "title": p.title,
            "description": p.description,
            "link": p.link,
            "image_link": p.image_link,
            "price": _price(p.price_minor, p.currency),
            "cost": _price(p.cost_minor, p.currency),
            "availability": p.availability,
            "quantity": p.quantity,
            "brand": p.brand,
            "product_type": p.product_type,
            "rating": p.rating,
            "attributes": dict(p.attributes),
        }
        for p in products
    ]
    path.write_text(json.dumps(rows, ensure_ascii=False, indent=1), encoding="utf-8")


def _price(amount_minor: int | None, currency: str | None) -> str | None:
    """As Merchant Center writes it, for example `24.99 USD`; both currencies have two decimals."""
    return None if amount_minor is None else f"{amount_minor / 100:.2f} {currency}"


def _write_customers(path: Path, people: Population, n_customers: int) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["id", "language", "consent"])
        for i in range(n_customers):
            consent = ["marketing:onsite"]
            consent += ["marketing:email"] if people.accepts_email[i] else []
            consent += ["marketing:push"] if people.accepts_push[i] else []
            writer.writerow([people.ids[i], "zh" if people.reads_chinese[i] else "en", " ".join(consent)])
