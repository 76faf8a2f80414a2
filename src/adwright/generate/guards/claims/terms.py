"""What the shop promises on top: bundles, free shipping, gifts, instalments and returns."""

from __future__ import annotations

import re
from collections.abc import Iterator

from adwright.generate.guards.claims.claim import Claim, Reading
from adwright.generate.guards.claims.other_terms import other_terms_claims
from adwright.generate.guards.pricing import BUNDLE, FULL_REDUCTION, bundle_of, names_amount, read_reductions
from adwright.generate.guards.support import Support
from adwright.generate.lexicon.cues import cue, words
from adwright.generate.lexicon.phrasings import phrasing
from adwright.text.english_numerals import ENGLISH_NUMERAL
from adwright.text.numbers import Quantity, find_quantities
from adwright.text.said_numbers import said_number

_FREE_IN_TERMS = cue("terms.free_in_terms")
_REGION_WORDS = cue("terms.region_words")
_FAR = cue("terms.far_regions")
_FREE_FAR = cue("terms.free_far")

_SHARED_AMONG = cue("terms.shared_among")

_LIMITED = cue("terms.limited")
_THRESHOLD = re.compile(r"满|\b(?:over|above|orders?|spend|minimum|from)\b|以上")
_REGION = cue("terms.region")
_WORD = re.compile(r"[a-z]{4,}|[\u4e00-\u9fff]")
_FREE_WORDS = words("terms.words_of_gifts")
_FREE_HAN = frozenset("赠送免费买就下单拍购得领再还白附加额外另随即立品礼元零0都均可购入手满购收货")


def terms_claims(reading: Reading, support: Support) -> Iterator[Claim]:
    """What the text promises beside the product."""
    yield from _bundles(reading, support)
    yield from _reductions(reading, support)
    yield from _shipping(reading, support)
    yield from _instalments(reading, support)
    yield from _gifts(reading, support)
    yield from _policies(reading, support)
    yield from other_terms_claims(reading, support)


def _bundles(reading: Reading, support: Support) -> Iterator[Claim]:
    for match in BUNDLE.finditer(reading.folded):
        bundle = bundle_of(match)
        if bundle is None or reading.denies(*match.span()):
            continue
        if "more_en" in match.re.groupindex and match["more_en"] and not support.pricing.bundles:
            near = reading.folded[match.start() : match.end() + 12]
            if _SHARED_AMONG.match(near):
                continue
        buys, gets, off = bundle
        matching = {(buys, gets, off)} | ({(gets + buys - gets, gets, off)})
        known = support.pricing.bundles
        if known & matching or match[0] in support.text:
            yield Claim("facts.offer_bundle", None, *match.span())
        else:
            yield Claim("facts.offer_bundle", "block", *match.span(), "bundle")


def _reductions(reading: Reading, support: Support) -> Iterator[Claim]:
    for match in FULL_REDUCTION.finditer(reading.folded):
        said = set(read_reductions(match[0]))
        if said and said <= support.pricing.reductions:
            yield Claim("facts.discount", None, *match.span())
        elif said and not reading.denies(*match.span()):
            threshold, less = next(iter(said))
            only_less = (
                names_amount(less, support.pricing.savings) and threshold in support.pricing.terms_amounts
            )
            yield Claim("facts.discount", None if only_less else "block", *match.span(), "bundle")


def _shipping(reading: Reading, support: Support) -> Iterator[Claim]:
    matches = [m for m in phrasing("free_shipping").find(reading.folded) if not reading.denies(*m.span())]
    far = (m for m in _FREE_FAR.finditer(reading.folded) if not _RETURN.search(reading.before(m.start(), 8)))
    matches += [m for m in far if not any(m.start() < o.end() and o.start() < m.end() for o in matches)]
    matches = [m for m in matches if not _promises_none(m, reading)]
    if not matches:
        return
    promises = list(dict.fromkeys(_sentences_of(support, "free_shipping")))
    everywhere = any(True for _ in phrasing("everywhere").find(reading.folded))
    for match in matches:
        if not promises:
            yield Claim("facts.shipping", "block", *match.span(), "shipping")
        elif all(_exceeds(p, reading, support, match.span(), everywhere=everywhere) for p in promises):
            yield Claim("facts.shipping", "block", *match.span(), "shipping_limits", promises[0].strip()[:60])
        else:
            yield Claim("facts.shipping", None, *match.span())


_NOT_FREE = re.compile(
    r"(?<![a-z])(?:not|isn't|aren't|excluded|extra|plus)(?! (?:a |one )?(?:penny|cent|pay|charge|bill"
    r"|extra))(?![a-z])"
)


