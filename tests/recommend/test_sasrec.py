from __future__ import annotations

from dataclasses import replace

import numpy as np
import polars as pl
import pytest
import torch

from adwright.recommend.config import RecommendConfig
from adwright.recommend.histories import encode
from adwright.recommend.models.ease import Ease
from adwright.recommend.models.sasrec import Sasrec, SequenceModel, tokens_of
from adwright.recommend.network_config import SasrecConfig
from adwright.recommend.networks.sequence import Training
from recommend.shop_of_tastes import NOW, fit_data, interactions, products, task

CONFIG = SasrecConfig(size=16, n_epochs=40, max_history=8, batch=20, dropout=0.0, learning_rate=0.01)


@pytest.fixture(scope="module")
def model() -> SequenceModel:
    return Sasrec().fit(fit_data(RecommendConfig(sasrec=replace(CONFIG, patience=40)), tune=task()))


def first_of(scores: np.ndarray) -> np.ndarray:
    """(n,) the best product that the customer does not have."""
    held = scores.copy()
    held[task().histories.matrix().toarray() > 0] = -np.inf
    return held.argmax(axis=1)


def test_it_finds_the_next_product_of_the_walk_where_a_linear_model_cannot(model: SequenceModel) -> None:
    """Every customer walks in one direction; the products before and after are equally often bought with theirs."""
    asked = task()
    wanted = asked.targets.toarray().argmax(axis=1)
    right = (first_of(model.score(asked.histories, NOW)) == wanted).mean()
    linear = (first_of(Ease().fit(fit_data(tune=task())).score(asked.histories, NOW)) == wanted).mean()
    assert right > 0.95
    assert linear < 0.8


def test_the_order_of_the_history_matters(model: SequenceModel) -> None:
    rows = interactions().filter(pl.col("customer_id") == "c0")
    turned = rows.with_columns(product_id=pl.col("product_id").reverse())
    there, back = (model.score(encode(r, products()["id"]), NOW)[0] for r in (rows, turned))
    assert np.argmax(there) != np.argmax(back)


def test_scores_are_probabilities_and_unsold_products_have_none(model: SequenceModel) -> None:
    scores = model.score(task().histories, NOW)
    np.testing.assert_allclose(scores.sum(axis=1), 1.0, atol=1e-5)
    assert (scores[:, -2:] == 0).all()


def test_only_the_latest_interactions_count(model: SequenceModel) -> None:
    long = interactions(n_bought=12).filter(pl.col("customer_id") == "c0")
    short = long.sort("at").tail(CONFIG.max_history)
    whole, cut = (model.score(encode(r, products()["id"]), NOW) for r in (long, short))
    # the first of the cut history has no interaction before it, which the network is told
    assert np.argmax(whole) == np.argmax(cut)


def test_the_last_product_speaks_for_the_next(model: SequenceModel) -> None:
    asked = encode(interactions(), products()["id"], customer_ids=["c0"])
    following = np.array([[3]])  # c0 had 0-0, 0-1, 0-2
    assert model.support(asked, following, 2)[0, 0, 0] == 2


def test_what_is_bought_again_and_again_is_learned() -> None:
    """Each customer buys one product of their own, time after time."""
    rows = interactions(n_bought=6).with_columns(
        product_id=pl.concat_str(
            pl.lit("0-"), (pl.col("customer_id").str.slice(1).cast(pl.Int64) % 6).cast(pl.String)
        )
    )
    data = fit_data(RecommendConfig(sasrec=CONFIG))
    data = replace(data, histories=encode(rows, products()["id"]))
    scores = Sasrec().fit(data).score(data.histories, NOW)
    own = np.array([int(c[1:]) % 6 for c in data.histories.customer_ids])
    assert (scores.argmax(axis=1) == own).all()


def test_beyond_the_cap_the_most_had_take_part() -> None:
    data = fit_data(RecommendConfig(sasrec=replace(CONFIG, n_epochs=2, max_items=4)))
    model = Sasrec().fit(data)
    scores = model.score(data.histories, NOW)
    assert len(model.kept) == 4
    assert ((scores > 0).sum(axis=1) == 4).all()


def test_the_sampled_softmax_estimates_the_whole_one() -> None:
    """exp(loss) is the sum over the products, over the target's own: its mean over draws is that of all products."""
    data = fit_data()
    kept = np.arange(18)
    config = replace(CONFIG, n_negatives=9)
    training = Training(
        data.histories, data.histories.weights, kept=kept, token=tokens_of(kept, 20), config=config, seed=0
    )
    rng = torch.Generator().manual_seed(0)
    known = torch.randn(1, 16, generator=rng)
    past, target = torch.tensor([[0, 1, 5]]), torch.tensor([7])
    with torch.no_grad():
        sampled = np.array([float(training._losses(known, past, target).exp()) for _ in range(2_000)])
        training.config = replace(CONFIG, n_negatives=18)
        whole = float(training._losses(known, past, target).exp())
    assert abs(sampled.mean() - whole) < 4 * sampled.std() / np.sqrt(len(sampled))
    assert sampled.std() > 0


def test_it_stops_when_tune_is_no_longer_gained_on() -> None:
    lines: list[str] = []
    data = fit_data(RecommendConfig(sasrec=replace(CONFIG, patience=2)), tune=task())
    model = Sasrec().fit(replace(data, progress=lines.append))
    assert len(lines) in {model.n_epochs + 2, CONFIG.n_epochs}
    qualities = [float(line.split("NDCG@10 ")[1].split()[0]) for line in lines]
    assert qualities.index(max(qualities)) == model.n_epochs - 1
