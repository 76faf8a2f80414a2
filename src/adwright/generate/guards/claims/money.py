"""Prices, savings and discounts: each holds now, in the part in which the text names it.

Does not cover: prices of other goods that a text compares with ("less than a coffee").
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from adwright.generate.guards.claims.announced import announces
from adwright.generate.guards.claims.claim import Claim, Reading, holds
from adwright.generate.guards.claims.past_offers import told_as_past
from adwright.generate.guards.claims.price_shares import share_quantities
from adwright.generate.guards.claims.price_sums import (
    follows_from_price,
    list_price_of_several,
    saved_on_several,
)
from adwright.generate.guards.claims.unit_prices import costs_so, part_of_price
from adwright.generate.guards.pricing import names_amount
from adwright.generate.guards.support import Support
from adwright.generate.lexicon.cues import cue
from adwright.generate.lexicon.gate import Gated
from adwright.generate.lexicon.phrasings import phrasing
from adwright.text.chinese_numerals import parse_chinese
from adwright.text.numbers import Quantity

_SAVING_BEFORE = cue("money.saving_before")
_NOT_SAVING = re.compile(r"(?:优惠价|降价到|减到|降到|减至|降至)\s?$")
_SAVING_AFTER = cue("money.saving_after")
_WAS_BEFORE = cue("money.was_before")
_FROM_TO = re.compile(r"(?:\bfrom|从)\s?$")
_TO_NEXT = re.compile(r" (?:down )?to (?:just |only |now )?[$£€¥\d]|(?:直接)?(?:降|减|砍|跌|调)(?:到|至)")
_STARTING = cue("money.starting")
_STARTING_AFTER = re.compile(r"\s?(?:起(?![来身床泡球飞到])|and up)")
_THRESHOLD_BEFORE = cue("money.threshold_before")
_THRESHOLD_AFTER = cue("money.threshold_after")
_OTHER_GOODS = re.compile(r"(?:\bgift card|cash ?back|donat\w+|prize|charity)|捐|奖金|现金")
_DISCOUNT_BEFORE = cue("money.discount_before")
_DISCOUNT_AFTER = cue("money.discount_after")
_FOLDS = re.compile(r"(?:轻轻|随手|这么|那么|只需|对|可|能|再|往[里内外上下]|一|二|三|骨|腰|弯|半)\s?$")
_FOLDED = re.compile(r"[就塞收即起进放成叠伞页]|，?(?:就|即)")
_PRICE_BEFORE = cue("money.price_before")
_HAN_AMOUNT = cue("money.han_amount")
_TENNER = re.compile(r"(?<![a-z])(?:an? )?(?P<note>tenner|fiver|grand)(?![a-z])")
_BANKNOTES = Gated(
    re.compile(
        r"(?<=不到|不用|才花|只要|只花|只需|才要|不足|没到|不了)(?P<n>[一两三四五])张(?P<worth>五十|二十|十块|一百|100|50|20|10|百元|大?红钞|红票子|毛爷爷|大钞|票子)"
    )
)
_IN_CENTS = ("USD", "EUR", "AUD", "CAD", "GBP", "SGD", "NZD")
_COIN_CODES: Mapping[str, tuple[str, ...]] = {
    "dollar": ("USD", "AUD", "CAD", "SGD", "NZD"),
    "buck": ("USD",),
    "euro": ("EUR",),
}
_CENTS = re.compile(r" (?:cents?|pence|pennies)(?![a-z])")
_ONE_COIN = Gated(
    re.compile(
        r"(?<![a-z])(?:an?|one) (?P<coin>dollar|buck|euro|quid)(?= (?:a|per|each|apiece|every)(?![a-z]))"
    )
)
_NOTE_WORTH = {"五十": 50.0, "二十": 20.0, "十块": 10.0}
_NOTES = {"tenner": 10.0, "fiver": 5.0, "grand": 1000.0}


def money_claims(reading: Reading, support: Support) -> Iterator[Claim]:
    """What the text says of prices, savings and discounts."""
    for quantity in _amounts(reading, support):
        if quantity.kind == "price":
            price = _price_claim(quantity, reading, support)
            yield price
            if price.severity is None and (part := part_of_price(quantity, reading)):
                yield Claim(price.rule_id, None, part.start, part.end)
        elif quantity.kind == "percent" and (claim := _percent_claim(quantity, reading, support)):
            yield claim
    yield from _words(reading, support)
    yield from _codes(reading, support)


def _amounts(reading: Reading, support: Support) -> Iterator[Quantity]:
    for quantity in reading.quantities:
        if quantity.kind == "number" and _PRICE_BEFORE.search(reading.before(quantity.start, 12)):
            yield replace(quantity, kind="price")
        elif quantity.kind == "measure" and (money := _spoken_money(quantity, reading, support)):
            yield money
        elif quantity.kind == "number" and (cents := _CENTS.match(reading.folded, quantity.end)):
            start, end = quantity.start, cents.end()
            said, value = reading.text[start:end], quantity.value / 100
            yield Quantity(start, end, said, value, None, "price", "USD", _IN_CENTS)
        else:
            yield quantity
    for match in _HAN_AMOUNT.finditer(reading.folded):
        name = next(k for k in "nmlk" if match[k])
        amount = parse_chinese(match[name])
        if (
            amount
            and amount >= 10
            and not any(
                q.start < match.end() and match.start() < q.end and q.kind != "number"
                for q in reading.quantities
            )
        ):
            start, end = match.span(name)
            yield Quantity(start, end, reading.text[start:end], amount, None, "price")
    yield from _notes_and_coins(reading)
    yield from share_quantities(reading)


def _notes_and_coins(reading: Reading) -> Iterator[Quantity]:
    """Amounts that are named by a coin or a banknote: "a dollar a bar", 不到一张五十, a tenner."""
    for match in _ONE_COIN.finditer(reading.folded):
        codes = _COIN_CODES.get(match["coin"], ("GBP",))
        yield Quantity(*match.span(), match[0], 1.0, None, "price", codes[0], codes)
    for match in _BANKNOTES.finditer(reading.folded):
        start, end = match.span()
        worth = (
            float(match["worth"])
            if match["worth"].isdecimal()
            else _NOTE_WORTH.get(match["worth"][:2], 100.0)
        )
        n = parse_chinese(match["n"]) or 1.0
        yield Quantity(start, end, reading.text[start:end], n * worth, None, "price", "CNY", ("CNY",))
    for match in (
        _TENNER.finditer(reading.folded) if "er" in reading.folded or "grand" in reading.folded else ()
    ):
        if match["note"] != "grand" or reading.before(match.start(), 12).endswith(
            ("under ", "for ", "over ", "than ")
        ):
            note = _NOTES[match["note"]]
            of_note = ("GBP",) if match["note"] != "grand" else ("GBP", "USD", "EUR")
            yield Quantity(match.start(), match.end(), match[0], note, None, "price", of_note[0], of_note)


_PAYS = cue("money.pays")
_SOLD_SO = re.compile(r"(?:[每一两][\u4e00-\u9fff]|一共|总共|合计)(?:才|只要|只|仅|要|合)?$")


def _spoken_money(quantity: Quantity, reading: Reading, support: Support) -> Quantity | None:
    """Pounds, pence and cents in words: "under fifty pounds", 12p, where the shop sells in such money."""
    if quantity.text.endswith("块") and "CNY" in support.currencies and "块" not in support.catalogue:
        if _SOLD_SO.search(reading.before(quantity.start, 6)):
            return replace(quantity, kind="price", unit=None, currency="CNY", currencies=("CNY",))
        return None
    if "GBP" not in support.currencies and quantity.unit != "P":
        return None
    before = reading.before(quantity.start, 16)
    if quantity.unit == "lb" and "pound" in quantity.text.lower():
        weighed = any(d == "mass" for _, d, _ in support.measures) or re.search(
            r"weigh|light|heav", reading.folded
        )
        filled = reading.after(quantity.end, 4).startswith(" of ")
        if not weighed and (_PAYS.search(before) or not filled):
            return replace(quantity, kind="price", unit=None, currency="GBP", currencies=("GBP",))
    if (
        quantity.unit == "P"
        and quantity.text[-1:] == "p"
        and quantity.value < 100
        and "GBP" in support.currencies
    ):
        return replace(
            quantity, kind="price", unit=None, value=quantity.value / 100, currency="GBP", currencies=("GBP",)
        )
    return None


_FIGURES = cue("money.figures")
_CODE = cue("money.code")


def _codes(reading: Reading, support: Support) -> Iterator[Claim]:
    """A code is the offer's; a price of so many figures has as many."""
    for match in _CODE.finditer(reading.text):
        code = match["code"].lower()
        fine = code in support.terms or code in support.catalogue
        yield Claim("facts.discount", None if fine else "block", *match.span("code"), "bundle")
    for match in _SIBLING.finditer(reading.text):
        if _is_another_code(match, support.terms):
            yield Claim("facts.discount", "block", *match.span(), "bundle")
    for match in _FIGURES.finditer(reading.folded):
        near = reading.folded[max(0, match.start() - 6) : match.end() + 6]
        if support.pricing.now and re.search(r"价|元|块|买|拿下|入手|带走|到手|price|for|cost", near):
            n = {
                "两": 2,
                "二": 2,
                "三": 3,
                "四": 4,
                "五": 5,
                "two": 2,
                "double": 2,
                "three": 3,
                "triple": 3,
                "four": 4,
            }[match["zh"] or match["en"]]
            fine = any(10 ** (n - 1) <= p < 10**n for p in support.pricing.now)
            yield Claim(
                "facts.price", None if fine else "block", *match.span(), "price", _listed(support.pricing.now)
            )


