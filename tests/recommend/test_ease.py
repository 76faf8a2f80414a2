from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import numpy as np
import polars as pl
import pytest

from adwright.recommend.config import EaseConfig, RecommendConfig
from adwright.recommend.histories import encode
from adwright.recommend.models.ease import Ease, by_visit
from adwright.recommend.ranking import mean_ndcg
from recommend.shop_of_tastes import NOW, fit_data, products, task

PUBLISHED = EaseConfig(l2=(5.0,), together=(0.0,), tags=(0.0,), half_life_days=1e9)


def test_the_weights_are_those_of_the_published_formula() -> None:
    """Steck 2019, eq. 8, with numpy's inverse."""
    data = fit_data(RecommendConfig(ease=PUBLISHED))
    x = (data.histories.matrix().toarray() > 0).astype(float)
    model = Ease().fit(data)
    inverse = np.linalg.inv(x.T @ x + 5.0 * np.eye(x.shape[1]))
    published = -inverse / np.diag(inverse)
    np.fill_diagonal(published, 0.0)
    np.testing.assert_allclose(model.score(data.histories, NOW), x @ published, atol=1e-5)


def test_what_is_bought_in_one_visit_counts_more() -> None:
    data = fit_data(RecommendConfig(ease=PUBLISHED))
    apart = Ease().fit(data)
    wide = replace(PUBLISHED, together=(2.0,), together_minutes=5 * 24 * 60.0)
    together = Ease().fit(replace(data, config=RecommendConfig(ease=wide)))
    pair = (0, 1)  # neighbours in the walk, a day apart
    assert together.weights[pair] > apart.weights[pair]


def test_a_product_that_nobody_bought_is_found_by_its_tags() -> None:
    data = fit_data(RecommendConfig(ease=replace(PUBLISHED, tags=(3.0,))))
    catalogue = data.products.with_columns(
        product_type=pl.when(pl.col("id") == "unsold-0").then(pl.lit("Group 1")).otherwise("product_type")
    )
    scores = Ease().fit(replace(data, products=catalogue)).score(data.histories, NOW)
    unsold = catalogue["id"].to_list().index("unsold-0")
    group = np.array([int(c[1:]) % 3 for c in data.histories.customer_ids])
    assert scores[group == 1, unsold].min() > scores[group != 1, unsold].max()


def test_visits_hold_what_one_customer_did_within_the_window() -> None:
    def pairs(gap_s: float, window_s: float, second: str = "a") -> float:
        at = [NOW, NOW + timedelta(seconds=gap_s)]
        seen = pl.DataFrame(
            {
                "customer_id": ["a", second],
                "product_id": ["0-0", "0-1"],
                "at": at,
                "kind": "buy",
                "weight": 1.0,
            }
        )
        visits = by_visit(encode(seen, products()["id"]), window_s).toarray()
        return float((visits.T @ visits)[0, 1])

    assert pairs(0, 600) == pytest.approx(1.0)
    assert pairs(299, 600) >= 0.5 - 1e-9  # half a window: at least one of the two layings holds both
    assert pairs(601, 600) == 0.0
    assert pairs(0, 600, second="b") == 0.0


def test_beyond_the_cap_the_most_bought_take_part_and_a_note_says_so() -> None:
    data = fit_data(RecommendConfig(ease=replace(PUBLISHED, max_items=4)))
    model = Ease().fit(data)
    assert len(model.kept) == 4
    scores = model.score(data.histories, NOW)
    others = np.setdiff1d(np.arange(data.n_items), model.kept)
    assert (scores[:, others] == 0).all()
    assert "4 products" in data.notes[0]


def test_the_ridge_is_chosen_on_tune() -> None:
    grid = EaseConfig(l2=(0.001, 1e9, 30.0), together=(0.0,), tags=(0.0,))
    reached = {}
    for l2 in grid.l2:
        alone = RecommendConfig(ease=replace(grid, l2=(l2,)))
        reached[l2] = mean_ndcg(Ease().fit(fit_data(alone)), task(), k=10)
    assert len(set(reached.values())) > 1
    chosen = Ease().fit(fit_data(RecommendConfig(ease=grid), tune=task()))
    assert reached[chosen.l2] == max(reached.values())
    assert Ease().refit(chosen, fit_data(RecommendConfig(ease=grid))).l2 == chosen.l2


def test_the_next_product_of_the_walk_is_found() -> None:
    data = fit_data(tune=task())
    model = Ease().fit(data)
    scores = model.score(data.histories, NOW)
    group = np.array([int(c[1:]) % 3 for c in data.histories.customer_ids])
    scores[data.histories.matrix().toarray() > 0] = -np.inf
    assert (scores.argmax(axis=1) // 6 == group).all()
