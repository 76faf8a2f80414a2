"""The posterior of the content effect: conjugate, additive, and aware of the siblings' common level."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import special, stats

from adwright.errors import DataError, UsageError
from adwright.schema import Rate
from adwright.stats.contrast import Evidence, posterior


def gamma_rate(k: list[float], *, mean: float = 0.02, level_sd: float = 0.0) -> Rate:
    n = len(k)
    return Rate(mean=np.full(n, mean), k=np.array(k), level_sd=np.full(n, level_sd))


def test_posterior_is_the_conjugate_gamma() -> None:
    rate = gamma_rate([50.0, 8.0])
    seen = Evidence(np.array([30.0, 2.0]), np.array([20.0, 5.0]))
    after = posterior(rate, seen)
    assert after.mean() == pytest.approx([80 / 70, 10 / 13])
    draws = after.sample(100_000, rng=np.random.default_rng(0))
    for column, (shape, scale) in enumerate([(80, 1 / 70), (10, 1 / 13)]):
        assert stats.kstest(draws[:, column], stats.gamma(shape, scale=scale).cdf).pvalue > 1e-3


@settings(max_examples=50, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 40), st.integers(0, 400)), min_size=1, max_size=8), st.randoms())
def test_order_and_batching_of_outcomes_do_not_matter(rows: list[tuple[int, int]], order: object) -> None:
    """One batch, one row at a time, or shuffled: the same posterior to the last digit that adds."""
    rate = gamma_rate([30.0], level_sd=0.4)
    trials = np.array([float(clicks + more) for clicks, more in rows])
    clicks = np.array([float(c) for c, _ in rows])
    index = np.zeros(len(rows), dtype=np.intp)
    mean = np.full(len(rows), 0.02)
    whole = Evidence.collect(content=index, n_contents=1, successes=clicks, trials=trials, mean=mean)
    shuffled = list(range(len(rows)))
    order.shuffle(shuffled)  # type: ignore[attr-defined]
    total = Evidence.none(1)
    for i in shuffled:
        part = [i]
        total = total + Evidence.collect(
            content=index[part], n_contents=1, successes=clicks[part], trials=trials[part], mean=mean[part]
        )
    assert posterior(rate, total).mean() == pytest.approx(posterior(rate, whole).mean(), rel=1e-12)


def test_evidence_is_personal_through_the_predicted_means() -> None:
    """The same clicks count for less where the customers were expected to click more."""
    rate = gamma_rate([40.0, 40.0])
    seen = Evidence.collect(
        content=np.array([0, 1]),
        n_contents=2,
        successes=np.array([10.0, 10.0]),
        trials=np.array([500.0, 500.0]),
        mean=np.array([0.02, 0.04]),
    )
    mean = posterior(rate, seen).mean()
    assert mean[0] == pytest.approx(50 / 50)
    assert mean[1] == pytest.approx(50 / 60)


def test_a_content_without_outcomes_is_not_preferred_because_the_level_is_low() -> None:
    """All siblings earn half of what was predicted; the one not yet shown is expected to as well."""
    rate = gamma_rate([100.0] * 4, level_sd=0.5)
    seen = Evidence(np.array([50.0, 50.0, 50.0, 0.0]), np.array([100.0, 100.0, 100.0, 0.0]))
    alone = posterior(rate, seen).mean()
    together = posterior(rate, seen, shared_level=True)
    assert alone[3] / alone[0] > 1.3
    assert together.mean()[3] / together.mean()[0] == pytest.approx(1.0, abs=0.03)
    assert together.level == pytest.approx(0.5, abs=0.06)


def test_shared_level_matches_two_dimensional_quadrature() -> None:
    rate = gamma_rate([12.0, 12.0], level_sd=0.6)
    seen = Evidence(np.array([9.0, 2.0]), np.array([6.0, 6.0]))

    x = np.linspace(-3.5, 3.5, 1201)[:, None]  # log L
    r = np.linspace(1e-3, 5, 1500)[None, :]
    prior = stats.norm.pdf(x, -0.18, 0.6) * stats.gamma.pdf(r, 12, scale=1 / 12)
    # the second content's effect is integrated out in closed form: negative binomial in L
    second = stats.nbinom.pmf(2, 12, 12 / (12 + 6 * np.exp(x)))
    joint = prior * stats.poisson.pmf(9, 6 * np.exp(x) * r) * second
    expected = (joint * r).sum() / joint.sum()
    assert posterior(rate, seen, shared_level=True).mean()[0] == pytest.approx(expected, rel=1e-4)


def test_logistic_posterior_matches_quadrature() -> None:
    tau, mean, trials, clicks = 0.5, 0.4, 60.0, 33.0
    rate = Rate(
        mean=np.array([mean]),
        k=np.array([1 / (tau * (1 - mean)) ** 2]),
        level_sd=np.array([0.0]),
        family="logistic",
    )
    seen = Evidence.collect(
        content=np.array([0]),
        n_contents=1,
        successes=np.array([clicks]),
        trials=np.array([trials]),
        mean=np.array([mean]),
        family="logistic",
    )
    u = np.linspace(-4, 4, 20_001)
    p = special.expit(special.logit(mean) + u)
    density = stats.norm.pdf(u, 0, tau) * stats.binom.pmf(clicks, trials, p)
    expected = (u * density).sum() / density.sum()
    after = posterior(rate, seen)
    assert after.mean()[0] == pytest.approx(expected, abs=0.01)
    draws = after.sample(50_000, rng=np.random.default_rng(1))
    spread = np.sqrt(((u - expected) ** 2 * density).sum() / density.sum())
    assert draws.std() == pytest.approx(spread, rel=0.03)


def test_logistic_siblings_share_their_level() -> None:
    rng = np.random.default_rng(2)
    mean = np.full(6, 0.4)
    rate = Rate(mean=mean, k=np.full(6, 60.0), level_sd=np.full(6, 0.5), family="logistic")
    trials = np.array([400.0] * 5 + [0.0])
    clicks = np.append(rng.binomial(400, special.expit(special.logit(0.4) - 0.7), 5).astype(float), 0.0)
    seen = Evidence.collect(
        content=np.arange(6),
        n_contents=6,
        successes=clicks,
        trials=trials,
        mean=mean,
        family="logistic",
    )
    after = posterior(rate, seen, shared_level=True)
    assert after.level == pytest.approx(-0.7, abs=0.25)
    assert abs(after.mean()[5]) < 0.1


def test_unknown_strength_is_refused_with_what_to_do() -> None:
    with pytest.raises(DataError, match="content column"):
        posterior(gamma_rate([float("nan")]))


def test_two_families_do_not_add() -> None:
    with pytest.raises(UsageError, match="two families"):
        Evidence.none(2) + Evidence.none(2, family="logistic")


def test_more_successes_than_trials_is_refused() -> None:
    with pytest.raises(DataError, match="row 0"):
        Evidence.collect(
            content=np.array([0]),
            n_contents=1,
            successes=np.array([3.0]),
            trials=np.array([2.0]),
            mean=np.array([0.1]),
        )
