"""What a text says of the stock: how many are left, that few are, that it is back, that no more will come.

Does not cover: the stock of one size or colour, which the catalogue does not give.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta

from adwright.generate.guards.circumstances import LOW_STOCK
from adwright.generate.guards.claims.claim import Claim, Reading
from adwright.generate.guards.claims.deadlines import of_the_goods
from adwright.generate.guards.claims.when import MONTHS, WHEN
from adwright.generate.guards.support import Support
from adwright.generate.lexicon.cues import Hedge, cue
from adwright.generate.lexicon.phrasings import phrasing
from adwright.text.numbers import Quantity

_LIMITED_RUN = cue("stock.limited_run")
_NO_MORE_HINTS = cue("stock.no_more_hints")

_LEFT_AFTER = cue("stock.left_after")
_LAST_BEFORE = cue("stock.last_before")
_ONLY_ZH = re.compile(r"(?:只有|仅有|就|只|不足|不到)\s?$")
_NOT_TIME = frozenset({"second", "minute", "hour", "day", "week", "month", "year"})
_GOODS_UNITS = frozenset({"piece", "style", "size", "people", "jin", None})


def stock_claims(reading: Reading, support: Support) -> Iterator[Claim]:
    """What the text says of the stock."""
    if of_the_goods(reading, support) and not any(q.kind == "price" for q in reading.quantities):
        yield from _single(reading, support)
        return
    yield from _counted(reading, support)
    yield from _scarce(reading, support)
    yield from _urges(reading, support)
    yield from _single(reading, support)
    yield from _states(reading, support)


_OF_CONTENTS = re.compile(
    "(?:最后|仅剩|只剩)?一?(?:块|片|颗|粒|页|口)(?!套|装)|(?:last|final) (?:piece|slice|bite|page|square|drop|crumb)"
)
_IN_PIECES = re.compile(
    "拼图|积木|巧克力|饼干|蛋糕|披萨|书|puzzle|jigsaw|chocolate|biscuit|cookie|cake|book|novel|pizza"
)


def _counted(reading: Reading, support: Support) -> Iterator[Claim]:
    for quantity in reading.quantities:
        if _speaks_of_stock(quantity, reading):
            yield _count_claim(quantity, reading, support)


def _scarce(reading: Reading, support: Support) -> Iterator[Claim]:
    """Few are left: true of few, not of none."""
    for match in phrasing("scarce").find(reading.folded):
        if reading.denies(*match.span()) or _near_quantity(reading, match) or _in_terms(match[0], support):
            continue
        if match[0].startswith(("就没", "就无")) and WHEN.search(reading.before(match.start(), 6)):
            continue  # 周三过了就没了: the day is judged
        if support.stock is None:
            yield Claim("facts.stock", "review", *match.span(), "stock_unknown")
        elif support.stock == 0 and any(True for _ in phrasing("sold_out").find(match[0])):
            continue
        elif not 0 < support.stock <= LOW_STOCK:
            yield Claim("facts.stock", "block", *match.span(), "stock", str(support.stock))
        else:
            yield Claim("facts.stock", None, *match.span())


_WHILE_STOCKS_LAST = cue("stock.while_stocks_last")


def _in_terms(said: str, support: Support) -> bool:
    """Whether the terms say the same: these words, or in others that it lasts as long as the stock."""
    return said in support.terms or (
        _WHILE_STOCKS_LAST.fullmatch(said) is not None
        and _WHILE_STOCKS_LAST.search(support.terms) is not None
    )


def _speaks_of_stock(quantity: Quantity, reading: Reading) -> bool:
    if quantity.kind not in ("number", "measure") or quantity.unit in _NOT_TIME:
        return False
    if quantity.kind == "measure" and quantity.unit not in _GOODS_UNITS:
        return False
    before, after = reading.before(quantity.start, 30), reading.after(quantity.end, 48)
    stop = re.search(r"[.!?。！？,，;；]", after)
    after = after[: stop.start()] if stop else after
    if _LEFT_AFTER.match(after):
        return not _LEFT_OVER.match(after)
    if _LIMITED_RUN.search(before):
        return True
    if _LAST_BEFORE.search(before):
        named = quantity.unit is not None or not quantity.text[0].isdecimal() or "库存" in before[-8:]
        return named or re.match(r" [a-z]", after) is not None
    return bool(_ONLY_ZH.search(before) and re.match(r"(?:了|可抢|现货|库存|名额)", after))


_LEFT_OVER = re.compile(
    r" (?:\w+ )?(?:left|right) (?:foot|shoe|hand|side|arm|leg|turn)"
    r"| (?:\w+ ){0,2}left (?:in|on|at) (?:the|your|a|my|each) (?!(?:whole |entire |main )?"
    r"(?:shop|store|warehouse|stock|shel|sale|series|edition|run|rack|country|world))"
)
"""The left foot, and what is left in the pot."""


def _count_claim(quantity: Quantity, reading: Reading, support: Support) -> Claim:
    start, end = quantity.start, quantity.end
    if support.stock is None:
        return Claim("facts.stock", "block", start, end, "stock_unknown")
    hedge = reading.hedge(start, end)
    if _LIMITED_RUN.search(reading.before(start, 30)) and quantity.value in support.values:
        return Claim("facts.stock", None, start, end)
    if reading.denies(start, end) or any(_bounded(quantity.value, hedge, n) for n in support.stocks):
        return Claim("facts.stock", None, start, end)
    severity = "block" if support.stock > quantity.value else "review"
    return Claim("facts.stock", severity, start, end, "stock", str(support.stock))  # type: ignore[arg-type]


def _bounded(claimed: float, hedge: Hedge, stock: int) -> bool:
    match hedge:
        case "below" | "just_below" | "up_to":
            return stock <= claimed
        case "above" | "just_above" | "at_least":
            return claimed <= stock <= 2 * claimed
        case "about":
            return abs(stock - claimed) <= max(2, 0.25 * claimed)
        case _:
            return stock == claimed


def _near_quantity(reading: Reading, match: re.Match[str]) -> bool:
    """Whether a count of the stock already stands in these words."""
    return any(
        q.start < match.end() + 2 and match.start() < q.end + 2 and _speaks_of_stock(q, reading)
        for q in reading.quantities
    )


def _urges(reading: Reading, support: Support) -> Iterator[Claim]:
    """Live demand, which nothing on file can show, and pressure, which needs few pieces or a near end."""
    for match in phrasing("live_demand").find(reading.folded):
        if not reading.denies(*match.span()):
            yield Claim("facts.stock", "block", *match.span(), "live_demand")
    few = support.stock is not None and support.stock <= LOW_STOCK
    remaining = support.calendar.remaining
    if few or (remaining is not None and remaining <= _NEAR_END):
        return
    for match in phrasing("pressure").find(reading.folded):
        if not reading.denies(*match.span()) and not _in_terms(match[0], support):
            yield Claim("facts.time", "review", *match.span(), "pressure")


_NEAR_END = timedelta(days=4)


def _single(reading: Reading, support: Support) -> Iterator[Claim]:
    """The last one."""
    for match in phrasing("one_left").find(reading.folded):
        if _OF_CONTENTS.search(match[0]) and _IN_PIECES.search(support.catalogue):
            continue
        if support.stock is None:
            yield Claim("facts.stock", "block", *match.span(), "stock_unknown")
        elif 1 not in support.stocks and not reading.denies(*match.span()):
            yield Claim("facts.stock", "block", *match.span(), "stock", str(support.stock))


def _states(reading: Reading, support: Support) -> Iterator[Claim]:
    """In stock, sold out, more to come, never again."""
    if support.stock is not None:
        for match in phrasing("in_stock" if support.stock == 0 else "sold_out").find(reading.folded):
            if not reading.denies(*match.span()):
                yield Claim("facts.stock", "block", *match.span(), "stock", str(support.stock))
    for match in phrasing("restock").find(reading.folded):
        if not reading.denies(*match.span()) and not _restock_known(match[0], support):
            yield Claim("facts.stock", "review", *match.span(), "restock")
    said = any(True for _ in phrasing("never_again").find(support.text))
    hints = _NO_MORE_HINTS.search(support.text)
    for match in phrasing("never_again").find(reading.folded):
        if not said and not hints and not reading.denies(*match.span()):
            yield Claim("facts.stock", "review", *match.span(), "no_restock")


_MORE_TO_COME = cue("stock.more_to_come")
_SENTENCES = re.compile(r"[\n。;；!！]|\. ")


def _restock_known(said: str, support: Support) -> bool:
    """Whether catalogue or terms say of more to come what these words say: the same day, month or season."""
    days = {m[0] for m in WHEN.finditer(said)} | set(_SEASONS.findall(said))
    return said in support.text or (
        bool(days)
        and any(
            _MORE_TO_COME.search(part) and all(day in part for day in days)
            for part in _SENTENCES.split(support.text)
        )
    )


_SEASONS = re.compile(
    rf"(?:{'|'.join(MONTHS)}|spring|summer|autumn|winter)(?![a-z])|(?:\d{{1,2}}|[一二三四五六七八九十]{{1,2}})月|[春夏秋冬]"
)
