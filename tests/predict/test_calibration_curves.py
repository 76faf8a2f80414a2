"""Calibration maps: their contract, outside references (scikit-learn), and data with a known miscalibration."""

import numpy as np
import pytest
from scipy import sparse, special
from sklearn.isotonic import IsotonicRegression
from sklearn.linear_model import LogisticRegression

from adwright.errors import NotFoundError
from adwright.predict.calibration.calibration_config import CalibrationConfig
from adwright.predict.calibration.choice import choose_curve, clusters_of, deal_folds
from adwright.predict.calibration.curve import Curve, CurveKind
from adwright.predict.calibration.isotonic import isotonic_rates
from adwright.predict.calibration.registry import CURVES, curve_named
from adwright.predict.mixed_logistic import Evidence
from adwright.predict.models.nuisance import Nuisance
from adwright.predict.rows import Rows
from adwright.stats.calibration import log_loss

PLAIN = Nuisance(0.0, 0.0)
"""Neither content effects nor levels: every trial counts the same."""


def evidence(y, n=None):
    n = np.ones(len(y)) if n is None else n
    size = len(y)
    return Evidence(
        sparse.csr_matrix((size, 1)), y, n, np.ones(size), np.zeros(size, np.intp), 1, float("inf")
    )


def draw(bend, *, size=20_000, seed=0):
    """(score, labels, true rate): the truth is `bend` of the score, a log-odds."""
    rng = np.random.default_rng(seed)
    score = rng.normal(0, 1.5, size)
    rate = bend(score)
    return score, (rng.random(size) < rate).astype(float), rate


def flat_above(score):
    """No line: the rate rises up to a score of 0 and stays there."""
    return special.expit(2 * np.minimum(score, 0.0))


def rows(score, y, n=None, group=None):
    n = np.ones(len(y)) if n is None else n
    return Rows(sparse.csr_matrix((len(y), 1)), y, n, np.arange(len(y)), group, knows_content=True)


def rates(curve, score, y):
    """What the curve says, with the intercept that matches the mean."""
    from adwright.predict.calibration.intercept import matching_intercept

    part = rows(score, y)
    shape = curve.log_odds(score)
    return special.expit(shape + matching_intercept(shape, part, np.ones(len(y)), prior=part))


# --- the contract, for every registered map ---------------------------------------------------------------------


@pytest.mark.parametrize("name", CURVES.names())
def test_a_map_keeps_the_protocol_and_comes_back_from_json(name):
    kind = curve_named(name)
    assert isinstance(kind, CurveKind)
    assert kind.name == name
    score, y, _ = draw(special.expit, size=3000)
    curve = kind.fit(score, evidence(y), prior_sd=0.5)
    assert isinstance(curve, Curve)
    again = kind.from_json(curve.to_json())
    assert np.array_equal(again.log_odds(score), curve.log_odds(score))
    assert again.slope == curve.slope


@pytest.mark.parametrize("name", CURVES.names())
@pytest.mark.parametrize(
    "bend", [special.expit, flat_above, lambda s: special.expit(-s), lambda s: 0.5 + 0 * s]
)
def test_a_map_never_falls_and_is_finite(name, bend):
    score, y, _ = draw(bend, size=3000)
    curve = curve_named(name).fit(score, evidence(y), prior_sd=0.5)
    seen = curve.log_odds(np.linspace(-60, 60, 4001))
    assert np.isfinite(seen).all()
    assert (np.diff(seen) >= -1e-12).all()


@pytest.mark.parametrize("name", CURVES.names())
@pytest.mark.parametrize("y", [np.zeros(50), np.ones(50)])
def test_a_map_survives_one_class(name, y):
    curve = curve_named(name).fit(np.linspace(-1, 1, 50), evidence(y), prior_sd=0.5)
    assert np.isfinite(curve.log_odds(np.array([-5.0, 0.0, 5.0]))).all()


@pytest.mark.parametrize("name", CURVES.names())
def test_counts_are_worth_as_much_as_their_labels(name):
    """2,000 rows of 4 labels, or of counts of 4: the same map."""
    rng = np.random.default_rng(3)
    score = rng.normal(0, 1, 2000)
    y = rng.binomial(4, special.expit(0.6 * score)).astype(float)
    labels = (np.arange(4) < y[:, None]).astype(float).ravel()
    kind = curve_named(name)
    a = kind.fit(score, evidence(y, np.full(2000, 4.0)), prior_sd=0.5)
    b = kind.fit(np.repeat(score, 4), evidence(labels), prior_sd=0.5)
    seen = np.linspace(-2, 2, 21)
    assert a.log_odds(seen) == pytest.approx(b.log_odds(seen), abs=1e-5)


def test_an_unknown_map_names_the_nearest():
    with pytest.raises(NotFoundError, match="isotonic"):
        curve_named("isotonik")


# --- outside references -----------------------------------------------------------------------------------------


def test_platt_is_scikit_learns_logistic_regression():
    score, y, _ = draw(lambda s: special.expit(-1 + 0.4 * s))
    curve = curve_named("platt").fit(score, evidence(y), prior_sd=np.inf)
    reference = LogisticRegression(C=np.inf, tol=1e-10).fit(score[:, None], y)
    assert curve.slope == pytest.approx(reference.coef_[0, 0], rel=1e-4)


