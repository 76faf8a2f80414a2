from dataclasses import replace

import numpy as np
import polars as pl
import pytest

from adwright.errors import DataError
from adwright.predict import Predictor, PredictRecipe
from adwright.predict.hashing import stable_hash
from adwright.predict.model_config import FusionConfig, ModelConfig
from adwright.predict.models.fields import Fields
from adwright.predict.models.fusion import Fusion, Networks
from adwright.predict.models.model import FitData, Streamed
from adwright.predict.stream.batches import ParquetBatches
from adwright.predict.stream.blocks import BlockRule
from adwright.predict.stream.fit import evaluate_stream, fit_stream
from adwright.predict.stream.score import score_stream
from adwright.predict.stream.train import DistinctCount, TrainStream, draw_sample
from adwright.predict.table import Table
from adwright.stats.ranking import auc
from adwright.store.archive import read_card
from predict.stream_table import RECIPE, draw_clicks

SMALL = {"train": 4000, "tune": 1500, "calibrate": 2000, "test": 0}


def quiet(_):
    pass


def recipe(**changes):
    return PredictRecipe.of(
        {key: {**RECIPE.get(key, {}), **changes.get(key, {})} for key in RECIPE.keys() | changes.keys()}
    )


@pytest.fixture(scope="module")
def clicks(tmp_path_factory):
    path = tmp_path_factory.mktemp("stream") / "clicks.parquet"
    draw_clicks(60_000, 0)[0].write_parquet(path, row_group_size=20_000)
    return path


@pytest.fixture(scope="module")
def fitted(clicks):
    return fit_stream(clicks, recipe(), progress=quiet, sample_rows=SMALL)


def test_all_rows_teach_more_than_the_sample(clicks, fitted):
    """The sample of 4,000 has two rows a user; all 36,000 training rows have eighteen."""
    fresh, _ = draw_clicks(20_000, 1)
    y = fresh["click"].to_numpy().astype(float)
    data = ParquetBatches.open(clicks)
    rule = BlockRule.learn(data, recipe(), 0)
    sample = draw_sample(data, rule, rows=SMALL, seed=0, progress=quiet)
    small = Predictor.fit(sample.frame, recipe())
    whole = Predictor.fit(pl.read_parquet(clicks), recipe(model={"kind": ["logistic"], "ridges": [3.0]}))
    streamed, sampled, exact = (auc(p.score(fresh).click.mean, y)[0] for p in (fitted, small, whole))
    assert streamed > sampled + 0.02
    assert streamed > exact - 0.02
    assert fitted.card["metrics"]["click"]["n_rows_learned_from"] == fitted.card["n_rows"]["train"]


def test_streamed_and_in_memory_fits_are_about_as_good(clicks, fitted):
    whole = Predictor.fit(pl.read_parquet(clicks), recipe())
    fresh, truth = draw_clicks(20_000, 1)
    one, two = (np.log(p.score(fresh).click.mean) for p in (whole, fitted))
    assert np.corrcoef(one, two)[0, 1] > 0.9
    assert np.mean(np.exp(two)) == pytest.approx(truth.mean(), rel=0.1)


def test_the_card_tells_rows_values_and_collisions(fitted):
    rows = fitted.card["n_rows"]
    assert sum(rows.values()) == 60_000
    assert rows["train"] == pytest.approx(36_000, rel=0.02)
    assert fitted.card["streamed"]["n_rows_in_memory"]["train"] == 4000
    assert fitted.card["streamed"]["n_values"] == pytest.approx(2000 + 300 + 24, rel=0.01)
    assert 0 < fitted.card["metrics"]["click"]["hash_collision_rate"] < 0.13


def test_a_model_that_does_not_stream_says_at_which_rate_it_was_sampled(clicks):
    wanted = recipe(model={"kind": ["logistic"], "ridges": [30.0]})
    predictor = fit_stream(clicks, wanted, progress=quiet, sample_rows=SMALL)
    assert any("4000 of 36" in warning and "11.1" in warning for warning in predictor.warnings)