_SIBLING = re.compile(r"(?<![A-Za-z0-9])(?P<name>[A-Z]{3,12})\d{1,4}(?![A-Za-z0-9])")


def _is_another_code(match: re.Match[str], terms: str) -> bool:
    """Whether it is the name of the terms' code with another number: NUT50 for NUT20."""
    name = match["name"].lower()
    return match[0].lower() not in terms and re.search(rf"(?<![a-z0-9]){name}\d", terms) is not None


def _price_claim(quantity: Quantity, reading: Reading, support: Support) -> Claim:
    start, end = quantity.start, quantity.end
    pricing = support.pricing
    before, after = reading.before(start, 28), reading.after(end, 28)
    true = Claim("facts.price", None, start, end)
    if reading.denies(start, end) and not _WAS_BEFORE.search(before):
        return true
    if quantity.currencies and pricing.currencies and not pricing.currencies & set(quantity.currencies):
        return Claim("facts.currency", "block", start, end, "currency", _listed(sorted(pricing.currencies)))
    hedge = reading.hedge(start, end)
    if _THRESHOLD_BEFORE.search(before) or (
        _THRESHOLD_AFTER.match(after) and (hedge in ("above", "at_least") or "满" in before)
    ):
        fine = quantity.value in pricing.terms_amounts or quantity.value in {a for a, _ in pricing.reductions}
        return true if fine else Claim("facts.price", "block", start, end, "threshold")
    if _is_saving(before, after):
        fine = names_amount(quantity.value, pricing.savings) or any(
            hedge != "exact" and holds(quantity.value, hedge, s) for s in pricing.savings
        )
        fine = fine or quantity.value in pricing.terms_amounts
        fine = fine or _was_saved(quantity, reading, support)
        fine = fine or _will_be_saved(quantity.value, reading, support)
        fine = fine or saved_on_several(quantity.value, reading, pricing)
        return (
            true if fine else Claim("facts.discount", "block", start, end, "saving", _listed(pricing.savings))
        )
    if _WAS_BEFORE.search(before) or (_FROM_TO.search(before) and _TO_NEXT.match(after)):
        return _was_claim(quantity, reading, support)
    if part := part_of_price(quantity, reading):
        if costs_so(quantity, part, reading, support) or (
            part.n > 1 and follows_from_price(quantity.value, reading, pricing)
        ):
            return true
        return Claim("facts.price", "block", start, end, "price", _listed(pricing.now))
    return _now_claim(quantity, reading, support)


