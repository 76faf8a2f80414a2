"""One row of a file as it was read."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, NamedTuple

from adwright.ingest.report import RowError


class Record(NamedTuple):
    """One row as it was read: its line (or place), the raw row, and either its fields or what is wrong."""

    line: int
    raw: bytes | str | Mapping[str, Any]
    fields: Mapping[str, Any] | None
    error: RowError | None = None

    def raw_text(self) -> str:
        """The raw row as text; bytes that are not UTF-8 are written as escapes, so nothing is lost."""
        if isinstance(self.raw, bytes):
            return self.raw.decode("utf-8", errors="backslashreplace").rstrip("\r\n")
        text = self.raw if isinstance(self.raw, str) else json.dumps(self.raw, ensure_ascii=True, default=str)
        return text.encode("utf-8", errors="backslashreplace").decode().rstrip("\r\n")
