import numpy as np
import pytest

from adwright.backbone import encoders as module
from adwright.errors import BackendError, DataError
from adwright.predict import Predictor, PredictRecipe
from adwright.predict.encoder_config import EncoderConfig
from adwright.predict.model_config import ModelConfig
from adwright.predict.models.choice import choose_models
from adwright.predict.models.encoder import Encoder
from predict.synthetic_table import click_recipe, draw_table
from predict.tiny_encoder import save_tiny_encoder

SMALL = {"n_epochs": 1, "n_members": 2, "bfloat16": False, "max_tokens": 16, "groups_per_step": 16}
FRAME, _ = draw_table(3, n_groups=60)


def recipe(path, kind=("encoder", "logistic")):
    return PredictRecipe.of(click_recipe(model={"kind": list(kind), "encoder": {**SMALL, "path": str(path)}}))


def test_a_saved_predictor_scores_as_the_fitted_one(tmp_path):
    predictor = Predictor.fit(FRAME, recipe(save_tiny_encoder(tmp_path / "base")))
    predictor.save(tmp_path / "model")
    again = Predictor.load(tmp_path / "model")
    a, b = (p.score(FRAME).click.mean for p in (predictor, again))
    assert np.allclose(a, b, rtol=1e-12)
    metrics = predictor.card["metrics"]["click"]
    assert metrics["model"] == ["encoder", "logistic"]
    assert set(metrics["weights_chosen_on_tune"]) == {"encoder", "logistic"}


def test_another_base_than_the_one_tuned_from_is_refused(tmp_path):
    base = save_tiny_encoder(tmp_path / "base")
    Predictor.fit(FRAME, recipe(base, ["encoder"])).save(tmp_path / "model")
    save_tiny_encoder(base, seed=1)
    with pytest.raises(DataError, match="not the one that this model was tuned from"):
        Predictor.load(tmp_path / "model").score(FRAME)


def test_a_folder_without_an_encoder_is_one_clear_error(tmp_path):
    with pytest.raises(BackendError, match="save_pretrained"):
        Predictor.fit(FRAME, recipe(tmp_path / "nothing"))


def test_without_the_extra_the_other_models_are_fitted_and_it_is_said(monkeypatch):
    monkeypatch.setattr(module, "find_spec", lambda _: None)
    table = click_recipe(model={"kind": ["encoder", "logistic"]})
    choice = choose_models(PredictRecipe.of(table), 1000)
    assert choice.kinds == ("logistic",)
    predictor = Predictor.fit(FRAME, PredictRecipe.of(table))
    assert any("pip install 'adwright[encoder]'" in warning for warning in predictor.warnings)


def test_without_the_extra_and_alone_it_falls_back_to_the_baseline_and_it_is_said(monkeypatch):
    monkeypatch.setattr(module, "find_spec", lambda _: None)
    choice = choose_models(PredictRecipe.of(click_recipe(model={"kind": ["encoder"]})), 1000)
    assert choice.kinds == ("logistic",)
    assert "none of the models asked for" in choice.reason
    assert "adwright[encoder]" in choice.notes[0]


def test_a_path_needs_no_extra(monkeypatch):
    monkeypatch.setattr(module, "find_spec", lambda _: None)
    assert Encoder().obstacle(ModelConfig(encoder=EncoderConfig(path="somewhere"))) is None
