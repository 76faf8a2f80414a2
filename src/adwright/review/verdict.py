"""What a row of a returned sheet asks for: checked against the content, before anything is changed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from adwright.review.problems import RowProblem
from adwright.review.sheet import SLOT_PREFIX, SheetRow
from adwright.schema import Content
from adwright.text.normalise import fold

_NOTHING: Mapping[str, str] = {}

Choice = Literal["approve", "reject", "later"]

_CHOICES: Mapping[str, Choice] = {
    "": "later",
    "approve": "approve",
    "approved": "approve",
    "批准": "approve",
    "通过": "approve",
    "reject": "reject",
    "rejected": "reject",
    "拒绝": "reject",
    "驳回": "reject",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """A row understood: what to do with `content`, whose words are to be `slots`."""

    line: int
    content: Content
    choice: Choice
    reason: str
    slots: Mapping[str, str]

    @property
    def is_edit(self) -> bool:
        """Whether the words were changed."""
        return dict(self.slots) != dict(self.content.slots)

    @property
    def asks_nothing(self) -> bool:
        """Whether the row is as it was exported."""
        return self.choice == "later" and not self.is_edit

    def same_as(self, other: Verdict) -> bool:
        """Whether another row asks for the same thing."""
        mine = (self.choice, self.reason, dict(self.slots))
        return mine == (other.choice, other.reason, dict(other.slots))


def understand(row: SheetRow, content: Content) -> Verdict | RowProblem:
    """The verdict of a row on its content, or why it cannot be one.

    Args:
        row: As read.
        content: The content of its content_id.
    """

    def problem(code: str, values: Mapping[str, str] = _NOTHING) -> RowProblem:
        return RowProblem(line=row.line, content_id=content.id, code=code, values=values)

    word = row.cells.get("decision", "")
    choice = _CHOICES.get(fold(word).strip())
    if choice is None:
        return problem("bad_decision", {"value": word})
    for name, text in row.cells.items():
        slot = name.removeprefix(SLOT_PREFIX)
        if name.startswith(SLOT_PREFIX) and text.strip() and slot not in content.slots:
            return problem("unknown_slot", {"slot": slot})
    slots = {name: _changed(row, name, old) for name, old in content.slots.items()}
    emptied = [name for name, text in slots.items() if not text.strip() and content.slots[name].strip()]
    if emptied:
        return problem("empty_slot", {"slot": emptied[0]})
    verdict = Verdict(
        line=row.line, content=content, choice=choice, reason=row.cells.get("reason", "").strip(), slots=slots
    )
    if choice == "reject" and not verdict.reason:
        return problem("no_reason")
    if choice == "reject" and verdict.is_edit:
        return problem("rejected_and_edited")
    return verdict


def _changed(row: SheetRow, slot: str, old: str) -> str:
    """The slot's new words; the old ones where the column is absent or only its line ends were rewritten."""
    new = row.cells.get(SLOT_PREFIX + slot, old)
    return old if _unix(new) == _unix(old) else new


def _unix(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n")
