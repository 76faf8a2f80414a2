"""Terms that a text promises in its own words: who pays for a return, how long one has, how one may pay, taxes.

Does not cover: terms that hold by law and need no promise.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from adwright.generate.guards.claims.claim import Claim, Reading
from adwright.generate.guards.support import Support
from adwright.generate.lexicon.cues import cue
from adwright.generate.lexicon.gate import Gated
from adwright.text.said_numbers import said_number

_RETURN_POSTAGE = Gated(cue("terms.return_postage"))
_RETURNS_IN = Gated(cue("terms.returns_in_days"))
_METHODS = Gated(cue("terms.payment_methods"))
_TAXES = Gated(cue("terms.taxes"))
_CLAUSES = re.compile(r"[\n;；。]|\. ")
_RETURNS = re.compile(r"退|换|无理由|运费险|return|refund|collection|money back|exchange|trial")
_BUYER_PAYS = re.compile(
    r"自付|自理|(?:买家|顾客|您|自己|客户)[^;；,，]{0,6}(?:承担|付|出|负责)"
    r"|buyer|customer pays|you pay|at your (?:own )?(?:cost|expense)|at cost"
)
_SELLER_PAYS = re.compile(r"free|免|包|我们|商家|卖家|店|on us|we pay|prepaid|运费险")
_DAYS = re.compile(
    r"(?P<n>\d{1,3}|[一二两三四五六七八九十百]{1,4}|[a-z]+)[ -]?(?P<u>天|日|个月|day|night|week|month)"
)
_IN_DAYS = {"天": 1, "日": 1, "day": 1, "night": 1, "week": 7, "month": 30, "个月": 30}


def other_terms_claims(reading: Reading, support: Support) -> Iterator[Claim]:
    """Each such promise that the terms and the catalogue do not make."""
    known = " ".join(part for part in _CLAUSES.split(support.text) if _RETURNS.search(part))
    for match in _RETURN_POSTAGE.finditer(reading.folded):
        fine = _SELLER_PAYS.search(known) and not _BUYER_PAYS.search(known)
        if not fine and not reading.denies(*match.span()):
            yield Claim("facts.offer_policy", "block", *match.span(), "policy")
    for match in _RETURNS_IN.finditer(reading.folded):
        days = _in_days(match["n"] or match["n2"], match["u2"] or ("个月" if "个月" in match[0] else "天"))
        allowed = [d for m in _DAYS.finditer(known) if (d := _in_days(m["n"], m["u"])) is not None]
        if days is not None and days > max(allowed, default=0.0) and not reading.denies(*match.span()):
            yield Claim("facts.offer_policy", "block", *match.span(), "policy")
    for pattern in (_METHODS, _TAXES):
        for match in pattern.finditer(reading.folded):
            if match[0] not in support.text and not reading.denies(*match.span()):
                rule = "facts.offer_payment" if pattern is _METHODS else "facts.offer_policy"
                yield Claim(rule, "block", *match.span(), "instalments" if pattern is _METHODS else "policy")


def _in_days(number: str, unit: str) -> float | None:
    value = said_number(number)
    return None if value is None else value * _IN_DAYS[unit]
