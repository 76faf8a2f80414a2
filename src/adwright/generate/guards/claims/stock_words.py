"""What a text says of the stock in words: plenty, a dozen, single figures, hundreds, three to take at once.

Does not cover: the stock of one size or colour, which the catalogue does not give.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from adwright.generate.guards.claims.claim import Claim, Reading
from adwright.generate.guards.claims.counted import stem
from adwright.generate.guards.support import Support
from adwright.generate.lexicon.cues import cue
from adwright.generate.lexicon.gate import Gated
from adwright.text.said_numbers import said_number

_PLENTY = Gated(cue("stock_words.plenty"))
_ROUGH = Gated(cue("stock_words.rough"))
_DOZENS = Gated(cue("stock_words.dozens"))
_STATED = Gated(cue("stock_words.stated"))
_TAKEN = Gated(cue("stock_words.taken"))
_FEWEST_FOR_PLENTY = 10
_RANGES = (
    (re.compile(r"个位数|single (?:figures|digits)"), (1, 9)),
    (re.compile(r"两位数|double (?:figures|digits)"), (10, 99)),
    (re.compile(r"几十|数十|dozens|scores"), (20, 99)),
    (re.compile(r"上百|几百|数百|好几百|成百|hundreds"), (100, 999)),
    (re.compile(r"上千|几千|数千|成千|thousands"), (1000, 99_999)),
    (re.compile(r"上万|几万|数万|成万"), (10_000, 999_999)),
)


_PLENTY_OF = re.compile(r"(?<![a-z])(?:plenty|lots|loads|heaps|stacks|piles) of (?P<noun>[a-z]{3,})")
_HEAPS_OF = Gated(cue("stock_words.heaps_of"))
_ARRIVED = Gated(cue("stock_words.arrived"))
_LAST_OF = re.compile(
    r"(?<![a-z])(?:one|our|this is the) (?:very )?last (?P<noun>[a-z]{3,})(?! (?:you|i|we|to|that|of)(?![a-z]))"
    r"|(?<![a-z])the (?:very )?last (?P<shown>[a-z]{3,})"
    r"(?= (?:left|remaining|in stock|on (?:the|our) shel|we have|is yours))"
)
_RESTOCKED = re.compile(
    r"(?:刚|又|已|重新|再次)(?:刚|经|又)?(?:补货|补了货|到货)了?(?P<n>\d{1,6})?(?!通知|提醒|中|时|后|前)"
    r"|(?<![a-z])(?<!when )(?<!once )(?<!be )back in stock(?! soon)(?![a-z])"
    r"|(?<![a-z])(?:just|freshly|newly) restocked"
)
_RESTOCK_NOTED = re.compile(r"补货|到货|restock|back in stock")


def stock_word_claims(reading: Reading, support: Support) -> Iterator[Claim]:
    """Each such statement; one that the stock bears out has no severity."""
    for match in _PLENTY.finditer(reading.folded):
        if reading.denies(*match.span()):
            continue
        if support.stock is None:
            yield Claim("facts.stock", "review", *match.span(), "stock_unknown")
        elif support.stock < _FEWEST_FOR_PLENTY:
            yield Claim("facts.stock", "block", *match.span(), "stock", str(support.stock))
    yield from _named_or_back(reading, support)
    for match in _ROUGH.finditer(reading.folded):
        low, high = next(bounds for pattern, bounds in _RANGES if pattern.search(match[0]))
        yield _judge(match, low, high, support)
    for match in _DOZENS.finditer(reading.folded):
        n = (
            6
            if re.search("半打|half", match[0])
            else 12 * (said_number(match["n"] or match["n_en"] or "一") or 1)
        )
        yield _judge(match, round(0.8 * n), round(1.2 * n), support)
    for match in _STATED.finditer(reading.folded):
        value = said_number(match["n"])
        if value is not None and support.stock is not None:
            yield _judge(match, round(value), round(value), support)
    for match in _TAKEN.finditer(reading.folded):
        value = said_number(match["n"] or match["n_en"])
        if value is not None and support.stock is not None and value > max(support.stock, 1):
            yield Claim("facts.stock", "block", *match.span(), "stock", str(support.stock))


def _named_or_back(reading: Reading, support: Support) -> Iterator[Claim]:
    """Plenty of what the title names, and goods that are back."""
    title = {stem(w) for w in re.findall(r"[a-z]{3,}", support.title)}
    for match in _PLENTY_OF.finditer(reading.folded):
        if stem(match["noun"]) in title and (support.stock is None or support.stock < _FEWEST_FOR_PLENTY):
            yield Claim("facts.stock", "review", *match.span(), "stock", str(support.stock))
    for match in _HEAPS_OF.finditer(reading.folded):
        if stem(match["noun"]) in title and not reading.denies(*match.span()):
            low, high = next(bounds for pattern, bounds in _RANGES if pattern.search(match[0]))
            yield _judge(match, low, high, support)
    for match in _ARRIVED.finditer(reading.folded):
        value = said_number(match["n"] or match["n_en"])
        if value is not None and (match["noun"] is None or stem(match["noun"]) in title):
            yield _judge(match, round(value), round(value), support)
    for match in _LAST_OF.finditer(reading.folded):
        if (
            stem(match["noun"] or match["shown"]) in title
            and 1 not in support.stocks
            and not reading.denies(*match.span())
        ):
            yield Claim("facts.stock", "block", *match.span(), "stock", str(support.stock or "?"))
    for match in _RESTOCKED.finditer(reading.folded):
        value = said_number(match["n"]) if match["n"] else None
        if value is not None and value in support.stocks:
            continue
        if not reading.denies(*match.span()) and not _RESTOCK_NOTED.search(support.text):
            yield Claim("facts.stock", "review", *match.span(), "restock")


def _judge(match: re.Match[str], low: int, high: int, support: Support) -> Claim:
    if support.stock is None:
        return Claim("facts.stock", "block", *match.span(), "stock_unknown")
    fine = any(low <= n <= high for n in support.stocks)
    return Claim("facts.stock", None if fine else "block", *match.span(), "stock", str(support.stock))
