"""What the stage of evidence knows of the goods that a text is held against."""

from __future__ import annotations

import functools
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta

from adwright.generate.guards.calendar import HOURS, Calendar, day
from adwright.generate.guards.meaning.features import groups_of, pieces
from adwright.generate.guards.support import Support
from adwright.generate.lexicon.translations import translations
from adwright.schema import Language
from adwright.text.numbers import Quantity
from adwright.text.units import to_base

HAN = re.compile("[\u3400-\u9fff]")
CLAUSE_END = re.compile(r"[,.](?!\d)|[，。!！?？;；\n~～、]|\s[-–—]\s")
DENIAL = re.compile(
    r"不(?!锈|仅|止|但|过)|无(?!线|论|数)|未(?!来)|非(?!常|洲|凡)|零(?!食|钱|件)|没|勿|\b(?:no|not|non|without|never)\b|n't"
)
_BEFORE, _AFTER = 14, 10  # characters beside a quantity of the evidence
_SOON = ((0, "0"), (1, "1"), (3, "2-3"), (7, "4-7"), (14, "8-14"))
_FEW, _SOME = 10, 50  # pieces


@dataclass(frozen=True, slots=True)
class Known:
    """A quantity of the evidence: its value in base units, and the words beside it."""

    value: float
    beside: frozenset[str]


@dataclass(frozen=True, slots=True)
class Evidence:
    """What a text is held against.

    Args:
        support: What the rules read of it.
        pieces: Those of catalogue, terms and verified reviews.
        groups: Their word groups.
        only_denied: What they only say after a word that says no.
        translated: What the other language calls what they say, and their own pieces.
        only_denied_translated: What it calls that which they only say after a word that says no.
        han: Whether the goods are named in Chinese.
        quantities: Those of catalogue and terms, by dimension.
        states: What evidence there is.
    """

    support: Support
    pieces: frozenset[str]
    groups: frozenset[str]
    only_denied: frozenset[str]
    translated: frozenset[str]
    only_denied_translated: frozenset[str]
    han: bool
    quantities: Mapping[str, tuple[Known, ...]]
    states: frozenset[str]

    @classmethod
    def of(cls, support: Support) -> Evidence:
        """The evidence of a support, which serves every text on the same goods."""
        text = "\n".join(
            (
                support.text,
                support.denials,
                *(line for line in support.absences.split("\n") if line.startswith("零")),
                *(said for said, _ in support.reviews),
            )
        )
        known = frozenset(pieces(text))
        said, denied, terms, denied_terms = set[str](), set[str](), set[str](), set[str]()
        for clause in CLAUSE_END.split(text):
            no = DENIAL.search(clause)
            affirmed = clause if no is None else clause[: no.start()]
            said |= pieces(affirmed)
            terms |= translations().terms(affirmed)
            if no is not None:
                denied |= pieces(clause[no.start() :])
                denied_terms |= translations().terms(clause[no.start() :])
        translated = translations().translated(terms)
        translated_denials = translations().translated(denied_terms)
        return cls(
            support=support,
            pieces=known,
            groups=frozenset(groups_of(known)),
            only_denied=frozenset(denied - said),
            translated=known.union(translated, translated_denials),
            only_denied_translated=frozenset(translated_denials - translated),
            han=bool(HAN.search(support.title)),
            quantities=_quantities(support),
            states=frozenset(_states(support)),
        )


@functools.lru_cache(maxsize=50_000)
def is_content(piece: str) -> bool:
    """Whether a piece is a word that says what is meant: two Han characters or three letters and more."""
    return len(piece) == 2 if HAN.match(piece) else piece.isalpha() and len(piece) > 2


def content_of(held: set[str]) -> frozenset[str]:
    """The pieces that say what is meant, and their groups."""
    return frozenset((*(piece for piece in held if is_content(piece)), *groups_of(held)))


def in_base(quantity: Quantity) -> tuple[float, str]:
    """Its value in base units and its dimension; a quantity that is no measure is of its kind."""
    if quantity.kind == "measure" and quantity.unit:
        return to_base(quantity.value, quantity.unit)
    return quantity.value, quantity.kind


def _quantities(support: Support) -> Mapping[str, tuple[Known, ...]]:
    found: defaultdict[str, tuple[Known, ...]] = defaultdict(tuple)
    n_of_goods = len(support.of_goods)
    for i, quantity in enumerate(support.quantities):
        text = support.catalogue if i < n_of_goods else support.terms
        before = text[max(0, quantity.start - _BEFORE) : quantity.start]
        after = text[quantity.end : quantity.end + _AFTER]
        value, dimension = in_base(quantity)
        near = content_of(pieces(before) | pieces(after))
        found[dimension] += (Known(value, near | translations().translated(near)),)
    return found


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
    yield f"future {bool(calendar.future)}"
    yield f"over {bool(calendar.over)}"


def ends_in(calendar: Calendar, language: Language) -> str:
    """How soon what runs ends, where the readers of a language live."""
    left = days_left(calendar, HOURS[language][0])
    if left is None:
        return "ends never"
    return "ends " + next((name for most, name in _SOON if left <= most), "later")


def days_left(calendar: Calendar, hours: float) -> int | None:
    """Days until the first end, where the readers live so many hours east of Greenwich; None where nothing ends."""
    if not calendar.ends:
        return None
    return (day(min(calendar.ends) - timedelta(seconds=1), hours) - day(calendar.now, hours)).days
