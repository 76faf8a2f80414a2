"""Counting why rows were rejected."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

from adwright.ingest.records import Record
from adwright.ingest.report import EXAMPLE_CHARACTERS, Rejection, RowError


class RejectionTally:
    """Counts rejections by reason and field, with the first row of each as its example."""

    def __init__(self) -> None:
        self._counts: Counter[tuple[str, str]] = Counter()
        self._examples: dict[tuple[str, str], Rejection] = {}

    @property
    def total(self) -> int:
        """How many rows were rejected."""
        return self._counts.total()

    def add(self, file: str, bad: Sequence[tuple[Record, RowError]]) -> None:
        """Counts the rejected rows of a batch."""
        for record, error in bad:
            reason = (error.code, error.field)
            self._counts[reason] += 1
            if reason not in self._examples:
                self._examples[reason] = Rejection(
                    reason_code=error.code,
                    field=error.field,
                    reason=error.reason,
                    count=0,
                    file=file,
                    line=record.line,
                    example=record.raw_text()[:EXAMPLE_CHARACTERS],
                )

    def count_of(self, code: str) -> int:
        """How many rows were rejected for `code`, whatever the field."""
        return sum(n for (found, _), n in self._counts.items() if found == code)

    def commonest(self, n: int = 10) -> tuple[Rejection, ...]:
        """The `n` commonest reasons, the commonest first."""
        ranked = sorted(self._counts.items(), key=lambda item: (-item[1], item[0]))
        return tuple(replace(self._examples[reason], count=count) for reason, count in ranked[:n])
