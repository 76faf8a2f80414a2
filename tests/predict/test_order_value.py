import numpy as np
import pytest
from scipy import sparse

from adwright.predict.order_value import OrderRows, fit_order_value

RIDGES = (0.1, 1.0, 10.0, 100.0)


def draw(seed, n=400, tau=300.0, sigma=2000.0, effect=800.0, orders=40):
    rng = np.random.default_rng(seed)
    x = rng.integers(0, 2, (n, 3)).astype(float)
    expected = 5000 + effect * x[:, 0] - effect * x[:, 1]
    count = rng.integers(1, 2 * orders, n).astype(float)
    value = expected + tau * rng.standard_normal(n) + sigma * rng.standard_normal(n) / np.sqrt(count)
    return OrderRows(sparse.csr_matrix(x), value, count, np.arange(n), np.zeros(n)), expected


def fit(parts, **changes):
    return fit_order_value(*[part for part, _ in parts], ridges=RIDGES, currency="EUR", **changes)


def test_it_recovers_expected_values_and_their_spread_between_contents():
    """tau from 300 squared residuals: its relative standard error is about 1 / sqrt(2 x 300), 4 %."""
    model = fit([draw(0), draw(1), draw(2, n=300)])
    fresh, expected = draw(3)
    found = model.predict(fresh.x, np.zeros(len(expected)))
    assert np.abs(found.mean_minor - expected).mean() < 100
    assert model.sd == pytest.approx(300, rel=0.2)
    assert found.currency == "EUR"


def test_the_spread_is_honest_about_new_contents():
    """|value - mean| <= 1.64 total sd in 90 % of 400 fresh contents; 4 standard errors are 6 %."""
    model = fit([draw(0), draw(1), draw(2)])
    fresh, _ = draw(4)
    found = model.predict(fresh.x, np.zeros(len(fresh.value)))
    total = np.sqrt(found.sd_minor**2 + 2000.0**2 / fresh.count)
    assert np.mean(np.abs(fresh.value - found.mean_minor) < 1.645 * total) == pytest.approx(0.9, abs=0.06)


def test_a_strange_text_is_less_certain():
    model = fit([draw(0), draw(1), draw(2)])
    sd = model.predict(draw(3)[0].x[:3], np.array([0.0, 0.5, 1.0])).sd_minor
    assert sd[0] < sd[1] < sd[2]


def test_with_few_rows_it_is_the_mean_and_says_so():
    model = fit([draw(0, n=5), draw(1, n=3), draw(2, n=30)])
    found = model.predict(draw(3)[0].x, np.zeros(400))
    assert np.ptp(found.mean_minor) == 0
    assert "their mean" in model.notes[0]


def test_one_order_a_content_leaves_the_spread_unknown_and_says_so():
    parts = [draw(i, n=100, orders=1) for i in range(3)]
    model = fit(parts)
    assert np.isnan(model.predict(parts[0][0].x, np.zeros(100)).sd_minor).all()
    assert "cannot be known" in model.notes[-1]


@pytest.mark.parametrize("n_tune", [200, 5])
def test_one_order_a_content_is_learned_from_all_the_same(n_tune):
    """An order a row, as labels have it, is the common case. Truth moves by 800 around an order's 300 + 600."""
    parts = [draw(seed, n=n, sigma=600.0, orders=1) for seed, n in enumerate((600, n_tune, 200))]
    fresh, expected = draw(9)
    found = fit(parts).predict(fresh.x, np.zeros(len(expected))).mean_minor
    assert np.corrcoef(found, expected)[0, 1] > 0.9


def test_expectations_stay_within_what_training_saw():
    model = fit([draw(0), draw(1), draw(2)])
    wild = model.predict(sparse.csr_matrix([[1e6, 0, 0], [-1e6, 0, 0]]), np.zeros(2)).mean_minor
    assert wild.tolist() == [model.limits[1], model.limits[0]]