def test_the_same_seed_gives_the_same_model_and_it_survives_saving(clicks, fitted, tmp_path):
    again = fit_stream(clicks, recipe(), progress=quiet, sample_rows=SMALL)
    fresh = draw_clicks(500, 2)[0]
    assert again.score_frame(fresh).equals(fitted.score_frame(fresh))
    fitted.save(tmp_path / "m")
    assert Predictor.load(tmp_path / "m").score_frame(fresh).equals(fitted.score_frame(fresh))
    assert read_card(tmp_path / "m")["streamed"]["n_values"] > 0


def test_the_test_block_is_judged_by_a_sample(clicks, fitted):
    found = evaluate_stream(fitted, clicks, progress=quiet)
    assert "test block" in found["split"]
    assert found["n_rows"] == fitted.card["n_rows"]["test"]
    assert found["targets"]["click"]["auc"]["value"] > 0.65


def test_rows_that_were_learned_from_are_never_judged_by_mistake(clicks, fitted):
    """The two ways of reading tell tables apart by different digests."""
    whole = pl.read_parquet(clicks)
    with pytest.raises(DataError, match="--stream"):
        fitted.evaluate(whole)
    in_memory = Predictor.fit(whole[:60_000], recipe(model={"kind": ["linear"], "ridges": [30.0]}))
    with pytest.raises(DataError, match="--in-memory"):
        evaluate_stream(in_memory, clicks, progress=quiet)


def test_fusion_streams_its_epochs(clicks):
    model = {
        "kind": ["fusion"],
        "fusion": {"n_members": 2, "n_epochs": 2, "learning_rate": 5e-3, "batch_rows": 512},
    }
    predictor = fit_stream(clicks, recipe(model=model), progress=quiet, sample_rows=SMALL)
    fresh, _ = draw_clicks(10_000, 1)
    assert auc(predictor.score(fresh).click.mean, fresh["click"].to_numpy().astype(float))[0] > 0.66


def test_streamed_networks_are_not_learned_once_more_from_a_sample():
    streamed = Streamed(lambda: iter(()), lambda: iter(()), 10, 10)
    data = FitData(None, None, ModelConfig(), {}, np.random.default_rng(0), quiet, streamed=streamed)
    fields = Fields.learn(pl.DataFrame({"item": ["a"]}), {"item": "categorical"})
    held = Networks(FusionConfig(), fields, ({"w": np.zeros(1)},), 3)
    assert Fusion().refit(held, None, data) is held


@pytest.mark.parametrize("group", [None, "item"])
@pytest.mark.parametrize("order", ["time", "rows"])
def test_blocks_are_the_same_in_every_pass_and_keep_groups_together(clicks, group, order):
    wanted = (
        recipe(columns={"group": group}, split={"order": order}) if group else recipe(split={"order": order})
    )
    data = ParquetBatches.open(clicks)
    rule = BlockRule.learn(data, wanted, 3)
    frame = pl.read_parquet(clicks)
    whole = rule.of(frame, 0)
    parts = np.concatenate([rule.of(frame[i : i + 7000], i) for i in range(0, 60_000, 7000)])
    assert np.array_equal(whole, parts)
    if group:
        sides = frame.with_columns(block=pl.Series(whole)).group_by(group).agg(pl.col("block").n_unique())
        assert sides["block"].max() == 1
    else:
        assert np.mean(whole == "train") == pytest.approx(0.6, abs=0.01)


def test_a_group_stands_where_its_latest_row_stands(tmp_path):
    """As in memory: nothing in an earlier block is younger than what comes after."""
    day = np.arange(100.0)
    group = [f"g{i}" for i in range(100)]
    group[99] = "g0"  # a test that began first and ended last
    group[98] = group[10] = None  # rows of no test
    frame = pl.DataFrame({"day": day, "test": group, "item": "a", "click": 0})
    frame.write_parquet(tmp_path / "t.parquet")
    wanted = PredictRecipe.of(
        {
            "columns": {"categorical": ["item"], "time": "day", "time_format": "ordinal", "group": "test"},
            "targets": {"click": {"label": "click"}},
        }
    )
    blocks = BlockRule.learn(ParquetBatches.open(tmp_path / "t.parquet"), wanted, 0).of(frame, 0)
    assert blocks[0] == blocks[99] == "test"
    assert blocks[10] == "train"
    assert blocks[98] == "test"
    in_memory = Table.of(frame, wanted).blocks(0)
    assert (blocks != in_memory).sum() <= 4  # a cut may fall a row beside


