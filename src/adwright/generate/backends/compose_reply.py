"""Service replies by rule: the policy or the fields that the message asks for, or a person.

Nothing of the message is repeated: it is untrusted text. A complaint always goes to a person as well.
Does not cover: questions in words outside `service.toml`; these are handed over.
"""

from __future__ import annotations

import functools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from adwright.generate.backends.compose import Composition, composed
from adwright.generate.backends.goods import read_data
from adwright.generate.backends.wording import finish
from adwright.generate.kinds.service_reply import NO, YES
from adwright.generate.requests import Draft, WriteRequest
from adwright.schema import ShopPolicy
from adwright.text.normalise import clean, fold, fold_in_place
from adwright.text.phrases import PhraseFinder

_MAX_MESSAGE = 4_000
_TRIES = 6


@dataclass(frozen=True, slots=True)
class _Answer:
    """What answers the message: sentences, which policies and fields they are, and whether a field is left open."""

    sentences: tuple[str, ...]
    basis: tuple[str, ...]
    is_partial: bool = False


def compose_replies(request: WriteRequest) -> list[Draft]:
    """Up to n distinct replies to the brief's message; often fewer, for the answer is what it is."""
    return _Reply(request).replies()


def mood_of(message: str) -> str:
    """`complaint`, `praise` or `question`: how a message sounds; a complaint goes before all.

    >>> mood_of("Love it! Can I wash it?"), mood_of("收到就坏了"), mood_of("Love it")
    ('question', 'complaint', 'praise')
    """
    found = {*_met("mood", message), *(["question"] if "?" in message or "？" in message else [])}
    return next((mood for mood in ("complaint", "question", "praise") if mood in found), "question")


class _Reply(Composition):
    def replies(self) -> list[Draft]:
        written: list[Draft] = []
        for _ in range(self.request.n * _TRIES):
            slots = self._reply()
            if self._is_new({"reply": slots["reply"]}):
                written.append(composed(self.request, slots, angle=self.request.brief.angle, tone=None))
            if len(written) == self.request.n:
                break
        return written

    def _reply(self) -> dict[str, str]:
        message = clean(self.request.brief.message)[:_MAX_MESSAGE]
        mood = mood_of(message)
        answer = self._answer(message)
        praised = mood == "praise" and not answer.sentences
        handed_over = mood == "complaint" or answer.is_partial or (not answer.sentences and not praised)
        closing = "handover" if handed_over else "answered"
        if mood == "complaint":
            closing = "complaint"
        elif answer.sentences and answer.is_partial:
            closing = "partly"
        parts = [
            self._line("greeting", mood),
            *answer.sentences,
            self._line("closing", "praise" if praised else closing),
        ]
        gap = "" if self.language == "zh" else " "
        reply = self._as_long_as_allowed(parts, gap)
        slots = {"reply": finish(reply, self.language), "handover": YES if handed_over else NO}
        return slots | ({"basis": ", ".join(answer.basis)} if answer.basis else {})

    def _as_long_as_allowed(self, parts: Sequence[str], gap: str) -> str:
        """The parts joined; of what answers, only so many as the channel has room for."""
        limits = self.kind.limits_of(self.request.brief.channel, "reply")
        greeting, *middle, closing = parts
        while middle:
            whole = gap.join([greeting, *middle, closing])
            if all(limit.measure(whole) <= limit.maximum for limit in limits):
                return whole
            middle.pop()
        return gap.join([greeting, closing])

    def _answer(self, message: str) -> _Answer:
        topics, fields = _met("topics", message), _met("fields", message)
        policies = list(self._policies(topics, message))
        sentences: list[str] = []
        for policy in policies:
            sentences += [self._line("bridge", "policy"), clean(policy.text[self.language]).strip()]
        told = list(self._fields(fields)) if self.request.brief.products else []
        if told:
            sentences += [self._line("bridge", "catalogue"), *(text for _, text in told)]
        basis = (*(f"policy {p.id}" for p in policies), *(f"catalogue {f}" for f, _ in told))
        return _Answer(tuple(sentences), basis, is_partial=len(told) < len(fields) and not policies)

    def _policies(self, topics: Sequence[str], message: str) -> Iterator[ShopPolicy]:
        """The policies of a topic that the message speaks of, or whose own topic it names."""
        words = fold(message)
        for policy in self.request.brief.policies:
            if self.language not in policy.text:
                continue
            topic = fold(policy.topic)
            own = set(_met("topics", f"{policy.topic} {policy.id}"))
            if own & set(topics) or topic in topics or (len(topic) > 1 and topic in words):
                yield policy

    def _fields(self, fields: Sequence[str]) -> Iterator[tuple[str, str]]:
        quantity = self.request.facts.product.quantity
        for field in fields:
            if field == "stock" and "stock" not in self.values and quantity is not None:
                yield field, self._line("stock", "there" if quantity > 0 else "gone")
                continue
            fact = "sale" if field == "price" and "was" in self.values else field
            needed = "was" if fact == "sale" else fact
            if needed in self.values and fact in self.book.facts:
                usable = [p for p in self.book.facts[fact] if p.needs <= self.values.keys()]
                if usable:
                    yield field, self._next(f"fact {fact}", usable).fill(self.values)

    def _line(self, part: str, name: str) -> str:
        lines = [p for p in self.slots[part][name] if p.needs <= self.values.keys()]
        return self._next(f"{part} {name}", lines).fill(self.values)


def _met(table: str, text: str) -> list[str]:
    """The names of a table of `service.toml` whose words stand in the text."""
    finder, names = _finder(table)
    met = {names[word] for _, _, word in finder.find(text)}
    return [name for name in dict.fromkeys(names.values()) if name in met]


@functools.cache
def _finder(table: str) -> tuple[PhraseFinder, Mapping[str, str]]:
    names: dict[str, str] = {}
    for name, words in read_data("service.toml")[table].items():
        for word in words:
            names.setdefault(fold_in_place(word).replace("-", " "), name)
    return PhraseFinder(names), names
