"""What is measured: tables of numbers that have not changed, and some that have. Ids are permanent."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl


@dataclass(frozen=True)
class Scenario:
    """Two samples of a table.

    Args:
        id: Permanent.
        n_rows: Rows of each.
        n_columns: Columns, standard normal.
        shift: By how much the second sample's mean differs, in standard deviations.
    """

    id: str
    n_rows: int
    n_columns: int
    shift: float = 0.0


SPEED = Scenario("speed-100k-20", 100_000, 20)
ALARMS = (
    Scenario("same-100", 100, 20),
    Scenario("same-1k", 1_000, 20),
    Scenario("same-100k", 100_000, 20),
    Scenario("shift-0.1-1k", 1_000, 20, shift=0.1),
    Scenario("shift-0.2-1k", 1_000, 20, shift=0.2),
    Scenario("shift-0.2-100k", 100_000, 20, shift=0.2),
)


def draw(scenario: Scenario, *, seed: int) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The reference and the new sample."""
    rng = np.random.default_rng(seed)
    names = [f"x{i}" for i in range(scenario.n_columns)]
    size = (scenario.n_rows, scenario.n_columns)
    before, now = rng.normal(size=size), rng.normal(scenario.shift, 1.0, size=size)
    return tuple(pl.DataFrame({n: t[:, i] for i, n in enumerate(names)}) for t in (before, now))  # type: ignore[return-value]
