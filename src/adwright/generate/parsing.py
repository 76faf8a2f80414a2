"""Reading a model's answer: JSON, and the repair of what models commonly get wrong about it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from adwright.errors import DataError
from adwright.text.normalise import clean

if TYPE_CHECKING:
    from adwright.generate.kinds.kind import Slot

_MAX_CHARACTERS = 100_000
_THINKING = re.compile(r"<think>.*?</think>", re.DOTALL)
_TRAILING_COMMA = re.compile(r",(?=\s*[}\]])")
_SPACES = re.compile(r"[ \t\u00a0\u3000]+")


def parse_json_slots(answer: str, slots: tuple[Slot, ...]) -> dict[str, str]:
    """The slots of an answer that holds one JSON object.

    Repaired are prose or code fences around the object, a comma too many, raw line breaks inside a
    string, curly quotes as delimiters, and a list of one object. Text is never guessed: an object that
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
    values: dict[str, str] = {}
    for slot in slots:
        value = found.get(slot.name)
        if value is None and not slot.required:
            continue
        if not isinstance(value, str):
            raise DataError(
                "a slot is missing or no string", argument=slot.name, value=value, allowed="a string"
            )
        values[slot.name] = tidy(value)
        if slot.required and not values[slot.name]:
            raise DataError("a slot is empty", argument=slot.name, value=value, allowed="some text")
    return values


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
