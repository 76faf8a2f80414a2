"""How much more a test's sums vary than single exposures would, because exposures come in customers.

A customer who is shown a content ten times is not ten customers. With y_u and n_u the successes and the
exposures of unit u of an arm, and r the arm's rate, the variance of r by units (a ratio of sums) over the
one by exposures is

    phi = sum_arms U/(U-1) sum_u (y_u - r n_u)^2  /  sum_arms N s^2

with s^2 = r (1 - r) for rates, and the variance of single exposures for values.

*Holds when* units are independent of each other and each is in one arm.
*Does not cover* fewer than about forty units an arm, where phi itself is uncertain.

Source: Cochran (1977), Sampling Techniques, equation 9A.5 (a ratio of cluster sums).
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import polars as pl

from adwright.errors import DataError
from adwright.schema import Experiment

_NEEDED = ("content_id", "unit_id", "n_exposures")
RATES = ("n_clicks", "n_conversions")
VALUE = "value_minor"


def unit_dispersion(experiment: Experiment, units: pl.DataFrame) -> dict[str, float]:
    """phi, at least 1, of each of `n_clicks`, `n_conversions` and `value_minor` that `units` has.

    Args:
        experiment: Its arms.
        units: One row a unit: content_id, unit_id, n_exposures, and sums over its exposures; for the value
            also `value_squares`, the sum of its squared single values.

    Raises:
        DataError: an absent column, or a unit in two rows (or arms).

    >>> from datetime import UTC, datetime
    >>> from adwright.schema import Arm
    >>> arms = (Arm(content_id="a", share=0.5, is_control=True), Arm(content_id="b", share=0.5))
    >>> test = Experiment(id="x", arms=arms, metric="click", starts_at=datetime(2026, 1, 1, tzinfo=UTC),
    ...                   n_per_arm=100, minimum_effect=0.1)
    >>> rows = {"content_id": ["a", "a", "b", "b"], "unit_id": ["1", "2", "3", "4"],
    ...         "n_exposures": [10, 10, 10, 10], "n_clicks": [10, 0, 0, 10]}
    >>> unit_dispersion(test, pl.DataFrame(rows))  # every customer always clicks, or never: 2 units, not 20
    {'n_clicks': 20.0}
    """
    for name in _NEEDED:
        if name not in units.columns:
            raise DataError("units lack a column", argument="units", value=name, allowed=", ".join(_NEEDED))
    if units["unit_id"].is_duplicated().any():
        twice = units.filter(pl.col("unit_id").is_duplicated())["unit_id"][0]
        raise DataError("a unit stands in two rows or two arms", argument="unit_id", value=twice)
    arms = [a.content_id for a in experiment.arms]
    frame = units.filter(pl.col("content_id").is_in(arms) & (pl.col("n_exposures") > 0))
    found = {name: _phi(frame, name) for name in RATES if name in frame.columns}
    if VALUE in frame.columns and "value_squares" in frame.columns:
        found[VALUE] = _phi(frame, VALUE)
    return found


def count_units(experiment: Experiment, units: pl.DataFrame) -> list[float]:
    """How many units each arm has, in the experiment's order; what the sample-ratio check compares."""
    sizes: Mapping[str, int] = dict(units.group_by("content_id").len().iter_rows())
    return [float(sizes.get(a.content_id, 0)) for a in experiment.arms]


def _phi(frame: pl.DataFrame, column: str) -> float:
    by_units = by_exposures = 0.0
    for arm in frame.partition_by("content_id"):
        y = arm[column].cast(pl.Float64).to_numpy()
        n = arm["n_exposures"].cast(pl.Float64).to_numpy()
        if len(y) < 2:
            continue
        rate = y.sum() / n.sum()
        by_units += len(y) / (len(y) - 1) * float(np.sum((y - rate * n) ** 2))
        if column == VALUE:
            squares = float(arm["value_squares"].sum())
            by_exposures += squares - n.sum() * rate**2
        else:
            by_exposures += float(n.sum()) * rate * (1 - rate)
    return max(1.0, float(by_units / by_exposures)) if by_exposures > 0 else 1.0
