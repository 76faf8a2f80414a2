from __future__ import annotations

import numpy as np
import polars as pl
import pytest
from scipy import stats
from scipy.spatial.distance import jensenshannon

from adwright.errors import DataError, UsageError
from adwright.monitor import drift


def normal(n: int, mean: float = 0.0, seed: int = 0) -> pl.DataFrame:
    return pl.DataFrame({"x": np.random.default_rng(seed).normal(mean, 1.0, n)})


def test_a_shift_is_found_and_the_same_distribution_is_not() -> None:
    moved, same = drift(normal(5000), normal(5000, 0.3, seed=1)), drift(normal(5000), normal(5000, seed=1))
    assert (moved[0].drifted, same[0].drifted) == (True, False)
    assert same[0].psi < same[0].psi_noise < moved[0].psi


def test_small_samples_do_not_alarm_where_folklore_would() -> None:
    """100 rows each: the index is above 0.1 most of the time by chance alone."""
    alarms, folklore = 0, 0
    for seed in range(60):
        found = drift(normal(100, seed=seed), normal(100, seed=1000 + seed))[0]
        alarms += found.drifted
        folklore += found.psi > 0.1
    assert alarms <= 3
    assert folklore >= 20


def test_a_tiny_shift_of_a_large_sample_is_no_chance_but_does_not_matter() -> None:
    found = drift(normal(200_000), normal(200_000, 0.03, seed=1))[0]
    assert found.p < 1e-6
    assert not found.drifted


def test_ks_and_its_p_agree_with_scipy() -> None:
    first, last = normal(1500), normal(1200, 0.1, seed=1)
    found = drift(first, last)[0]
    reference = stats.ks_2samp(first["x"].to_numpy(), last["x"].to_numpy())
    assert found.ks == pytest.approx(reference.statistic, abs=1e-12)
    assert found.p <= 2 * reference.pvalue * 1.1


def test_ks_of_many_rows_is_close_to_the_exact_one() -> None:
    first, last = normal(50_000), normal(40_000, 0.02, seed=1)
    exact = stats.ks_2samp(first["x"].to_numpy(), last["x"].to_numpy()).statistic
    assert exact - 1 / 2000 <= float(drift(first, last)[0].ks or 0) <= exact


def test_categories_agree_with_the_formulas() -> None:
    before = pl.DataFrame({"c": ["a"] * 700 + ["b"] * 300})
    now = pl.DataFrame({"c": ["a"] * 500 + ["b"] * 500})
    found = drift(before, now)[0]
    assert found.psi == pytest.approx(
        (0.7 - 0.5) * np.log(0.7 / 0.5) + (0.3 - 0.5) * np.log(0.3 / 0.5), abs=2e-3
    )
    assert found.js == pytest.approx(jensenshannon([0.7, 0.3], [0.5, 0.5], base=2), abs=1e-12)
    assert found.p == pytest.approx(stats.chi2_contingency([[700, 300], [500, 500]], correction=False).pvalue)
    assert found.ks is None


def test_unseen_categories_are_named_with_their_share() -> None:
    before = pl.DataFrame({"c": ["a"] * 500 + ["b"] * 500})
    now = pl.DataFrame({"c": ["a"] * 450 + ["b"] * 450 + ["new"] * 90 + ["rare"] * 10})
    found = drift(before, now)[0]
    assert (found.unseen, found.unseen_share) == (("new", "rare"), 0.1)
    assert found.drifted


@pytest.mark.parametrize("empty", [None, float("nan")])
def test_missing_values_are_a_cell_of_their_own(empty: float | None) -> None:
    before = normal(1000)
    now = pl.DataFrame({"x": [*normal(600, seed=1)["x"].to_list(), *[empty] * 400]})
    found = drift(before, now)[0]
    assert (found.missing_before, found.missing_now) == (0.0, 0.4)
    assert found.drifted
    assert found.ks is not None
    assert found.ks < 0.1  # what is present has not changed


def test_a_constant_or_wholly_missing_column_is_no_fault() -> None:
    before = pl.DataFrame({"one": [1.0] * 50, "none": pl.Series([None] * 50, dtype=pl.Float64)})
    assert [c.drifted for c in drift(before, before)] == [False, False]
    gone = pl.DataFrame({"one": [2.0] * 50, "none": [1.0] * 50})
    assert [c.drifted for c in drift(before, gone)] == [True, True]


def test_whole_numbers_and_booleans_are_taken() -> None:
    frame = pl.DataFrame({"n": [0, 1, 2, 3] * 50, "b": [True, False] * 100})
    assert [(c.kind, c.drifted) for c in drift(frame, frame)] == [("number", False), ("category", False)]


def test_many_columns_share_one_rate_of_false_alarms() -> None:
    rng = np.random.default_rng(0)
    before, now = (pl.DataFrame(rng.normal(size=(300, 40))) for _ in range(2))
    assert not any(c.drifted for c in drift(before, now))


def test_bad_input_is_named() -> None:
    frame = pl.DataFrame({"x": [1.0, 2.0]})
    with pytest.raises(DataError, match="absent"):
        drift(frame, pl.DataFrame({"y": [1.0]}))
    with pytest.raises(DataError, match="no rows"):
        drift(frame, frame.clear())
    with pytest.raises(DataError, match="type"):
        drift(frame, pl.DataFrame({"x": ["a", "b"]}))
    with pytest.raises(UsageError, match="alpha"):
        drift(frame, frame, alpha=1.5)
