"""Why a row of a sheet was not applied, for a machine and in words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from adwright.report.words import Messages


@dataclass(frozen=True, slots=True, kw_only=True)
class RowProblem:
    """Why a row was not applied. `code` names a message of `problem.*`, and `values` fill it."""

    line: int
    content_id: str
    code: str
    values: Mapping[str, str] = field(default_factory=dict)


def describe(problem: RowProblem, messages: Messages) -> str:
    """The problem in one line.

    >>> describe(RowProblem(line=3, content_id="c_1", code="no_reason"), Messages("en"))
    'line 3, c_1: a rejection needs a reason'
    """
    values = dict(problem.values)
    if "status" in values:
        values["status"] = messages.name("status", values["status"])
    what = messages.say(f"problem.{problem.code}", values)
    return messages.say(
        "problem.line", {"line": str(problem.line), "id": problem.content_id or "?", "what": what}
    )