def _promises_none(match: re.Match[str], reading: Reading) -> bool:
    """Whether the words say that shipping is not free, or are of what is sent back."""
    before = reading.before(match.start(), 8)
    return _NOT_FREE.search(match[0]) is not None or re.search(r"returns? $|退货的?$", before) is not None


def _sentences_of(support: Support, name: str) -> Iterator[str]:
    """The sentences of the terms or the catalogue that hold a phrasing."""
    for text in (support.terms, support.catalogue):
        found = [*phrasing(name).find(text)]
        for match in found or (_FREE_IN_TERMS.finditer(text) if text is support.terms else ()):
            left = max(text.rfind(c, 0, match.start()) for c in "\n。;；") + 1
            dots = [m.end() for m in re.finditer(r"\. ", text[left : match.start()])]
            left += dots[-1] if dots else 0
            ends = [i for i in (text.find(c, match.end()) for c in ("\n", "。", ". ", "；", ";")) if i >= 0]
            yield text[left : min(ends, default=len(text))]


def _exceeds(
    promise: str, reading: Reading, support: Support, span: tuple[int, int], *, everywhere: bool
) -> bool:
    """Whether the text promises free shipping more widely than the terms."""
    regional = _REGION.search(promise) or _REGION_WORDS.search(promise)
    if everywhere and regional and not _LEFT_OUT.search(reading.folded):
        return True
    if (
        everywhere
        and _THRESHOLD.search(promise)
        and not any(_is_a_number_bought(q, reading) for q in reading.quantities)
    ):
        return True
    if regional and any(
        (m[0] not in promise or _is_dearer(m[0], promise)) and not _is_left_out(m, reading)
        for m in _FAR.finditer(reading.folded)
    ):
        return True
    bought = max((q.value for q in reading.quantities if _is_a_number_bought(q, reading)), default=1.0)
    if pieces := _PIECES_NEEDED.search(promise):
        return bought < (said_number(pieces["n"] or pieces["n2"]) or 1)
    needed = [q.value for q in find_quantities(promise) if q.kind in ("price", "number")]
    if not needed or not _THRESHOLD.search(promise):
        return False
    threshold = max(needed)
    near = reading.folded[max(0, span[0] - 40) : span[1] + 40]
    said = [q.value for q in find_quantities(near) if q.kind in ("price", "number")]
    gaps = [threshold - price * bought for price in support.pricing.now]
    if any(v == threshold or any(0 < gap <= v <= gap + _ROUNDED_UP for gap in gaps) for v in said):
        return False
    return threshold > bought * min(support.pricing.now, default=0.0)


_ROUNDED_UP = 1.0  # "another six dollars" where 5.95 are missing
_PIECES_NEEDED = re.compile(
    rf"满(?P<n>\d|[一二两三四五六七八九])(?:件|盒|瓶|包|袋|套|双|只|个|箱)"
    rf"|(?<![a-z\d])(?P<n2>[2-9]|{ENGLISH_NUMERAL})(?: [a-z]+)? or more(?![a-z])"
)
_LEFT_OUT = re.compile(
    r"除(?:了|去)?[^，。,]{0,16}(?:外|以外)|除外|不含|不包|不在|另计|另收|另付|需补|补(?:运|邮|差)|加收|到付|不参加"
    r"|(?<![a-z])(?:except|excluding|excluded|not included|outside|but not|apart from|not to|extra"
    r"|surcharge)(?![a-z])"
)


def _is_left_out(region: re.Match[str], reading: Reading) -> bool:
    """Whether the text itself leaves a region out of what it promises."""
    left, right = region.start() - 20, region.end() + 20
    return any(
        left <= m.start() and m.end() <= right
        for m in _LEFT_OUT.finditer(reading.folded, max(0, left), right)
    )


def _is_dearer(region: str, promise: str) -> bool:
    """Whether the promise names the region with a price: "free to the mainland, £9 to islands"."""
    at = promise.find(region)
    near = promise[max(0, at - 12) : at + len(region) + 8]
    return re.search(r"[$£€¥]\d|\d+ ?(?:元|块)|除外|except", near) is not None


