"""What the heads of the fusion network promise, on drawn tables whose truth is known."""

from dataclasses import replace

import numpy as np
import polars as pl
import pytest
import torch
from scipy import special, stats

from adwright.errors import ConfigError
from adwright.predict import Predictor, PredictRecipe
from adwright.predict.exposures import read_exposures
from adwright.predict.features import FeatureMap
from adwright.predict.models.events import Events
from adwright.predict.models.fields import FieldOutcomes, Fields
from adwright.predict.models.fusion import Fusion
from adwright.predict.models.fusion_tasks import OrderTask, PurchaseTask, RateTask
from adwright.predict.models.fusion_towers import InterestTower
from adwright.predict.models.model import FitData
from adwright.predict.table import Table
from adwright.stats.ranking import auc

FUSION = {"n_members": 2, "learning_rate": 1e-2, "batch_rows": 256, "n_epochs": 6, "dropout": 0.0}


def biased(n, seed, users=300):
    """Who has a taste for the shop clicks and buys: the clicked are not the exposed."""
    rng = np.random.default_rng(seed)
    taste = np.random.default_rng(99).standard_normal(users)
    user = rng.integers(0, users, n)
    click = rng.random(n) < special.expit(-2.2 + 1.2 * taste[user])
    would = rng.random(n) < special.expit(-1.2 + 1.2 * taste[user])
    frame = pl.DataFrame(
        {"user": [f"u{i}" for i in user], "click": click.astype(int), "buy": (click & would).astype(int)}
    )
    return frame, would.astype(float)


def recipe(**changes):
    table = {
        "columns": {"categorical": ["user"]},
        "targets": {"click": {"label": "click"}, "conversion": {"label": "buy"}},
        "model": {"kind": ["fusion"], "fusion": FUSION},
    }
    return PredictRecipe.of(table | changes)


def fit_data(frame, wanted):
    table = Table.of(frame, wanted)
    blocks = table.blocks(0)
    features = FeatureMap.learn(frame, wanted)
    rows = {
        name: table.rows("conversion", blocks == name, features.transform(frame.filter(blocks == name)))[0]
        for name in ("train", "tune")
    }
    data = FitData(
        train=rows["train"],
        tune=rows["tune"],
        config=wanted.model,
        roles=wanted.roles,
        rng=np.random.default_rng(0),
        progress=lambda _: None,
    )
    return data, {name: read_exposures(table, blocks == name) for name in ("train", "tune")}


def test_conversions_learned_over_all_exposures_beat_those_learned_on_clicks():
    """Judged by who would have bought, on all exposures, over two draws; the gain is some .10 in AUC."""
    for seed in range(2):
        frame, _ = biased(9000, seed)
        fresh, would = biased(6000, 100 + seed)
        data, exposed = fit_data(frame, recipe())
        on_clicks = Fusion().fit(data).model.score(None, fresh.select("user"))[:, 0]
        data = replace(data, exposed=exposed, rng=np.random.default_rng(0))
        on_exposures = Fusion().fit(data).model.score(None, fresh.select("user"))[:, 0]
        assert auc(on_exposures, would)[0] > auc(on_clicks, would)[0] + 0.05


def test_click_conversion_and_purchase_are_each_calibrated_on_their_own_rows():
    """About 450 purchases in 8,000 exposures: their number has a standard error of 5 %, that of calibrate 8 %."""
    frame, _ = biased(12_000, 3)
    predictor = Predictor.fit(frame, recipe())
    fresh, _ = biased(8000, 4)
    found = predictor.evaluate(fresh, n_boot=50)["targets"]
    assert set(found) == {"click", "conversion", "purchase"}
    assert found["click"]["n_rows"] == found["purchase"]["n_rows"] == 8000
    assert found["conversion"]["n_rows"] == fresh["click"].sum()
    for name, slack in (("click", 0.15), ("conversion", 0.25), ("purchase", 0.3)):
        assert found[name]["mean_predicted"] == pytest.approx(found[name]["mean_observed"], rel=slack)
    assert "log_loss" in found["purchase"]["bare_product"]
    scored = predictor.score_frame(fresh)
    assert scored["purchase_p"].mean() == pytest.approx(fresh["buy"].mean(), rel=0.3)


