"""The review sheet: one row a content, the same columns in CSV and XLSX."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from adwright.report.edition import Edition
from adwright.report.figures import ContentFigures
from adwright.report.formatting import DASH
from adwright.schema import Finding

LEADING = ("content_id", "kind", "channel", "language", "product", "cohort")
TRAILING = ("findings", "predicted_value", "decision", "reason")
SLOT_PREFIX = "slot."
DECISIONS = ("approve", "reject")


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """A header and its rows, as texts; `rows[i][j]` belongs under `header[j]`."""

    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class SheetRow:
    """A row that was read back: its line in the file, and column -> text."""

    line: int
    cells: Mapping[str, str]


def make_sheet(items: Sequence[ContentFigures], edition: Edition) -> Sheet:
    """The sheet of the contents that wait, with a column for every slot that one of them has.

    Args:
        items: The contents, in the order of the rows.
        edition: Gives findings and values their words; the column names are the same in every language.
    """
    slots = tuple(dict.fromkeys(name for item in items for name in item.content.slots))
    header = (*LEADING, *(SLOT_PREFIX + name for name in slots), *TRAILING)
    return Sheet(header=header, rows=tuple(_row(item, slots, edition) for item in items))


def readable(findings: Sequence[Finding], edition: Edition) -> str:
    """The findings in words, one a line."""
    messages = edition.messages
    return "\n".join(
        messages.say(
            "review.finding",
            {
                "severity": messages.name("severity", f.severity),
                "slot": messages.name("slot", f.slot),
                "text": f.text[:200],
                "evidence": f.evidence,
                "rule": f.rule_id,
            },
        )
        for f in findings
    )


def _row(item: ContentFigures, slots: Sequence[str], edition: Edition) -> tuple[str, ...]:
    content, messages = item.content, edition.messages
    return (
        content.id,
        messages.name("kind", content.kind),
        messages.name("channel", content.channel),
        content.language,
        item.product.title if item.product is not None else ", ".join(content.product_ids),
        messages.pick(item.cohort) or content.cohort_id,
        *(content.slots.get(name, "") for name in slots),
        readable(item.findings, edition),
        _value(item, edition),
        "",
        "",
    )


def _value(item: ContentFigures, edition: Edition) -> str:
    if item.value is None:
        return ""
    goal = item.goal or edition.figures.goal
    bounds = edition.format.bounds(item.value, goal)
    written = edition.format.expected(item.value, goal)
    return written if bounds == DASH else f"{written} ({bounds})"
