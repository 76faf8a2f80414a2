"""The guard of facts: what a text states of a product must stand in the catalogue or the offer.

Holds when: the catalogue's title, description and attributes are what the shop vouches for; a claim that
they make is taken as given, superlatives included.

Does not cover: claims in words outside the lexicons, what a picture shows, and what the law forbids even
where it is true.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from adwright.generate.guards.support import Support, support_of
from adwright.generate.lexicon import attribute_lexicon, brand_names, find_superlatives
from adwright.schema import Content, Finding, Offer, Product, Review, Severity
from adwright.text.normalise import fold_in_place
from adwright.text.numbers import Quantity, find_quantities

_STOCK_BEFORE = re.compile(r"(?:only|just|last|仅剩|只剩|最后|仅余|库存还有|还剩|仅)\s?(?:the )?(?:last )?$")
_STOCK_AFTER = re.compile(r" (?:\w+ )?(?:left|remaining)\b|(?:件|个|只|双|台)?(?:库存|余量)")
_LATIN_NAME = re.compile(r"(?<![A-Za-z0-9])[A-Z][A-Za-z]{2,}(?![A-Za-z0-9])")
_COMMON_LATIN = frozenset(
    {
        "app",
        "diy",
        "vip",
        "usb",
        "led",
        "ssd",
        "cpu",
        "gpu",
        "wifi",
        "nfc",
        "gps",
        "spf",
        "suv",
        "oled",
        "lcd",
    }
    | {"amoled", "uhd", "pick", "style", "polo", "kol"}
)
_MAX_FINDINGS = 50  # a text of 100 kB needs no list of a thousand


@dataclass(slots=True)
class FactsGuard:
    """Checks numbers, prices, discounts, dates, stock, attributes, brands and superlatives."""

    name: str = field(default="facts", init=False)
    _kept: tuple[object, Support] | None = field(default=None, init=False)

    def check(
        self,
        content: Content,
        *,
        products: Sequence[Product],
        offer: Offer | None,
        reviews: Sequence[Review] = (),
        now: datetime,
    ) -> Iterator[Finding]:
        """The findings; without a product only superlatives are judged, and a warning says so."""
        support = self._support(products, offer, now) if products else None
        n_found = 0
        for slot, text in content.slots.items():
            for finding in _check_slot(slot, text, support):
                n_found += 1
                if n_found > _MAX_FINDINGS:
                    return
                yield finding

    def _support(self, products: Sequence[Product], offer: Offer | None, now: datetime) -> Support:
        """The evidence, kept for the next content of the same products, offer and time."""
        key = (tuple(products), offer, now)
        if self._kept is None or self._kept[0] != key:
            self._kept = (key, support_of(products, offer=offer, now=now))
        return self._kept[1]


def _check_slot(slot: str, text: str, support: Support | None) -> Iterator[Finding]:
    if support is None:
        if find_quantities(text) or attribute_lexicon().mentions(text):
            yield _finding(
                "facts.no_product",
                "warn",
                slot,
                text,
                span=(0, len(text)),
                evidence="no product to hold this against",
            )
        yield from _superlatives(slot, text, "")
        return
    for quantity in find_quantities(text):
        wrong = _wrong_quantity(quantity, text, support)
        if wrong is not None:
            rule_id, severity, evidence = wrong
            yield _finding(
                rule_id, severity, slot, text, span=(quantity.start, quantity.end), evidence=evidence
            )
    yield from _attributes(slot, text, support)
    yield from _brands(slot, text, support)
    yield from _superlatives(slot, text, support.text)


def _wrong_quantity(quantity: Quantity, text: str, support: Support) -> tuple[str, Severity, str] | None:
    """Rule, severity and evidence where the catalogue does not bear the quantity out; else None."""
    if _speaks_of_stock(quantity, text):
        return _wrong_stock(quantity, support)
    match quantity.kind:
        case "price":
            return _wrong_price(quantity, support)
        case "percent":
            if support.names_percent(quantity.value):
                return None
            rule = "facts.discount" if quantity.unit == "off" else "facts.percent"
            return rule, "block", f"known per cents: {_listed(support.percents)}"
        case "date":
            if support.names_date(quantity.value):
                return None
            return "facts.date", "block", f"known dates: {_listed(sorted(support.dates))}"
        case "measure":
            if support.names_measure(quantity.value, quantity.unit or ""):
                return None
            return "facts.measure", "block", "no such measure in the catalogue"
    if support.names_value(quantity.value) or support.names_price(quantity.value):
        return None
    spelled_out = quantity.text.isalpha()  # "two of you" is more often a turn of phrase than a claim
    return "facts.number", "review" if spelled_out else "block", "no such number in the catalogue"


def _speaks_of_stock(quantity: Quantity, text: str) -> bool:
    if quantity.kind not in ("number", "measure"):
        return False
    before = fold_in_place(text[max(0, quantity.start - 12) : quantity.start])
    after = fold_in_place(text[quantity.end : quantity.end + 24])
    counted = quantity.kind == "number" or quantity.unit == "piece"
    return counted and bool(
        _STOCK_AFTER.match(after) or (quantity.unit == "piece" and _STOCK_BEFORE.search(before))
    )


def _wrong_stock(quantity: Quantity, support: Support) -> tuple[str, Severity, str] | None:
    if support.stock is None:
        return "facts.stock", "block", "the stock is not known"
    if support.stock > quantity.value:
        return "facts.stock", "block", f"{support.stock} are in stock"
    if support.stock < quantity.value:
        return "facts.stock", "review", f"{support.stock} are in stock"
    return None


def _wrong_price(quantity: Quantity, support: Support) -> tuple[str, Severity, str] | None:
    if support.names_price(quantity.value):
        if support.currencies and not support.currencies & set(quantity.currencies):
            return "facts.currency", "block", f"the price is in {_listed(sorted(support.currencies))}"
        return None
    if support.names_ended_price(quantity.value):
        return "facts.sale_over", "block", "this sale price does not hold now"
    return "facts.price", "block", f"known prices: {_listed(support.prices)}"


def _attributes(slot: str, text: str, support: Support) -> Iterator[Finding]:
    for mention in attribute_lexicon().mentions(text):
        span = (mention.start, mention.end)
        word = fold_in_place(text[mention.start : mention.end])
        if support.concepts.isdisjoint(mention.concepts) and word not in support.text:
            yield _finding(
                f"facts.{mention.group}",
                "block",
                slot,
                text,
                span=span,
                evidence="not in the catalogue or the offer",
            )


def _brands(slot: str, text: str, support: Support) -> Iterator[Finding]:
    finder, spellings = brand_names()
    known = support.text.replace("-", " ")
    taken: list[tuple[int, int]] = []
    for start, end, name in finder.find(text):
        taken.append((start, end))
        if not any(spelling in known for spelling in spellings[name]):
            yield _finding(
                "facts.brand",
                "block",
                slot,
                text,
                span=(start, end),
                evidence="a brand that the catalogue does not name",
            )
    if text.isascii():
        return
    for match in _LATIN_NAME.finditer(text) if any("\u4e00" <= c <= "\u9fff" for c in text) else ():
        word = match[0].lower()
        inside = any(start <= match.start() < end for start, end in taken)
        if not inside and word not in _COMMON_LATIN and word not in support.text:
            yield _finding(
                "facts.name",
                "review",
                slot,
                text,
                span=match.span(),
                evidence="a name that the catalogue does not give",
            )


def _superlatives(slot: str, text: str, catalogue: str) -> Iterator[Finding]:
    for start, end in find_superlatives(text):
        if fold_in_place(text[start:end]) not in catalogue:
            yield _finding(
                "facts.superlative",
                "review",
                slot,
                text,
                span=(start, end),
                evidence="an absolute claim without evidence",
            )


def _listed(values: Sequence[object]) -> str:
    shown = ", ".join(f"{v:g}" if isinstance(v, float) else str(v) for v in dict.fromkeys(values))
    return shown or "none"


def _finding(
    rule_id: str, severity: Severity, slot: str, text: str, *, span: tuple[int, int], evidence: str
) -> Finding:
    start, end = span
    return Finding(
        rule_id=rule_id,
        severity=severity,
        slot=slot,
        start=start,
        end=end,
        text=text[start:end][:80],
        evidence=evidence,
    )