def _was_saved(quantity: Quantity, reading: Reading, support: Support) -> bool:
    """Whether it is what an offer took off that the text says is over."""
    return names_amount(quantity.value, support.pricing.ended_savings) and told_as_past(
        reading, quantity.start, quantity.end
    )


def _will_be_saved(value: float, reading: Reading, support: Support) -> bool:
    """Whether it is what a sale or an offer will take off that the text announces."""
    pricing = support.pricing
    savings = [price - later for price in pricing.now for later, _ in pricing.future]
    return bool(savings) and announces(reading, support) and names_amount(value, savings)


def _now_claim(quantity: Quantity, reading: Reading, support: Support) -> Claim:
    start, end = quantity.start, quantity.end
    pricing, value = support.pricing, quantity.value
    before, after = reading.before(start, 28), reading.after(end, 12)
    true = Claim("facts.price", None, start, end)
    hedge = reading.hedge(start, end)
    if hedge == "up_to" and _STARTING.search(before):
        hedge = "exact"
    if _STARTING.search(before) or _STARTING_AFTER.match(after):
        hedge = "exact" if hedge == "exact" else hedge
    if hedge != "exact" and pricing.now:
        lowest = min(pricing.now)
        wide = {"below": "below", "above": "above"}.get(hedge, hedge)
        later = [p for p, _ in pricing.future] if announces(reading, support) else []
        if any(_bounds(value, wide, p) for p in (*pricing.now, lowest, *later)):
            return true
        if follows_from_price(value, reading, pricing, hedge):
            return true
        return Claim("facts.price", "block", start, end, "price_bound", _listed(pricing.now))
    if names_amount(value, pricing.now) or _rounds_up(quantity, pricing.now):
        return true
    if value in pricing.terms_amounts or names_amount(value, pricing.savings):
        return true
    if follows_from_price(value, reading, pricing):
        return true
    if _was_saved(quantity, reading, support) or _will_be_saved(value, reading, support):
        return true
    future = [s for p, s in pricing.future if names_amount(value, [p])]
    if future and announces(reading, support):
        return Claim("facts.price", "warn", start, end, "sale_over", exemption="announced_start")
    if support.names_ended_price(value):
        if told_as_past(reading, start, end):
            return true
        return Claim("facts.sale_over", "block", start, end, "sale_over")
    return Claim("facts.price", "block", start, end, "price", _listed(pricing.now))


