"""What rules are judged before: the catalogue, the offer, the stock and the time, in the form rules ask for."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from adwright.generate.facts import runs, sale_runs
from adwright.schema import Offer, Product
from adwright.text.normalise import fold_in_place

LOW_STOCK = 20
"""Up to so many pieces a shop may call scarce."""

_SOON = timedelta(days=7)
_TODAY = timedelta(hours=32)  # "tonight" may be the night of another time zone
_DENIED = re.compile(r"\s*(?:no|none|not|false|n/a|无|否|不支持|不提供)(?![a-z])", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Circumstances:
    """The circumstances of one content.

    Args:
        catalogue: Titles, descriptions, brands, types, attributes and the offer's terms, folded, a line each.
        names: Titles and brands, folded.
        holds: The conditions that hold now, by the names that rules use: `offer_runs` (an offer or a sale
            that has begun and not ended), `offer_ends` (it has an end), `offer_ends_soon` (within a week),
            `offer_ends_today`,
            `stock_low` (at most `LOW_STOCK` pieces), `stock_known`, `product_known`, `verified_review`.
    """

    catalogue: str = ""
    names: tuple[str, ...] = ()
    holds: frozenset[str] = frozenset()

    @classmethod
    def of(
        cls, products: Sequence[Product], *, offer: Offer | None, now: datetime, verified_review: bool = False
    ) -> Circumstances:
        """The circumstances of these products and this offer at `now` (aware)."""
        lines = [_fold(line) for line in _lines(products, offer)]
        names = {_fold(n) for p in products for n in _names(p) if len(n) > 1}
        holds = set(_conditions(products, offer, now))
        if verified_review:
            holds.add("verified_review")
        return cls("\n".join(lines), tuple(sorted(names)), frozenset(holds))


def _fold(text: str) -> str:
    return fold_in_place(text).replace("-", " ")


_IN_QUOTES = re.compile(
    '[\u201c\u300c\u300e\u300a"](?P<name>[^\u201d\u300d\u300f\u300b"]{2,30})[\u201d\u300d\u300f\u300b"]'
)


def _names(product: Product) -> Iterator[str]:
    """The title, the brand, what the title has in quotation marks, and the title without its noun at the end."""
    title = product.title
    yield from (title, product.brand or "")
    yield from (match["name"] for match in _IN_QUOTES.finditer(title))
    noun = product.product_type or ""
    if noun and title.lower().endswith(f" {noun.lower()}"):
        bare = title[: -len(noun)].strip()
        if "&" in bare or " and " in bare:  # one word alone, as in "Best Kettle", is praise
            yield bare


def _lines(products: Sequence[Product], offer: Offer | None) -> Iterator[str]:
    for product in products:
        yield from (product.title, product.description, product.brand or "", product.product_type or "")
        for key, value in product.attributes.items():
            if "://" not in value and not _DENIED.match(value):
                yield f"{key}: {value}"
    if offer is not None:
        yield offer.terms


def _conditions(products: Sequence[Product], offer: Offer | None, now: datetime) -> Iterator[str]:
    ends: list[datetime | None] = [p.sale_ends_at for p in products if sale_runs(p, now)]
    if offer is not None and runs(offer.starts_at, offer.ends_at, now):
        ends.append(offer.ends_at)
    if ends:
        yield "offer_runs"
    known = [end for end in ends if end is not None]
    if known:
        yield "offer_ends"
        if min(known) - now <= _SOON:
            yield "offer_ends_soon"
        if min(known) - now <= _TODAY:
            yield "offer_ends_today"
    stocks = [p.quantity for p in products if p.quantity is not None]
    if offer is not None and offer.stock is not None:
        stocks.append(offer.stock)
    if stocks:
        yield "stock_known"
        if min(stocks) <= LOW_STOCK:
            yield "stock_low"
    if products:
        yield "product_known"


CONDITIONS = frozenset(
    {
        "offer_runs",
        "offer_ends",
        "offer_ends_soon",
        "offer_ends_today",
        "stock_known",
        "stock_low",
        "product_known",
    }
    | {"verified_review"}
)
"""The names that a rule or an exemption may ask for."""