def test_the_purchase_survives_saving(tmp_path):
    frame, _ = biased(3000, 5)
    predictor = Predictor.fit(frame, recipe())
    predictor.save(tmp_path)
    again = Predictor.load(tmp_path)
    assert again.score_frame(frame).equals(predictor.score_frame(frame))


def small_fields(n):
    frame = pl.DataFrame({"user": ["a"] * n})
    fields = Fields.learn(frame, {"user": "categorical"})
    return fields, fields.transform(frame)


def test_the_purchase_loss_is_the_binomial_of_the_product():
    """ESMM's equations 2 and 3 with numpy: two rows, the second with unknown purchases."""
    _, batch = small_fields(2)
    click = RateTask(FieldOutcomes(batch, np.array([0.5, 0.0]), np.ones(2), np.array([-1.0, 0.5])))
    task = PurchaseTask(click, np.array([0.25, 0.0]), np.array([2.0, 0.0]), start=-0.7)
    out = np.array([[0.3, 0.2], [-0.1, 0.4]])
    p_click = special.expit(click.outcomes.start + out[:, 0])
    product = p_click * special.expit(-0.7 + out[:, 1])
    expected = np.mean(
        -special.xlogy([0.5, 0.0], p_click) - special.xlogy([0.5, 1.0], 1 - p_click)
    ) + np.mean(np.array([2.0, 0.0]) * -(0.25 * np.log(product) + 0.75 * np.log(1 - product)))
    assert float(task.loss(torch.tensor(out), np.arange(2))) == pytest.approx(expected, rel=1e-9)


def order_task(value, count, centre=8.0, scale=0.5):
    _, batch = small_fields(len(value))
    rate = RateTask(FieldOutcomes(batch, np.ones(len(value)), np.zeros(len(value)), np.zeros(len(value))))
    return OrderTask(rate, np.log(value), count, centre, scale)


def test_the_value_loss_of_single_orders_is_the_log_normal_density():
    """-log pdf of scipy's log-normal less what does not hang on the outputs: log value, log sqrt(2 pi)."""
    value = np.array([2000.0, 4000.0, 9000.0])
    task = order_task(value, np.ones(3))
    out = np.array([[0.0, 0.1, -0.2], [0.0, -0.3, 0.4], [0.0, 0.5, 0.0]])
    mean, sd = 8.0 + 0.5 * out[:, 1], 0.5 * np.exp(out[:, 2])
    density = -stats.lognorm.logpdf(value, s=sd, scale=np.exp(mean))
    expected = np.mean(density - np.log(value) - np.log(np.sqrt(2 * np.pi)))
    assert task.judged(torch.tensor(out)) == pytest.approx(expected, rel=1e-9)


def test_a_mean_of_orders_has_fentons_mean_and_variance():
    """The loss is least at the moments of a log-normal with the same mean and a c-th of the variance."""
    c, s = 5.0, 0.8
    variance = np.log1p(np.expm1(s**2) / c)
    rng = np.random.default_rng(0)
    value = np.exp(8.0 + s * rng.standard_normal((4000, int(c)))).mean(axis=1)
    assert np.log(value).var() == pytest.approx(variance, rel=0.15)  # Fenton's approximation itself
    drawn = np.exp(8.0 + s**2 / 2 - variance / 2 + np.sqrt(variance) * rng.standard_normal(4000))
    task = order_task(drawn, np.full(4000, c), scale=1.0)

    def loss(mean, sd):
        return task.judged(torch.tensor(np.tile([0.0, mean, np.log(sd)], (4000, 1))))

    assert loss(0.0, s) < min(loss(0.1, s), loss(-0.1, s), loss(0.0, 1.2 * s), loss(0.0, s / 1.2))


