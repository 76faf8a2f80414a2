"""Input that nobody means to give: each is a clear error or a sound answer, never a crash."""

import json

import numpy as np
import polars as pl
import pytest

from adwright.errors import DataError
from adwright.predict import Predictor, PredictRecipe
from adwright.store.archive import FORMAT, MANIFEST
from predict.synthetic_table import click_recipe, draw_table

FRAME, _ = draw_table(21, n_groups=60)
ROWS = FRAME.height
KINDS = (["logistic"], ["linear"], ["hashed"], ["fusion"], ["pairwise"], ["gbdt"], ["gbdt", "logistic"])


def recipe(kind, **columns):
    return PredictRecipe.of(click_recipe(columns=columns, model={"kind": kind, "ridges": [30.0]}))


def sound(scored):
    """Rates in (0, 1), quantiles in order, no NaN."""
    p, low, high = (scored[name].to_numpy() for name in ("p", "p_low", "p_high"))
    assert np.isfinite(p).all()
    assert ((p > 0) & (p < 1)).all()
    assert ((low <= high) & (low >= 0) & (high <= 1)).all()
    return p


@pytest.fixture(scope="module")
def fitted():
    return Predictor.fit(FRAME, recipe(["logistic"]))


@pytest.mark.parametrize("kind", KINDS, ids="+".join)
@pytest.mark.parametrize("clicks", [0, 1])
def test_one_class_only(kind, clicks):
    frame = FRAME.with_columns(y=pl.col("n") * clicks)
    predictor = Predictor.fit(frame, recipe(kind))
    assert any("constant" in warning for warning in predictor.warnings)
    assert np.ptp(sound(predictor.score_frame(frame))) < 1e-9


@pytest.mark.parametrize("kind", KINDS, ids="+".join)
def test_columns_that_are_all_the_same(kind):
    frame = FRAME.with_columns(text=pl.lit("the same"), brand=pl.lit("a"), price=pl.lit(3.0))
    predictor = Predictor.fit(frame, recipe(kind, categorical=["brand"], numeric=["price"]))
    assert np.ptp(np.log(sound(predictor.score_frame(frame)))) < 1e-6


@pytest.mark.parametrize("kind", [["logistic"], ["gbdt"], ["hashed"], ["fusion"]], ids="+".join)
def test_nan_and_infinities_in_a_feature_are_missing_values(kind):
    rng = np.random.default_rng(0)
    price = rng.choice([1.0, np.nan, np.inf, -np.inf, 1e300, -1e300], ROWS)
    frame = FRAME.with_columns(price=pl.Series(price))
    predictor = Predictor.fit(frame, recipe(kind, numeric=["price"]))
    sound(predictor.score_frame(frame))


@pytest.mark.parametrize("value", [float("inf"), -1.0, 0.5])
def test_an_outcome_that_is_no_count_is_an_error_that_names_the_column(value):
    frame = FRAME.with_columns(y=pl.col("y").cast(pl.Float64))
    frame[3, "y"] = value
    with pytest.raises(DataError, match="'y'"):
        Predictor.fit(frame, recipe(["logistic"]))


def test_a_nan_outcome_is_no_outcome():
    frame = FRAME.with_columns(y=pl.when(pl.arange(0, ROWS) % 2 == 0).then(float("nan")).otherwise("y"))
    half = FRAME.with_columns(y=pl.when(pl.arange(0, ROWS) % 2 == 0).then(None).otherwise("y"))
    a, b = (Predictor.fit(f, recipe(["logistic"])).score(FRAME).click.mean for f in (frame, half))
    assert np.array_equal(a, b)


@pytest.mark.parametrize("kind", [["logistic"], ["gbdt"], ["hashed"]], ids="+".join)
def test_a_hundred_thousand_categories(kind):
    rng = np.random.default_rng(1)
    size = 100_000
    frame = pl.DataFrame({"id": [f"u{i}" for i in range(size)], "click": rng.random(size) < 0.1})
    wanted = PredictRecipe.of(
        {
            "columns": {"categorical": ["id"]},
            "targets": {"click": {"label": "click"}},
            "model": {
                "kind": kind,
                "ridges": [30.0],
                "n_members": 2,
                "gbdt": {"n_members": 2, "patience": 5},
            },
        }
    )
    predictor = Predictor.fit(frame, wanted)
    p = predictor.score(pl.DataFrame({"id": ["u1", "never seen", None]})).click.mean
    assert np.allclose(p, 0.1, atol=0.02)


@pytest.mark.parametrize("text", ["", None, "   ", "\x00\ufeff\u202e", "word " * 200_000, "纯" * 300_000])
def test_an_empty_a_broken_and_a_megabyte_of_text_are_scored(fitted, text):
    rows = pl.DataFrame({"text": pl.Series([text], dtype=pl.String), "content": ["c"], "n": [100]})
    scored = fitted.score_frame(rows)
    sound(scored)
    typical = fitted.score_frame(FRAME[:50].with_columns(n=pl.lit(100)))
    assert scored["k_content"][0] <= typical["k_content"].max()


def test_a_model_of_the_first_format_is_read(fitted, tmp_path):
    """Format 1 held one logistic regression a rate: its arrays stood beside the offset, its ridge in the values."""
    fitted.save(tmp_path / "new")
    values, arrays, card = _read(tmp_path / "new")
    rate = values["rates"]["click"]
    rate["ridge"] = rate.pop("model")["models"]["logistic"]["ridge"]
    rate["slope"] = rate.pop("curve")["slope"]
    for key in ("level", "segments", "calibration"):
        del rate[key]
    arrays["click/beta"] = arrays.pop("click/model/logistic/beta")
    for key in ("kind", "encoder", "gbdt", "refit"):
        del values["recipe"]["model"][key]
    del values["recipe"]["calibration"]
    _write(tmp_path / "old", values, arrays, card, 1)
    old = Predictor.load(tmp_path / "old")
    assert np.array_equal(old.score(FRAME).click.mean, fitted.score(FRAME).click.mean)


def test_a_model_of_a_later_format_says_to_upgrade(fitted, tmp_path):
    fitted.save(tmp_path)
    manifest = json.loads((tmp_path / MANIFEST).read_text(encoding="utf-8"))
    manifest["format"] = FORMAT + 1
    (tmp_path / MANIFEST).write_text(json.dumps(manifest), encoding="utf-8")
    with pytest.raises(DataError, match="newer Adwright"):
        Predictor.load(tmp_path)


@pytest.mark.parametrize("name", ["arrays.npz", "values.json", MANIFEST])
def test_a_truncated_file_is_a_damaged_model(fitted, tmp_path, name):
    fitted.save(tmp_path)
    whole = (tmp_path / name).read_bytes()
    (tmp_path / name).write_bytes(whole[: len(whole) // 2])
    with pytest.raises(DataError, match="damaged"):
        Predictor.load(tmp_path)


def _read(folder):
    from adwright.store.archive import read_archive

    return read_archive(folder)


def _write(folder, values, arrays, card, version):
    from adwright.store.archive import write_archive

    write_archive(folder, values=values, arrays=arrays, card=card)
    manifest = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    manifest["format"] = version
    (folder / MANIFEST).write_text(json.dumps(manifest), encoding="utf-8")
