"""Products that nobody had yet, by what they are like."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from adwright.recommend import RecommendConfig, Recommender, RulesConfig, fit_recommender, load_recommender
from adwright.recommend.metrics import hits, n_relevant, recall
from adwright.recommend.newcomers import choose_trust, find_newcomers
from adwright.recommend.ranking import rank_task
from recommend import shop_of_words
from recommend.shop_of_words import NOW

CONFIG = RecommendConfig(rules=RulesConfig(not_again_days=0))
DATA = shop_of_words.fit_data(CONFIG)


def bought() -> pl.DataFrame:
    histories = DATA.histories
    at = pl.from_epoch(pl.Series(histories.at_s.astype(np.int64)), "s").dt.replace_time_zone("UTC")
    return pl.DataFrame(
        {
            "customer_id": [histories.customer_ids[row] for row in histories.rows],
            "product_id": [f"p{item}" for item in histories.items],
            "at": at.cast(pl.Datetime("us", "UTC")),
            "kind": "buy",
            "weight": 1.0,
        }
    )


@pytest.fixture(scope="module")
def model() -> Recommender:
    return fit_recommender(bought(), DATA.products, now=NOW, config=CONFIG)


def test_products_never_sold_reach_those_who_like_their_words(model: Recommender) -> None:
    task = shop_of_words.cold_products(DATA)

    def cold_recall(blend: object) -> float:
        ranked = rank_task(blend, task, 20)  # type: ignore[arg-type]
        return float(np.nanmean(recall(hits(ranked, task.targets), n_relevant(task.targets), 20)))

    assert model.blend.newcomers is not None
    assert cold_recall(replace(model.blend, newcomers=None)) < 0.1
    assert cold_recall(model.blend) > 0.5


def test_each_newcomer_is_like_products_of_its_own_theme() -> None:
    found = find_newcomers(DATA.products, DATA.histories, trust=1.0, notes=[])
    assert found is not None
    assert len(found.items) == 5 * shop_of_words.N_UNSOLD
    weight = found.alike.toarray()
    same = found.items[:, None] % 5 == np.arange(DATA.n_items)[None, :] % 5
    assert ((weight * same).sum(axis=1) > 0.7 * weight.sum(axis=1)).all()
    assert (weight.sum(axis=1) <= 1 + 1e-6).all()


def test_a_sold_product_keeps_its_score() -> None:
    found = find_newcomers(DATA.products, DATA.histories, trust=1.0, notes=[])
    assert found is not None
    scores = np.random.default_rng(0).normal(size=(3, DATA.n_items)).astype(np.float32)
    lifted = found.lifted(scores)
    sold = np.setdiff1d(np.arange(DATA.n_items), found.items)
    np.testing.assert_array_equal(lifted[:, sold], scores[:, sold])
    np.testing.assert_allclose(lifted[:, found.items], scores @ found.alike.toarray().T, rtol=1e-4, atol=1e-6)


def test_without_words_nobody_can_say_what_a_newcomer_is_like() -> None:
    dumb = DATA.products.with_columns(title=pl.lit(None, dtype=pl.String))
    assert find_newcomers(dumb, DATA.histories, trust=1.0, notes=[]) is None


def test_newcomers_that_cost_the_others_their_places_are_not_trusted(model: Recommender) -> None:
    """Where every newcomer is the best of all, the products that are asked for are pushed out of the list."""
    found = find_newcomers(DATA.products, DATA.histories, trust=1.0, notes=[])
    assert found is not None
    task = shop_of_words.cold_customers(DATA)
    plain = replace(model.blend, newcomers=None)
    assert choose_trust(plain, replace(found, alike=found.alike * np.float32(50.0)), task) == 0.0


def test_its_evidence_names_what_the_customer_has_and_it_survives_the_disk(
    model: Recommender, tmp_path: Path
) -> None:
    unsold = [
        f"p{i}" for i in range(DATA.n_items) if i // 5 >= shop_of_words.N_OF_THEME - shop_of_words.N_UNSOLD
    ]
    gone = pl.when(~pl.col("id").is_in(unsold)).then(pl.lit("out_of_stock"))
    today = DATA.products.with_columns(availability=gone)
    answer = model.recommend(bought(), today, ["c0", "c1"], now=NOW, n=2)
    assert answer["because"].to_list() == ["alike"] * 4
    assert "shares words (garden" in answer["evidence_en"][0]
    model.save(tmp_path / "model")
    again = load_recommender(tmp_path / "model")
    assert again.recommend(bought(), today, ["c0", "c1"], now=NOW, n=2).equals(answer)
