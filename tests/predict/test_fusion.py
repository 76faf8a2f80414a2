import numpy as np
import polars as pl
import pytest
import torch

from adwright.errors import DataError
from adwright.predict import Predictor, PredictRecipe
from adwright.predict.model_config import FusionConfig
from adwright.predict.models.fields import Fields
from adwright.predict.models.fusion import Networks
from adwright.predict.models.fusion_network import FusionNetwork
from adwright.stats.ranking import auc


def drawn(n, seed):
    """Two categories whose effect is a product of hidden factors: what a sum of effects cannot hold."""
    rng = np.random.default_rng(seed)
    user, item = rng.integers(0, 30, n), rng.integers(0, 30, n)
    factors = np.random.default_rng(99).choice([-1.0, 1.0], (2, 30))
    p = 1 / (1 + np.exp(1 - 1.5 * factors[0, user] * factors[1, item]))
    frame = pl.DataFrame({"user": user, "item": item, "click": rng.random(n) < p})
    return frame.with_columns(pl.col("user", "item").cast(pl.String)), p


def recipe(kind):
    return PredictRecipe.of(
        {
            "columns": {"categorical": ["user", "item"]},
            "targets": {"click": {"label": "click"}},
            "model": {
                "kind": [kind],
                "ridges": [3.0],
                "n_members": 2,
                "fusion": {
                    "n_members": 2,
                    "learning_rate": 1e-2,
                    "batch_rows": 256,
                    "n_epochs": 8,
                    "dropout": 0.0,
                },
            },
        }
    )


def test_it_sees_what_two_categories_say_jointly():
    frame, _ = drawn(6000, 0)
    fresh, truth = drawn(3000, 1)
    y = fresh["click"].to_numpy().astype(float)
    fusion, linear = (Predictor.fit(frame, recipe(k)).score(fresh).click.mean for k in ("fusion", "logistic"))
    assert auc(linear, y)[0] < 0.6
    assert auc(fusion, y)[0] > auc(truth, y)[0] - 0.03


def test_a_cross_layer_is_the_papers_equation():
    """x_1 = x_0 * (W x_0 + b) + x_0, by hand with numpy; perceptron and first order are switched off."""
    frame = pl.DataFrame({"a": ["u", "v"], "z": [1.0, 2.0]})
    fields = Fields.learn(frame, {"a": "categorical", "z": "numeric"})
    config = FusionConfig(dimension=2, n_cross=1, hidden=(), dropout=0.0)
    torch.manual_seed(0)
    network = FusionNetwork(config, fields)
    with torch.no_grad():
        network.numbers.weight.zero_()
        network.towers[0].out.weight.normal_()
    batch = fields.transform(frame)
    held = network.weights()
    x0 = np.hstack([held["embedding.weight"][batch.category[:, 0]], batch.numeric])
    x1 = x0 * (x0 @ held["towers.0.cross.0.weight"].T + held["towers.0.cross.0.bias"]) + x0
    expected = np.hstack([x1, x0]) @ held["towers.0.out.weight"][0] + held["towers.0.out.bias"]
    assert network.outputs(batch)[:, 0] == pytest.approx(expected, rel=1e-5)


def test_the_card_states_the_collision_rate():
    frame, _ = drawn(600, 2)
    metrics = Predictor.fit(frame, recipe("fusion")).card["metrics"]["click"]
    assert 0 <= metrics["hash_collision_rate"] < 0.12
    assert metrics["n_buckets"] == 1024


def test_two_fields_meet_as_factorisation_machines_say():
    """At the start the head reads nothing, so the output is sum_(i<j) <e_i, e_j>, here by a loop over pairs."""
    frame = pl.DataFrame({"a": ["u", "v"], "b": ["x", "y"], "t": ["two words", "three more words"]})
    fields = Fields.learn(frame, {"a": "categorical", "b": "categorical", "t": "text"})
    network = FusionNetwork(FusionConfig(dimension=3), fields)
    batch = fields.transform(frame)
    table = network.weights()["embedding.weight"]
    bags = batch.texts[0]
    for row in range(2):
        words = bags.buckets[bags.start[row] : bags.start[row] + bags.size[row]]
        held = [*table[batch.category[row]], table[words].mean(axis=0)]
        pairs = sum(held[i] @ held[j] for i in range(3) for j in range(i))
        assert network.outputs(batch)[row, 0] == pytest.approx(pairs, rel=1e-4, abs=1e-9)


def test_networks_of_before_fields_were_paired_are_refused():
    with pytest.raises(DataError, match="earlier version"):
        Networks.unpacked({"config": {}, "fields": {}, "n_members": 0}, {})
