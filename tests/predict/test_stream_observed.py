"""Streams beside what else a fit knows: positions, segments, columns to judge by, a model to start from."""

import numpy as np
import polars as pl
import pytest
from scipy.special import logit

from adwright.predict import Predictor, PredictRecipe
from adwright.predict.outcomes import read_counts
from adwright.predict.stream.batches import ParquetBatches
from adwright.predict.stream.blocks import BlockRule
from adwright.predict.stream.fit import evaluate_stream, fit_stream
from adwright.predict.stream.train import TrainStream
from predict.stream_table import RECIPE, draw_clicks

SMALL = {"train": 6000, "tune": 2000, "calibrate": 4000, "test": 0}
THETA = {"1": 1.0, "2": 0.4}


def quiet(_):
    pass


def shown(n, seed):
    """(frame, true rates when seen): rows, mostly the better ones, stand where two of five are looked at."""
    frame, p = draw_clicks(n, seed, users=500, items=100)
    rng = np.random.default_rng(seed + 50)
    slot = 1 + (rng.random(n) < np.where(p > np.median(p), 0.85, 0.15))
    seen = rng.random(n) < np.array([1.0, 0.4])[slot - 1]
    frame = frame.with_columns(slot=pl.Series(slot), click=pl.col("click") * pl.Series(seen))
    return frame.with_columns(wing=pl.Series(rng.choice(["left", "right"], n))), p


def recipe(**changes):
    table = {**RECIPE, "position": {"column": "slot", "propensity": THETA}, **changes}
    return PredictRecipe.of(table)


@pytest.fixture(scope="module")
def clicks(tmp_path_factory):
    path = tmp_path_factory.mktemp("stream") / "clicks.parquet"
    shown(60_000, 0)[0].write_parquet(path, row_group_size=20_000)
    return path


@pytest.fixture(scope="module")
def fitted(clicks):
    wanted = recipe(calibration={"segments": ["wing"], "conformal": True})
    return fit_stream(clicks, wanted, progress=quiet, sample_rows=SMALL)


def test_streamed_rows_count_as_far_as_a_success_would_have_been_seen(clicks, fitted):
    data = ParquetBatches.open(clicks)
    rule = BlockRule.learn(data, recipe(), 0)
    held, mean = fitted.parts.observations["click"], 0.1
    stream = TrainStream(data, rule, 0, 0).observed({"click": (held, mean)})
    frame = pl.read_parquet(clicks)
    frame = frame.filter(pl.Series(rule.of(frame, 0) == "train"))
    counts = read_counts(frame, recipe(), "click")
    own = held.effective(frame, recipe(), counts, np.full(frame.height, mean))
    trials = np.concatenate([rows.trials for rows in stream.rows("click")])
    assert np.array_equal(trials, own.trials)
    failed = own.successes == 0
    assert trials[failed & (frame["slot"].to_numpy() == 2)] == pytest.approx(0.4 * 0.9 / (1 - 0.04))
    assert trials[~failed] == pytest.approx(1.0)
    exposed = np.concatenate([part.first.trials for part in stream.exposures()])
    assert np.array_equal(exposed, trials)


def test_a_streamed_fit_predicts_the_rate_where_contents_are_seen(clicks, fitted):
    """Better than one that takes what was not seen for what was not liked."""
    fresh, truth = shown(20_000, 1)
    blind = fit_stream(clicks, PredictRecipe.of(RECIPE), progress=quiet, sample_rows=SMALL)
    aware, unaware = (p.score(fresh).click.mean for p in (fitted, blind))
    assert aware.mean() == pytest.approx(truth.mean(), rel=0.15)
    assert unaware.mean() < 0.7 * truth.mean()
    near = [np.corrcoef(logit(found), logit(truth))[0, 1] for found in (aware, unaware)]
    assert near[0] > near[1] + 0.05
    assert fitted.card["metrics"]["click"]["n_rows_learned_from"] == fitted.card["n_rows"]["train"]


def test_the_test_block_of_a_stream_is_judged_as_shown_and_by_any_column(clicks, fitted):
    found = evaluate_stream(fitted, clicks, by=["wing", "slot"], progress=quiet)
    assert found["kept_back"]
    click = found["targets"]["click"]
    assert click["mean_share_seen"] == pytest.approx(0.7, abs=0.05)
    assert click["mean_predicted"] == pytest.approx(click["mean_observed"], rel=0.1)
    assert set(click["by_segment"]) == {"left / 1", "left / 2", "right / 1", "right / 2"}
    segments = evaluate_stream(fitted, clicks, progress=quiet)["targets"]["click"]["by_segment"]
    assert set(segments) == {"left", "right"}


def test_another_table_was_not_kept_back(fitted, tmp_path):
    shown(5000, 9)[0].write_parquet(tmp_path / "other.parquet")
    assert not evaluate_stream(fitted, tmp_path / "other.parquet", progress=quiet)["kept_back"]


def test_a_streamed_fit_starts_from_a_model_trained_elsewhere(clicks):
    own = recipe(model={"kind": ["logistic"], "ridges": [3.0], "n_members": 2})
    source = Predictor.fit(shown(20_000, 5)[0], own)
    found = fit_stream(clicks, recipe(), source=source, progress=quiet, sample_rows=SMALL)
    assert found.card["metrics"]["click"]["model"] == ["hashed", "transfer"]
    assert found.card["started_from"]["trained_through"] == source.card["trained_through"]
    assert any("'transfer' does not stream" in warning for warning in found.warnings)


def test_columns_that_know_the_future_are_found_in_a_sample(clicks, tmp_path):
    frame = pl.read_parquet(clicks).with_columns(paid=pl.col("click") * 3.0)
    frame.write_parquet(tmp_path / "leaky.parquet")
    columns = {**RECIPE["columns"], "numeric": ["price", "paid"]}
    found = fit_stream(tmp_path / "leaky.parquet", recipe(columns=columns), progress=quiet, sample_rows=SMALL)
    assert any("'paid'" in warning for warning in found.warnings)
