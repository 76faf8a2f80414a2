"""The guard of facts: what a text claims of a product stands in the catalogue, the offer or a verified review.

Holds when: the catalogue's title, description and attributes are what the shop vouches for; a claim that
they make is taken as given, superlatives included.

Does not cover: claims in words outside the lexicons, what a picture shows, and what the law forbids even
where it is true.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from adwright.generate.guards.borne_out import Evidence, weigh
from adwright.generate.guards.circumstances import Circumstances
from adwright.generate.guards.claims.ages import age_claims
from adwright.generate.guards.claims.amounts import amount_claims
from adwright.generate.guards.claims.attributes import attribute_claims
from adwright.generate.guards.claims.campaign import campaign_claims
from adwright.generate.guards.claims.claim import Claim, Reading
from adwright.generate.guards.claims.comparisons import comparison_claims
from adwright.generate.guards.claims.crowds import crowd_claims
from adwright.generate.guards.claims.deadlines import deadline_claims
from adwright.generate.guards.claims.delivery import delivery_claims
from adwright.generate.guards.claims.disowned import stated
from adwright.generate.guards.claims.durations import all_day_claims
from adwright.generate.guards.claims.endorsements import endorsement_claims
from adwright.generate.guards.claims.money import money_claims
from adwright.generate.guards.claims.naming import named_spans, outside
from adwright.generate.guards.claims.no_complaints import no_complaint_claims
from adwright.generate.guards.claims.offer_conditions import offer_condition_claims
from adwright.generate.guards.claims.offer_hours import hour_claims
from adwright.generate.guards.claims.own_units import own_unit_claims
from adwright.generate.guards.claims.popularity import popularity_claims, reviewed_spans
from adwright.generate.guards.claims.praise import praise_claims
from adwright.generate.guards.claims.price_beside import price_beside_claims
from adwright.generate.guards.claims.produced import production_claims
from adwright.generate.guards.claims.promised_terms import promised_term_claims
from adwright.generate.guards.claims.rates import rate_claims
from adwright.generate.guards.claims.reviews_counted import review_claims
from adwright.generate.guards.claims.rough_amounts import rough_claims, spoken_claims
from adwright.generate.guards.claims.single_reviews import tally_claims, verified_claims
from adwright.generate.guards.claims.spec_codes import spec_code_claims
from adwright.generate.guards.claims.stock import stock_claims
from adwright.generate.guards.claims.stock_words import stock_word_claims
from adwright.generate.guards.claims.superlatives import superlative_claims
from adwright.generate.guards.claims.terms import terms_claims
from adwright.generate.guards.claims.unmentioned import unmentioned_claims
from adwright.generate.guards.claims.zero_amounts import zero_amount_claims
from adwright.generate.guards.support import Support, support_of
from adwright.generate.lexicon import attribute_lexicon
from adwright.generate.lexicon.assertions import left_out
from adwright.generate.lexicon.evidence import evidence
from adwright.schema import Content, Finding, Language, Offer, Product, Review

_MAX_FINDINGS = 50  # a text of 100 kB needs no list of a thousand
_MAX_QUANTITIES = 300  # each is held against the others
_MAX_CHARACTERS = 20_000  # four times the longest text that a channel takes


@dataclass(slots=True)
class FactsGuard:
    """Checks prices, numbers, attributes, dates, stock, and what a text says of other people.

    Args:
        by_rules_only: Without the learnt stage of evidence (`guards/borne_out`), to judge the rules by themselves.
    """

    by_rules_only: bool = False
    name: str = field(default="facts", init=False)
    _kept: tuple[object, Evidence] | None = field(default=None, init=False)

    def check(
        self,
        content: Content,
        *,
        products: Sequence[Product],
        offer: Offer | None,
        reviews: Sequence[Review] = (),
        now: datetime,
    ) -> Iterator[Finding]:
        """The findings; without a product only superlatives are judged, and a warning says so."""
        known = self._known(products, offer, reviews, now) if products else None
        n_stopping = n_told = 0
        for slot, text in content.slots.items():
            for finding in _check_slot(slot, text, content.language, known, by_rules_only=self.by_rules_only):
                if finding.severity == "warn":
                    n_told += 1
                    if n_told > _MAX_FINDINGS:
                        continue
                else:
                    n_stopping += 1
                    if n_stopping > _MAX_FINDINGS:
                        return
                yield finding

    def _known(
        self, products: Sequence[Product], offer: Offer | None, reviews: Sequence[Review], now: datetime
    ) -> Evidence:
        """The evidence, kept for the next content of the same products, offer, reviews and time."""
        key = (tuple(products), offer, tuple(reviews), now)
        if self._kept is None or self._kept[0] != key:
            self._kept = (key, Evidence.of(support_of(products, offer=offer, reviews=reviews, now=now)))
        return self._kept[1]


def _check_slot(
    slot: str,
    text: str,
    language: Language,
    known: Evidence | None,
    *,
    by_rules_only: bool,
) -> Iterator[Finding]:
    reading = Reading(text[:_MAX_CHARACTERS], language)
    if len(reading.quantities) > _MAX_QUANTITIES:
        reading = Reading(text[: reading.quantities[_MAX_QUANTITIES].start], language)
    read = len(reading.text)
    if len(text) > read:
        yield _finding(
            Claim("facts.too_long", "review", read, len(text), "too_long", str(read)), slot, text, language
        )
    if known is None:
        if reading.quantities or attribute_lexicon().mentions(reading.text):
            unknown = Claim("facts.no_product", "warn", 0, len(text), "no_product")
            yield _finding(unknown, slot, text, language)
        for claim in superlative_claims(reading, Circumstances()):
            yield _finding(claim, slot, text, language)
        return
    claims: Iterable[Claim] = claims_of(reading, known.support)
    if not by_rules_only:
        claims = weigh(reading, list(claims), known)
    for claim in claims:
        if claim.severity is not None and claim.end > claim.start:
            yield _finding(claim, slot, text, language)


def claims_of(reading: Reading, support: Support) -> Iterator[Claim]:
    """Every claim that the rules read; amounts last, for they are what no other module has read."""
    names = named_spans(reading, support)
    counted = list(unmentioned_claims(reading, support))
    for of_reviews in (review_claims, tally_claims, no_complaint_claims):
        counted += [c for c in of_reviews(reading, support) if not _overlaps(c, counted)]
    praise = (c for c in praise_claims(reading, support) if not _covers(counted, c))
    praised = [*counted, *stated(praise, reading)]
    others = outside((c for c in popularity_claims(reading, support) if not _overlaps(c, praised)), names)
    crowds = list(stated(crowd_claims(reading, support), reading))
    campaign = list(outside(campaign_claims(reading, support), names))
    deadlines = (c for c in deadline_claims(reading, support) if not _overlaps(c, campaign))
    judged = [
        *praised,
        *terms_claims(reading, support),
        *campaign,
        *outside(deadlines, names),
        *outside(hour_claims(reading, support), names),
        *outside(stock_claims(reading, support), names),
        *stated(others, reading),
        *verified_claims(reading, support),
        *stated(endorsement_claims(reading, support), reading),
    ]
    in_stock = list(stock_word_claims(reading, support))
    spoken_for = [*(j for j in judged if j.rule_id != "facts.stock"), *in_stock]
    judged += [c for c in crowds if not _overlaps(c, spoken_for)]
    for more in (
        delivery_claims(reading, support),
        production_claims(reading, support),
        in_stock,
        price_beside_claims(reading, support),
        offer_condition_claims(reading, support),
        rate_claims(reading, support),
        all_day_claims(reading, support),
        zero_amount_claims(reading, support),
        age_claims(reading, support),
        rough_claims(reading, support),
        spoken_claims(reading, support),
    ):
        judged += [c for c in more if not _overlaps(c, judged)]
    stopped = [c for c in judged if c.severity is not None]
    judged += [c for c in promised_term_claims(reading, support) if not _overlaps(c, stopped)]
    judged += spec_code_claims(reading, support)
    taken = [(c.start, c.end) for c in judged] + reviewed_spans(reading, support)
    money = [c for c in money_claims(reading, support) if c.severity is not None or c.rule_id]
    money = [c for c in money if not _inside(c, judged)]
    judged += money
    taken += [(c.start, c.end) for c in money]
    taken += [(a.start, a.end) for a in left_out(reading.folded)]  # 0糖, judged as an attribute
    more_numbers = list(own_unit_claims(reading, support, taken))
    judged += more_numbers
    taken += [(c.start, c.end) for c in more_numbers]
    yield from judged
    yield from amount_claims(reading, support, taken)
    yield from (c for c in comparison_claims(reading, support) if not _overlaps(c, money))
    yield from attribute_claims(reading, support)
    yield from superlative_claims(reading, support.circumstances)


def _overlaps(claim: Claim, others: Sequence[Claim]) -> bool:
    return any(o.start < claim.end and claim.start < o.end for o in others)


def _covers(claims: Sequence[Claim], other: Claim) -> bool:
    return any(c.start <= other.start and other.end <= c.end for c in claims)


def _inside(claim: Claim, others: Sequence[Claim]) -> bool:
    """Whether a claim only repeats a part of another one of its own sort."""
    return any(
        o.start <= claim.start
        and claim.end <= o.end
        and o.rule_id in ("facts.offer_bundle", "facts.discount", "facts.social_proof")
        for o in others
    )


def _finding(claim: Claim, slot: str, text: str, language: Language) -> Finding:
    return Finding(
        rule_id=claim.rule_id,
        severity=claim.severity or "warn",
        slot=slot,
        start=claim.start,
        end=claim.end,
        text=text[claim.start : claim.end][:80],
        evidence=evidence(claim.reason, language, known=claim.known),
        exemption=claim.exemption,
    )
