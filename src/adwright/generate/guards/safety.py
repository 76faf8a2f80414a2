"""The guard of safety: personal data, profanity, discrimination, and text that is meant for a machine.

Source: `rules/personal_data.toml`, `rules/safety.toml`, `rules/masked.toml`.

Holds when: what the catalogue and the offer's terms state is what the shop may publish.

Does not cover: a person who is told by circumstances alone; irony; an insult that no phrase carries. Where the
catalogue or a review itself speaks to a machine, every text about that product goes to a person, because
such a catalogue bears out nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice

from adwright.generate.guards.circumstances import Circumstances
from adwright.generate.guards.instructions import find_instructions, safety_book
from adwright.generate.guards.markup import find_links
from adwright.generate.guards.masked_words import find_masked
from adwright.generate.guards.meaning import find_meaning
from adwright.generate.guards.personal_names import find_names
from adwright.generate.guards.personal_numbers import Hit, find_mailboxes, find_numbers
from adwright.generate.guards.personal_places import find_addresses
from adwright.generate.guards.personal_words import personal_words
from adwright.generate.guards.rule import Exemption
from adwright.generate.guards.rule_files import speech_acts
from adwright.generate.guards.rulebook import Rulebook, excuse_of
from adwright.schema import Content, Finding, Language, Offer, Product, Review, Severity
from adwright.text.digit_runs import find_digit_runs

_MAX_FINDINGS = 50
_PIECE = 20_000  # characters that are looked at together; a slot is far shorter
_PERSONAL: dict[str, dict[Language, str]] = {
    "phone": {"zh": "像是个人电话号码", "en": "looks like a person's telephone number"},
    "identity": {"zh": "像是证件号码", "en": "looks like the number of an identity document"},
    "card": {"zh": "像是银行卡号", "en": "looks like a payment card or account number"},
    "email": {"zh": "像是个人邮箱", "en": "looks like a person's e-mail address"},
    "account": {"zh": "像是个人社交账号", "en": "looks like a person's messenger account"},
    "address": {"zh": "像是住址", "en": "looks like a postal address"},
    "name": {"zh": "写出了顾客的全名", "en": "gives a customer's full name"},
    "plate": {"zh": "像是车牌号", "en": "looks like a number plate"},
}
_LINK: dict[Language, str] = {
    "zh": "网址不是商品自己的链接",
    "en": "an address on the web that is not the product's own",
}
_MASKED: dict[Language, str] = {"zh": "改写了字母的粗俗用语", "en": "a vulgar word with its letters masked"}


@dataclass(frozen=True, slots=True)
class _Known:
    """What the catalogue and the offer's terms state, and what in them is meant for a machine."""

    circumstances: Circumstances
    text: str
    digits: str
    hosts: frozenset[str]
    orders: tuple[str, ...]


@dataclass(slots=True)
class SafetyGuard:
    """Checks every slot, and whether the product's own texts give orders to a machine."""

    name: str = field(default="safety", init=False)
    _book: Rulebook = field(default_factory=safety_book, init=False)
    _kept: tuple[object, _Known] | None = field(default=None, init=False)

    def check(
        self,
        content: Content,
        *,
        products: Sequence[Product],
        offer: Offer | None,
        reviews: Sequence[Review] = (),
        now: datetime,
    ) -> Iterator[Finding]:
        """The findings; those that an exemption covers are warnings that name it."""
        known = self._known(products, offer, reviews, now)
        language = content.language
        for slot, text in content.slots.items():
            yield from islice(self._check_slot(slot, text, language, known), _MAX_FINDINGS)
        if known.orders and content.slots:
            slot, text = next(iter(content.slots.items()))
            yield _finding(
                "safety.source",
                "review",
                slot,
                text,
                span=(0, len(text)),
                evidence=_told_of_orders(known.orders, language),
            )

    def _check_slot(self, slot: str, text: str, language: Language, known: _Known) -> Iterator[Finding]:
        found = list(self._by_words(slot, text, language, known.circumstances))
        yield from found
        excused = [f for f in found if f.rule_id == "safety.injection" and f.exemption is not None]
        for offset in range(0, max(len(text), 1), _PIECE):
            piece = text[offset : offset + _PIECE]
            for hit in _personal(piece, known):
                acts = speech_acts("safety.personal_data")
                act = excuse_of(acts, piece, hit.start, hit.end, context=known.circumstances)
                found.append(_personal_finding(hit, slot, text, offset, language, act=act))
                yield found[-1]
            quoted = [(f.start - offset, f.end - offset) for f in excused]
            for start, end, why in find_instructions(piece, language, words=False, quoted=quoted):
                span = (start + offset, end + offset)
                found.append(_finding("safety.injection", "block", slot, text, span=span, evidence=why))
                yield found[-1]
            for start, end in find_links(piece):
                if not any(host in piece[start:end].lower() for host in known.hosts):
                    span = (start + offset, end + offset)
                    yield _finding("safety.link", "review", slot, text, span=span, evidence=_LINK[language])
        yield from find_meaning(
            slot,
            text,
            language,
            stage="safety.",
            by_rules=found,
            by_record=self._book.by_record | {personal_words().ids["catalogue"]},
            context=known.circumstances,
        )

    def _by_words(
        self, slot: str, text: str, language: Language, circumstances: Circumstances
    ) -> Iterator[Finding]:
        yield from self._book.findings(slot, text, language, context=circumstances)
        for start, end in find_masked(text):
            yield _finding(
                "safety.profanity", "block", slot, text, span=(start, end), evidence=_MASKED[language]
            )

    def _known(
        self, products: Sequence[Product], offer: Offer | None, reviews: Sequence[Review], now: datetime
    ) -> _Known:
        """Kept for the next content of the same products, offer, reviews and time."""
        key = (tuple(products), offer, tuple(reviews), now)
        if self._kept is None or self._kept[0] != key:
            self._kept = (key, _read(products, offer, reviews, now))
        return self._kept[1]


