from __future__ import annotations

import numpy as np
import pytest
import torch

from adwright.recommend.config import RecommendConfig
from adwright.recommend.histories import encode
from adwright.recommend.metrics import hits, n_relevant, recall
from adwright.recommend.models.model import FitData, FittedRecommender, Task
from adwright.recommend.models.popularity import Popularity
from adwright.recommend.models.two_tower import TwoTower, TwoTowers
from adwright.recommend.network_config import TwoTowerConfig
from adwright.recommend.networks.towers import N_CUSTOMER_HASHES, Towers
from adwright.recommend.ranking import best, rank_task
from adwright.recommend.words import customer_words
from recommend import shop_of_tastes, shop_of_words
from recommend.shop_of_tastes import NOW

CONFIG = RecommendConfig(
    two_tower=TwoTowerConfig(size=16, n_hashes=4_096, n_epochs=16, batch=256, learning_rate=0.01)
)


@pytest.fixture(scope="module")
def data() -> FitData:
    return shop_of_words.fit_data(CONFIG)


@pytest.fixture(scope="module")
def model(data: FitData) -> TwoTowers:
    return TwoTower().fit(data)


def recall_of(scorer: FittedRecommender, task: Task, k: int, among: np.ndarray | None = None) -> float:
    """Mean recall@k; with `among` only these products are ranked."""
    if among is None:
        ranked = rank_task(scorer, task, k)
    else:
        ranked, _ = best(scorer.score(task.histories, task.now), k, barred=~among)
    return float(np.nanmean(recall(hits(ranked, task.targets), n_relevant(task.targets), k)))


def test_products_never_sold_reach_those_who_like_their_words(data: FitData, model: TwoTowers) -> None:
    task = shop_of_words.cold_products(data)
    unsold = np.asarray(task.targets.sum(axis=0)).ravel() > 0
    popular = recall_of(Popularity().fit(data), task, 4, unsold)
    assert popular == pytest.approx(0.2, abs=0.01)  # it cannot tell them apart: one theme of five
    assert recall_of(model, task, 4, unsold) > 0.7


def test_customers_never_seen_are_served_by_what_is_known_of_them(data: FitData, model: TwoTowers) -> None:
    task = shop_of_words.cold_customers(data)
    popular = recall_of(Popularity().fit(data), task, 16)
    assert popular < 0.35
    assert recall_of(model, task, 16) > popular + 0.3


def test_the_popular_come_first_where_nothing_else_is_known(data: FitData, model: TwoTowers) -> None:
    """What the correction of the sampled negatives is for: without it the order would be turned round."""
    nobody = encode(shop_of_tastes.interactions(), data.products["id"], customer_ids=["nobody"])
    order = np.argsort(-model.score(nobody, NOW)[0])
    counts = np.bincount(data.histories.items, minlength=data.n_items)
    assert counts[order[:20]].mean() > 2 * counts[order[-50:]].mean()


def test_scores_without_torch_are_those_of_the_towers(data: FitData, model: TwoTowers) -> None:
    towers = Towers(0, CONFIG.two_tower)
    held = {name: torch.from_numpy(weight) for name, weight in model.tower.items()}
    towers.load_state_dict(held, strict=False)
    some = data.histories.take([3, 8])
    mean = []
    for row in range(2):
        own = slice(some.indptr[row], some.indptr[row + 1])
        age = (some.at_s[own][-1] - some.at_s[own]) / 86_400
        weight = 0.5 ** (age / CONFIG.two_tower.half_life_days)
        mean.append(weight @ model.vectors[some.items[own], :-1] / weight.sum())
    with torch.no_grad():
        users = towers.users(
            torch.tensor(np.array(mean), dtype=torch.float32),
            customer_words(some.customers, N_CUSTOMER_HASHES),
        )
    expected = users.numpy() @ model.vectors[:, :-1].T + model.vectors[:, -1]
    np.testing.assert_allclose(model.score(some, NOW), expected, rtol=1e-4, atol=1e-4)


def test_every_product_has_a_vector_of_length_one_and_a_bias(data: FitData, model: TwoTowers) -> None:
    assert model.vectors.shape == (data.n_items, CONFIG.two_tower.size + 1)
    np.testing.assert_allclose(np.linalg.norm(model.vectors[:, :-1], axis=1), 1.0, rtol=1e-5)


def test_the_product_nearest_in_words_is_the_reason(data: FitData, model: TwoTowers) -> None:
    asked = data.histories.take([0])
    own = set(asked.items.tolist())
    item = next(i for i in range(0, data.n_items, 5) if i not in own)
    reason = int(model.support(asked, np.array([[item]]), 1)[0, 0, 0])
    assert reason in own
    assert reason % 5 == item % 5
