"""A shop's own copy as the base writer reads it: a control prompt, and the text with slot tokens for its facts.

So the bundled writer can be fine-tuned on texts that people wrote. A fact that stands in the text in the
catalogue's words becomes its token; a fact in other words stays as it is, and is learned as any other words.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, cast

from adwright.errors import DataError
from adwright.generate.angles import ANGLES, TONES
from adwright.generate.backends.base_writer import without_repeats
from adwright.generate.backends.compose import stable_number
from adwright.generate.backends.goods import recognise
from adwright.generate.backends.wording import values_for
from adwright.generate.delexical import ATTRIBUTES, TOKEN, UNITS, control_prompt, join_slots, slot_token
from adwright.generate.facts import product_facts
from adwright.learn.pairs import Pair
from adwright.schema import Language, Product
from adwright.text.width import display_width

_FOUND = ("name", "title", "brand", "price", "was", "rating", *ATTRIBUTES, "noun")
"""The facts that are looked for in a text; the others are words of the grammar, or too short to be told apart."""

COPY_FIELDS = ("product", "slots")
"""What each line of a file of copy must have; `unit`, `language`, `angle`, `tone` and `at` are optional."""

_JOINTS = re.compile(r"[、，,/&和]| and ")
_REPEATED = re.compile(r"(<[a-z_:]+>)(?:(?:[、，,/&和]| and )?\1)+")
_SHORTEST = 2


def delexical_pair(
    product: Product,
    slots: Mapping[str, str],
    *,
    unit: str,
    language: Language,
    now: datetime,
    angle: str | None = None,
    tone: str | None = None,
) -> Pair:
    """Prompt and text of one piece of copy in the base writer's own tokens.

    Args:
        product: What the copy is about.
        slots: Slot -> text as it was published; a slot of the unit that is missing is the product's name.
        unit: One of `delexical.UNITS`.
        language: Of the text.
        now: When it was written: its price and stock count then.
        angle, tone: As in `generate.angles`. Where nobody noted them, one that the product allows is drawn by the
            text, so that what is learned holds for all of them.

    Raises:
        DataError: an unknown unit, language, angle or tone, no slot of the unit or an unknown one, or a text
            with what the writer would take for a token.
    """
    wanted = _checked(slots, unit=unit, language=language, angle=angle, tone=tone)
    facts = product_facts(product, offer=None, now=now)
    goods = recognise(product)
    values = without_repeats(values_for(facts, goods, language, now=now))
    number = stable_number("\n".join(slots.values()))
    angles = [a for a in ANGLES if a not in goods.category.skip and facts.supports_angle(a)]
    told = {slot: _delexicalised(slots.get(slot, values["name"]), values) for slot in wanted}
    prompt = control_prompt(
        language=language,
        unit=unit,
        fit="normal",
        category=goods.category.name,
        angle=angle or angles[number % len(angles)],
        tone=tone or tuple(TONES)[number // len(angles) % len(TONES)],
        name_width=display_width(values["name"]),
        facts=values,
    )
    return Pair(prompt, join_slots(told, category=goods.category.name).removesuffix("<end>"))


def _checked(
    slots: Mapping[str, str], *, unit: str, language: str, angle: str | None, tone: str | None
) -> tuple[str, ...]:
    """The slots of the unit."""
    wanted = UNITS.get(unit)
    if wanted is None:
        raise DataError("unknown unit", argument="unit", value=unit, allowed=", ".join(UNITS))
    unknown = slots.keys() - set(wanted)
    if unknown or not slots:
        raise DataError(
            "not the slots of this unit", argument="slots", value=sorted(slots), allowed=", ".join(wanted)
        )
    for argument, value, allowed in (
        ("language", language, ("zh", "en")),
        ("angle", angle, (None, *ANGLES)),
        ("tone", tone, (None, *TONES)),
    ):
        if value not in allowed:
            raise DataError(
                "unknown", argument=argument, value=value, allowed=", ".join(filter(None, allowed))
            )
    for slot, text in slots.items():
        if token := TOKEN.search(text):
            raise DataError(
                "reads as a token of the writer", argument=slot, value=token[0], hint="Take it out"
            )
    return wanted


def _delexicalised(text: str, values: Mapping[str, str]) -> str:
    """The text with the token of a fact where its value stands whole, the longest value first."""
    tokens: dict[str, str] = {}
    for name in _FOUND:
        value = values.get(name, "")
        for part in (value, *_JOINTS.split(value)):
            if len(part.strip()) >= _SHORTEST:
                tokens.setdefault(part.strip().casefold(), slot_token(name))
    if not tokens:
        return text
    known = "|".join(re.escape(v) for v in sorted(tokens, key=len, reverse=True))
    found = re.compile(rf"(?<![a-z0-9.])(?:{known})(?:\.00)?(?![a-z0-9]|[.,]\d)", re.IGNORECASE | re.ASCII)
    marked = found.sub(lambda match: tokens[match[0].casefold().removesuffix(".00")], text)
    return _REPEATED.sub(r"\1", marked)


def read_copy(path: Path) -> list[Pair]:
    """Pairs of a file of published copy, one JSON object a line, in order.

    A line has `product` (fields of `Product`) and `slots` (slot -> text), and may have `unit` (else
    product_description), `language` (else zh), `angle`, `tone` and `at` (an ISO time, else now).

    Raises:
        DataError: no such file, or a line that cannot be read; with its number.
    """
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise DataError(f"cannot read the copy: {error}", argument="copy", value=str(path)) from error
    pairs = [
        _read_line(line, f"{path.name}, line {number}")
        for number, line in enumerate(lines, start=1)
        if line.strip()
    ]
    if not pairs:
        raise DataError("no copy", argument="copy", value=str(path), allowed="at least one line")
    return pairs


def _read_line(line: str, where: str) -> Pair:
    try:
        row: Any = json.loads(line)
        missing = [name for name in COPY_FIELDS if not isinstance(row.get(name), dict)]
        if missing:
            raise ValueError(f"no object {' and '.join(missing)}")
        at = datetime.fromisoformat(row["at"]) if "at" in row else datetime.now(UTC)
        return delexical_pair(
            Product(**row["product"]),
            {str(slot): str(text) for slot, text in row["slots"].items()},
            unit=row.get("unit", "product_description"),
            language=cast(Language, row.get("language", "zh")),
            now=at if at.tzinfo else at.replace(tzinfo=UTC),
            angle=row.get("angle"),
            tone=row.get("tone"),
        )
    except (ValueError, TypeError, AttributeError, KeyError, RecursionError, DataError) as error:
        raise DataError(
            f"{where}: cannot be read: {error}",
            argument="copy",
            value=line[:200],
            allowed='{"product": {"id": ..., "title": ...}, "slots": {"description": ...}, "language": "zh"}',
        ) from error