_NEXT = 0.012  # relative: "forty dollars" for 39.60


def _rounds_up(quantity: Quantity, prices: Sequence[float]) -> bool:
    """Whether an amount in words is the round number next above a price, as 四百块 for 399."""
    round_number = (
        quantity.value % 10 == 0 and not quantity.text[0].isdecimal() and quantity.text[0] not in "$£€¥"
    )
    return round_number and any(0 <= quantity.value - price <= _NEXT * price for price in prices)


def _bounds(value: float, hedge: str, price: float) -> bool:
    match hedge:
        case "below":
            return 0.4 * value <= price < value
        case "above":
            return value < price
        case _:
            return holds(value, hedge, price, tolerance=0.005)  # type: ignore[arg-type]


_LISTED = re.compile(
    r"(?:标价|吊牌价|官方价|零售价|日常价|平日价|平时|平常|(?<![a-z])(?:usually|normally|regularly|retails?"
    r"|rrp|msrp|srp|reg\.?|(?:list|regular|usual|full) price))"
    r"[^\d]{0,8}$"
)
"""Words for the list price, which are true where one pays it."""


def _was_claim(quantity: Quantity, reading: Reading, support: Support) -> Claim:
    pricing = support.pricing
    start, end = quantity.start, quantity.end
    paid = _LISTED.search(reading.before(start, 28)) or announces(reading, support)
    listed = pricing.now if not pricing.was and paid else ()
    if list_price_of_several(quantity.value, reading, pricing):
        return Claim("facts.price", None, start, end)
    if names_amount(quantity.value, (*pricing.was, *listed)):
        return Claim("facts.price", None, start, end)
    if pricing.was:
        return Claim("facts.price", "block", start, end, "was_value", _listed(pricing.was))
    return Claim("facts.price", "block", start, end, "was_price")


def _is_saving(before: str, after: str) -> bool:
    return bool(
        (_SAVING_BEFORE.search(before) and not _NOT_SAVING.search(before)) or _SAVING_AFTER.match(after)
    )


