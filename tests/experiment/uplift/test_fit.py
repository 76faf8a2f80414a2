"""Learners and their choice on a trial whose true effects are known."""

from __future__ import annotations

import numpy as np
import pytest

from adwright.errors import NotFoundError, UsageError
from adwright.experiment.uplift import (
    LEARNERS,
    Trial,
    analyse_uplift,
    effect_scores,
    fit_uplift,
    randomised_trial,
)
from adwright.schema import F64

N = 3000


def known(n: int = N, *, apart: float = 2.0, seed: int = 0) -> tuple[Trial, F64]:
    """An effect of 1 + apart where the first feature is above 0, and 1 - apart elsewhere."""
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(n, 3))
    arm = rng.integers(2, size=n)
    effect = 1.0 + apart * np.sign(x[:, 0])
    outcome = 5.0 + x[:, 1] + arm * effect + rng.normal(size=n)
    return randomised_trial(x, arm=arm, outcome=outcome, allow_negative=True), effect


@pytest.mark.parametrize("name", list(LEARNERS))
def test_every_learner_finds_who_gains_and_who_loses(name: str) -> None:
    trial, effect = known(1500)
    fitted = LEARNERS[name]().fit(trial, rng=np.random.default_rng(1))
    found = fitted.predict(trial.features)[:, 0]
    assert np.sqrt(np.mean((found - effect) ** 2)) < 1.0  # a constant effect errs by 2
    assert np.corrcoef(found, effect)[0, 1] > 0.9


def test_scores_with_no_model_are_inverse_weighted_outcomes() -> None:
    trial, _ = known(50)
    scores = effect_scores(trial, np.zeros((50, 2)))[:, 0]
    share = trial.propensity[0, 1]
    by_hand = np.where(trial.arm == 1, trial.outcome / share, -trial.outcome / (1 - share))
    assert scores == pytest.approx(by_hand)


def test_the_analysis_of_a_strong_effect_sends_to_those_who_gain() -> None:
    trial, _ = known()
    result = analyse_uplift(trial, rng=np.random.default_rng(0), learners=("S", "DR"), n_folds=2)
    curve = result.curves["treatment 1"]
    assert curve.effect.low <= 1.0 + 0.2
    assert curve.effect.high >= 1.0 - 0.2
    assert curve.qini.low > 0  # the true one is 2 x 1/4 = 0.5
    assert curve.qini.value == pytest.approx(0.5, abs=0.1)
    assert result.earning.sent[0] == pytest.approx(0.5, abs=0.05)
    assert result.earning.value.value == pytest.approx(1.5, abs=0.2)  # half of them gain 3
    assert not result.earning.is_within_noise
    assert result.fit.learner in result.fit.reason["en"]


def test_where_all_have_the_same_effect_the_ordering_is_within_noise_and_everybody_gets_it() -> None:
    trial, _ = known(apart=0.0)
    result = analyse_uplift(trial, rng=np.random.default_rng(0), learners=("S",), n_folds=2)
    assert result.earning.sent[0] == pytest.approx(1.0, abs=0.02)
    assert result.earning.is_within_noise
    assert any("within noise" in line for line in result.findings["en"])
    assert any("噪声" in line for line in result.findings["zh"])
    assert np.ptp(result.fit.predicted) < 0.5


def test_new_customers_are_scored_like_those_of_the_trial() -> None:
    trial, _ = known()
    fit = fit_uplift(trial, rng=np.random.default_rng(0), learners=("S",), n_folds=2)
    fresh, effect = known(500, seed=9)
    assert np.sqrt(np.mean((fit.model.predict(fresh.features)[:, 0] - effect) ** 2)) < 0.8


def test_three_arms_have_an_effect_each() -> None:
    rng = np.random.default_rng(0)
    x, arm = rng.normal(size=(3000, 2)), rng.integers(3, size=3000)
    outcome = (rng.random(3000) < np.array([0.1, 0.2, 0.4])[arm]).astype(float)
    result = analyse_uplift(randomised_trial(x, arm=arm, outcome=outcome, arms=["none", "a", "b"]),
                            rng=rng, learners=("S",), n_folds=2)  # fmt: skip
    assert result.curves["a"].effect.low <= 0.1 <= result.curves["a"].effect.high
    assert result.curves["b"].effect.low <= 0.3 <= result.curves["b"].effect.high
    assert result.earning.sent[1] > 0.9


def test_requests_are_checked() -> None:
    trial, _ = known(200)
    with pytest.raises(NotFoundError, match="learner"):
        fit_uplift(trial, rng=np.random.default_rng(0), learners=("R",))
    with pytest.raises(UsageError, match="n_folds"):
        fit_uplift(trial, rng=np.random.default_rng(0), n_folds=1)
