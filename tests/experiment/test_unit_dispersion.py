"""Customers who are exposed many times: the test stays as honest as its customers are many."""

from __future__ import annotations

from datetime import UTC, datetime

import numpy as np
import polars as pl
import pytest

from adwright.errors import DataError
from adwright.experiment import analyse
from adwright.experiment.unit_dispersion import count_units, unit_dispersion
from adwright.schema import Arm, Experiment

N_UNITS = 150
VISITS = 40


def make_experiment(n_per_arm: int = 1000) -> Experiment:
    return Experiment(
        id="x",
        arms=(Arm(content_id="a", share=0.5, is_control=True), Arm(content_id="b", share=0.5)),
        metric="click",
        starts_at=datetime(2026, 1, 1, tzinfo=UTC),
        n_per_arm=n_per_arm,
        minimum_effect=0.2,
    )


def draw_units(rng: np.random.Generator, *, spread: float) -> pl.DataFrame:
    """An A/A test: customers differ in how readily they click, arms do not."""
    rates = np.minimum(0.05 * rng.gamma(1 / spread**2, spread**2, 2 * N_UNITS), 1.0)
    visits = rng.poisson(VISITS, 2 * N_UNITS) + 1
    return pl.DataFrame(
        {
            "content_id": ["a"] * N_UNITS + ["b"] * N_UNITS,
            "unit_id": [str(i) for i in range(2 * N_UNITS)],
            "n_exposures": visits,
            "n_clicks": rng.binomial(visits, rates),
        }
    )


def totals_of(units: pl.DataFrame) -> pl.DataFrame:
    return units.group_by("content_id").agg(pl.col("n_exposures", "n_clicks").sum())


def test_false_positives_stay_at_their_level_where_customers_repeat() -> None:
    rng = np.random.default_rng(11)
    n_runs = 400
    wrong = {"by customers": 0, "as if independent": 0}
    for _ in range(n_runs):
        units = draw_units(rng, spread=1.0)
        for name, given in (("by customers", units), ("as if independent", None)):
            result = analyse(make_experiment(), totals_of(units), units=given)
            difference = result.difference("b", "click")
            assert difference is not None
            wrong[name] += difference.p < 0.05
    # three standard errors of a rate of 5 % in 400 runs are 3.3 %
    assert wrong["by customers"] / n_runs <= 0.05 + 0.033
    assert wrong["as if independent"] / n_runs > 0.15


def test_the_factor_is_the_textbook_design_effect() -> None:
    """Equal clusters of m with intra-class correlation rho: 1 + (m - 1) rho (Kish 1965)."""
    rng = np.random.default_rng(12)
    n, m, p = 40_000, 20, 0.2
    concentration = 9.0  # a beta-binomial's intra-class correlation is 1 / (1 + alpha + beta)
    rates = rng.beta(p * concentration, (1 - p) * concentration, n)
    units = pl.DataFrame(
        {
            "content_id": ["a"] * n,
            "unit_id": [str(i) for i in range(n)],
            "n_exposures": [m] * n,
            "n_clicks": rng.binomial(m, rates),
        }
    )
    expected = 1 + (m - 1) / (1 + concentration)
    assert unit_dispersion(make_experiment(), units)["n_clicks"] == pytest.approx(expected, rel=0.03)


def test_one_exposure_a_customer_changes_nothing() -> None:
    rng = np.random.default_rng(13)
    units = pl.DataFrame(
        {
            "content_id": ["a"] * 5000 + ["b"] * 5000,
            "unit_id": [str(i) for i in range(10_000)],
            "n_exposures": [1] * 10_000,
            "n_clicks": rng.binomial(1, 0.1, 10_000),
        }
    )
    assert unit_dispersion(make_experiment(), units)["n_clicks"] == pytest.approx(1.0, abs=1e-3)


def test_a_customer_in_two_arms_is_named() -> None:
    units = pl.DataFrame(
        {"content_id": ["a", "b"], "unit_id": ["u7", "u7"], "n_exposures": [1, 1], "n_clicks": [0, 0]}
    )
    with pytest.raises(DataError, match="u7"):
        unit_dispersion(make_experiment(), units)


def test_units_are_counted_in_the_order_of_the_arms() -> None:
    units = pl.DataFrame(
        {"content_id": ["b", "b", "a"], "unit_id": ["1", "2", "3"], "n_exposures": [1, 1, 1]}
    )
    assert count_units(make_experiment(), units) == [1.0, 2.0]