def shop(n, seed):
    """Log-normal orders whose mean hangs on the category and whose spread on the device."""
    rng = np.random.default_rng(seed)
    category, device = rng.integers(0, 4, n), rng.integers(0, 2, n)
    mean, sd = 8.0 + 0.5 * category, np.where(device == 1, 0.9, 0.3)
    bought = rng.random(n) < 0.3
    value = np.where(bought, np.rint(np.exp(mean + sd * rng.standard_normal(n))), 0)
    frame = pl.DataFrame(
        {
            "category": [f"c{i}" for i in category],
            "device": [f"d{i}" for i in device],
            "buy": bought.astype(int),
            "value": value,
        }
    )
    return frame, mean, sd


def order_recipe(kind):
    return PredictRecipe.of(
        {
            "columns": {"categorical": ["category", "device"]},
            "targets": {
                "conversion": {"label": "buy"},
                "order_value": {"label": "value", "currency": "EUR"},
            },
            "model": {"kind": ["logistic"], "ridges": [3.0], "order_value": kind, "fusion": FUSION},
        }
    )


def between(value, scored):
    low, high = (scored[f"order_value_{name}_minor"].to_numpy() for name in ("low", "high"))
    return (value >= low) & (value <= high)


def test_order_values_recover_mean_and_quantiles(tmp_path):
    """Expected value exp(mean + sd^2 / 2). About 4,200 training orders, 500 a cell: a cell's mean of log-sd .9 has
    a relative standard error of 1.1 / sqrt(500), 5 %; three of them are allowed, four for the outer quantiles."""
    frame, _, _ = shop(20_000, 0)
    predictor = Predictor.fit(frame, order_recipe("fusion"))
    fresh, mean, sd = shop(8000, 1)
    scored = predictor.score_frame(fresh)
    assert scored["order_value_minor"].to_numpy() == pytest.approx(np.exp(mean + sd**2 / 2), rel=0.15)
    for name, z in (("low", -1.645), ("median", 0.0), ("high", 1.645)):
        found = scored[f"order_value_{name}_minor"].to_numpy()
        assert found == pytest.approx(np.exp(mean + z * sd), rel=0.2)
    value = fresh["value"].to_numpy()
    inside = between(value, scored)
    for spread in (0.3, 0.9):
        part = (value > 0) & (sd == spread)
        error = np.sqrt(0.09 / part.sum())
        assert np.mean(inside[part]) == pytest.approx(0.9, abs=0.02 + 3 * error)
    predictor.save(tmp_path)
    assert Predictor.load(tmp_path).score_frame(fresh).equals(scored)


def test_the_linear_quantiles_cover_on_the_whole_but_not_in_each_part():
    frame, _, _ = shop(12_000, 2)
    predictor = Predictor.fit(frame, order_recipe("linear"))
    fresh, _, sd = shop(8000, 3)
    scored, value = predictor.score_frame(fresh), fresh["value"].to_numpy()
    inside = between(value, scored)
    assert np.mean(inside[value > 0]) == pytest.approx(0.9, abs=0.04)
    assert np.mean(inside[(value > 0) & (sd == 0.9)]) < 0.86


def test_few_orders_are_linear_and_the_card_says_so():
    frame, _, _ = shop(200, 4)
    frame = frame.with_columns(value=pl.when(pl.int_range(pl.len()) % 5 == 0).then("value").otherwise(0))
    predictor = Predictor.fit(frame, order_recipe("fusion"))
    assert any("order value is linear" in warning for warning in predictor.warnings)


def test_an_order_value_by_fusion_needs_a_rate():
    with pytest.raises(ConfigError, match=r"model\.order_value"):
        PredictRecipe.of(
            {
                "columns": {"categorical": ["a"]},
                "targets": {"order_value": {"label": "value", "currency": "EUR"}},
                "model": {"order_value": "fusion"},
            }
        )


