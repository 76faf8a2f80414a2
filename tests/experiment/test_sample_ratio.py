from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from adwright.errors import UsageError
from adwright.experiment import check_propensities, check_shares
from adwright.experiment.sample_ratio_sequence import check_dimensions, watch_shares
from experiment.vectors import load


def test_p_values_agree_with_gbstats() -> None:
    for case in load("gbstats.json")["srm"]:
        assert check_shares(case["users"], case["weights"]).p == pytest.approx(case["p"], rel=1e-9)


def test_known_values_hold_without_the_vectors() -> None:
    assert check_shares([1000, 1200], [0.5, 0.5]).p == pytest.approx(2.007865612426481e-05, rel=1e-9)
    assert check_shares([9000, 1005, 995], [0.8, 0.1, 0.1]).p == pytest.approx(
        1.134919619505512e-05, rel=1e-9
    )


def test_an_arm_without_a_share_costs_no_degree_of_freedom() -> None:
    check = check_shares([500, 520, 0], [0.5, 0.5, 0])
    assert (check.degrees_of_freedom, check.p) == (1, pytest.approx(0.5311678365460142, rel=1e-9))


def test_traffic_on_an_arm_without_a_share_breaks_the_split() -> None:
    assert check_shares([500, 520, 1], [0.5, 0.5, 0]).broken


def test_far_tails_keep_their_logarithm() -> None:
    check = check_shares([10_000, 20_000], [0.5, 0.5])
    assert check.p == 0.0
    expected = np.log(2) + stats.norm.logsf(np.sqrt(check.statistic))  # one degree of freedom
    assert check.log_p == pytest.approx(expected, rel=1e-6)


def test_false_alarms_are_as_rare_as_promised() -> None:
    rng = np.random.default_rng(1)
    p = [check_shares(rng.multinomial(5000, [0.2, 0.3, 0.5]), [0.2, 0.3, 0.5]).p for _ in range(1500)]
    assert abs(np.mean(np.array(p) < 0.1) - 0.1) < 4 * np.sqrt(0.09 / 1500)


def test_counts_drawn_from_logged_propensities_fit_them() -> None:
    rng = np.random.default_rng(4)
    p_values = []
    for _ in range(600):
        vectors = rng.dirichlet([2.0, 1.0, 0.5], 400)
        vectors[:, 2] *= rng.random(400) < 0.5  # the third arm is often not eligible
        vectors /= vectors.sum(axis=1, keepdims=True)
        drawn = (vectors.cumsum(axis=1) < rng.random((400, 1))).sum(axis=1)
        p_values.append(check_propensities(np.bincount(drawn, minlength=3).tolist(), vectors).p)
    assert stats.kstest(p_values, "uniform").pvalue > 0.001


def test_other_counts_than_the_propensities_say_break_the_split() -> None:
    vectors = np.tile([0.7, 0.2, 0.1], (3000, 1))
    assert check_propensities([1900, 800, 300], vectors).broken
    assert not check_propensities([2110, 595, 295], vectors).broken


def test_certain_decisions_can_only_fit() -> None:
    vectors = np.tile([1.0, 0.0], (50, 1))
    assert check_propensities([50, 0], vectors).p == 1.0
    assert check_propensities([49, 1], vectors).broken


@pytest.mark.parametrize(
    ("counts", "shares"), [([-1, 2], [0.5, 0.5]), ([1, 2], [0.5]), ([1, 2], [0, 0]), ([1, 2], [-0.5, 1.5])]
)
def test_impossible_counts_and_shares_are_refused(counts: list[float], shares: list[float]) -> None:
    with pytest.raises(UsageError):
        check_shares(counts, shares)


def test_the_watched_split_alarms_rarely_however_often_it_is_read() -> None:
    rng = np.random.default_rng(5)
    arms = rng.random((400, 200, 50)) < 0.5
    b = arms.sum(axis=2).cumsum(axis=1)
    n = 50 * np.arange(1, 201)
    alarms = [
        any(watch_shares([n[j] - b[i, j], b[i, j]], [0.5, 0.5]).p < 0.05 for j in range(9, 200, 10))
        for i in range(400)
    ]
    assert np.mean(alarms) <= 0.05
    assert watch_shares([10_000, 11_000], [0.5, 0.5]).broken
    assert watch_shares([5, 5, 1], [0.5, 0.5, 0.0]).p == 0.0


def test_the_mixture_is_the_dirichlet_multinomial() -> None:
    counts, shares, concentration = [30, 50], [0.4, 0.6], 200.0
    mixed = stats.dirichlet_multinomial([80.0, 120.0], 80).logpmf(counts)
    plain = stats.multinomial(80, shares).logpmf(counts)
    found = watch_shares(counts, shares, concentrations=[concentration])
    assert found.log_e == pytest.approx(float(mixed - plain), rel=1e-9)


def test_parts_of_the_traffic_are_corrected_for_their_number() -> None:
    parts = {("device", "phone"): [500, 510], ("device", "desktop"): [300, 200], ("country", "DE"): [90, 95]}
    found = check_dimensions(parts, [0.5, 0.5])
    assert [c.broken for c in found] == [False, True, False]
    assert found[1].p_adjusted == pytest.approx(3 * found[1].check.p)
