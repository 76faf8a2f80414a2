"""What of an encoder is tuned, how much that is, and that it learns."""

import json

import numpy as np
import pytest
import torch
from scipy import stats
from transformers import AutoModel

from adwright.backbone.adapters import AdapterConfig, add_adapter, orthogonality_loss
from adwright.errors import ConfigError, DataError
from adwright.predict import Predictor, PredictRecipe
from adwright.predict.encoder_config import EncoderConfig
from adwright.predict.models.text_encoder import TextScorer, load_tuned
from predict.synthetic_table import FILLERS, WORDS, click_recipe, draw_table
from predict.tiny_encoder import save_tiny_encoder

FRAME, MEAN = draw_table(3, n_groups=80)
D, INNER, N_LAYERS = 16, 32, 2  # of the tiny encoder
BASE = {
    "n_epochs": 3,
    "n_members": 2,
    "bfloat16": False,
    "max_tokens": 16,
    "head_learning_rate": 1e-2,
    "dropout": 0.0,
    "rank": 4,
    "bottleneck_size": 8,
    "n_top_layers": 1,
}
RATES = {"full": 3e-3, "lora": 1e-2, "adalora": 1e-2, "adapter": 1e-2, "top_layers": 3e-3}
LINEARS = 4 * (D + D) + 2 * (D + INNER)  # inputs and outputs of a layer's six matrices
LAYER = 4 * (D * D + D) + (D * INNER + INNER) + (INNER * D + D) + 4 * D  # with two layer norms
N_WORDS = 5 + len(WORDS) + len(FILLERS)
OTHER_EMBEDDINGS = (64 + 2) * D + 2 * D  # positions, types, their layer norm
HEAD = D + 1
TUNED = {
    "full": N_LAYERS * LAYER + OTHER_EMBEDDINGS + HEAD,
    "frozen": HEAD,
    "lora": N_LAYERS * 4 * LINEARS + HEAD,
    "adalora": N_LAYERS * 6 * (LINEARS + 6)
    + HEAD,  # it starts at half as many ranks again, each with a scale
    "adapter": N_LAYERS * (2 * D * 8 + 8 + D) + HEAD,
    "top_layers": LAYER + HEAD,
}


def recipe(folder, **encoder):
    table = click_recipe(model={"kind": ["encoder"], "encoder": {**BASE, "path": str(folder), **encoder}})
    return PredictRecipe.of(table)


@pytest.fixture(scope="module")
def tiny(tmp_path_factory):
    return save_tiny_encoder(tmp_path_factory.mktemp("tiny"))


@pytest.mark.parametrize("tuning", TUNED)
def test_each_tuning_learns_counts_what_it_tunes_and_loads_again(tuning, tiny, tmp_path):
    rate = {"learning_rate": RATES[tuning]} if tuning in RATES else {}
    predictor = Predictor.fit(FRAME, recipe(tiny, tuning=tuning, **rate))
    card = predictor.card["metrics"]["click"]
    assert card["n_parameters_tuned"] == TUNED[tuning]
    assert card["n_parameters"] >= N_LAYERS * LAYER + N_WORDS * D
    assert card["tuning"] == tuning
    mean = predictor.score(FRAME).click.mean
    assert stats.spearmanr(mean, MEAN)[0] > 0.3
    predictor.save(tmp_path / "model")
    again = Predictor.load(tmp_path / "model").score(FRAME).click.mean
    np.testing.assert_allclose(mean, again, rtol=1e-12)


@pytest.mark.parametrize("tuning", ["lora", "adalora", "adapter"])
def test_an_untrained_adapter_changes_nothing(tuning, tiny):
    texts = ["wonderful blara", "cheap plain dorno"]
    config = EncoderConfig(path=str(tiny), bfloat16=False, dropout=0.0)
    plain = TextScorer(config)
    adapted = TextScorer(EncoderConfig(path=str(tiny), bfloat16=False, dropout=0.0, tuning=tuning))
    np.testing.assert_allclose(plain.pooled(texts), adapted.pooled(texts), atol=1e-5)


def test_frozen_members_read_each_text_once_with_one_encoder(tiny):
    predictor = Predictor.fit(FRAME, recipe(tiny, tuning="frozen", n_members=5))
    predictor.score(FRAME)
    model = predictor.parts.rates["click"].model.models["encoder"]
    assert (len(model.members), len(model._loaded)) == (5, 1)


@pytest.mark.parametrize("base", ["tiny", "writer"])
def test_what_stands_above_a_layer_is_what_an_encoder_cut_there_gives(base, tiny):
    texts, path = ["wonderful blara", "新款 cheap plain dorno", ""], str(tiny) if base == "tiny" else base
    settings = {"path": path, "bfloat16": False, "dropout": 0.0}
    whole = TextScorer(EncoderConfig(**settings)).pooled_by_layer(texts)
    for n_layers in range(1, whole.shape[1] + 1):
        cut = TextScorer(EncoderConfig(**settings, n_layers=n_layers))
        np.testing.assert_allclose(cut.pooled(texts), whole[:, n_layers - 1], atol=1e-4)


