from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from adwright.errors import DataError, UsageError
from adwright.experiment.inference import (
    AdjustedRatioSummary,
    AdjustedSummary,
    ClusteredQuantileSummary,
    MeanSummary,
    NormalPrior,
    ProportionSummary,
    QuantileSummary,
    RatioSummary,
    bayesian_reading,
    fieller,
    lift,
    scale_factor,
    t_test,
)


def mean_of(x: np.ndarray[tuple[int], np.dtype[np.float64]]) -> MeanSummary:
    return MeanSummary(n=len(x), total=x.sum(), squares=(x**2).sum())


def test_the_absolute_t_test_is_welchs() -> None:
    rng = np.random.default_rng(0)
    a, b = rng.exponential(2.0, 80), rng.exponential(2.5, 60)
    reference = stats.ttest_ind(b, a, equal_var=False)
    found = t_test(lift(mean_of(a), mean_of(b), scale="absolute"))
    assert float(found.p) == pytest.approx(reference.pvalue, rel=1e-9)
    interval = reference.confidence_interval()
    assert [float(found.low), float(found.high)] == pytest.approx([interval.low, interval.high])
    one_sided = t_test(lift(mean_of(a), mean_of(b), scale="absolute"), alternative="greater")
    assert float(one_sided.p) == pytest.approx(
        stats.ttest_ind(b, a, equal_var=False, alternative="greater").pvalue
    )


def test_p_values_do_not_underflow_in_the_logarithm() -> None:
    found = t_test(
        lift(ProportionSummary(n=10**6, successes=10_000), ProportionSummary(n=10**6, successes=20_000))
    )
    z = float(lift_z(10_000, 20_000))
    assert float(found.log_p) == pytest.approx(np.log(2) + stats.norm.logsf(z), rel=1e-3)
    assert np.isfinite(float(found.log_p))


def lift_z(a: float, b: float) -> float:
    effect = lift(ProportionSummary(n=10**6, successes=a), ProportionSummary(n=10**6, successes=b))
    return float(effect.point / effect.se)


def test_a_covariate_that_explains_half_of_the_variance_halves_it() -> None:
    rng = np.random.default_rng(1)
    n = 40_000
    before = rng.normal(size=(2, n))
    after = before + rng.normal(size=(2, n)) + np.array([[5.0], [5.1]])
    control, treatment = (
        AdjustedSummary(
            n=n,
            total=y.sum(),
            squares=(y**2).sum(),
            covariate_total=x.sum(),
            covariate_squares=(x**2).sum(),
            products=(x * y).sum(),
        )
        for x, y in zip(before, after, strict=True)
    )
    adjusted = lift(control, treatment, scale="absolute")
    raw = lift(mean_of(after[0]), mean_of(after[1]), scale="absolute")
    assert float((adjusted.se / raw.se) ** 2) == pytest.approx(0.5, abs=0.01)
    # the slope of an analysis of covariance, fitted by least squares on arm-centred data
    x, y = before - before.mean(), after - after.mean()
    theta = (x * y).sum() / (x**2).sum()
    by_hand = np.diff(after.mean(axis=1) - theta * before.mean(axis=1))[0]
    assert float(adjusted.point) == pytest.approx(by_hand, rel=1e-9)
    log = lift(control, treatment, scale="log")
    assert float(log.point) == pytest.approx(np.log1p(float(adjusted.point) / 5.0), abs=0.002)


def test_a_ratio_counts_customers_and_not_page_views() -> None:
    rng = np.random.default_rng(2)
    n, estimates, ses = 400, [], []
    for _ in range(400):
        views = rng.integers(1, 20, n).astype(float)
        clicks = rng.binomial(views.astype(int), np.repeat(rng.beta(2, 8, n), 1)).astype(float)
        one = RatioSummary(
            n=n,
            numerator=clicks.sum(),
            numerator_squares=(clicks**2).sum(),
            denominator=views.sum(),
            denominator_squares=(views**2).sum(),
            products=(clicks * views).sum(),
        ).moments()
        estimates.append(float(one.mean))
        ses.append(float(np.sqrt(one.se2)))
    assert np.mean(ses) == pytest.approx(np.std(estimates), rel=0.12)


