"""What the catalogue and the offer bear out: the evidence that the facts guard holds a text against."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from adwright.generate.backends.goods import recognise
from adwright.generate.guards.calendar import Calendar, calendar_of
from adwright.generate.guards.circumstances import Circumstances
from adwright.generate.guards.claims.counted import counted_things, stem
from adwright.generate.guards.claims.spoken import quantities_of
from adwright.generate.guards.claims.subjects import subject_of
from adwright.generate.guards.fields import NOTHING_ADDED, Field, denied_names, fields_of
from adwright.generate.guards.pricing import Pricing, names_amount, pricing_of, running_offer
from adwright.generate.lexicon import attribute_lexicon
from adwright.generate.lexicon.assertions import supported_paraphrases
from adwright.generate.lexicon.negation import denied_before
from adwright.generate.lexicon.scales import values_of
from adwright.schema import Offer, Product, Review
from adwright.text.normalise import fold_in_place
from adwright.text.numbers import Quantity
from adwright.text.units import to_base

_TOLERANCE = 0.005  # relative: what rounding a measure may change
_DENIED = re.compile(
    r"\s*(?:(?:no|none|not|false|n/a|nil|without|0%?)(?![a-z0-9.%])|否|不支持|不提供"
    rf"|(?:{NOTHING_ADDED}|无|没有|不含)\s*(?:$|[,，。;；(（]))",
    re.IGNORECASE,
)
"""An attribute that says no bears nothing out, as in `returnPolicy: No return policy`."""

_LESSER = re.compile(
    r"\b(?:not|no|never|only|except|hand[- ]wash|shower|splash|spray|resist\w*|without|passive|faux|none)\b"
    r"|^不|不可|不能|不宜|不支持|不防|非|勿|泼|溅|仅|手洗|干洗|无",
    re.IGNORECASE,
)
"""A value that takes back what its name says, as in 防水: 生活防泼溅,不可浸水."""


@dataclass(frozen=True, slots=True)
class Support:
    """The evidence of some products and an offer at one time.

    Args:
        text: Every catalogue text and the terms that hold, folded in place, for names and words.
        title: The folded titles, a line each.
        catalogue: As `text`, without the offer's terms.
        terms: The offer's terms that hold now, folded.
        denials: Folded catalogue texts that say what a product is or has not.
        pricing: What holds of money.
        calendar: What holds of time.
        percents: Per cents that the texts state.
        dates: yyyymmdd of the dates of sale and offer, and those in the texts.
        quantities: The quantities of the texts.
        of_goods: Those of the catalogue alone, in order of place.
        measures: Value in base units, dimension and subject, of every measure in the texts.
        values: Every number in the texts and the offer.
        counts: The numbers among them that count something.
        counted: Such a number with the word for what it counts.
        rating: Of five, or None.
        stock: Pieces left, the fewest of product and offer, or None.
        stocks: Pieces left of each product and of the offer, where known.
        concepts: Attribute concepts that the texts bear out.
        denied: Attribute concepts that the texts deny.
        paraphrased: Features that the texts bear out in other words.
        scales: Scale and value of what the texts name, such as roast and dark.
        reviews: Folded text and rating of each verified review.
        unverified: Folded text of each review that is not verified.
        unverified_ratings: The stars of each of those.
        campaign: What the offer's terms call it, folded, whether it runs or not.
        fields: The attributes as the catalogue has them.
        absences: What fields that say no amount to in words, as "fragrance-free" and 无香精.
        absent: Names of what the catalogue says is not there, and nowhere says is there.
        circumstances: The same for the rules of law.
    """

    text: str
    title: str
    catalogue: str
    terms: str
    denials: str
    pricing: Pricing
    calendar: Calendar
    percents: tuple[float, ...]
    dates: frozenset[int]
    quantities: tuple[Quantity, ...]
    of_goods: tuple[Quantity, ...]
    measures: tuple[tuple[float, str, str | None], ...]
    values: frozenset[float]
    counts: frozenset[float]
    counted: frozenset[tuple[float, str]]
    rating: float | None
    stock: int | None
    stocks: tuple[int, ...]
    concepts: frozenset[str]
    denied: frozenset[str]
    paraphrased: frozenset[str]
    scales: frozenset[tuple[str, str]]
    reviews: tuple[tuple[str, int | None], ...]
    campaign: tuple[str, ...] = ()
    unverified: tuple[str, ...] = ()
    unverified_ratings: tuple[int | None, ...] = ()
    fields: tuple[Field, ...] = ()
    absences: str = ""
    absent: frozenset[str] = frozenset()
    circumstances: Circumstances = field(default_factory=Circumstances)

    @property
    def currencies(self) -> frozenset[str]:
        """The currencies of the products."""
        return self.pricing.currencies

    def names_price(self, value: float) -> bool:
        """Whether the value is an amount of money that holds now: a price or a saving."""
        return names_amount(value, (*self.pricing.now, *self.pricing.savings))

    def names_ended_price(self, value: float) -> bool:
        """Whether the value is a sale price that does not hold now."""
        return names_amount(value, self.pricing.ended)

    def names_percent(self, value: float) -> bool:
        """Whether the per cents are those of the offer, of the sale (rounded), or of a text."""
        known = (*self.percents, *self.pricing.off)
        return any(abs(value - p) <= 0.01 or value in (math.floor(p), round(p)) for p in known)

    def names_date(self, value: float) -> bool:
        """Whether the date, of which year, month or day may be zero for unsaid, is one of the known."""
        return matches_date(value, self.dates)

    def names_measure(self, value: float, unit: str) -> bool:
        """Whether the texts state this measure, in any unit of its dimension."""
        base, dimension = to_base(value, unit)
        return any(d == dimension and math.isclose(base, b, rel_tol=_TOLERANCE) for b, d, _ in self.measures)

    def names_value(self, value: float) -> bool:
        """Whether the number stands anywhere in the texts."""
        return value in self.values


def matches_date(value: float, dates: Iterable[int]) -> bool:
    """Whether a date, of which parts may be zero for unsaid, is one of these."""
    year, month, day = int(value) // 10_000, int(value) // 100 % 100, int(value) % 100
    return any(
        (not year or year == d // 10_000)
        and (not month or month == d // 100 % 100)
        and (not day or day == d % 100)
        for d in dates
    )


def support_of(
    products: Sequence[Product], *, offer: Offer | None, reviews: Sequence[Review] = (), now: datetime
) -> Support:
    """The evidence of these products, this offer and these reviews at `now` (aware)."""
    running = running_offer(offer, now)
    catalogue = "\n".join(_texts(products))
    terms = "\n".join((running.terms, running.code or "")) if running is not None else ""
    in_catalogue, in_terms = quantities_of(catalogue), quantities_of(terms)
    found = (*in_catalogue, *in_terms)
    stocks = _stocks(products, running)
    fields = fields_of(products)
    absences = "\n".join(_absences(fields))
    claimed, denied = _concepts(f"{catalogue}\n{terms}", absences)
    folded = "\n".join((fold_in_place(catalogue), *_nouns(products)))
    folded_terms = fold_in_place(terms)
    counts = frozenset(
        {q.value for q in found if q.kind in ("number", "measure")} | set(_counted(products, folded))
    )
    return Support(
        text=f"{folded}\n{folded_terms}",
        title=fold_in_place("\n".join(p.title for p in products)),
        catalogue=folded,
        terms=folded_terms,
        denials=fold_in_place("\n".join(_denials(products))),
        pricing=pricing_of(products, offer, now, in_catalogue),
        calendar=calendar_of(products, offer, now),
        percents=tuple(q.value for q in found if q.kind == "percent"),
        dates=frozenset(_dates(products, offer, found)),
        quantities=found,
        of_goods=tuple(in_catalogue),
        measures=(*_measures(in_catalogue, folded), *_measures(in_terms, folded_terms)),
        values=counts.union(
            _figures(folded),
            _offer_values(running),
            (q.value for q in found),
            (p.rating for p in products if p.rating),
        ),
        counts=counts,
        counted=frozenset(
            (
                *counted_things(folded, in_catalogue),
                *counted_things(folded_terms, in_terms),
                *_counted_attributes(products),
            )
        ),
        rating=next((p.rating for p in products if p.rating is not None), None),
        stock=min(stocks, default=None),
        stocks=stocks,
        concepts=claimed,
        denied=denied - claimed,
        paraphrased=_paraphrased(f"{folded}\n{folded_terms}", absences),
        scales=frozenset(_scales(folded)),
        reviews=tuple((fold_in_place(r.text), r.rating) for r in reviews if r.verified),
        campaign=tuple(_campaign(offer)),
        unverified=tuple(fold_in_place(r.text) for r in reviews if not r.verified),
        unverified_ratings=tuple(r.rating for r in reviews if not r.verified),
        fields=fields,
        absences=absences,
        absent=denied_names(fields, [fold_in_place(p.description) for p in products]),
        circumstances=Circumstances.of(products, offer=offer, now=now),
    )


_MOST_OF_A_NAME = 5  # words, or Han characters and more


def _campaign(offer: Offer | None) -> Iterator[str]:
    """The name at the head of the terms, as "Mug Week" in "Mug Week; free over $50"."""
    if offer is None:
        return
    if offer.code:
        yield fold_in_place(offer.code)
    head = fold_in_place(re.split(r"[;；。,，\n:：]", offer.terms, maxsplit=1)[0]).strip()
    n = len(head.split()) if head.isascii() else len(head) / 2
    says_terms = any(c.isdigit() for c in head) or _TERM_WORDS.search(head)
    if len(head) >= (3 if head.isascii() else 2) and n <= _MOST_OF_A_NAME and not says_terms:
        yield head
        if (bare := _DAY_OF_NAME.sub("", head)) != head and len(bare) > 1:
            yield bare  # 夜场 for 周五夜场
        if not head.isascii() and len(head) > _SHORT_NAME:
            yield head[-_SHORT_NAME:]  # 护手周 for 秋冬护手周


_SHORT_NAME = 3
_DAY_OF_NAME = re.compile(
    "^(?:周[一二三四五六日末]|星期[一二三四五六日天]|双(?:十[一二]|1[12])|(?:black )?friday |weekend |[春夏秋冬]季?)"
)
_TERM_WORDS = re.compile(r"free|shipping|delivery|return|包邮|退|满|运费|保修|免")


_ONLY_LOOKS = (
    "-free",
    " free",
    "-effect",
    " effect",
    "-look",
    " look",
    "-style",
    "-finish",
    " finish",
    "-print",
)


def _scales(folded: str) -> Iterator[tuple[str, str]]:
    for start, _, scale, value in values_of(folded, known=True):
        if not denied_before(folded[max(0, start - 16) : start]):
            yield scale, value


def _stocks(products: Sequence[Product], offer: Offer | None) -> tuple[int, ...]:
    stocks = (*(p.quantity for p in products), None if offer is None else offer.stock)
    return tuple(stock for stock in stocks if stock is not None)


def _concepts(text: str, absences: str) -> tuple[frozenset[str], frozenset[str]]:
    """The attribute concepts that a text and what fields deny bear out, and those that the text denies."""
    lexicon = attribute_lexicon()
    folded = fold_in_place(text)
    kept, denied = [], set[str]()
    at = 0
    for start, end, concepts in lexicon.supports(text):
        if denied_before(folded[max(0, start - 16) : start]) or folded.startswith(_ONLY_LOOKS, end):
            kept.append(text[at:start])
            at = end
            denied |= concepts
    kept.append(text[at:])
    free = _free_of(lexicon.supported(absences))
    return lexicon.supported("\u0000".join(kept)) | free, frozenset(denied)


def _paraphrased(text: str, absences: str) -> frozenset[str]:
    """The features that a folded text and what fields deny bear out in other words."""
    return supported_paraphrases(text) | _free_of(supported_paraphrases(absences))


def _texts(products: Sequence[Product]) -> Iterator[str]:
    for product in products:
        yield from (product.title, product.description, product.brand or "", product.product_type or "")
        for key, value in product.attributes.items():
            if "://" in value or _DENIED.match(value):
                continue
            yield value if _LESSER.search(value) and not _PART.search(key.lower()) else f"{key}: {value}"
            if _ALL.match(value):
                yield f"all {key}s, every {key}" if key.isascii() else f"所有{key}、任何{key}、各种{key}"


COLOUR_FIELD = re.compile(r"colou?r|shade|颜色|色号|配色")
"""Names of the fields that list colours."""

_ALL = re.compile(r"\s*(?:all|every|any|所有|全部|任何|各种|通用)\s*(?:$|[,，。;；(（])", re.IGNORECASE)
"""A value that leaves nothing out, as in `Skin type: all`."""

_PART = re.compile(
    r"[带扣袋盖轮锁柄脚腿座架板面壳帽领袖口杆头刷芯套垫网层箱盒罩屏灯线绳链杯壶锅刀勺料襟](?:部|子)?$"
    r"|\b(?:handles?|lids?|strap|straps|hood|lining|pockets?|collar|cuffs?|wheels?|lock|legs?|feet|base|frame|seat|back"
    r"|body|cap|cover|sole|upper|blades?|cable|cord|case|shell|fastening|closure|zip|buttons?)$"
)
"""A field that is named after a part says that the part is there, whatever its value takes back."""


def _measures(found: Iterable[Quantity], folded: str) -> Iterator[tuple[float, str, str | None]]:
    """The measures of a text with what they are of."""
    for quantity in found:
        if quantity.kind == "measure" and quantity.unit:
            base, dimension = to_base(quantity.value, quantity.unit)
            yield base, dimension, subject_of(folded, quantity.start, quantity.end)


_PAIRED = re.compile(r"\b(?:double|dual|twin|pair)\b|双(?=[层重面核卡人肩芯])|对装")
_VARIANTS = re.compile(r"size|colou?r|flavou?r|scent|shade|style|尺码|颜色|配色|口味|香型|规格|款式")
_LISTED = re.compile(r"[,，、/;；]")


def _counted(products: Sequence[Product], folded: str) -> Iterator[float]:
    """Counts that the catalogue does not write as numbers: double walls, and how many values an attribute lists."""
    if _PAIRED.search(folded):
        yield 2.0
    if re.search(r"\btriple\b|三重", folded):
        yield 3.0
    for product in products:
        for key, value in product.attributes.items():
            if not _VARIANTS.search(key.lower()):
                continue
            n_listed = len([part for part in _LISTED.split(value) if part.strip()])
            if n_listed > 1:
                yield float(n_listed)


_COUNT_KEY = re.compile(r"(?:数量?|个数)$")
_NOT_COUNTED = re.compile(
    r"pack|size|set|box|year|quantity|model|code|version|weight|age|speed|level|盒|包|套|尺|码|号|年|重|价|版|蓝牙|系数|指数"
)


def _counted_attributes(products: Sequence[Product]) -> Iterator[tuple[float, str]]:
    """What an attribute counts by its name, as in `handles: 2` or 抽屉数: 3."""
    for product in products:
        for key, value in product.attributes.items():
            name = _COUNT_KEY.sub("", fold_in_place(key)).strip()
            number = re.fullmatch(r"\d{1,3}", value.strip())
            if number is None or _NOT_COUNTED.search(name) or not name:
                continue
            yield float(number[0]), stem(name.split()[-1]) if name.isascii() else name[-2:]


def _figures(folded: str) -> Iterator[float]:
    """Numbers that stand in a name, such as Ra95."""
    yield from (float(m[0]) for m in re.finditer(r"(?<=[a-z])\d{1,6}(?:\.\d{1,3})?(?![\d.])", folded))


def _nouns(products: Sequence[Product]) -> Iterator[str]:
    """What the goods are called in both languages."""
    for product in products:
        noun = recognise(product).noun
        if noun.start >= 0:
            yield f"{noun.singular}\n{noun.chinese}".lower()


def _denials(products: Sequence[Product]) -> Iterator[str]:
    """Attributes with a value that says no, under the names of what they deny."""
    for product in products:
        yield from (product.title, product.description)
        for key, value in product.attributes.items():
            if not _DENIED.match(value):
                yield f"{key}: {value}"
            elif free := _FREE.match(key.lower()):
                yield f"contains {free['of']}"
            else:
                yield f"no {key} 无{key}"


_FREE = re.compile(r"(?P<of>[a-z ]{3,})[- ]free$")


def _absences(fields: Sequence[Field]) -> Iterator[str]:
    """What copy says of a substance whose field says no, in its words."""
    for one in fields:
        name = one.name.strip()
        if one.says == "no" and name.isascii():
            yield from (f"{name.removesuffix('s')}-free", f"no {name}", f"zero {name}")
        elif one.says == "no":
            yield from (f"无{name}", f"不含{name}", f"零{name}", f"没有{name}")


def _free_of(names: Iterable[str]) -> frozenset[str]:
    """Those of the names that are about something left out."""
    return frozenset(name for name in names if name.endswith("_free"))


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