def test_a_frozen_encoder_chooses_its_layer_where_the_recipe_does_not(tiny):
    card, given = (
        Predictor.fit(FRAME, recipe(tiny, tuning="frozen", n_layers=n)).card["metrics"]["click"]
        for n in (0, 1)
    )
    assert card["layers_read"] in (1, 2)
    assert given["layers_read"] == 1


def test_more_layers_than_there_are_is_one_clear_error(tiny):
    with pytest.raises(ConfigError, match="fewer layers"):
        TextScorer(EncoderConfig(path=str(tiny), n_layers=3))


def test_a_frozen_head_is_the_minimum_of_its_loss(tiny):
    """By an optimiser that knows nothing of the normal equations."""
    from scipy import optimize

    from adwright.predict.models.contrasts import Contrast
    from adwright.predict.models.frozen_head import Cells, solve_head

    rng = np.random.default_rng(0)
    x = rng.standard_normal((9, 4))
    held = []
    for rows in ([0, 1, 2], [3, 4], [5, 6, 7, 8]):
        root = rng.standard_normal((len(rows), len(rows)))
        held.append(Contrast(np.array(rows), rng.standard_normal(len(rows)), root @ root.T))

    def loss(w):
        return sum(c.loss(x @ w) for c in held) + 2.0 * w @ w / 2

    found = optimize.minimize(loss, np.zeros(4), tol=1e-12).x
    np.testing.assert_allclose(solve_head(Cells.of(x, held).equations(), 2.0), found, atol=1e-5)


def test_weights_of_another_tuning_are_refused(tiny):
    config = EncoderConfig(path=str(tiny), bfloat16=False)
    scorer = TextScorer(config)
    weights = {"head.weight": np.zeros((1, D)), "head.bias": np.zeros(1)}
    with pytest.raises(DataError, match="damaged"):
        load_tuned(config, scorer.base, weights)


def test_adaloras_penalty_is_pefts_own(tiny):
    """PEFT adds the same to the loss of a model that has one."""
    torch.manual_seed(0)
    model = add_adapter(
        AutoModel.from_pretrained(tiny),
        AdapterConfig(method="adalora", rank=4),
        n_steps=10,
        task="FEATURE_EXTRACTION",
    )
    outputs = type("Outputs", (), {"loss": torch.zeros(())})()
    model.base_model.model.forward = lambda: outputs
    theirs = model.base_model.forward().loss
    assert float(orthogonality_loss(model).detach()) == pytest.approx(float(theirs.detach()), rel=1e-5)
    assert float(theirs.detach()) > 0


def test_chinese_texts_are_read_by_the_bundled_writer_and_it_is_said(tmp_path):
    words = {"新款": 0.4, "清仓": -0.4, "限时": 0.3, "普通": -0.3}
    frame, mean = draw_table(5, n_groups=60, words=words)
    fillers = dict(zip(FILLERS, "鞋裤裙衫帽袜包伞巾表灯杯碗锅盆壶床桌椅柜镜毯枕被", strict=True))
    texts = [
        "".join(fillers.get(word, word) for word in text.split()) + "上市" for text in frame["text"].to_list()
    ]
    frame = frame.with_columns(text=np.array(texts))
    table = click_recipe(
        model={"kind": ["encoder"], "encoder": {"tuning": "frozen", "n_members": 2, "bfloat16": False}}
    )
    predictor = Predictor.fit(frame, PredictRecipe.of(table))
    assert "bundled writer" in predictor.card["metrics"]["click"]["encoder"]
    assert stats.spearmanr(predictor.score(frame).click.mean, mean)[0] > 0.4
    predictor.save(tmp_path / "model")
    values = json.loads((tmp_path / "model" / "values.json").read_text(encoding="utf-8"))
    assert values["rates"]["click"]["model"]["models"]["encoder"]["config"]["path"] == "writer"
    assert Predictor.load(tmp_path / "model").score(frame).click.mean == pytest.approx(
        predictor.score(frame).click.mean
    )


@pytest.mark.parametrize(
    ("settings", "argument"),
    [
        ({"tuning": "half"}, "tuning"),
        ({"rank": 0}, "rank"),
        ({"learning_rate": 0.0}, "learning_rate"),
        ({"tuning": "frozen", "robust": {"attack": "fgm"}}, "robust.attack"),
        ({"tuning": "frozen", "robust": {"text_noise": "swap"}}, "robust.text_noise"),
        ({"robust": {"attack_radius": 1.5}}, "attack_radius"),
        ({"robust": {"label_smoothing": 1.0}}, "label_smoothing"),
    ],
)
def test_settings_that_cannot_be_are_one_clear_error(settings, argument, tiny):
    with pytest.raises(ConfigError, match=argument):
        recipe(tiny, **settings)