_ROUNDED = 0.51  # per cents


def _percent_claim(quantity: Quantity, reading: Reading, support: Support) -> Claim | None:
    """A discount in per cent; None where the per cent is of something else."""
    start, end = quantity.start, quantity.end
    before, after = reading.before(start, 24), reading.after(end, 24)
    is_off = quantity.unit == "off"
    if is_off and quantity.text.endswith("折"):
        if _folds(quantity, before, after, support):
            return Claim("facts.discount", None, start, end)
    elif not is_off and not (_DISCOUNT_BEFORE.search(before) or _DISCOUNT_AFTER.match(after)):
        return None
    true = Claim("facts.discount", None, start, end)
    if reading.denies(start, end):
        return true
    if quantity.value == 50 and any(off == 50 for _, _, off in support.pricing.bundles):
        if not re.search(r"第[二2]|second|2nd|bogo|another", reading.folded):
            return Claim("facts.discount", "block", start, end, "discount", _listed(support.pricing.off))
        return true
    known = support.pricing.off
    hedge = reading.hedge(start, end)
    if any(abs(quantity.value - p) <= _ROUNDED or 0 <= p - quantity.value < 1 for p in known):
        return true  # rounded, or rounded down
    if any(abs(quantity.value - p) <= _ROUNDED for p in support.pricing.future_off) and announces(
        reading, support
    ):
        return Claim("facts.discount", "warn", start, end, "discount", exemption="announced_start")
    if any(abs(quantity.value - p) <= _ROUNDED for p in support.pricing.ended_off) and told_as_past(
        reading, start, end
    ):
        return true
    if quantity.text.endswith("折") and any(_is_about_fold(quantity.value, after, hedge, p) for p in known):
        return true
    bounded = hedge != "exact" and not (quantity.text.endswith("折") and hedge in ("below", "above"))
    if bounded and any(holds(quantity.value, hedge, p) for p in known):
        return true
    if support.catalogue and quantity.text.lower() in support.catalogue:
        return true
    return Claim("facts.discount", "block", start, end, "discount", _listed(known))


_FOLD = 10.0  # per cents from one 折 to the next
_OVER_FOLD = re.compile(r"多|出头|冒头|有余")


def _is_about_fold(off: float, after: str, hedge: str, known: float) -> bool:
    """Whether so many per cent off are 八折多, 不到八折 or 八折左右, where 八折 is 20 off."""
    if _OVER_FOLD.match(after):
        return off - _FOLD < known <= off
    if hedge == "below":
        return off < known < off + _FOLD
    return hedge == "about" and abs(off - known) <= _FOLD / 4


def _folds(quantity: Quantity, before: str, after: str, support: Support) -> bool:
    """Whether 折 is a fold: 一折就塞进包里, 三折伞."""
    if quantity.text == "一折" and _FOLDED.match(after):
        return True
    if quantity.text[0] in "一二两三四五六七八九" and len(quantity.text) == 2:
        if quantity.text in support.catalogue or "折叠" in support.catalogue:
            return bool(_FOLDS.search(before) or _FOLDED.match(after) or quantity.text in support.catalogue)
        return bool(_FOLDS.search(before) and _FOLDED.match(after))
    return False


def _words(reading: Reading, support: Support) -> Iterator[Claim]:
    """Reductions without a number, and the lowest price."""
    for match in phrasing("lowest_price").find(reading.folded):
        if not reading.denies(*match.span()) and match[0] not in support.text:
            yield Claim("facts.price", "review", *match.span(), "lowest")
    pricing = support.pricing
    if pricing.reduced:
        return
    for match in phrasing("reduced").find(reading.folded):
        if reading.denies(*match.span()) or match[0] in support.text:
            continue
        if pricing.future and announces(reading, support):
            continue
        if (pricing.ended or pricing.ended_off) and told_as_past(reading, *match.span()):
            continue
        yield Claim("facts.discount", "block", *match.span(), "reduced")


def _listed(values: object) -> str:
    shown = [f"{v:.10g}" if isinstance(v, float) else str(v) for v in dict.fromkeys(values)]  # type: ignore[call-overload]
    return ", ".join(shown[:6]) or "—"
