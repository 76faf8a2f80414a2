"""What the catalogue and the offer bear out: the evidence that the facts guard holds a text against."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from adwright.generate.facts import offer_price, runs, sale_runs
from adwright.generate.lexicon import attribute_lexicon
from adwright.schema import Offer, Product
from adwright.text.currencies import minor_exponent
from adwright.text.normalise import fold_in_place
from adwright.text.numbers import Quantity, find_quantities
from adwright.text.units import to_base

_TOLERANCE = 0.005  # relative: what rounding a measure may change
_DENIED = re.compile(r"\s*(?:no|none|not|false|n/a|无|否|不支持|不提供)(?![a-z])", re.IGNORECASE)
"""An attribute that says no bears nothing out, as in `returnPolicy: No return policy`."""


@dataclass(frozen=True, slots=True)
class Support:
    """The evidence of some products and an offer at one time.

    Args:
        text: Every catalogue text, folded in place, for names and words.
        currencies: The currencies of the products.
        prices: Amounts in major units that one may name as a price now.
        ended_prices: Sale prices that do not hold now.
        percents: Per cents that one may name as a saving or that the texts state.
        dates: yyyymmdd of the dates of sale and offer, and those in the texts.
        measures: Value in base units and dimension, of every measure in the texts.
        values: Every number in the texts and the offer.
        ratings: The rating, and the 5 that it is out of.
        stock: Pieces left, or None.
        concepts: Attribute concepts that the texts bear out.
    """

    text: str
    currencies: frozenset[str]
    prices: tuple[float, ...]
    ended_prices: tuple[float, ...]
    percents: tuple[float, ...]
    dates: frozenset[int]
    measures: tuple[tuple[float, str], ...]
    values: frozenset[float]
    ratings: frozenset[float]
    stock: int | None
    concepts: frozenset[str]

    def names_price(self, value: float) -> bool:
        """Whether the value is a price that holds now."""
        return any(math.isclose(value, p, abs_tol=0.005) for p in self.prices)

    def names_ended_price(self, value: float) -> bool:
        """Whether the value is a sale price that does not hold now."""
        return any(math.isclose(value, p, abs_tol=0.005) for p in self.ended_prices)

    def names_percent(self, value: float) -> bool:
        """Whether the per cents are those of the offer, of the sale (rounded), or of a text."""
        return any(abs(value - p) <= 0.01 or value in (math.floor(p), round(p)) for p in self.percents)

    def names_date(self, value: float) -> bool:
        """Whether the date, of which year, month or day may be zero for unsaid, is one of the known."""
        year, month, day = int(value) // 10_000, int(value) // 100 % 100, int(value) % 100
        return any(
            (not year or year == d // 10_000)
            and (not month or month == d // 100 % 100)
            and (not day or day == d % 100)
            for d in self.dates
        )

    def names_measure(self, value: float, unit: str) -> bool:
        """Whether the texts state this measure, in any unit of its dimension, or the bare number."""
        base, dimension = to_base(value, unit)
        if any(d == dimension and math.isclose(base, b, rel_tol=_TOLERANCE) for b, d in self.measures):
            return True
        return dimension in _COUNTS and value in (
            self.values | self.ratings if dimension == "star" else self.values
        )

    def names_value(self, value: float) -> bool:
        """Whether the number stands anywhere in the texts, or is the rating."""
        return value in self.values or value in self.ratings


_COUNTS = frozenset(
    {"count", "style", "colour", "times", "layer", "compartment", "speed", "size", "people", "star"}
)


def support_of(products: Sequence[Product], *, offer: Offer | None, now: datetime) -> Support:
    """The evidence of these products and this offer at `now` (aware)."""
    running = offer if offer is not None and runs(offer.starts_at, offer.ends_at, now) else None
    text = "\n".join(_texts(products, offer))
    found = find_quantities(text)
    prices = [p for product in products for p in _prices(product, running, now)]
    prices += [q.value for q in found if q.kind == "price"]
    stocks = [p.quantity for p in products if p.quantity is not None]
    stock = running.stock if running and running.stock is not None else min(stocks, default=None)
    ratings = {r for p in products if p.rating is not None for r in (p.rating, round(p.rating, 1), 5.0)}
    return Support(
        text=fold_in_place(text),
        currencies=frozenset(p.currency for p in products if p.currency),
        prices=tuple(prices),
        ended_prices=tuple(_ended(products, now)),
        percents=tuple(_percents(products, running, now, found)),
        dates=frozenset(_dates(products, offer, found)),
        measures=tuple(to_base(q.value, q.unit) for q in found if q.kind == "measure" and q.unit),
        values=frozenset({q.value for q in found} | set(_offer_values(running))),
        ratings=frozenset(ratings),
        stock=stock,
        concepts=attribute_lexicon().supported(text),
    )


def _texts(products: Sequence[Product], offer: Offer | None) -> Iterator[str]:
    for product in products:
        yield from (product.title, product.description, product.brand or "", product.product_type or "")
        for key, value in product.attributes.items():
            if "://" not in value and not _DENIED.match(value):
                yield f"{key}: {value}"
    if offer is not None:
        yield from (offer.terms, offer.code or "")


def _major(amount_minor: int, currency: str) -> float:
    return float(amount_minor / 10 ** minor_exponent(currency))


def _prices(product: Product, offer: Offer | None, now: datetime) -> Iterator[float]:
    if product.price_minor is None or product.currency is None:
        return
    amounts = {product.price_minor, offer_price(product, offer=offer, now=now)}
    if sale_runs(product, now):
        amounts.add(product.sale_price_minor)
    base = product.sale_price_minor if sale_runs(product, now) else product.price_minor
    if offer is not None and base is not None:
        if offer.discount_percent is not None:
            amounts.add(round(base * (100 - offer.discount_percent) / 100))
        if offer.discount_minor is not None:
            amounts |= {base - offer.discount_minor, offer.discount_minor}
    price = offer_price(product, offer=offer, now=now)
    if price is not None and price < product.price_minor:
        amounts.add(product.price_minor - price)  # "save $5"
    for amount in amounts:
        if amount is not None:
            yield _major(amount, product.currency)


def _ended(products: Sequence[Product], now: datetime) -> Iterator[float]:
    for product in products:
        if product.sale_price_minor is not None and product.currency and not sale_runs(product, now):
            yield _major(product.sale_price_minor, product.currency)


def _percents(
    products: Sequence[Product], offer: Offer | None, now: datetime, found: Iterable[Quantity]
) -> Iterator[float]:
    yield from (q.value for q in found if q.kind == "percent")
    if offer is not None and offer.discount_percent is not None:
        yield offer.discount_percent
    for product in products:
        price = offer_price(product, offer=offer, now=now)
        for amount in {price, product.sale_price_minor if sale_runs(product, now) else None}:
            if amount is not None and product.price_minor and amount < product.price_minor:
                yield 100 * (product.price_minor - amount) / product.price_minor


def _dates(products: Sequence[Product], offer: Offer | None, found: Iterable[Quantity]) -> Iterator[int]:
    yield from (int(q.value) for q in found if q.kind == "date")
    times = [t for p in products for t in (p.sale_starts_at, p.sale_ends_at)]
    times += [offer.starts_at, offer.ends_at] if offer is not None else []
    for time in times:
        if time is not None:
            for hours in (0, 8, -8):  # the calendar day of the shop's own time zone
                day = time + timedelta(hours=hours)
                yield day.year * 10_000 + day.month * 100 + day.day


def _offer_values(offer: Offer | None) -> Iterator[float]:
    if offer is not None and offer.discount_percent is not None:
        yield float(offer.discount_percent)
    if offer is not None and offer.stock is not None:
        yield float(offer.stock)
