"""What says of a text that a machine wrote it: the visible words and the metadata that an export carries.

Source: China's Measures for Labeling AI-Generated and Synthetic Content (in force since 1 September 2025)
with the field names of GB 45438-2025, annex E; Google Merchant Center's structured_title and
structured_description; IPTC's vocabulary of digital source types and schema.org's digitalSourceType.

Holds when: `provenance.backend` is true. Does not cover: pictures and video, whose files carry the same
fields, and which account at a platform declares a content.
"""

from __future__ import annotations

import functools
import hashlib
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from importlib.resources import files
from typing import Any, Literal

from adwright.errors import UsageError
from adwright.schema import Content
from adwright.text.normalise import fold_in_place

HUMAN_BACKENDS = frozenset({"catalogue", "human", "none"})
"""Provenances that no machine wrote: the catalogue's words, a person's, and a text of which nothing is known."""

IPTC_TRAINED = "http://cv.iptc.org/newscodes/digitalsourcetype/trainedAlgorithmicMedia"
SCHEMA_ORG_TRAINED = "https://schema.org/TrainedAlgorithmicMediaDigitalSource"
MERCHANT_TRAINED = "trained_algorithmic_media"

_TITLE_SLOTS = ("title", "headline")


@dataclass(frozen=True, slots=True)
class Requirement:
    """One rule of `labelling.toml`: on which channels, in which form, since when, and who says so."""

    id: str
    channels: tuple[str, ...]
    form: Literal["visible", "metadata"]
    in_force: date
    source: str
    as_of: date
    fields: tuple[str, ...] = ()
    slots: tuple[str, ...] = ()


def is_machine_written(content: Content) -> bool:
    """Whether a backend wrote the text; the shop's catalogue and a person are none."""
    return content.provenance.backend not in HUMAN_BACKENDS


def label_metadata(content: Content, *, producer: str) -> dict[str, Any]:
    """The labels and metadata that an export of this content carries.

    Args:
        content: Any content; for one that no machine wrote the plain fields come back, without a label.
        producer: The name or registered code of who offers the service that wrote it; not empty.

    Returns:
        ai_written, and where it is true: visible (the words to show, in the content's language), AIGC (the
        implicit label of GB 45438-2025; `ReservedCode1` holds a digest that shows later changes),
        digitalSourceType (schema.org), digital_source_type (IPTC). In any case the fields of a Merchant
        feed: structured_title and structured_description, or title and description.

    Raises:
        UsageError: no producer.

    >>> from adwright.schema import Provenance
    >>> content = Content(id="c_1", kind="product_description", product_ids=("p",), cohort_id="everyone",
    ...     channel="merchant", language="zh", slots={"title": "马克杯"}, provenance=Provenance(backend="hf"))
    >>> labels = label_metadata(content, producer="Shop")
    >>> labels["visible"], labels["structured_title"]
    ('AI生成', {'digital_source_type': 'trained_algorithmic_media', 'content': '马克杯'})
    """
    if not producer.strip():
        raise UsageError("no producer", argument="producer", value=producer, allowed="a name or a code")
    if not is_machine_written(content):
        return {"ai_written": False, **_merchant_fields(content, structured=False)}
    return {
        "ai_written": True,
        "visible": _data()["visible"][content.language],
        "AIGC": {
            "Label": "1",  # a machine wrote it; 2 would be "possibly", 3 "suspected"
            "ContentProducer": producer,
            "ProduceID": content.id,
            "ReservedCode1": hashlib.sha256(content.text.encode("utf-8", "replace")).hexdigest(),
            "ContentPropagator": "",
            "PropagateID": "",
            "ReservedCode2": "",
        },
        "digitalSourceType": SCHEMA_ORG_TRAINED,
        "digital_source_type": IPTC_TRAINED,
        **_merchant_fields(content, structured=True),
    }


def missing_labels(
    content: Content, exported: Mapping[str, Any], *, now: datetime
) -> tuple[Requirement, ...]:
    """The requirements in force at `now` that an export of this content does not meet.

    Args:
        content: What is exported.
        exported: The row or request as it leaves the shop: the metadata under the names of
            `label_metadata`, the texts, and `declared_ai` = True where the platform's own switch is set.
        now: Aware.
    """
    if not is_machine_written(content):
        return ()
    return tuple(r for r in requirements(content.channel, now=now) if not _meets(r, content, exported))


def requirements(channel: str, *, now: datetime) -> tuple[Requirement, ...]:
    """What is required on a channel at `now`."""
    return tuple(r for r in _requirements() if channel in r.channels and r.in_force <= now.date())


def says_ai(text: str) -> bool:
    """Whether a text says that a machine wrote it.

    >>> says_ai("（本文由人工智能生成）"), says_ai("AI-generated"), says_ai("Said with air")
    (True, True, False)
    """
    folded = fold_in_place(text)
    return any(pattern.search(folded) for pattern in _patterns("visible"))


def find_denials(text: str) -> list[tuple[int, int]]:
    """Where a text says that no machine wrote it, as start and end.

    >>> find_denials("Human-written copy"), find_denials("A handwritten card")
    ([(0, 13)], [])
    """
    folded = fold_in_place(text)
    return sorted(match.span() for pattern in _patterns("denied") for match in pattern.finditer(folded))


def _meets(requirement: Requirement, content: Content, exported: Mapping[str, Any]) -> bool:
    if requirement.form == "visible":
        texts = (*content.slots.values(), *(v for v in exported.values() if isinstance(v, str)))
        return exported.get("declared_ai") is True or any(map(says_ai, texts))
    if requirement.slots and not any(content.slots.get(slot) for slot in requirement.slots):
        return True
    return all(_is_label(exported.get(field)) for field in requirement.fields)


def _is_label(value: object) -> bool:
    if not isinstance(value, Mapping):
        return False
    return value.get("digital_source_type") == MERCHANT_TRAINED or bool(
        value.get("Label") and value.get("ContentProducer") and value.get("ProduceID")
    )


def _merchant_fields(content: Content, *, structured: bool) -> dict[str, Any]:
    title = next((content.slots[s] for s in _TITLE_SLOTS if content.slots.get(s)), None)
    known = {"title": title, "description": content.slots.get("description")}
    return {
        f"structured_{name}" if structured else name: (
            {"digital_source_type": MERCHANT_TRAINED, "content": text} if structured else text
        )
        for name, text in known.items()
        if text
    }


@functools.cache
def _data() -> Mapping[str, Any]:
    return tomllib.loads((files("adwright.generate") / "labelling.toml").read_text(encoding="utf-8"))


@functools.cache
def _requirements() -> tuple[Requirement, ...]:
    return tuple(
        Requirement(
            id=entry["id"],
            channels=tuple(entry["channels"]),
            form=entry["form"],
            in_force=entry["in_force"],
            source=entry["source"],
            as_of=entry["as_of"],
            fields=tuple(entry.get("fields", ())),
            slots=tuple(entry.get("slots", ())),
        )
        for entry in _data()["requirement"]
    )


@functools.cache
def _patterns(section: str) -> tuple[re.Pattern[str], ...]:
    return tuple(re.compile(pattern) for pattern in _data()[section]["patterns"])
