"""A price beside another: that of a coffee, that of another shop, or a code on top of a sale.

Does not cover: what a coffee costs where the reader lives, beyond a generous bound.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from adwright.generate.guards.claims.claim import Claim, Reading
from adwright.generate.guards.pricing import names_amount
from adwright.generate.guards.support import Support
from adwright.generate.lexicon.cues import cue
from adwright.generate.lexicon.gate import Gated

_TREAT = Gated(cue("price_beside.treat"))
_ELSEWHERE = Gated(cue("price_beside.elsewhere"))
_STACKING = Gated(cue("price_beside.stacking"))
_NO_STACKING = cue("price_beside.no_stacking")
_REDUCTION = re.compile(r"\b(?:offers?|codes?|coupons?|discounts?|vouchers?|deals?|sale|promo\w*|off)\b|%")
_MAY_STACK = cue("price_beside.may_stack")
_A_DAY = re.compile(r"每[天日周月次]|一[天日]|a (?:day|week|month)|per (?:day|week|month)|each (?:day|week)")
_MEAL = re.compile(
    r"火锅|外卖|[午晚]饭|电影|下午茶|蛋糕|lunch|dinner|brunch|takeaway|take-?out|pizza|ticket|taxi|haircut|cocktail"
)
_DRINK_COSTS = (40.0, 7.0)  # at most, in yuan and in other money
_MEAL_COSTS = (150.0, 40.0)


def price_beside_claims(reading: Reading, support: Support) -> Iterator[Claim]:
    """Each comparison of the price; one that holds has no severity."""
    pricing = support.pricing
    paid = min(pricing.now, default=None)
    for match in _TREAT.finditer(reading.folded):
        start, end = match.span()
        most = (_MEAL_COSTS if _MEAL.search(match[0]) else _DRINK_COSTS)["CNY" not in support.currencies]
        if _A_DAY.search(reading.folded[max(0, start - 12) : end + 12]):
            most *= 365
        fine = paid is not None and paid <= most
        if not fine and not reading.denies(start, end):
            yield Claim("facts.price", "review", start, end, "price", "" if paid is None else f"{paid:g}")
    for match in _ELSEWHERE.finditer(reading.folded):
        if not names_amount(float(match["n"]), (*pricing.was, *pricing.now)):
            known = ", ".join(f"{v:g}" for v in pricing.was) or "—"
            yield Claim(
                "facts.price", "block", *match.span("n"), "was_value" if pricing.was else "was_price", known
            )
    for match in _STACKING.finditer(reading.folded):
        left, right = reading.clause(*match.span())
        of_goods = (
            match[0].startswith("stack")
            and "stack" in support.catalogue
            and not _REDUCTION.search(reading.folded, left, right)
        )
        if of_goods or reading.denies(*match.span()):
            continue
        if _NO_STACKING.search(support.terms):
            yield Claim("facts.offer_bundle", "block", *match.span(), "bundle")
        elif not _MAY_STACK.search(support.terms):
            yield Claim("facts.offer_bundle", "review", *match.span(), "bundle")
