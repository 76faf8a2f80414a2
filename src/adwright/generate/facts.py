"""What may be said about a product: the facts of the catalogue and the offer, as they stand at a time."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from adwright.errors import UsageError
from adwright.generate.kinds import get_kind
from adwright.schema import Brief, Offer, Product
from adwright.text.normalise import clean

LOW_STOCK = 10
"""From this many pieces down the stock may be named as a reason to buy soon."""

GOOD_RATING = 4.0
"""From this rating up, of five, it may be named."""

_ATTRIBUTE_NAMES = {
    "material": ("material", "materials", "fabric", "材质", "面料", "材料"),
    "colour": ("colour", "color", "colors", "颜色", "色"),
    "capacity": ("capacity", "volume", "容量"),
    "size": ("size", "尺寸", "规格"),
    "weight": ("weight", "重量"),
    "style": ("style", "风格", "款式风格"),
    "pattern": ("pattern", "print", "图案", "花型"),
    "fit": ("fit", "版型"),
    "collar": ("neckline", "collar", "领型", "衣领型", "裙领型", "领口"),
    "sleeve": ("sleeve", "sleeves", "sleeve type", "袖型", "衣袖型", "裙袖型"),
    "length": ("length", "衣长", "裙衣长"),
    "waist": ("waist", "waistline", "腰型", "裙腰型", "裤腰型"),
    "closure": ("closure", "fastening", "门襟", "衣门襟", "裙衣门襟"),
    "detail": ("detail", "details", "design details", "细节", "衣款式", "裙款式", "裤款式"),
    "hem": ("hem", "下摆", "裙下摆", "裤口"),
    "silhouette": ("silhouette", "cut", "裙型", "裤型", "廓形"),
    "scent": ("scent", "fragrance", "香型", "气味"),
}


@dataclass(frozen=True, slots=True)
class Facts:
    """One product's facts at one time; what is not known is None.

    Args:
        product: The product.
        offer: The offer, where it runs at that time.
        price_minor: What one pays now: sale price where the sale runs, less the offer.
        was_minor: The list price, where one pays less now.
        percent_off: Whole per cents that one saves, rounded down.
        deadline: When the lower price ends.
        stock: Pieces left, where few.
        rating: Of five, where good.
        attributes: material, colour, capacity and the like, under one name each, as the catalogue gives them.
    """

    product: Product
    offer: Offer | None = None
    price_minor: int | None = None
    was_minor: int | None = None
    percent_off: int | None = None
    deadline: datetime | None = None
    stock: int | None = None
    rating: float | None = None
    attributes: Mapping[str, str] = field(default_factory=dict)

    def supports_angle(self, angle: str) -> bool:
        """Whether the facts that an angle lives on are there."""
        if angle == "price":
            return self.price_minor is not None
        if angle == "urgency":
            return self.stock is not None or self.deadline is not None
        return True


def facts_of(brief: Brief, *, now: datetime) -> Facts:
    """The facts of the brief's first product at `now`; of the shop alone where the kind needs no product."""
    if not brief.products:
        if get_kind(brief.kind).needs_product:
            raise UsageError("a brief needs a product", argument="products", value=())
        return Facts(product=Product(id="", title=""))
    return product_facts(brief.product, offer=brief.offer, now=now)


def product_facts(product: Product, *, offer: Offer | None, now: datetime) -> Facts:
    """The facts of a product under an offer at `now` (aware)."""
    running = offer if offer is not None and runs(offer.starts_at, offer.ends_at, now) else None
    list_minor = product.price_minor if product.currency else None
    price_minor = offer_price(product, offer=running, now=now)
    cheaper = list_minor is not None and price_minor is not None and 0 < price_minor < list_minor
    percent = 100 * (list_minor - price_minor) // list_minor if cheaper and list_minor and price_minor else 0
    stock = running.stock if running and running.stock is not None else product.quantity
    return Facts(
        product=product,
        offer=running,
        price_minor=price_minor,
        was_minor=list_minor if cheaper else None,
        percent_off=percent if percent >= 1 else None,
        deadline=_deadline(product, running, now) if cheaper or running else None,
        stock=stock if stock is not None and 0 < stock <= LOW_STOCK else None,
        rating=product.rating if product.rating is not None and GOOD_RATING <= product.rating <= 5 else None,
        attributes=_attributes(product),
    )


def sale_runs(product: Product, now: datetime) -> bool:
    """Whether the product's sale price is what one pays at `now`."""
    return (
        product.sale_price_minor is not None
        and product.price_minor is not None
        and product.sale_price_minor < product.price_minor
        and runs(product.sale_starts_at, product.sale_ends_at, now)
    )


def offer_price(product: Product, *, offer: Offer | None, now: datetime) -> int | None:
    """What one pays at `now` under an offer that runs, in minor units; None without a price or currency."""
    if product.price_minor is None or product.currency is None:
        return None
    base = product.sale_price_minor if sale_runs(product, now) else product.price_minor
    if base is None or offer is None or offer.code:
        return base  # with a code one pays the plain price until the code is used
    if offer.discount_percent is not None:
        return round(base * (100 - offer.discount_percent) / 100)
    return max(base - offer.discount_minor, 0) if offer.discount_minor is not None else base


def runs(starts_at: datetime | None, ends_at: datetime | None, now: datetime) -> bool:
    """Whether `now` lies between the two; an end that is not given is open."""
    return (starts_at is None or starts_at <= now) and (ends_at is None or now <= ends_at)


def _deadline(product: Product, offer: Offer | None, now: datetime) -> datetime | None:
    ends = [offer.ends_at] if offer is not None else []
    if sale_runs(product, now):
        ends.append(product.sale_ends_at)
    known = [end for end in ends if end is not None]
    return min(known) if known else None


def _attributes(product: Product) -> dict[str, str]:
    found: dict[str, str] = {}
    named = {clean(key).casefold().strip(): clean(value).strip() for key, value in product.attributes.items()}
    for fact, names in _ATTRIBUTE_NAMES.items():
        value = next((named[name] for name in names if named.get(name)), None)
        if value is not None and not _is_bare_number(value):  # a number without its unit says nothing
            found[fact] = value
    return found


def _is_bare_number(value: str) -> bool:
    return value.replace(".", "", 1).replace(",", "").isdigit()
