"""The two variances are recovered from data drawn from the model, and told apart."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import special

from adwright.errors import DataError
from adwright.stats.content_effects import FOREIGN_LEVEL_SD, ContentEffects, fit_content_effects
from adwright.stats.rates import successes_interval

Draw = tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]


def draw(rng: np.random.Generator, *, n_groups: int, size: int, k: float, level_sd: float) -> Draw:
    group = np.repeat(np.arange(n_groups), size)
    level = np.exp(rng.normal(-(level_sd**2) / 2, level_sd, n_groups))[group]
    mean = np.exp(rng.normal(np.log(0.015), 0.2, len(group)))
    trials = rng.integers(500, 6000, len(group)).astype(float)
    effect = rng.gamma(k, 1 / k, len(group))
    return rng.poisson(trials * mean * level * effect).astype(float), trials, mean, group


def test_level_and_content_variance_are_recovered_within_a_tenth() -> None:
    y, n, m, g = draw(np.random.default_rng(5), n_groups=900, size=5, k=25.0, level_sd=0.5)
    fit = fit_content_effects(successes=y, trials=n, mean=m, content=np.arange(len(y)), group=g)
    assert fit.variance == pytest.approx(1 / 25, rel=0.12)
    assert fit.level_sd == pytest.approx(0.5, rel=0.1)
    assert fit.identified
    assert (fit.n_contents, fit.n_groups) == (4500, 900)


def test_no_spread_beyond_poisson_gives_a_variance_near_zero() -> None:
    rng = np.random.default_rng(6)
    g = np.repeat(np.arange(500), 4)
    n = rng.integers(2000, 8000, len(g)).astype(float)
    y = rng.poisson(n * 0.02).astype(float)
    fit = fit_content_effects(
        successes=y, trials=n, mean=np.full(len(g), 0.02), content=np.arange(len(g)), group=g
    )
    assert fit.variance < 1e-3
    assert fit.level_sd < 0.03


def test_rows_of_one_content_are_added_before_the_fit() -> None:
    y, n, m, g = draw(np.random.default_rng(7), n_groups=100, size=4, k=30.0, level_sd=0.4)
    whole = fit_content_effects(successes=y, trials=n, mean=m, content=np.arange(len(y)), group=g)
    first = np.floor(y / 3)
    halves = fit_content_effects(
        successes=np.concatenate([first, y - first]),
        trials=np.concatenate([np.ceil(n / 2), np.floor(n / 2)]),
        mean=np.concatenate([m, m]),
        content=np.concatenate([np.arange(len(y))] * 2),
        group=np.concatenate([g, g]),
    )
    assert halves.variance == pytest.approx(whole.variance, rel=1e-3)


def test_strange_texts_are_found_to_be_less_certain() -> None:
    rng = np.random.default_rng(8)
    g = np.repeat(np.arange(800), 5)
    strange = rng.uniform(0, 1, len(g))
    variance = 0.02 + 0.4 * strange
    n = np.full(len(g), 4000.0)
    effect = rng.gamma(1 / variance, variance)
    y = rng.poisson(n * 0.02 * effect).astype(float)
    fit = fit_content_effects(
        successes=y,
        trials=n,
        mean=np.full(len(g), 0.02),
        content=np.arange(len(g)),
        group=g,
        strangeness=strange,
    )
    assert fit.slope == pytest.approx(0.4, rel=0.15)
    k = fit.rate(np.array([0.02, 0.02]), strangeness=np.array([0.0, 1.0])).k
    assert k[1] < k[0] / 5


def test_a_foreign_model_widens_the_level() -> None:
    fit = ContentEffects("gamma", 0.03, 0.1, 0.4, n_contents=10, n_groups=3)
    rate = fit.rate(np.array([0.02, 0.02]), foreign=np.array([False, True]))
    assert rate.level_sd[1] == pytest.approx(np.hypot(0.4, FOREIGN_LEVEL_SD))


def test_without_groups_all_spread_is_content_and_the_note_says_so() -> None:
    y, n, m, _ = draw(np.random.default_rng(9), n_groups=600, size=1, k=20.0, level_sd=0.0)
    fit = fit_content_effects(successes=y, trials=n, mean=m, content=np.arange(len(y)))
    assert fit.variance == pytest.approx(1 / 20, rel=0.2)
    assert not fit.identified
    assert "content effect" in fit.note


def test_high_rates_take_the_logistic_family_and_cover() -> None:
    rng = np.random.default_rng(10)
    g = np.repeat(np.arange(400), 4)
    m = rng.uniform(0.25, 0.6, len(g))
    n = rng.integers(100, 500, len(g))
    shift = rng.normal(0, 0.4, 400)[g] + rng.normal(0, 0.2, len(g))
    y = rng.binomial(n, special.expit(special.logit(m) + shift)).astype(float)
    fit = fit_content_effects(successes=y, trials=n.astype(float), mean=m, content=np.arange(len(g)), group=g)
    assert fit.family == "logistic"
    assert np.sqrt(fit.variance) == pytest.approx(0.2, rel=0.15)
    assert fit.level_sd == pytest.approx(0.4, rel=0.15)
    low, high = successes_interval(fit.rate(m), n.astype(float))
    assert 0.88 <= np.mean((y >= low) & (y <= high)) <= 0.94


def test_impossible_counts_are_named() -> None:
    with pytest.raises(DataError, match="row 1"):
        fit_content_effects(
            successes=np.array([1.0, 9.0]),
            trials=np.array([5.0, 5.0]),
            mean=np.array([0.1, 0.1]),
            content=np.array(["a", "b"]),
        )


def test_json_round_trip_keeps_nan() -> None:
    unknown = ContentEffects.unknown("one label a row")
    back = ContentEffects.from_json(unknown.to_json())
    assert np.isnan(back.variance)
    assert back.note == "one label a row"
