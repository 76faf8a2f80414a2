"""Reading a model's answer: JSON, and the repair of what models commonly get wrong about it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

from adwright.errors import DataError
from adwright.text.normalise import clean
from adwright.text.similarity import ngram_jaccard

if TYPE_CHECKING:
    from adwright.generate.kinds.kind import Slot

SAME_TEXT = 0.8
"""From this overlap of 3-grams (Jaccard) on two texts say the same."""

_MAX_CHARACTERS = 100_000
_THINKING = re.compile(r"<think>.*?</think>", re.DOTALL)
_TRAILING_COMMA = re.compile(r",(?=\s*[}\]])")
_SPACES = re.compile(r"[ \t\u00a0\u3000]+")


def parse_json_slots(answer: str, slots: tuple[Slot, ...]) -> dict[str, str]:
    """The slots of an answer that holds one JSON object.

    Repaired are prose or code fences around the object, a comma too many, raw line breaks inside a
    string, curly quotes as delimiters, a list of one object, and a list where numbered slots are asked
    for (`headlines` for `headline_1` onward). Text is never guessed: an object that
    breaks off, a missing slot or one of another type raise.

    Args:
        answer: What the model wrote.
        slots: The slots to read; others are ignored.

    Raises:
        DataError: with what is wrong, in words that can go back to the model.

    >>> from adwright.generate.kinds.kind import Slot
    >>> parse_json_slots('Sure! ```json\\n{"headline": "Hello",}\\n```', (Slot("headline", ""),))
    {'headline': 'Hello'}
    """
    found = _first_object(_THINKING.sub("", answer[:_MAX_CHARACTERS]))
    if found is None:
        raise DataError("the answer holds no complete JSON object", argument="answer", value=answer)
    found = _spread(found, slots)
    values: dict[str, str] = {}
    for slot in slots:
        value = found.get(slot.name)
        if value is None and not slot.required:
            continue
        if not isinstance(value, str):
            raise DataError(
                "a slot is missing or no string", argument=slot.name, value=value, allowed="a string"
            )
        text = tidy(value)
        if slot.required and not text:
            raise DataError("a slot is empty", argument=slot.name, value=value, allowed="some text")
        if text:
            values[slot.name] = text
    return values


def parse_distinct_slots(answer: str, slots: tuple[Slot, ...]) -> dict[str, str]:
    """As `parse_json_slots`, for families of numbered slots: one that nearly repeats an earlier one of its
    family is left out, and the rest are numbered without gaps.

    Raises:
        DataError: fewer distinct texts than the family needs.
    """
    found = parse_json_slots(answer, slots)
    kept: dict[str, str] = {}
    for family in dict.fromkeys(slot.family for slot in slots):
        own = [slot for slot in slots if slot.family == family]
        texts = distinct_texts([found[slot.name] for slot in own if slot.name in found])
        least = sum(slot.required for slot in own)
        if len(texts) < least:
            raise DataError(
                "too few that differ", argument=family, value=texts, allowed=f"at least {least} distinct"
            )
        kept |= {slot.name: text for slot, text in zip(own, texts, strict=False)}
    return kept


def distinct_texts(texts: Iterable[str], *, most: int | None = None) -> list[str]:
    """The texts that say something new, the first `most` of them: no two overlap by `SAME_TEXT` or more."""
    kept: list[str] = []
    for text in texts:
        if len(kept) == most:
            break
        if all(ngram_jaccard(text.casefold(), other.casefold()) < SAME_TEXT for other in kept):
            kept.append(text)
    return kept


def _spread(found: dict[str, Any], slots: tuple[Slot, ...]) -> dict[str, Any]:
    """The object with its lists spread over numbered slots: `headlines` over `headline_1` onward, and
    `scenes`, a list of objects, over `scene_1_narration` and its like."""
    names = {slot.name for slot in slots}
    spread: dict[str, Any] = {}
    for key, value in found.items():
        stem = key if f"{key}_1" in names or not key.endswith("s") else key[:-1]
        for i, item in enumerate(value if isinstance(value, list) else (), start=1):
            parts = item.items() if isinstance(item, dict) else [("", item)]
            for part, text in parts:
                name = f"{stem}_{i}" + (f"_{part}" if part else "")
                is_number = isinstance(text, int | float) and not isinstance(text, bool)
                spread[name] = f"{text:g}" if is_number else text
    return {**{name: text for name, text in spread.items() if name in names}, **found}


def tidy(text: str) -> str:
    """The text without invisible characters, runs of spaces and blank lines.

    >>> tidy(" Soft  \\u200bcotton \\n\\n\\n for you ")
    'Soft cotton\\nfor you'
    """
    lines = (_SPACES.sub(" ", line).strip() for line in clean(text).split("\n"))
    return "\n".join(line for line in lines if line)


def _first_object(text: str) -> dict[str, Any] | None:
    for candidate in _candidates(text):
        try:
            value = json.loads(candidate, strict=False)
        except (json.JSONDecodeError, RecursionError):
            continue
        if isinstance(value, list) and len(value) == 1:
            value = value[0]
        if isinstance(value, dict):
            return value
    return None


def _candidates(text: str) -> Iterator[str]:
    """The text itself, the part between the outer braces, and that part repaired."""
    yield text
    start, end = text.find("{"), text.rfind("}")
    if start == -1 or end < start:
        return
    inner = text[start : end + 1]
    yield inner
    yield _TRAILING_COMMA.sub("", inner)
    straight = _TRAILING_COMMA.sub("", inner.replace("“", '"').replace("”", '"'))
    yield straight
    first_end = inner.find("}")
    if first_end != len(inner) - 1:
        yield _TRAILING_COMMA.sub("", inner[: first_end + 1])
