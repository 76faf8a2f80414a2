"""A content as a customer would see it, and the words around it, ready for the card template."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from markupsafe import Markup

from adwright.report.edition import Edition
from adwright.report.figures import ContentFigures, Estimate
from adwright.report.highlight import highlight
from adwright.schema import CONTACT_CHANNELS, Finding, GoalKind

Shape = Literal["search", "message", "mail", "page", "feed"]

_SHAPES: Mapping[str, Shape] = {
    "search": "search",
    "google_ads": "search",
    "email": "mail",
    "push": "message",
    "sms": "message",
    "onsite": "page",
    "web": "page",
}
_TITLES = ("headline", "title", "subject")


@dataclass(frozen=True, slots=True, kw_only=True)
class Slot:
    """A slot with its name and its text, the findings' spans marked."""

    name: str
    text: Markup
    is_title: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class FindingRow:
    """A finding in words."""

    rule: str
    rule_id: str
    severity: str
    severity_name: str
    where: str
    text: str
    evidence: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """An interval on a common scale, in per cent of its width, for a bar drawn in plain HTML."""

    left: float
    width: float
    dot: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """Everything that a card shows, written out; `item` is where it comes from."""

    item: ContentFigures
    number: str
    shape: Shape
    slots: tuple[Slot, ...]
    product: str
    price: str
    initial: str
    cohort: str
    why: str
    gate: str
    goal: GoalKind
    value: str
    bounds: str
    bar: Bar | None
    click: str
    click_bounds: str
    conversion: str
    conversion_bounds: str
    findings: tuple[FindingRow, ...]


def cards(edition: Edition, items: Sequence[ContentFigures]) -> tuple[Card, ...]:
    """The cards of `items` in their order, their interval bars on one scale."""
    values = [c.value for c in items if c.value is not None]
    lows = [v.mean if v.low is None else v.low for v in values]
    highs = [v.mean if v.high is None else v.high for v in values]
    span = (min([0.0, *lows]), max([0.0, *highs]))
    return tuple(_card(edition, item, span) for item in items)


def _card(edition: Edition, item: ContentFigures, span: tuple[float, float]) -> Card:
    content, write, pick = item.content, edition.format, edition.messages.pick
    product = item.product.title if item.product is not None else ", ".join(content.product_ids)
    value, goal = item.value, item.goal or edition.figures.goal
    return Card(
        item=item,
        number=edition.labels.number(content.id),
        shape=_SHAPES.get(content.channel, "feed"),
        slots=_slots(edition, item),
        product=product,
        price=_price(edition, item),
        initial=product[:1].upper(),
        cohort=pick(item.cohort) or content.cohort_id,
        why=pick(item.why) or content.why,
        gate=pick(item.gate),
        goal=goal,
        value="" if value is None else write.expected(value, goal),
        bounds="" if value is None or value.low is None else write.bounds(value, goal),
        bar=_bar(value, span),
        click="" if item.click is None else write.rate(item.click.mean),
        click_bounds=_rate_bounds(edition, item.click),
        conversion="" if item.conversion is None else write.rate(item.conversion.mean),
        conversion_bounds=_rate_bounds(edition, item.conversion),
        findings=tuple(_finding(edition, f) for f in item.findings),
    )


def _slots(edition: Edition, item: ContentFigures) -> tuple[Slot, ...]:
    return tuple(
        Slot(
            name=edition.messages.name("slot", name),
            text=highlight(text, [f for f in item.findings if f.slot == name]),
            is_title=name in _TITLES,
        )
        for name, text in item.content.slots.items()
    )


def _price(edition: Edition, item: ContentFigures) -> str:
    product = item.product
    if product is None or product.price_minor is None or item.content.channel in CONTACT_CHANNELS:
        return ""
    same = product.currency is None or product.currency == edition.figures.currency
    return edition.format.money(product.price_minor) if same else ""


def _bar(value: Estimate | None, span: tuple[float, float]) -> Bar | None:
    width = span[1] - span[0]
    if value is None or value.low is None or value.high is None or width <= 0:
        return None
    return Bar(
        left=round(100 * (value.low - span[0]) / width, 2),
        width=round(100 * (value.high - value.low) / width, 2),
        dot=round(100 * (value.mean - span[0]) / width, 2),
    )


def _rate_bounds(edition: Edition, rate: Estimate | None) -> str:
    if rate is None or rate.low is None or rate.high is None:
        return ""
    return edition.format.range(edition.format.rate(rate.low), edition.format.rate(rate.high))


def _finding(edition: Edition, finding: Finding) -> FindingRow:
    messages = edition.messages
    family = finding.rule_id.split(".")[0]
    known = next((r for r in (finding.rule_id, family) if messages.has(f"rule.{r}")), None)
    return FindingRow(
        rule=finding.rule_id if known is None else messages.name("rule", known),
        rule_id=finding.rule_id,
        severity=finding.severity,
        severity_name=messages.name("severity", finding.severity),
        where=messages.name("slot", finding.slot),
        text=finding.text,
        evidence=finding.evidence,
    )