def test_beta_is_scikit_learns_logistic_regression_on_two_logarithms():
    """Kull, Silva Filho and Flach's algorithm 1, from their description."""
    score, y, _ = draw(lambda s: special.expit(1.5 * -np.logaddexp(0, -s) + 0.5 * np.logaddexp(0, s)))
    curve = curve_named("beta").fit(score, evidence(y), prior_sd=np.inf)
    q = special.expit(curve.intercept + curve.slope * score)
    two = np.column_stack([np.log(q), -np.log1p(-q)])
    reference = LogisticRegression(C=np.inf, tol=1e-10, max_iter=1000).fit(two, y)
    assert [curve.a, curve.b] == pytest.approx(reference.coef_[0].tolist(), rel=1e-3)


@pytest.mark.parametrize("seed", range(3))
def test_pooling_is_scikit_learns_isotonic_regression(seed):
    rng = np.random.default_rng(seed)
    score = np.round(rng.normal(0, 1, 400), 1)  # with ties
    n = rng.integers(1, 50, 400).astype(float)
    rate = rng.binomial(n.astype(int), special.expit(score)) / n
    reference = IsotonicRegression().fit(score, rate, sample_weight=n).predict(score)
    assert isotonic_rates(score, rate, n) == pytest.approx(reference, abs=1e-12)


def test_isotonic_passes_near_scikit_learns_blocks():
    """The block's own rate but for the one success that is added: within 1 / (its trials)."""
    score, y, _ = draw(flat_above, size=5000)
    curve = curve_named("isotonic").fit(score, evidence(y), prior_sd=0.5)
    reference = IsotonicRegression().fit(score, y)
    block = reference.predict(score)
    for value in np.unique(block):
        inside = block == value
        said = special.expit(curve.log_odds(np.array([score[inside].mean()])))[0]
        assert abs(said - value) < 1.5 / inside.sum() + 1e-9


# --- known miscalibration ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "bend"),
    [
        ("platt", lambda s: special.expit(-1 + 0.4 * s)),
        ("beta", lambda s: special.expit(1.8 * -np.logaddexp(0, -s) + 0.4 * np.logaddexp(0, s))),
        ("isotonic", flat_above),
    ],
)
def test_each_map_undoes_its_own_kind_of_miscalibration(name, bend):
    """On fresh draws the rate is within 0.02 of the truth on average; the scores as they are err by over 0.04."""
    score, y, _ = draw(bend)
    curve = curve_named(name).fit(score, evidence(y), prior_sd=0.5)
    fresh, again, truth = draw(bend, seed=1)
    found = rates(curve, fresh, again)
    assert np.abs(found - truth).mean() < 0.02
    assert np.abs(special.expit(fresh) - truth).mean() > 0.04


def test_the_slope_of_beta_and_isotonic_leaves_levels_of_groups_out_of_platts_line():
    """Groups with good weeks hold the higher scores: a line without levels would be three times too steep."""
    rng = np.random.default_rng(5)
    group = np.repeat(np.arange(200), 20)
    level = rng.normal(0, 0.7, 200)
    score = 0.5 * level[group] + rng.normal(0, 0.35, 4000)
    y = rng.binomial(500, special.expit(-3 + level[group] + 0.5 * score)).astype(float)
    part = rows(score, y, np.full(4000, 500.0), group)
    with_levels = Nuisance(0.0, 0.7**2).evidence(part)
    for name in CURVES.names():
        assert curve_named(name).fit(score, with_levels, prior_sd=0.5).slope == pytest.approx(0.5, abs=0.1)
    assert curve_named("platt").fit(score, evidence(y, part.trials), prior_sd=0.5).slope > 1.0


# --- the choice -------------------------------------------------------------------------------------------------


def choose(score, y, method="auto", group=None):
    part = rows(score, y, group=group)
    return choose_curve(score, part, PLAIN, config=CalibrationConfig(method=method), prior=part)


def test_a_straight_line_is_left_to_platt():
    chosen = [choose(*draw(lambda s: special.expit(0.5 * s), size=3000, seed=i)[:2]).name for i in range(8)]
    assert chosen.count("platt") >= 7


def test_a_bend_is_seen_by_cross_validation_and_lowers_the_loss_on_fresh_rows():
    score, y, _ = draw(flat_above)
    found = choose(score, y)
    assert found.name == "isotonic"
    assert found.gains["isotonic"][0] > 2 * found.gains["isotonic"][1]
    fresh, again, _ = draw(flat_above, seed=1)
    platt = choose(score, y, "platt").curve
    gain = log_loss(rates(platt, fresh, again), again) - log_loss(rates(found.curve, fresh, again), again)
    assert gain.mean() > 2 * gain.std() / np.sqrt(len(gain))


@pytest.mark.parametrize("name", CURVES.names())
def test_the_recipe_may_say_which(name):
    score, y, _ = draw(special.expit, size=2000)
    assert choose(score, y, name).name == name


def test_few_outcomes_choose_nothing():
    score, y, _ = draw(flat_above, size=150)
    found = choose(score, y)
    assert (found.name, found.reason) == ("platt", "calibrate has too few outcomes to choose by")


def test_folds_hold_whole_groups():
    rng = np.random.default_rng(0)
    part = rows(np.zeros(500), np.zeros(500), group=rng.integers(0, 40, 500) * 7)
    cluster = clusters_of(part)
    folds = deal_folds(rng.normal(size=500), cluster, 5)
    assert set(folds) == set(range(5))
    assert all(len(set(folds[cluster == c])) == 1 for c in set(cluster))
