"""What the stage of evidence sees: words beside what the catalogue says of them, quantities beside those that hold,
and what the rules on facts have found.

Each feature is of a kind; the features of a kind share their weight, so that a long text does not outweigh what is
known of its claims.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from adwright.generate.guards.calendar import HOURS, Calendar, day
from adwright.generate.guards.claims.claim import Claim
from adwright.generate.guards.meaning.features import groups_of, is_gram, pieces
from adwright.generate.guards.pricing import Pricing
from adwright.generate.guards.support import Support
from adwright.text.numbers import Quantity

KINDS: Mapping[str, float] = {
    "word": 3.0,
    "new": 3.0,
    "group": 3.0,
    "new_group": 3.0,
    "near": 3.0,
    "near_group": 3.0,
    "relation": 8.0,
    "state": 2.0,
    "rule": 6.0,
    "count": 3.0,
}
"""Kind -> what its features weigh together.

word, group: what the text says. new, new_group: what of it neither catalogue, terms nor verified review says. near,
near_group: what stands beside a quantity that is known or not. relation: how quantities and words stand to the
evidence. state: what evidence there is. rule, count: what the rules on facts say.
"""

Features = Mapping[str, set[str]]
"""Kind -> features."""

_HAN = re.compile("[\u3400-\u9fff]")
_CLAUSE_END = re.compile(r"[，,。.!！?？;；\n~～、]|\s[-–—]\s")
_DENIAL = re.compile(r"[不无未没非勿免零]|\b(?:no|not|non|without|never|free|don)\b|n't")
_BEFORE, _AFTER = 10, 12  # characters beside a quantity
_LEAST_WORDS = 3  # of a clause whose share of new words is told
_SOON = ((0, "0"), (1, "1"), (3, "2-3"), (7, "4-7"), (14, "8-14"))
_FEW, _SOME = 10, 50  # pieces
_PENNY = 0.006
_WHOLE = 20  # from here on a price may be rounded


@dataclass(frozen=True, slots=True)
class Evidence:
    """What a text is held against.

    Args:
        pieces: Those of catalogue, terms and verified reviews.
        groups: Their word groups.
        only_denied: What they only say after a word that says no.
        han: Whether the goods are named in Chinese.
        states: What evidence there is.
    """

    pieces: frozenset[str]
    groups: frozenset[str]
    only_denied: frozenset[str]
    han: bool
    states: frozenset[str]

    @classmethod
    def of(cls, support: Support) -> Evidence:
        """The evidence of a support, which serves every text on the same goods."""
        text = "\n".join((support.text, *(said for said, _ in support.reviews)))
        known = frozenset(pieces(text))
        said, denied = set[str](), set[str]()
        for clause in _CLAUSE_END.split(text):
            no = _DENIAL.search(clause)
            said |= pieces(clause if no is None else clause[: no.start()])
            if no is not None:
                denied |= pieces(clause[no.start() :])
        return cls(
            pieces=known,
            groups=frozenset(groups_of(known)),
            only_denied=frozenset(denied - said),
            han=bool(_HAN.search(support.title)),
            states=frozenset(_states(support)),
        )


def features_of(
    folded: str, quantities: Sequence[Quantity], claims: Iterable[Claim], evidence: Evidence, support: Support
) -> Features:
    """The features of a folded text (or a part of it), its quantities and the claims that stand in it."""
    found: defaultdict[str, set[str]] = defaultdict(set)
    held = pieces(folded)
    words = {piece for piece in held if is_gram(piece)}
    groups = groups_of(held)
    found["word"], found["group"] = words, groups
    found["new_group"] = groups - evidence.groups
    found["state"] = set(evidence.states)
    relations = found["relation"]
    if evidence.han == bool(_HAN.search(folded)):
        found["new"] = words - evidence.pieces
        relations.update(_novelty(folded, words, evidence))
    else:
        relations.add("other language")
    n_unknown = 0
    for quantity in quantities:
        how, known = _relation(quantity, support)
        n_unknown += not known
        sign = "known" if known else "unknown"
        relations.update((f"{quantity.kind} {how}", f"{quantity.kind} {quantity.unit} {sign}", sign))
        near = _beside(folded, quantity)
        found["near"].update(f"{sign} {piece}" for piece in near if is_gram(piece))
        for group in groups_of(near):
            found["near_group"].update((f"{sign} {group}", f"{quantity.kind} {how} {group}"))
    relations.add(f"{min(n_unknown, 3)} unknown")
    found["rule"], found["count"] = _rules(claims, quantities)
    return found


def clauses(folded: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """Start and end of each clause between two places, without blanks around it."""
    left = start
    for stop in (*(m.span() for m in _CLAUSE_END.finditer(folded, start, end)), (end, end)):
        said = folded[left : stop[0]]
        if said.strip():
            yield left + len(said) - len(said.lstrip()), left + len(said.rstrip())
        left = stop[1]


def _novelty(folded: str, words: set[str], evidence: Evidence) -> Iterator[str]:
    """How much of the text the evidence does not say, and how much of it the evidence only denies."""
    yield f"new of all {int(8 * len(words - evidence.pieces) / max(1, len(words)))}"
    content = {word for word in words if _is_content(word)}
    says_no = bool(_DENIAL.search(folded))
    yield f"says no {says_no}"
    yield f"denied {min(len(content & evidence.only_denied), 3)} {says_no}"
    most = 0.0
    for clause in _CLAUSE_END.split(folded):
        of_clause = {piece for piece in pieces(clause) if _is_content(piece)}
        if len(of_clause) >= _LEAST_WORDS:
            most = max(most, len(of_clause - evidence.pieces) / len(of_clause))
    yield f"new of a clause {int(6 * most)}"


def _is_content(piece: str) -> bool:
    return len(piece) == 2 if _HAN.match(piece) else piece.isalpha() and len(piece) > 2


def _beside(folded: str, quantity: Quantity) -> set[str]:
    """The pieces of its clause right before and after a quantity."""
    before = _CLAUSE_END.split(folded[max(0, quantity.start - _BEFORE) : quantity.start])[-1]
    after = _CLAUSE_END.split(folded[quantity.end : quantity.end + _AFTER])[0]
    return pieces(before) | pieces(after)


def _relation(quantity: Quantity, support: Support) -> tuple[str, bool]:
    """How a quantity stands to the evidence, and whether that knows it."""
    value = quantity.value
    match quantity.kind:
        case "price":
            return _price_relation(value, support)
        case "percent":
            return _percent_relation(value, support)
        case "date":
            known = support.names_date(value)
            return ("said" if known else "unknown"), known
        case "measure":
            if quantity.unit and support.names_measure(value, quantity.unit):
                return "same", True
            known = support.names_value(value)
            return ("value" if known else "unknown"), known
        case _:
            known = support.names_value(value)
            how = "value" if known else "unknown"
            if support.stock is not None:
                how += " stock" if value == support.stock else " fewer" if value < support.stock else " more"
            if support.rating is not None and value <= 5:
                how += " rating" if value == support.rating else ""
            return how, known


def _price_relation(value: float, support: Support) -> tuple[str, bool]:
    pricing: Pricing = support.pricing
    for how, amounts, holds in (
        ("now", pricing.now, True),
        ("was", pricing.was, True),
        ("saving", pricing.savings, True),
        ("ended", (*pricing.ended, *pricing.ended_savings), False),
        ("future", [amount for amount, _ in pricing.future], True),
        ("terms", pricing.terms_amounts, True),
    ):
        if any(
            abs(value - amount) <= _PENNY or (amount > _WHOLE and value == round(amount))
            for amount in amounts
        ):
            return how, holds
    known = support.names_value(value)
    return ("value" if known else "unknown"), known


def _percent_relation(value: float, support: Support) -> tuple[str, bool]:
    pricing = support.pricing
    if any(abs(value - off) <= 0.01 or value == round(off) for off in pricing.off):
        return "off", True
    if value in pricing.ended_off:
        return "ended", False
    if value in pricing.future_off:
        return "future", True
    known = support.names_percent(value)
    return ("said" if known else "unknown"), known


def _rules(claims: Iterable[Claim], quantities: Sequence[Quantity]) -> tuple[set[str], set[str]]:
    """What the rules found, borne out or not, and how many quantities none of them has read."""
    rules, counts = set[str](), set[str]()
    n_stopped = n_fine = 0
    spans = []
    for claim in claims:
        rules.update((f"{claim.rule_id} {claim.severity}", f"{claim.rule_id} {claim.reason} {claim.severity}"))
        spans.append((claim.start, claim.end))
        n_fine += claim.severity is None
        n_stopped += claim.severity in ("block", "review")
    counts.update((f"{min(n_stopped, 3)} stopped", f"{min(n_fine, 4)} fine"))
    unread = [q for q in quantities if not any(start < q.end and q.start < end for start, end in spans)]
    counts.add(f"{min(len(unread), 3)} unread")
    counts.update(f"unread {q.kind}" for q in unread)
    return rules, counts


def _states(support: Support) -> Iterator[str]:
    stock = support.stock
    yield "stock " + (
        "unknown" if stock is None else "few" if stock <= _FEW else "some" if stock < _SOME else "many"
    )
    yield f"rating {support.rating is not None}"
    yield "reviews " + ("verified" if support.reviews else "unverified" if support.unverified else "none")
    yield f"reduced {support.pricing.reduced}"
    calendar = support.calendar
    yield f"runs {calendar.runs}"
    yield f"ends {_days_left(calendar)}"
    yield f"future {bool(calendar.future)}"
    yield f"over {bool(calendar.over)}"


def _days_left(calendar: Calendar) -> str:
    if not calendar.ends:
        return "never"
    hours = HOURS["zh"][0]
    left = (day(min(calendar.ends) - timedelta(seconds=1), hours) - day(calendar.now, hours)).days
    return next((name for most, name in _SOON if left <= most), "later")
