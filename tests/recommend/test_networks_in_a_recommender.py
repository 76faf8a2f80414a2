from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import polars as pl
import pytest

from adwright.recommend import Recommender, fit_recommender, load_recommender
from recommend.shop_of_tastes import NOW, SMALL, interactions, products

NETWORKS = ("sasrec", "two_tower", "semantic")
CONFIG = replace(SMALL, models=("popularity", *NETWORKS), tune_share=0.3)


@pytest.fixture(scope="module")
def recommender() -> Recommender:
    lines: list[str] = []
    made = fit_recommender(
        interactions(n_bought=5), products(), now=NOW, config=CONFIG, progress=lines.append
    )
    for name in NETWORKS:
        assert any(line.startswith(f"{name}: ") and "on tune" in line for line in lines), name
    return made


def test_the_tune_block_weighs_the_networks_like_any_other(recommender: Recommender) -> None:
    told = recommender.card["ndcg@10 on tune"]
    assert set(told) == {"popularity", *NETWORKS, "blend"}
    assert told["blend"] >= max(told[name] for name in NETWORKS) - 1e-9


def test_what_is_saved_answers_as_before(recommender: Recommender, tmp_path: Path) -> None:
    every = replace(
        recommender, blend=replace(recommender.blend, weights=dict.fromkeys(recommender.blend.models, 1.0))
    )
    every.save(tmp_path / "model")
    again = load_recommender(tmp_path / "model")
    asked = {"customer_ids": ["c0", "c1", "nobody"], "now": NOW + timedelta(days=1), "n": 5}
    before = every.recommend(interactions(), products(), **asked)
    after = again.recommend(interactions(), products(), **asked)
    assert before.height == 15
    assert after.drop("score").equals(before.drop("score"))
    assert (after["score"] - before["score"]).abs().max() < 1e-4  # type: ignore[operator]
    assert before["evidence_en"].str.len_chars().min() > 10  # type: ignore[operator]
    assert before.filter(pl.col("customer_id") == "nobody").height == 5
