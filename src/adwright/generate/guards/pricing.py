"""What prices, savings and terms hold at a time: the evidence for what a text says of money."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from adwright.generate.facts import offer_price, runs, sale_runs
from adwright.generate.lexicon.cues import cue
from adwright.schema import Offer, Product
from adwright.text.chinese_numerals import NUMERAL_CHARACTERS, parse_chinese
from adwright.text.currencies import minor_exponent
from adwright.text.numbers import Quantity, find_quantities
from adwright.text.units import to_base

Bundle = tuple[int, int, float]
"""Buy so many, get so many at so many per cent off: (1, 1, 100) is 买一送一, (1, 1, 50) 第二件半价."""

FULL_REDUCTION = cue("pricing.full_reduction")
"""满300减50, $10 off orders over $60."""


@dataclass(frozen=True, slots=True)
class Pricing:
    """What one may say of money now.

    Args:
        currencies: The currencies of the products.
        now: Amounts in major units that one may pay now: list price, sale price, under the offer.
        was: List prices where one pays less now.
        savings: Amounts that one may name as saved.
        off: Per cents off that hold now.
        ended: Prices of a sale or an offer that does not hold now.
        ended_off: Per cents off of an offer or a sale that is over.
        ended_savings: Amounts that an offer or a sale that is over took off.
        future: Sale prices that will hold, with their first day.
        future_off: Per cents off that will hold.
        fees: Amounts of the terms that come on top of the price: delivery, assembly.
        terms_amounts: Every amount and number in the terms that hold now, such as a threshold.
        reductions: Threshold and reduction of 满减 terms.
        bundles: Terms such as 买一送一.
        counts: Numbers of the catalogue by which a price may be divided (per piece).
    """

    currencies: frozenset[str]
    now: tuple[float, ...]
    was: tuple[float, ...]
    savings: tuple[float, ...]
    off: tuple[float, ...]
    ended: tuple[float, ...]
    ended_off: tuple[float, ...]
    ended_savings: tuple[float, ...]
    future: tuple[tuple[float, datetime], ...]
    future_off: tuple[float, ...]
    fees: frozenset[float]
    terms_amounts: frozenset[float]
    reductions: frozenset[tuple[float, float]]
    bundles: frozenset[Bundle]
    counts: frozenset[float]

    @property
    def reduced(self) -> bool:
        """Whether one pays less than the list price now, in some way."""
        return bool(self.was or self.off or self.savings or self.bundles or self.reductions)


def pricing_of(
    products: Sequence[Product], offer: Offer | None, now: datetime, found: Iterable[Quantity]
) -> Pricing:
    """The prices of these products under an offer (or None), with the quantities of their texts."""
    later = offer if offer is not None and offer.starts_at is not None and offer.starts_at > now else None
    over = offer if offer is not None and offer.ends_at is not None and offer.ends_at < now else None
    offer = running_offer(offer, now)
    terms = offer.terms if offer is not None else ""
    in_terms = find_quantities(terms)
    quantities = list(found)
    reductions = frozenset(read_reductions(terms))
    amounts = [a for p in products for a in _amounts(p, offer, now, in_terms, reductions)]
    texts = [q.value for q in quantities if q.kind == "price"]
    ended = [*_ended(products, over, now)]
    off = {q.value for q in (*in_terms, *quantities) if q.kind == "percent" and q.unit == "off"}
    off |= {value for kind, value in amounts if kind == "off"}
    off |= {q.value for q in in_terms if q.kind == "percent"}
    return Pricing(
        currencies=frozenset(p.currency for p in products if p.currency),
        now=tuple(dict.fromkeys([v for k, v in amounts if k == "now"] + texts)),
        was=tuple(v for k, v in amounts if k == "was"),
        savings=tuple(v for k, v in amounts if k == "saving"),
        off=tuple(sorted(off)),
        ended=tuple(v for k, v in ended if k == "price"),
        ended_off=tuple(v for k, v in ended if k == "off"),
        ended_savings=tuple(v for k, v in ended if k == "saving"),
        future=(*_future(products, now), *_future_offer(products, later)),
        future_off=tuple(_future_off(later)),
        fees=frozenset(_fees(terms, in_terms)),
        terms_amounts=frozenset(q.value for q in in_terms if q.kind in ("price", "number"))
        | {a for pair in reductions for a in pair},
        reductions=reductions,
        bundles=frozenset(read_bundles(terms)),
        counts=frozenset(q.value for q in quantities if counts_things(q) and q.value > 1),
    )


def counts_things(quantity: Quantity) -> bool:
    """Whether a quantity is a plain number or counts pieces, so that a price can be divided by it."""
    if quantity.kind == "number":
        return True
    return quantity.kind == "measure" and to_base(1, quantity.unit or "")[1] in _COUNT_DIMENSIONS


_NO_FEE_BEFORE = re.compile(
    r"(?:满|抵扣?|减免?|省|返|(?<![a-z])(?:over|above|from|minimum|save|under|spend|orders? of|first))\s?$",
    re.I,
)
_NO_FEE_AFTER = re.compile(r"\s?(?:off\b|or more|起|以上|可用|minimum)", re.I)


def _fees(terms: str, in_terms: Iterable[Quantity]) -> Iterator[float]:
    """The amounts of the terms that are neither a threshold nor taken off."""
    for q in in_terms:
        if q.kind == "price" and not (
            _NO_FEE_BEFORE.search(terms[max(0, q.start - 16) : q.start])
            or _NO_FEE_AFTER.match(terms[q.end : q.end + 10])
        ):
            yield q.value


_COUNT_DIMENSIONS = ("count", "people", "times", "style", "layer")


def read_reductions(text: str) -> Iterator[tuple[float, float]]:
    """The 满减 of a text, as threshold and reduction.

    >>> list(read_reductions("满二百减三十")), list(read_reductions("$10 off orders over $60"))
    ([(200.0, 30.0)], [(60.0, 10.0)])
    """
    for match in FULL_REDUCTION.finditer(text):
        values = [_number(match["from"] or match["from_en"]), _number(match["less"] or match["less_en"])]
        if values[0] is not None and values[1] is not None:
            yield values[0], values[1]


_FLAT = re.compile(
    r"(?:立减|直减|直降|立省|抵扣?|减免|减)\s?(?P<less>\d{1,6})\s?(?:元|块)(?!起)"
    r"|[$£€](?P<less_en>\d{1,6}) off(?! (?:over|above|orders|when|on|if|every))"
)


def read_flat_reductions(text: str) -> Iterator[float]:
    """The reductions of a text that ask for no threshold.

    >>> list(read_flat_reductions("凭码立减20元; 满100减30元")), list(read_flat_reductions("$10 off"))
    ([20.0], [10.0])
    """
    for match in _FLAT.finditer(text):
        clause = re.split(r"[,，;；。\n]", text[: match.start()])[-1]
        if not re.search(r"满|每|over|above|spend", clause):
            yield float(match["less"] or match["less_en"])


def _number(digits: str) -> float | None:
    return float(digits) if digits.isdecimal() else parse_chinese(digits)


_N = rf"(?:\d{{1,2}}|[{NUMERAL_CHARACTERS}]{{1,2}})"
_SMALL_EN = {
    "one": 1,
    "two": 2,
    "three": 3,
    "four": 4,
    "five": 5,
    "a": 1,
    "second": 2,
    "third": 3,
    "another": 1,
}
_E = "(?:one|two|three|four|five|\\d)"
BUNDLE = cue("pricing.bundle")
"""买二送一, 第二件半价, buy one get one free, 3 for 2, second one half price."""


def read_bundles(text: str) -> Iterator[Bundle]:
    """The bundles of a folded text.

    >>> list(read_bundles("买一送一")), list(read_bundles("bogo half off")), list(read_bundles("3 for 2"))
    ([(1, 1, 100.0)], [(1, 1, 50.0)], [(2, 1, 100.0)])
    """
    for match in BUNDLE.finditer(text.lower()):
        bundle = bundle_of(match)
        if bundle is not None:
            yield bundle


def bundle_of(match: re.Match[str]) -> Bundle | None:
    """What a match of `BUNDLE` offers; None where its numbers make no bundle."""
    part = {k: v for k, v in match.groupdict().items() if v}
    if "buy" in part:
        return int(_number(part["buy"]) or 0), int(_number(part["get"]) or 0), 100.0
    if "nth" in part:
        return int(_number(part["nth"]) or 2) - 1, 1, _off_of(part["how"])
    if "more" in part or "more_en" in part:
        more, pay = (_count(part.get(f"{k}_en") or part[k]) for k in ("more", "pay"))
        return (pay, more - pay, 100.0) if more > pay > 0 else None
    if "buy_en" in part:
        how = part.get("how_en", "free")
        off = float(part["pct"]) if "pct" in part else 50.0 if how.startswith("half") else 100.0
        return _count(part["buy_en"]), _count(part["get_en"]), off
    if "bogo" in part:
        return 1, 1, 50.0 if "bogo_half" in part else 100.0
    nth = 3 if part["nth_en"] in ("third", "3rd") else 2
    return nth - 1, 1, 50.0 if part["how_nth"].startswith("half") else 100.0


def _count(word: str) -> int:
    return _SMALL_EN.get(word) or int(_number(word) or 0)


def _off_of(how: str) -> float:
    if how == "半价":
        return 50.0
    found = find_quantities(how)
    if found and found[0].kind == "percent":
        return found[0].value
    return 100.0 if not found or found[0].value == 0 else -found[0].value


def _amounts(
    product: Product,
    offer: Offer | None,
    now: datetime,
    in_terms: Sequence[Quantity],
    reductions: Iterable[tuple[float, float]],
) -> Iterator[tuple[str, float]]:
    if product.price_minor is None or product.currency is None:
        return
    unit = 10 ** minor_exponent(product.currency)
    listed = product.price_minor / unit
    running = sale_runs(product, now)
    base = product.sale_price_minor / unit if running and product.sale_price_minor is not None else listed
    paid = {listed, base}
    same = offer is not None and base < listed and _is_the_sale(listed, base, unit, offer)
    if offer is not None and not same:
        paid |= set(_under(base, unit, offer, in_terms, reductions))
    if offer is not None:
        if offer.discount_percent is not None:
            yield "off", float(offer.discount_percent)
        if offer.discount_minor is not None:
            yield "saving", offer.discount_minor / unit
        for less in (*(less for _, less in reductions), *read_flat_reductions(offer.terms)):
            yield "saving", less
    plain = offer_price(product, offer=offer, now=now)
    if plain is not None and not same:
        paid.add(plain / unit)
    for price in sorted(paid):
        yield "now", price
        if price < listed and listed > 0:
            yield "saving", listed - price
            yield "off", 100 * (listed - price) / listed
    if min(paid) < listed:
        yield "was", listed
        if base < listed:
            yield from (("saving", base - price) for price in paid if price < base)
            yield "was", base


def _is_the_sale(listed: float, base: float, unit: int, offer: Offer) -> bool:
    """Whether the offer is what the sale price already holds: 25 % off 48 is the sale price of 36."""
    offs = [listed * offer.discount_percent / 100] if offer.discount_percent is not None else []
    offs += [offer.discount_minor / unit] if offer.discount_minor is not None else []
    return any(math.isclose(listed - off, base, rel_tol=0.015) for off in offs)


def _under(
    base: float,
    unit: int,
    offer: Offer,
    in_terms: Sequence[Quantity],
    reductions: Iterable[tuple[float, float]],
) -> Iterator[float]:
    """What one pays under the offer, its terms included."""
    percents = {q.value for q in in_terms if q.kind == "percent" and q.unit == "off"}
    if offer.discount_percent is not None:
        percents.add(offer.discount_percent)
    yield from (round(base * (100 - p) / 100, 4) for p in percents)
    if offer.discount_minor is not None:
        yield max(base - offer.discount_minor / unit, 0.0)
    for threshold, less in reductions:
        if base >= threshold:
            yield base - less
    yield from (base - less for less in read_flat_reductions(offer.terms) if less < base)


def _ended(products: Sequence[Product], over: Offer | None, now: datetime) -> Iterator[tuple[str, float]]:
    """Prices, savings and per cents off of what does not hold now: a sale, and an offer that is over (or None)."""
    if over is not None:
        percents = [q.value for q in find_quantities(over.terms) if q.kind == "percent"]
        percents += [over.discount_percent] if over.discount_percent is not None else []
        yield from (("off", float(p)) for p in percents)
    for product in products:
        if product.price_minor is None or product.currency is None:
            continue
        unit = 10 ** minor_exponent(product.currency)
        listed = product.price_minor / unit
        prices = (
            [product.sale_price_minor / unit]
            if product.sale_price_minor and not sale_runs(product, now)
            else []
        )
        if over is not None:
            reductions = tuple(read_reductions(over.terms))
            prices += _under(listed, unit, over, find_quantities(over.terms), reductions)
            yield from (("saving", less) for _, less in reductions)
        for price in prices:
            yield "price", price
            yield "saving", listed - price
            if listed:
                yield "off", 100 * (listed - price) / listed


def _future(products: Sequence[Product], now: datetime) -> Iterator[tuple[float, datetime]]:
    for product in products:
        starts = product.sale_starts_at
        if product.sale_price_minor is not None and product.currency and starts is not None and starts > now:
            yield product.sale_price_minor / 10 ** minor_exponent(product.currency), starts


def _future_offer(products: Sequence[Product], later: Offer | None) -> Iterator[tuple[float, datetime]]:
    """What one will pay under an offer that has not begun."""
    if later is None or later.starts_at is None:
        return
    in_terms = find_quantities(later.terms)
    reductions = tuple(read_reductions(later.terms))
    for product in products:
        if product.price_minor is not None and product.currency is not None:
            unit = 10 ** minor_exponent(product.currency)
            for price in _under(product.price_minor / unit, unit, later, in_terms, reductions):
                yield price, later.starts_at


def _future_off(later: Offer | None) -> Iterator[float]:
    if later is not None:
        if later.discount_percent is not None:
            yield float(later.discount_percent)
        yield from (q.value for q in find_quantities(later.terms) if q.kind == "percent")


def running_offer(offer: Offer | None, now: datetime) -> Offer | None:
    """The offer, where it runs at that time."""
    return offer if offer is not None and runs(offer.starts_at, offer.ends_at, now) else None


def names_amount(value: float, known: Iterable[float]) -> bool:
    """Whether an amount is one of the known; whole amounts may leave the cents out of a computed price."""
    if not math.isfinite(value):
        return False
    return any(
        math.isclose(value, k, abs_tol=0.0051)
        or (value == round(value) and value == round(k) and k % 1 > 0.005)
        for k in known
    )