def test_an_adjusted_ratio_without_help_is_the_plain_one() -> None:
    rng = np.random.default_rng(3)
    n = 5000
    m, d, m0, d0 = rng.poisson(3, (4, 2, n)).astype(float) + 1.0

    def ratio(top: np.ndarray[tuple[int], np.dtype[np.float64]], under: object) -> RatioSummary:
        low = np.asarray(under, dtype=np.float64)
        return RatioSummary(
            n=n,
            numerator=top.sum(),
            numerator_squares=(top**2).sum(),
            denominator=low.sum(),
            denominator_squares=(low**2).sum(),
            products=(top * low).sum(),
        )

    arms = [
        AdjustedRatioSummary(
            after=ratio(m[i], d[i]),
            before=ratio(m0[i], d0[i]),
            numerators=(m[i] * m0[i]).sum(),
            denominators=(d[i] * d0[i]).sum(),
            numerator_denominator=(m[i] * d0[i]).sum(),
            denominator_numerator=(d[i] * m0[i]).sum(),
        )
        for i in (0, 1)
    ]
    adjusted, plain = lift(arms[0], arms[1]), lift(arms[0].after, arms[1].after)
    assert float(adjusted.point) == pytest.approx(float(plain.point), abs=0.002)
    assert float(adjusted.se) <= float(plain.se) * 1.001


def test_clusters_of_one_row_leave_a_quantile_as_it_is() -> None:
    n, level = 2000.0, 0.5
    below = n * level
    plain = QuantileSummary(n=n, level=level, quantile=3.0, low=2.9, high=3.1)
    clustered = ClusteredQuantileSummary(
        n=n,
        level=level,
        quantile=3.0,
        low=2.9,
        high=3.1,
        below=below,
        below_squares=below,
        rows=n,
        rows_squares=n,
        products=below,
        n_clusters=n,
    )
    assert float(clustered.moments().variance) == pytest.approx(float(plain.moments().variance), rel=1e-3)


def test_many_comparisons_at_once_are_the_single_ones() -> None:
    n, k_a, k_b = np.array([[1000], [5000]]), np.array([[50, 60, 70]]), np.array([[55, 58, 90]])
    whole = t_test(lift(ProportionSummary(n=n, successes=k_a), ProportionSummary(n=n, successes=k_b)))
    assert whole.p.shape == (2, 3)
    one = t_test(lift(ProportionSummary(n=5000, successes=70), ProportionSummary(n=5000, successes=90)))
    assert whole.p[1, 2] == pytest.approx(float(one.p))


def test_an_arm_without_data_has_no_effect_and_a_reason() -> None:
    effect = lift(ProportionSummary(n=0, successes=0), ProportionSummary(n=100, successes=5))
    found = t_test(effect)
    assert np.isnan(found.p)
    assert "no data" in found.reason


def test_impossible_numbers_are_refused() -> None:
    with pytest.raises(DataError, match="negative count"):
        ProportionSummary(n=-1, successes=0).moments()
    with pytest.raises(DataError, match="more successes than units"):
        ProportionSummary(n=10, successes=11).moments()
    with pytest.raises(DataError, match="too small for the sum"):
        MeanSummary(n=10, total=100.0, squares=1.0).moments()
    with pytest.raises(UsageError, match="unknown scale"):
        lift(ProportionSummary(n=9, successes=1), ProportionSummary(n=9, successes=1), scale="odd")  # type: ignore[arg-type]


def test_fiellers_interval_is_the_delta_methods_where_the_denominator_is_sure() -> None:
    low, high = fieller(1.0, 0.001, mean_b=1.2, se_b=0.001)
    half = 1.96 * np.hypot(0.001, 1.2 * 0.001)
    assert [float(low), float(high)] == pytest.approx([1.2 - half, 1.2 + half], abs=1e-5)
    assert [float(x) for x in fieller(0.1, 0.2, mean_b=1.0, se_b=0.1)] == [-np.inf, np.inf]


def test_the_influence_of_the_prior_is_its_share_of_the_precision() -> None:
    effect = lift(ProportionSummary(n=10_000, successes=500), ProportionSummary(n=10_000, successes=570))
    same = NormalPrior(mean=0.0, variance=float(effect.se) ** 2)
    read = bayesian_reading(effect, prior=same)
    assert float(read.prior_share) == pytest.approx(0.5)
    assert float(read.mean) == pytest.approx(float(effect.point) / 2)
    assert float(read.without_prior) == pytest.approx(float(effect.point))


def test_a_scaled_effect_is_that_of_a_day_of_full_traffic() -> None:
    assert scale_factor(n_treatment=1000, traffic_share=0.5, n_days=10) == pytest.approx(200.0)
    assert scale_factor(n_treatment=1, n_total=6000, traffic_share=1.0, n_days=3) == pytest.approx(2000.0)