def _read(
    products: Sequence[Product], offer: Offer | None, reviews: Sequence[Review], now: datetime
) -> _Known:
    circumstances = Circumstances.of(products, offer=offer, now=now)
    raw = "\n".join(text for _, text in _sources(products, offer, ()))
    hosts = {
        url.split("//")[-1].split("/")[0].lower().removeprefix("www.")
        for p in products
        for url in (p.link, p.image_link)
        if url
    }
    return _Known(
        circumstances=circumstances,
        text=raw.lower(),
        digits=" ".join(run.digits for run in find_digit_runs(raw)),
        hosts=frozenset(host for host in hosts if host),
        orders=tuple(_orders(products, offer, reviews)),
    )


def _sources(
    products: Sequence[Product], offer: Offer | None, reviews: Sequence[Review]
) -> Iterator[tuple[str, str]]:
    """Every text that came from outside, with the name of its field."""
    for p in products:
        yield from (("title", p.title), ("description", p.description), ("brand", p.brand or ""))
        yield "product_type", p.product_type or ""
        for key, value in p.attributes.items():
            yield from (("attribute", key), (key[:40], value))
    if offer is not None:
        yield from (("offer terms", offer.terms), ("offer code", offer.code or ""))
    for review in reviews:
        yield "review", review.text


def _orders(products: Sequence[Product], offer: Offer | None, reviews: Sequence[Review]) -> Iterator[str]:
    """The fields that speak to a machine, alone or read one after the other."""
    sources = [(name, text) for name, text in _sources(products, offer, reviews) if text]
    alone = [name for name, text in sources if _speaks_to_machine(text)]
    if alone:
        yield from dict.fromkeys(alone)
        return
    for p in products:
        values = (p.title, p.description, p.brand or "", p.product_type or "", *p.attributes.values())
        if _speaks_to_machine(" ".join(v for v in values if v)):
            yield "title, description and attributes together"


def _speaks_to_machine(text: str) -> bool:
    return any(next(find_instructions(text[i : i + _PIECE], "en"), None) for i in range(0, len(text), _PIECE))


def _personal(text: str, known: _Known) -> Iterator[Hit]:
    yield from find_numbers(text, known.digits, known.text)
    yield from find_mailboxes(text, known.text)
    yield from find_addresses(text, known.text)
    yield from find_names(text, known.text)


def _personal_finding(
    hit: Hit, slot: str, text: str, offset: int, language: Language, *, act: Exemption | None
) -> Finding:
    exemption = hit.exemption or (None if act is None else act.id)
    severity: Severity = "warn" if exemption else "block" if hit.sure else "review"
    told = _PERSONAL[hit.what][language] if act is None else act.because[language]
    span = (hit.start + offset, hit.end + offset)
    return _finding(
        "safety.personal_data", severity, slot, text, span=span, evidence=told, exemption=exemption
    )


def _told_of_orders(fields: tuple[str, ...], language: Language) -> str:
    named = ", ".join(fields)
    if language == "zh":
        return f"商品资料中有写给机器的指令（{named}），须由人来决定"
    return f"the product's own texts give orders to a machine ({named}); a person has to decide"


def _finding(
    rule_id: str,
    severity: Severity,
    slot: str,
    text: str,
    *,
    span: tuple[int, int],
    evidence: str,
    exemption: str | None = None,
) -> Finding:
    start, end = span
    return Finding(
        rule_id=rule_id,
        severity=severity,
        slot=slot,
        start=start,
        end=end,
        text=text[start:end][:80],
        evidence=evidence,
        exemption=exemption,
    )
