"""The cases: frozen records with permanent ids, so that results of two commits can be compared."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """Two arms that are looked at again and again.

    Args:
        id: Never reused.
        kind: "rate": conversions; "revenue": buyers times a log-normal basket.
        p_a: Conversion (or buyer) rate of the control.
        p_b: Of the other arm; equal to p_a in an A/A case.
        n_a: Units of the control a look.
        n_b: Units of the other arm a look.
        n_looks: Looks.
        log_mean: Of the log-normal basket.
        log_sd: Of the log-normal basket.
        minimum_effect: The planned relative effect; it tunes the anytime test, whatever is true.
        why: What it is there to show.
    """

    id: str
    kind: Literal["rate", "revenue"]
    p_a: float
    p_b: float
    n_a: int
    n_b: int
    n_looks: int = 20
    log_mean: float = 3.0
    log_sd: float = 1.2
    minimum_effect: float = 0.124
    why: str

    @property
    def is_null(self) -> bool:
        """Whether the arms are the same."""
        return self.p_a == self.p_b


CASES = (
    Case(
        id="aa-rate-0.5",
        kind="rate",
        p_a=0.005,
        p_b=0.005,
        n_a=200,
        n_b=200,
        why="one conversion an arm a look",
    ),
    Case(id="aa-rate-5", kind="rate", p_a=0.05, p_b=0.05, n_a=1000, n_b=1000, why="the textbook case"),
    Case(
        id="aa-rate-5-unequal",
        kind="rate",
        p_a=0.05,
        p_b=0.05,
        n_a=90,
        n_b=10,
        why="90/10, 100 a look in all",
    ),
    Case(
        id="aa-rate-5-unequal-large",
        kind="rate",
        p_a=0.05,
        p_b=0.05,
        n_a=900,
        n_b=100,
        why="90/10 with 100 a look in the smaller arm",
    ),
    Case(
        id="aa-rate-10-large",
        kind="rate",
        p_a=0.1,
        p_b=0.1,
        n_a=2000,
        n_b=2000,
        why="crosses from exact to normal bounds on the way",
    ),
    Case(id="aa-revenue", kind="revenue", p_a=0.05, p_b=0.05, n_a=50, n_b=50, why="skewed, mostly zero"),
    Case(
        id="aa-revenue-large",
        kind="revenue",
        p_a=0.05,
        p_b=0.05,
        n_a=500,
        n_b=500,
        why="the same shop with ten times the traffic",
    ),
    Case(id="ab-rate-5-5.62", kind="rate", p_a=0.05, p_b=0.0562, n_a=1000, n_b=1000, why="power"),
    Case(
        id="ab-rate-0.5-1.5",
        kind="rate",
        p_a=0.005,
        p_b=0.015,
        n_a=200,
        n_b=200,
        minimum_effect=1.0,
        why="power at low counts",
    ),
)
