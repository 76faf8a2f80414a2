"""Value per exposure against closed forms."""

from __future__ import annotations

import numpy as np
import pytest

from adwright.errors import UsageError
from adwright.schema import Effect, Goal, OrderValue, Rate
from adwright.stats.contrast import Evidence
from adwright.stats.value import value

N_DRAWS = 40_000


def make_effect(*, correlation: float = 0.0, ids: tuple[str, ...] = ("a", "b")) -> Effect:
    n = len(ids)
    return Effect(
        content_ids=ids,
        click=Rate(mean=np.full(n, 0.03), k=np.full(n, 40.0), level_sd=np.full(n, 0.5)),
        conversion=Rate(mean=np.full(n, 0.05), k=np.full(n, 20.0), level_sd=np.full(n, 0.2)),
        order_value=OrderValue(mean_minor=np.full(n, 8000.0), sd_minor=np.full(n, 500.0), currency="USD"),
        correlation=correlation,
    )


@pytest.mark.parametrize("scope", ["marginal", "contrast"])
def test_mean_is_the_product_of_the_parts(scope: str) -> None:
    got = value(make_effect(), Goal(), scope=scope, rng=np.random.default_rng(0), n_draws=N_DRAWS)  # type: ignore[arg-type]
    exact = 0.03 * 0.05 * 8000
    error = got.draws[:, 0].std() / np.sqrt(N_DRAWS)
    assert got.mean[0] == pytest.approx(exact, abs=5 * error)


def test_costs_returns_and_margin_are_taken_off() -> None:
    goal = Goal(
        kind="margin", margin_share=0.4, offer_cost_minor=300, exposure_cost_minor=0.5, return_rate=0.1
    )
    got = value(make_effect(), goal, rng=np.random.default_rng(0), scope="contrast", n_draws=N_DRAWS)
    exact = 0.03 * 0.05 * (8000 * 0.9 * 0.4 - 300) - 0.5
    assert got.mean[0] == pytest.approx(exact, abs=5 * got.draws[:, 0].std() / np.sqrt(N_DRAWS))


@pytest.mark.parametrize("correlation", [-0.8, -0.3, 0.5])
def test_correlated_click_and_conversion_move_the_mean_as_they_must(correlation: float) -> None:
    effect = make_effect(correlation=correlation)
    got = value(
        effect, Goal(kind="conversion"), rng=np.random.default_rng(1), scope="contrast", n_draws=N_DRAWS
    )
    # E[r1 r2] = 1 + corr sd1 sd2; normal-rank correlation of two mild gammas is within a tenth of corr
    exact = 0.03 * 0.05 * (1 + correlation / np.sqrt(40 * 20))
    slack = 0.03 * 0.05 * 0.1 * abs(correlation) / np.sqrt(40 * 20)
    assert got.mean[0] == pytest.approx(exact, abs=slack + 5 * got.draws[:, 0].std() / np.sqrt(N_DRAWS))
    assert np.sign(got.mean[0] - 0.0015) == np.sign(correlation)


def test_marginal_is_wider_than_contrast_by_the_level() -> None:
    wide = value(make_effect(), Goal(kind="click"), rng=np.random.default_rng(2), n_draws=N_DRAWS)
    narrow = value(
        make_effect(), Goal(kind="click"), scope="contrast", rng=np.random.default_rng(2), n_draws=N_DRAWS
    )
    relative = wide.draws[:, 0].var() / 0.03**2
    assert relative == pytest.approx(np.exp(0.25) * (1 + 1 / 40) - 1, rel=0.08)
    assert narrow.draws[:, 0].var() / 0.03**2 == pytest.approx(1 / 40, rel=0.05)


def test_rows_of_one_content_share_its_draw() -> None:
    got = value(
        make_effect(ids=("a", "a")), Goal(kind="click"), scope="contrast", rng=np.random.default_rng(3)
    )
    assert np.array_equal(got.draws[:, 0], got.draws[:, 1])


def test_evidence_moves_the_value_of_its_content_only() -> None:
    seen = Evidence(np.array([60.0, 0.0]), np.array([30.0, 0.0]))
    got = value(
        make_effect(),
        Goal(kind="click"),
        scope="contrast",
        click_evidence=seen,
        rng=np.random.default_rng(4),
        n_draws=N_DRAWS,
    )
    assert got.mean[0] == pytest.approx(0.03 * 100 / 70, rel=0.01)
    assert got.mean[1] == pytest.approx(0.03, rel=0.01)


def test_a_goal_that_the_effect_cannot_answer_is_an_error() -> None:
    only_clicks = Effect(content_ids=("a",), click=make_effect().take([0]).click)
    with pytest.raises(UsageError, match="conversion part"):
        value(only_clicks, Goal(kind="revenue"), rng=np.random.default_rng(0))


def test_goals_of_two_units_are_an_error() -> None:
    with pytest.raises(UsageError, match="one unit"):
        value(make_effect(), [Goal(kind="click"), Goal(kind="revenue")], rng=np.random.default_rng(0))
