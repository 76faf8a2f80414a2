"""What a brief is written from: products, readers, offers, the shop's voice and policies, figures, reviews and
past contents. `schema` has these nouns, too; import them from there.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

Language = Literal["zh", "en"]
PriceLevel = Literal["low", "middle", "high"]
FigureUnit = Literal["count", "money", "share", "rate", "days", "hour", "weekday", "date", "score"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Product:
    """One product, with Merchant Center's names. `attributes` holds facts such as material or colour."""

    id: str
    title: str
    description: str = ""
    link: str | None = None
    image_link: str | None = None
    price_minor: int | None = None
    sale_price_minor: int | None = None
    sale_starts_at: datetime | None = None
    sale_ends_at: datetime | None = None
    currency: str | None = None
    availability: str | None = None
    quantity: int | None = None
    brand: str | None = None
    product_type: str | None = None
    item_group_id: str | None = None
    cost_minor: int | None = None
    rating: float | None = None
    attributes: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Customer:
    """One customer: a pseudonym, attributes, and consent as `purpose:channel` (for example `marketing:email`)."""

    id: str
    attributes: Mapping[str, str] = field(default_factory=dict)
    consent: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """How readers shop, as a prompt may know it: usual values, never a person's own record.

    Args:
        categories: What they look at and buy, the first most.
        price_level: Where that stands among its like by price.
        recency_days: Days since they were last seen, the median.
        n_orders: Orders a customer, the median.
        spend_minor: What an order comes to, the median, minor units of `currency`.
        channel: Where they are reached.
        language: What they read.
    """

    categories: tuple[str, ...] = ()
    price_level: PriceLevel | None = None
    recency_days: float | None = None
    n_orders: float | None = None
    spend_minor: int | None = None
    currency: str | None = None
    channel: str | None = None
    language: Language | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Cohort:
    """At least k customers with a profile that a person, and a prompt, can read.

    A description begins with who they are; after a colon the figures follow. The last five fields are as in
    `Profile`; they are None where a cohort is too small to say.
    """

    id: str
    size: int
    description: Mapping[Language, str]
    top_categories: tuple[str, ...] = ()
    price_level: PriceLevel | None = None
    language: Language | None = None
    share: float = 1.0
    recency_days: float | None = None
    n_orders: float | None = None
    spend_minor: int | None = None
    currency: str | None = None
    channel: str | None = None

    @property
    def name(self) -> dict[Language, str]:
        """Who they are, without the figures."""
        return {
            "en": self.description.get("en", "").split(":")[0].strip(),
            "zh": self.description.get("zh", "").split("：")[0].strip(),
        }

    @property
    def profile(self) -> Profile:
        """How they shop."""
        return Profile(
            categories=self.top_categories,
            price_level=self.price_level,
            recency_days=self.recency_days,
            n_orders=self.n_orders,
            spend_minor=self.spend_minor,
            currency=self.currency,
            channel=self.channel,
            language=self.language,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """What is offered on top of the product: a discount in per cent or in money, a code, its dates."""

    id: str
    discount_percent: float | None = None
    discount_minor: int | None = None
    code: str | None = None
    terms: str = ""
    starts_at: datetime | None = None
    ends_at: datetime | None = None
    stock: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Review:
    """What a customer wrote of a product: untrusted text. Only a verified one is evidence for a claim."""

    text: str
    rating: int | None = None
    verified: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class BrandVoice:
    """How the shop sounds: words it likes and words it never uses."""

    name: str = ""
    tone: str = "plain"
    prefer: tuple[str, ...] = ()
    avoid: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ShopPolicy:
    """What the shop promises beside its catalogue: shipping, returns, payment, warranty ...

    `text` is what may be said of it, word for word, in each language that the shop answers in.
    """

    id: str
    topic: str
    text: Mapping[Language, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """One number that was computed from the shop's data, or given by a person, and where it comes from.

    Args:
        name: Short and unique, for example "budget_email"; texts name a figure by it.
        value: In the unit: shares and rates are fractions, money minor units, a date yyyymmdd, a weekday 1 to 7.
        source: Table, period, rows and rule that it comes from, in words of each language.
    """

    name: str
    value: float
    unit: FigureUnit
    source: Mapping[Language, str]
    currency: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Exemplar:
    """A past content that did well for a like product and readers, shown to a writer."""

    slots: Mapping[str, str]
    lower_bound: float
    n_exposures: int
    source: str = ""
