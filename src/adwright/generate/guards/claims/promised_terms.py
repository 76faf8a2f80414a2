"""Promises of the shop read by what they are about: how long, who pays, what is matched, given back or collected.

A sentence is about a topic where it holds words of it; its spans of time and its payer are held against what the
terms and the catalogue say of the same topic. A topic of which they say nothing bears nothing out.

Does not cover: conditions of a promise, such as unworn or unopened.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from adwright.generate.guards.claims.claim import Claim, Reading
from adwright.generate.guards.claims.spoken import quantities_of
from adwright.generate.guards.support import Support
from adwright.text.numbers import Quantity

_DAYS = {"day": 1.0, "week": 7.0, "month": 30.0, "year": 365.0, "hour": 1 / 24}
_NIGHTS = re.compile(r"(?P<n>\d{1,3}|thirty|sixty|ninety|hundred|三十|六十|九十|一百|百)[ -]?(?:nights?|晚)")
_NIGHT_WORDS = {
    "thirty": 30,
    "sixty": 60,
    "ninety": 90,
    "hundred": 100,
    "三十": 30,
    "六十": 60,
    "九十": 90,
    "一百": 100,
    "百": 100,
}
_SENTENCE = re.compile(r"[^。！？!?\n；;]+?(?:[。！？!?\n；;]|\.(?=\s|$)|$)")
_PARTS = re.compile(r"[\n。;；]|\. ")


@dataclass(frozen=True, slots=True)
class _Topic:
    """Words by which a sentence of a text and a part of the terms are about a topic."""

    said: re.Pattern[str]
    known: re.Pattern[str]


_NOT_RETURNS = re.compile(
    r"warrant|guarantee for|cover|deliver|dispatch|arriv|ships?\b|charge|battery|发货|送达|到货|质保|保修|保价"
    r"|价保|续航|充电|免息|分期"
    r"|回归|退烧|换季|换水|换洗|更换|换一次|退订"
)
_RETURNS = _Topic(
    re.compile(
        r"(?<![a-z])(?:returns?|refund\w*|money[- ]back|send (?:it|them|anything|everything) back|cent back"
        r"|penny back|change your mind|"
        r"changed your mind|not for you|don't (?:love|like)|doesn't (?:fit|suit)|exchange|home trial"
        r"|no questions)(?![a-z])"
        r"|退(?![休役烧热步路出潮色伍让缩化])|换货|包换|可换|不合适|不满意|反悔|后悔|试睡|试用"
    ),
    re.compile(
        r"退|换货|包换|可换|免费换|无理由|试用|试睡|return|refund|money back|exchange|trial"
        r"|(?:free )?collection|back within"
    ),
)
_POSTAGE = re.compile(
    r"(?<![a-z])(?:postage|shipping|label|courier|collect\w*|pick(?:ed)? (?:it )?up|return fee)(?![a-z])|运费"
    r"|邮费|快递费|上门取|来回"
)
_SHOP_PAYS = re.compile(
    r"(?<![a-z])(?:we(?:'ll| will)? (?:pay|cover|foot|collect|pick)|on us|free|prepaid|pre-paid|no cost"
    r"|costs you nothing|our (?:expense|treat|cost))(?![a-z])"
    r"|免|我们(?:出|付|承担|掏|来|包)|店里(?:出|付|承担)|商家|不用您?你?(?:出|掏|付)|不花|包(?:来回|运费|邮)"
    r"|全包|我出|上门取"
)
_SAYS_NOT_FREE = re.compile(
    r"(?<![a-z])(?:not|isn't|never) (?:free|on us|included|prepaid|covered)(?![a-z])|(?<![a-z])(?:you pay"
    r"|at your|your own)(?![a-z])|自付|自理"
    r"|不免|不包|(?:您|你|买家|自己)[^，。;；]{0,3}(?:出|付|承担|负责)(?!一分)"
)
_SENDS_FREE = re.compile(
    r"包邮|免邮|免运费|free (?:\w+ )?(?:shipping|delivery|postage)|(?:shipping|delivery|postage) (?:is )?free"
)
_BUYER_PAYS = re.compile(
    r"自付|自理|(?:买家|顾客|您|自己|客户)[^;；,，]{0,6}(?:承担|付|出|负责)|buyer|customer pays|customer cover"
    r"|you pay|at your"
    r"|at cost|not included"
)
_MATCHED = _Topic(
    re.compile(
        r"(?<![a-z])(?:price[- ]match\w*|(?:refund|pay|return|match)[^.!?]{0,24}difference|beat any price"
        r"|match any price|(?:find|found|see|spot) it (?:for less|cheaper)|"
        r"cheaper elsewhere|if (?:the|our) price drops)(?![a-z])|保价|价保|差价|退差|补差|买贵"
        r"|降价[^。，]{0,4}[退补赔]"
    ),
    re.compile(r"保价|价保|差价|差额|退差|补差|买贵|price match|difference|price promise|price guarantee"),
)
_DOUBLE = re.compile(r"双倍|两倍|三倍|十倍|(?<![a-z])(?:double|twice|triple|ten times)(?![a-z])")
_ON_TOP = re.compile(
    r"(?<![a-z])(?:cash ?back|store credit|loyalty points|double points|gift card|referral|refer a friend"
    r"|trade[- ]in|we(?:'ll)? (?:donate|plant|give)|plants? a tree|"
    r"student discount|military discount|birthday (?:discount|gift))(?![a-z])|(?:no|zero"
    r"|without) (?:sales )?(?:tax|vat)(?: at| on|[.,!])|返现|返利|返红包|晒单|双倍积分|积分翻倍|以旧换新|捐出"
    r"|捐赠|公益|学生价|学生专享|会员价"
    r"|会员专享|老客专享|生日礼"
)


_NO_MINIMUM = re.compile(
    r"无门槛|不设门槛|任意金额|(?<![a-z])no (?:minimum|min\.?)(?: spend| order)?(?![a-z])"
)
_HAS_MINIMUM = re.compile(r"满\s?\d|以上|(?<![a-z])(?:over|orders? of|minimum|min|spend)(?![a-z])")


def promised_term_claims(reading: Reading, support: Support) -> Iterator[Claim]:
    """Each such promise that terms and catalogue do not make."""
    about_returns = False
    for sentence in _SENTENCE.finditer(reading.folded):
        said = sentence[0]
        returns = _RETURNS.said.search(said) is not None
        if returns:
            yield from _spans(sentence, reading, support)
        if (
            (returns or about_returns)
            and not _SAYS_NOT_FREE.search(said)
            and (match := _POSTAGE.search(said))
            and _SHOP_PAYS.search(said)
        ):
            known = _known(_RETURNS, support)
            fine = _SHOP_PAYS.search(known) and not _BUYER_PAYS.search(known)
            if not fine and (returns or _BUYER_PAYS.search(known) or not _SENDS_FREE.search(support.terms)):
                yield from _claim(sentence, match, reading)
        for match in _MATCHED.said.finditer(said):
            known = _known(_MATCHED, support)
            if not known or (_DOUBLE.search(said) and not _DOUBLE.search(known)):
                yield from _claim(sentence, match, reading)
        for match in _ON_TOP.finditer(said):
            if not all(word in support.text for word in match[0].split()):
                yield from _claim(sentence, match, reading)
        if _NO_MINIMUM.search(said) and _HAS_MINIMUM.search(support.terms):
            yield from _claim(sentence, _NO_MINIMUM.search(said) or sentence, reading)
        about_returns = returns


def _claim(sentence: re.Match[str], match: re.Match[str], reading: Reading) -> Iterator[Claim]:
    start, end = sentence.start() + match.start(), sentence.start() + match.end()
    if not reading.denies(start, end):
        yield Claim("facts.offer_policy", "review", start, end, "policy")


def _known(topic: _Topic, support: Support) -> str:
    return "\n".join(part for part in _PARTS.split(support.text) if topic.known.search(part))


def _spans(sentence: re.Match[str], reading: Reading, support: Support) -> Iterator[Claim]:
    """The spans of time of a sentence that are longer than any in which the shop takes goods back."""
    found = [
        (q.start, q.end, _in_days(q)) for q in reading.quantities if q.kind == "measure" and q.unit in _DAYS
    ]
    found = [f for f in found if sentence.start() <= f[0] < sentence.end()]
    found += [
        (m.start() + sentence.start(), m.end() + sentence.start(), _nights(m))
        for m in _NIGHTS.finditer(sentence[0])
    ]
    found = [f for f in found if _is_of_returns(f[0], f[1], sentence[0], reading)]
    if not found:
        return
    known = _returns_alone(support)
    allowed = [_in_days(q) for q in quantities_of(known) if q.kind == "measure" and q.unit in _DAYS]
    allowed += [_nights(m) for m in _NIGHTS.finditer(known)]
    longest = max(allowed, default=0.0)
    if not allowed and re.search(r"lifetime|终身", known):
        return
    for start, end, days in found:
        if days > 1.02 * longest and not reading.denies(start, end):
            yield Claim("facts.offer_policy", "block" if allowed else "review", start, end, "policy")


def _is_of_returns(start: int, end: int, sentence: str, reading: Reading) -> bool:
    """Whether a span is of a return: its own clause says so, or no clause of the sentence speaks of another span."""
    left, right = reading.clause(start, end)
    clause = reading.folded[left:right]
    if _NOT_RETURNS.search(clause):
        return False
    return _RETURNS.said.search(clause) is not None or not _NOT_RETURNS.search(sentence)


def _returns_alone(support: Support) -> str:
    """What is known of returns, without the clauses on warranties, delivery and changing parts."""
    parts = (part for part in _PARTS.split(support.text) if _RETURNS.known.search(part))
    clauses = (clause for part in parts for clause in re.split(r"[,，、]", part))
    return "\n".join(clause for clause in clauses if not _NOT_RETURNS.search(clause))


def _in_days(quantity: Quantity) -> float:
    return quantity.value * _DAYS[quantity.unit or "day"]


def _nights(match: re.Match[str]) -> float:
    return float(_NIGHT_WORDS.get(match["n"], 0) or match["n"])
