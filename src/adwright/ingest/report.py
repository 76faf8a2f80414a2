"""What an ingest says about a file: counts, the commonest rejections, and what is odd about the data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

NoteKind = Literal["missing", "duplicate", "late", "impossible", "drift", "cleaned", "withheld", "assumed"]

EXAMPLE_CHARACTERS = 200
"""How much of a rejected row the report shows; the quarantine keeps all of it."""


class RowError(Exception):
    """Why one row cannot be taken: `code` for machines, `reason` in plain words, `field` where it lies.

    It never leaves this package: the row goes to quarantine with what the error says.
    """

    def __init__(self, code: str, field: str, reason: str) -> None:
        super().__init__(reason)
        self.code = code
        self.field = field
        self.reason = reason


@dataclass(frozen=True, slots=True, kw_only=True)
class Rejection:
    """One reason for which rows were rejected, how often, and one of them."""

    reason_code: str
    field: str
    reason: str
    count: int
    file: str
    line: int
    example: str


@dataclass(frozen=True, slots=True, kw_only=True)
class QualityNote:
    """Something to know about a column: what kind, how many rows, which share of them, in words."""

    kind: NoteKind
    column: str
    count: int
    share: float
    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ColumnSummary:
    """One column of the accepted rows: the part without a value, and how many distinct values (about)."""

    name: str
    missing_share: float
    n_distinct: int


@dataclass(frozen=True, slots=True, kw_only=True)
class IngestReport:
    """What became of the rows of one ingest.

    Every row read is added, changed, duplicate (it was there already, or twice in the file) or
    quarantined; with `dry_run` nothing was written, and the first two say what would be.

    Args:
        file: The names of the files, joined by commas.
        table: The table that was filled.
        commonest: Up to ten reasons for rejection, the commonest first.
        quality: What is missing, late, impossible, drifting, cleaned or withheld.
        columns: Missing share and distinct values of every column.
        preview: Up to three accepted rows as they are stored.
        seconds: How long it took.
    """

    file: str
    table: str
    n_read: int
    n_added: int
    n_changed: int
    n_duplicate: int
    n_quarantined: int
    commonest: tuple[Rejection, ...]
    quality: tuple[QualityNote, ...]
    seconds: float
    columns: tuple[ColumnSummary, ...] = ()
    dry_run: bool = False
    preview: tuple[Mapping[str, Any], ...] = ()
