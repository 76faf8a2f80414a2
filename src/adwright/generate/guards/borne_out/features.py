"""What the stage of evidence sees: words beside what the catalogue says of them, quantities and days beside those
that hold, and what the rules on facts have found.

Each feature is of a kind; the features of a kind share their weight, so that a long text does not outweigh what is
known of its claims.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import combinations

from adwright.generate.guards.borne_out.evidence import CLAUSE_END, DENIAL, HAN, Evidence, ends_in, is_content
from adwright.generate.guards.borne_out.quantities import aligned, beside, days, relation
from adwright.generate.guards.claims.claim import Claim
from adwright.generate.guards.meaning.features import groups_of, is_gram, pieces
from adwright.generate.lexicon import attribute_lexicon
from adwright.generate.lexicon.translations import translations
from adwright.schema import Language
from adwright.text.numbers import Quantity

KINDS: Mapping[str, float] = {
    "word": 3.0,
    "new": 3.0,
    "group": 3.0,
    "new_group": 3.0,
    "near": 3.0,
    "near_group": 3.0,
    "relation": 8.0,
    "aligned": 5.0,
    "day": 5.0,
    "concept": 4.0,
    "denied": 3.0,
    "state": 2.0,
    "rule": 6.0,
    "count": 3.0,
    "both": 5.0,
}
"""Kind -> what its features weigh together.

