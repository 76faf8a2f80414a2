"""Review: what waits for a person's approval, as a page and as a sheet that comes back with decisions."""

from adwright.review.page import render_review
from adwright.review.problems import RowProblem, describe
from adwright.review.reading import Guard, ReviewResult, apply_review
from adwright.review.sheet import SheetRow
from adwright.review.tables import read_table, write_table
from adwright.review.waiting import waiting_contents

__all__ = [
    "Guard",
    "ReviewResult",
    "RowProblem",
    "SheetRow",
    "apply_review",
    "describe",
    "read_table",
    "render_review",
    "waiting_contents",
    "write_table",
]