def test_a_row_without_a_time_is_an_error_as_in_memory(tmp_path):
    frame = draw_clicks(200, 0)[0].with_columns(
        day=pl.when(pl.int_range(200) == 7).then(None).otherwise("day")
    )
    frame.write_parquet(tmp_path / "t.parquet")
    with pytest.raises(DataError, match="1 rows have no time"):
        BlockRule.learn(ParquetBatches.open(tmp_path / "t.parquet"), recipe(), 0)


def test_an_empty_test_block_is_said_to_be(clicks, fitted):
    bare = recipe(split={"shares": [0.6, 0.2, 0.2, 0.0]})
    with pytest.raises(DataError, match="a share above 0 for test"):
        evaluate_stream(replace(fitted, recipe=bare), clicks, progress=quiet)


def test_the_sample_is_uniform_within_a_block(clicks):
    """Mean day of 4,000 train rows of a uniform [0, 54): standard error 54 / sqrt(12 x 4000) = 0.25."""
    data = ParquetBatches.open(clicks)
    rule = BlockRule.learn(data, recipe(), 0)
    sample = draw_sample(data, rule, rows=SMALL, seed=0, progress=quiet)
    days = sample.frame["day"].to_numpy()[sample.blocks == "train"]
    assert len(days) == 4000
    assert days.mean() == pytest.approx(27, abs=1)
    assert (np.diff(sample.frame["day"].to_numpy()) >= 0).all()


def test_every_training_row_is_streamed_once(clicks):
    data = ParquetBatches.open(clicks)
    rule = BlockRule.learn(data, recipe(), 0)
    stream = TrainStream(data, rule, 0, 0)
    frame = pl.read_parquet(clicks)
    kept = frame.filter(pl.Series(rule.of(frame, 0) == "train"))
    parts = list(stream.rows("click"))
    assert sum(len(part) for part in parts) == kept.height
    assert sum(part.successes.sum() for part in parts) == kept["click"].sum()


def test_different_values_are_counted_within_a_percent():
    count = DistinctCount()
    for start in range(0, 200_000, 50_000):
        count.add(stable_hash(pl.Series([f"v{i}" for i in range(start, start + 60_000)]), "v"))
    assert count.value == pytest.approx(210_000, rel=0.01)


def test_scores_in_a_file_are_those_of_the_whole_frame(clicks, fitted, tmp_path):
    found = score_stream(fitted, clicks, tmp_path / "scored.parquet", progress=quiet)
    assert found["n_rows"] == 60_000
    scored = pl.read_parquet(tmp_path / "scored.parquet")
    assert scored.equals(fitted.score_frame(pl.read_parquet(clicks)))
    assert [p.name for p in tmp_path.iterdir()] == ["scored.parquet"]


def test_scoring_into_a_folder_goes_on_where_it_stopped(clicks, fitted, tmp_path, monkeypatch):
    monkeypatch.setattr("adwright.predict.stream.score.PART_ROWS", 20_000)
    out = tmp_path / "scored"

    def killed(message):
        if "40000" in message:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        score_stream(fitted, clicks, out, progress=killed)
    kept = {p.name: p.stat().st_mtime_ns for p in out.glob("part-*.parquet")}
    assert len(kept) == 2
    score_stream(fitted, clicks, out, progress=quiet)
    assert {name: (out / name).stat().st_mtime_ns for name in kept} == kept
    assert pl.read_parquet(out / "part-*.parquet").equals(fitted.score_frame(pl.read_parquet(clicks)))


def test_a_folder_of_another_model_is_refused(clicks, fitted, tmp_path):
    (tmp_path / "scoring.json").write_text("{}")
    with pytest.raises(DataError, match="another model"):
        score_stream(fitted, clicks, tmp_path, progress=quiet)


def test_a_truncated_file_and_an_absent_column_are_clear_errors(clicks, tmp_path):
    broken = tmp_path / "broken.parquet"
    broken.write_bytes(clicks.read_bytes()[:-100])
    with pytest.raises(DataError, match="cannot read"):
        fit_stream(broken, recipe(), progress=quiet)
    with pytest.raises(DataError, match="item"):
        fit_stream(clicks, recipe(columns={"categorical": ["items"]}), progress=quiet)