word, group: what the text says. new, new_group: what of it neither catalogue, terms nor verified review says. near,
near_group: what stands beside a quantity that is known or not. relation, aligned, day: how quantities, words and days
stand to the evidence. concept, denied: which attributes and words the evidence bears out or denies. state: what
evidence there is. rule, count: what the rules on facts say. both: two of these at once.
"""

Features = Mapping[str, set[str]]
"""Kind -> features."""

OTHER_LANGUAGE = "other language"
"""The relation of a text in another language than the goods are named in."""
_LEAST_WORDS = 3  # of a clause whose share of new words is told
_LEAST_TRANSLATED = 2  # of a clause, where only those with a translation count
_NO_BEFORE = 12  # characters before a word that says no of it
_MOST_TOLD = 24  # features that are paired


def features_of(
    folded: str, quantities: Sequence[Quantity], claims: Iterable[Claim], evidence: Evidence
) -> Features:
    """The features of a folded text (or a part of it), its quantities and the claims that stand in it."""
    found: defaultdict[str, set[str]] = defaultdict(set)
    held = pieces(folded)
    words = {piece for piece in held if is_gram(piece)}
    groups = groups_of(held)
    found["word"], found["group"] = words, groups
    found["new_group"] = groups - evidence.groups
    language: Language = "zh" if HAN.search(folded) else "en"
    found["state"] = {*evidence.states, ends_in(evidence.support.calendar, language)}
    relations = found["relation"]
    if evidence.han == bool(HAN.search(folded)):
        borne, only_denied = evidence.pieces, evidence.only_denied
        found["new"] = words - borne
        relations.update(_novelty(folded, words, borne, only_denied, least=_LEAST_WORDS))
    else:
        borne, only_denied = evidence.translated, evidence.only_denied_translated
        listed = {word for word in words if word in translations().of}
        found["new"] = listed - borne
        relations.add(OTHER_LANGUAGE)
        content = {word for word in listed if is_content(word)}
        relations.update(
            _novelty(folded, content, borne, only_denied, least=_LEAST_TRANSLATED, mark="translated ")
        )
    found["denied"].update(_denied(folded, words, only_denied))
    found["concept"].update(_concepts(folded, evidence))
    n_unknown = 0
    for quantity in quantities:
        how, known = relation(quantity, evidence.support)
        n_unknown += not known
        sign = "known" if known else "unknown"
        relations.update((f"{quantity.kind} {how}", f"{quantity.kind} {quantity.unit} {sign}", sign))
        near = beside(folded, quantity)
        found["near"].update(f"{sign} {piece}" for piece in near if is_gram(piece))
        for group in groups_of(near):
            found["near_group"].update((f"{sign} {group}", f"{quantity.kind} {how} {group}"))
    relations.add(f"{min(n_unknown, 3)} unknown")
    found["day"].update(days(folded, quantities, evidence.support))
    found["aligned"].update(aligned(folded, quantities, evidence))
    found["rule"], found["count"] = _rules(claims, quantities)
    found["both"].update(_both(found))
    return found


def stops(claim: Claim) -> bool:
    """Whether a rule blocks for it or asks for a person."""
    return claim.severity in ("block", "review") and claim.exemption is None


def clauses(folded: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """Start and end of each clause between two places, without blanks around it."""
    left = start
    for stop in (*(m.span() for m in CLAUSE_END.finditer(folded, start, end)), (end, end)):
        said = folded[left : stop[0]]
        if said.strip():
            yield left + len(said) - len(said.lstrip()), left + len(said.rstrip())
        left = stop[1]


def _novelty(
    folded: str,
    words: set[str],
    borne: frozenset[str],
    only_denied: frozenset[str],
    *,
    least: int,
    mark: str = "",
) -> Iterator[str]:
    """How much of the text the evidence does not say, and how much of it the evidence only denies."""
    yield f"{mark}new of all {int(8 * len(words - borne) / max(1, len(words)))}"
    content = {word for word in words if is_content(word)}
    says_no = bool(DENIAL.search(folded))
    yield f"says no {says_no}"
    yield f"{mark}denied {min(len(content & only_denied), 3)} {says_no}"
    most = 0.0
    for clause in CLAUSE_END.split(folded):
        of_clause = pieces(clause) & content
        if len(of_clause) >= least:
            most = max(most, len(of_clause - borne) / len(of_clause))
    yield f"{mark}new of a clause {int(6 * most)}"


def _denied(folded: str, words: set[str], denied: frozenset[str]) -> Iterator[str]:
    """The words that the evidence only says after a word that says no, and whether the text says no."""
    says_no = bool(DENIAL.search(folded))
    yield from (f"{word} {says_no}" for word in words & denied if is_content(word))


def _concepts(folded: str, evidence: Evidence) -> Iterator[str]:
    """The attributes that the text names in either language: borne out, denied or not mentioned."""
    support = evidence.support
    for mention in attribute_lexicon().mentions(folded):
        concepts = set(mention.concepts)
        borne, denied = concepts & support.concepts, concepts & support.denied
        how = "borne" if borne else "denied" if denied else "absent"
        no = bool(DENIAL.search(folded[max(0, mention.start - _NO_BEFORE) : mention.start]))
        yield f"{mention.group} {how} {no}"
        yield from (f"{concept} {how}" for concept in concepts)


def _rules(claims: Iterable[Claim], quantities: Sequence[Quantity]) -> tuple[set[str], set[str]]:
    """What the rules found, borne out or not, and how many quantities none of them has read."""
    rules, counts = set[str](), set[str]()
    n_stopped = n_fine = 0
    spans = []
    for claim in claims:
        rules.update(
            (f"{claim.rule_id} {claim.severity}", f"{claim.rule_id} {claim.reason} {claim.severity}")
        )
        spans.append((claim.start, claim.end))
        n_fine += claim.severity is None
        n_stopped += stops(claim)
    counts.update((f"{min(n_stopped, 3)} stopped", f"{min(n_fine, 4)} fine"))
    unread = [q for q in quantities if not any(start < q.end and q.start < end for start, end in spans)]
    counts.add(f"{min(len(unread), 3)} unread")
    counts.update(f"unread {q.kind}" for q in unread)
    return rules, counts


def _both(found: Mapping[str, set[str]]) -> Iterator[str]:
    """Pairs of what is known of days, quantities and rules; of the first of them where a text has many."""
    told = [
        *(name for name in found["rule"] if name.count(" ") == 1),
        *(name for name in found["day"] if name.count(" ") == 1),
        *found["count"],
        *found["aligned"],
        *(name for name in found["relation"] if "unknown" in name or name.startswith(("new", "price"))),
    ]
    for one, other in combinations(sorted(told)[:_MOST_TOLD], 2):
        yield f"{one} + {other}"