def test_attention_is_the_papers_sum():
    """v_U = sum_j a(e_j, v_A) e_j with a constant a of 1: the sum of the events, beside their mean."""
    frame = pl.DataFrame(
        {"item": ["a", "b"], "h": [[{"value": "a", "age": 1.0}, {"value": "c", "age": 2.0}], []]},
        schema_overrides={"h": pl.List(pl.Struct({"value": pl.String, "age": pl.Float64}))},
    )
    fields = Fields.learn(frame, {"item": "categorical", "h": "sequence"}, {"h": "item"})
    batch = fields.transform(frame)
    tower = InterestTower(3)
    with torch.no_grad():
        for parameter in tower.attention.parameters():
            parameter.zero_()
        tower.attention[-1].bias.fill_(1.0)
    table = torch.randn(fields.n_buckets, 3)
    found = tower(batch.events[0], torch.from_numpy(batch.category[:, 0]), table).detach().numpy()
    total = table.numpy()[batch.events[0].bucket[0]].sum(axis=0)
    assert found[0] == pytest.approx(np.concatenate([total, total / 2]), rel=1e-5)
    assert (found[1] == 0).all()
    assert batch.events[0].bucket[0, 1] == batch.category[0, 0]


def test_a_rows_attention_hangs_on_no_other_row():
    """One row alone is scored as it is in a batch of rows whose embeddings are ten times larger."""
    torch.manual_seed(0)
    tower, table = InterestTower(3), torch.randn(20, 3)
    table[10:] *= 10
    events = Events(np.array([[1, 2], [11, 12]]), np.zeros((2, 2), np.int64))
    tower(events, torch.tensor([1, 11]), table)  # in training, which learns the size
    assert float(tower.size) > 0.1
    tower.eval()
    both = tower(events, torch.tensor([1, 11]), table)
    alone = tower(events.take(np.array([0])), torch.tensor([1]), table)
    torch.testing.assert_close(both[:1], alone)
    nobody = tower.train()(
        Events(np.zeros((1, 0), np.int64), np.zeros((1, 0), np.int64)), torch.tensor([1]), table
    )
    assert nobody.tolist() == [[0.0] * 6]


def interested(n, seed, items=24, kinds=6):
    """A click is likely where the candidate's kind is among the last three events; nobody names the kinds."""
    rng = np.random.default_rng(seed)
    item, history = rng.integers(0, items, n), rng.integers(0, items, (n, 3))
    kind = np.random.default_rng(7).permutation(items) % kinds
    p = np.where((kind[history] == kind[item][:, None]).any(axis=1), 0.5, 0.08)
    frame = pl.DataFrame(
        {
            "item": [f"i{i}" for i in item],
            "h": [[f"i{j}" for j in row] for row in history],
            "click": (rng.random(n) < p).astype(int),
        }
    )
    return frame, p


def test_attention_to_the_candidate_beats_no_sequence_and_a_sequence_without_attention():
    frame, _ = interested(10_000, 0)
    fresh, truth = interested(5000, 1)
    y = fresh["click"].to_numpy().astype(float)
    found = {}
    for name, sequence, kind in (
        ("none", {}, "fusion"),
        ("counted", {"h": {"of": "item"}}, "logistic"),
        ("attended", {"h": {"of": "item"}}, "fusion"),
    ):
        wanted = PredictRecipe.of(
            {
                "columns": {"categorical": ["item"], "sequence": sequence},
                "targets": {"click": {"label": "click"}},
                "model": {
                    "kind": [kind],
                    "ridges": [3.0],
                    "n_members": 2,
                    "fusion": FUSION | {"n_epochs": 12, "weight_decay": 0.0},
                },
            }
        )
        found[name] = auc(Predictor.fit(frame, wanted).score(fresh).click.mean, y)[0]
    best = auc(truth, y)[0]
    assert found["none"] < 0.55
    assert found["attended"] > found["counted"] + 0.05
    assert found["attended"] > best - 0.03


def test_the_same_seed_gives_the_same_heads():
    frame, _ = biased(2000, 8)
    one, two = (Predictor.fit(frame, recipe(), seed=1).score_frame(frame) for _ in range(2))
    assert one.equals(two)