def _is_a_number_bought(quantity: Quantity, reading: Reading) -> bool:
    """Whether a number says how many one buys: "three keepers", 三只."""
    if not 2 <= quantity.value <= _MOST_BOUGHT or quantity.value != int(quantity.value):
        return False
    if quantity.kind == "number":
        return re.match(r" [a-z]{3,}", reading.after(quantity.end, 5)) is not None
    if quantity.text.isascii():
        return quantity.kind == "measure" and quantity.unit == "piece"
    return quantity.kind == "measure" and quantity.text[-1] in "只件个条双台套盒瓶把份支本袋床盏顶块箱包"


_MOST_BOUGHT = 20


PERIODS = cue("terms.periods")
"""十二期, four payments."""


_CLAUSES = re.compile(r"[,，;；。\n]|\. ")
_NO_INTEREST = re.compile(
    r"免息|无息|(?:零|0|无|不收|没有?|免|一分钱?|不加|不用)[^，。,;；\d]{0,4}(?:利息|手续费)"
    r"|interest[- ]free|(?:no|zero|without|0%)[ -](?:\w+ )?interest"
    r"|(?:at )?0 ?(?:%|per cent)|nothing extra|no extra|no (?:fees?|finance charges?)|0% apr"
)


def _instalments(reading: Reading, support: Support) -> Iterator[Claim]:
    known = any(True for _ in phrasing("instalments").find(support.text))
    for match in phrasing("instalments").find(reading.folded):
        if reading.denies(*match.span()):
            continue
        near = reading.folded[max(0, match.start() - 6) : match.end() + 6]
        near = near if PERIODS.search(near) else reading.folded[max(0, match.start() - 20) : match.end() + 14]
        periods = {said_number(m["n"]) for m in PERIODS.finditer(near)}
        free = _NO_INTEREST.search(reading.folded) is not None
        clauses = [c for c in _CLAUSES.split(support.text) if not free or _NO_INTEREST.search(c)]
        named = {said_number(m["n"]) for c in clauses for m in PERIODS.finditer(c)}
        periods = {said_number(m["n"]) for m in PERIODS.finditer(reading.folded)} if free else periods
        fine = known and (not periods or periods <= named)
        yield Claim("facts.offer_payment", None if fine else "block", *match.span(), "instalments")


def _gifts(reading: Reading, support: Support) -> Iterator[Claim]:
    for match in phrasing("gift").find(reading.folded):
        if reading.denies(*match.span()):
            continue
        named = _WORD.findall(match[0])
        words = [w for w in named if w not in _FREE_WORDS and w not in _FREE_HAN]
        gives = re.search(
            r"free|gift|complimentary|on us|bonus|thrown in|赠|送|免费|0元|零元|白拿", support.text
        )
        n_known = sum(w.rstrip("s") in support.text for w in words)
        fine = bool(gives) and (not words or n_known >= max(1, len(words) / 2))
        yield Claim("facts.offer_gift", None if fine else "block", *match.span(), "gift")


_WARRANTY = re.compile(r"warrant|guarantee|repair|质保|保修|维修|只换不修")
_RETURN = re.compile(r"退|换|无理由|运费险|试[睡用]|return|refund|money back|exchange|trial")
_POLICY_PARTS = re.compile(r"[\n。;；]|\. ")
_DURATION = re.compile(
    rf"(?P<n>\d+|[一二两三四五六七八九十百]+|one|{ENGLISH_NUMERAL})[- ]?"
    r"(?P<unit>year|month|week|day|night|年|个月|周|天|晚)"
)
_UNITS = {"年": "year", "个月": "month", "周": "week", "天": "day", "晚": "night"}


def _policies(reading: Reading, support: Support) -> Iterator[Claim]:
    """A warranty is held against warranties, a return against returns, each with its duration."""
    for match in phrasing("returns").find(reading.folded):
        if reading.denies(*match.span()):
            continue
        sort = _WARRANTY if _WARRANTY.search(match[0]) else _RETURN
        known = " ".join(part for part in _POLICY_PARTS.split(support.text) if sort.search(part))
        fine = bool(known)
        if "lifetime" in match[0] or "终身" in match[0]:
            fine = "lifetime" in known or "终身" in known
        elif "free" in match[0] or "免" in match[0]:
            fine = any(word in known for word in ("free", "免", "包"))
        durations = _durations(known)
        fine = fine and (not durations or _durations(match[0]) <= durations)
        yield Claim("facts.offer_policy", None if fine else "block", *match.span(), "policy")


def _durations(text: str) -> set[tuple[float, str]]:
    """The lengths of time that a folded text names, as number and unit."""
    found = set()
    for match in _DURATION.finditer(text):
        number = said_number(match["n"])
        if number is not None:
            found.add((number, _UNITS.get(match["unit"], match["unit"])))
    return found
