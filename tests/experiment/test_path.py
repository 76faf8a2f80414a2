from __future__ import annotations

import numpy as np
import pytest

from adwright.experiment.inference import MeanSummary, ProportionSummary
from adwright.experiment.sequential import anytime_path, anytime_path_counts, group_path, group_path_counts

N = 1000 * np.arange(1, 21)
T = N / 20_000


def proportions(k: np.ndarray[tuple[int], np.dtype[np.int64]]) -> ProportionSummary:
    return ProportionSummary(n=N, successes=k)


def counts(seed: int, p_a: float, p_b: float) -> tuple[ProportionSummary, ProportionSummary]:
    rng = np.random.default_rng(seed)
    return proportions(rng.binomial(1000, p_a, 20).cumsum()), proportions(
        rng.binomial(1000, p_b, 20).cumsum()
    )


def test_exact_and_normal_bounds_agree_where_counts_are_large() -> None:
    a, b = counts(0, 0.05, 0.05)
    exact = group_path_counts(a, b, t=T)
    normal = group_path(a, b, t=T)
    assert set(exact.methods) == {"exact bounds"}
    assert set(normal.methods) == {"normal bounds"}
    assert exact.bound[5:] == pytest.approx(normal.bound[5:], abs=0.12)
    assert exact.statistic == pytest.approx(normal.statistic, abs=0.02)


def test_a_large_effect_decides_early_and_to_its_side() -> None:
    better, worse = counts(1, 0.05, 0.08), counts(1, 0.08, 0.05)
    for path, side in ((group_path_counts(*better, t=T), 1), (group_path_counts(*worse, t=T), -1)):
        assert path.crossed is not None
        assert path.crossed < 10
        assert path.side == side
    open_ended = anytime_path_counts(*better, share_b=0.5, information=500.0)
    assert open_ended.side == 1
    assert open_ended.crossed is not None
    assert open_ended.low[open_ended.crossed] > 0


def test_more_than_binomial_variance_widens_the_interval() -> None:
    a, b = counts(2, 0.05, 0.055)
    plain, wide = group_path_counts(a, b, t=T), group_path_counts(a, b, t=T, dispersion=2.0)
    assert set(wide.methods) == {"normal bounds"}
    ratio = np.log1p(wide.high[-1]) - np.log1p(wide.low[-1])
    assert ratio == pytest.approx(np.sqrt(2) * (np.log1p(plain.high[-1]) - np.log1p(plain.low[-1])), rel=0.05)


def test_the_anytime_test_reads_few_counts_exactly_and_many_by_the_log_ratio() -> None:
    a, b = counts(3, 0.05, 0.05)
    path = anytime_path_counts(a, b, share_b=0.5, information=500.0)
    assert path.methods[0] == "exact counts"
    assert path.methods[-1] == "log-ratio sequence"
    few = anytime_path_counts(
        ProportionSummary(n=[100, 200], successes=[1, 2]),
        ProportionSummary(n=[100, 200], successes=[2, 3]),
        share_b=0.5,
        information=500.0,
    )
    assert few.reason == "few_conversions"
    assert np.isnan(few.low).all()


def test_means_without_variance_have_no_answer() -> None:
    flat = MeanSummary(n=[10, 20], total=[10.0, 20.0], squares=[10.0, 20.0])
    path = group_path(flat, flat, t=[0.5, 1.0])
    assert path.crossed is None
    assert path.reason == "no_variance"
    assert anytime_path(flat, flat, information=100.0).reason == "few_conversions"
