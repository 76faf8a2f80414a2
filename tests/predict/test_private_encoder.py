"""Differential privacy: what is spent, what is clipped, what is refused."""

import numpy as np
import polars as pl
import pytest
import torch
from opacus.accountants import RDPAccountant
from scipy import sparse, stats

from adwright.errors import ConfigError
from adwright.predict import Predictor, PredictRecipe
from adwright.predict.encoder_config import EncoderConfig, PrivacyConfig, RobustConfig
from adwright.predict.model_config import ModelConfig
from adwright.predict.models import private
from adwright.predict.models.contrasts import Contrast
from adwright.predict.models.model import FitData
from adwright.predict.models.private import fit_private
from adwright.predict.models.private_head import PrivatePlan, train_private_head
from adwright.predict.table import Table
from adwright.privacy import dp_accounting
from adwright.privacy.dp_accounting import NoisySteps, epsilon_spent, noise_for
from predict.synthetic_table import click_recipe, draw_table
from predict.tiny_encoder import save_tiny_encoder

FRAME, MEAN = draw_table(3, n_groups=80)


@pytest.fixture(scope="module")
def tiny(tmp_path_factory):
    return str(save_tiny_encoder(tmp_path_factory.mktemp("tiny")))


def fit(tiny, *, kind=("encoder",), columns=None, refit=False, frame=FRAME, **privacy):
    encoder = {
        "path": tiny,
        "tuning": "frozen",
        "n_members": 2,
        "bfloat16": False,
        "head_learning_rate": 1e-2,
        "privacy": {"epsilon": 3.0, "units_per_step": 16, "n_epochs": 10, **privacy},
    }
    table = click_recipe(
        model={"kind": list(kind), "encoder": encoder, "refit": refit}, columns=columns or {}
    )
    return Predictor.fit(frame, PredictRecipe.of(table))


def test_a_gaussian_without_subsampling_spends_what_the_closed_form_says():
    """Mironov 2017, CSF, corollary 3 and proposition 3: alpha / (2 sigma^2), turned to (epsilon, delta). Opacus
    turns it a little more tightly, never less."""
    sigma, delta = 2.0, 1e-5
    alphas = np.linspace(1.01, 100, 10_000)
    loose = np.min(alphas / (2 * sigma**2) + np.log(1 / delta) / (alphas - 1))
    found = epsilon_spent([NoisySteps(sigma, 1.0, 1)], delta)
    assert 0.75 * loose < found <= loose


@pytest.mark.parametrize("epsilon", [0.5, 3.0, 20.0])
def test_the_noise_for_a_budget_stays_within_it_and_does_not_waste_it(epsilon):
    noise = noise_for(epsilon, 1e-5, sample_rate=0.1, n_steps=300)
    spent = epsilon_spent([NoisySteps(noise, 0.1, 300)], 1e-5)
    assert 0.9 * epsilon < spent <= epsilon


@pytest.mark.parametrize("refit", [False, True])
def test_all_runs_together_stay_within_the_budget_and_the_card_says_so(refit, tiny):
    card = fit(tiny, refit=refit).card["metrics"]["click"]["privacy"]
    assert len(card["runs"]) == (4 if refit else 2)
    accountant = RDPAccountant()
    for noise, rate, n_steps in card["runs"]:
        for _ in range(n_steps):
            accountant.step(noise_multiplier=noise, sample_rate=rate)
    assert card["epsilon"] == pytest.approx(accountant.get_epsilon(1e-5), rel=1e-6)
    assert 0 < card["epsilon"] <= card["epsilon_allowed"] == 3.0
    assert card["delta"] == 1e-5
    assert card["unit"].startswith("a group")


@pytest.mark.parametrize("time", [False, True])
def test_without_groups_the_unit_is_a_row(time, tiny):
    """Of time's stretches, too: each of their ends hangs on every row, so that none could be a unit."""
    frame = FRAME.head(300).with_columns(day=pl.int_range(300))
    table = click_recipe()
    table["columns"] = {"text": ["text"], "content": "content"}
    if time:
        table["columns"] |= {"time": "day", "time_format": "ordinal"}
    table["model"] = {
        "kind": ["encoder"],
        "encoder": {
            "path": tiny,
            "tuning": "frozen",
            "n_members": 2,
            "bfloat16": False,
            "privacy": {"epsilon": 2.0, "units_per_step": 50, "n_epochs": 2},
        },
    }
    card = Predictor.fit(frame, PredictRecipe.of(table)).card["metrics"]["click"]["privacy"]
    assert card["unit"] == "a row"
    assert card["n_units"] == 180  # the train block


def without_groups(frame):
    """Clicks on texts in order of time, each row a unit."""
    columns = {"text": ["text"], "content": "content", "time": "day", "time_format": "ordinal"}
    table = Table.of(frame, PredictRecipe.of({**click_recipe(), "columns": columns}))
    whole = np.ones(frame.height, bool)
    return table.rows("click", whole, sparse.csr_matrix((frame.height, 0)))[0]


def test_what_one_row_teaches_hangs_on_no_other_rows_spread(tiny, monkeypatch):
    """Beside a calm shop and a wild one of the same mean rate the first row's target and precision are the same."""
    seen = []
    monkeypatch.setattr(
        private,
        "train_private_head",
        lambda x, learned, *_, **__: seen.append(learned) or np.zeros(x.shape[1]),
    )
    encoder = EncoderConfig(
        path=tiny, tuning="frozen", n_members=2, bfloat16=False, privacy=PrivacyConfig(epsilon=3.0)
    )
    model = ModelConfig(kind=("encoder",), encoder=encoder)
    wild = np.r_[20, 20, np.tile([2, 38], 19)]
    for clicks in (np.full(40, 20), wild):
        rows = without_groups(FRAME.head(40).with_columns(n=pl.lit(1000), y=pl.Series(clicks)))
        data = FitData(rows, rows, model, {"text": "text"}, np.random.default_rng(0), lambda _: None)
        fit_private(data, encoder, ("text",))
    calm, other = seen[0][0], seen[2][0]
    assert len(seen[0]) == len(seen[2]) == 40
    assert calm.precision.tolist() == other.precision.tolist()
    assert calm.target.tolist() == other.target.tolist()


def test_labels_smoothed_over_all_rows_are_refused(tiny):
    rows = without_groups(FRAME.head(40))
    config = EncoderConfig(
        path=tiny,
        tuning="frozen",
        robust=RobustConfig(label_smoothing=0.1),
        privacy=PrivacyConfig(epsilon=3.0),
    )
    data = FitData(rows, rows, ModelConfig(), {"text": "text"}, np.random.default_rng(0), lambda _: None)
    with pytest.raises(ConfigError, match="label_smoothing"):
        fit_private(data, config, ("text",))


def test_each_units_gradient_is_clipped_before_noise(tiny):
    """One huge unit among small ones moves the sum of gradients by the clip at most."""
    del tiny
    rng = np.random.default_rng(0)
    features = rng.standard_normal((40, 3))
    small = [Contrast(np.array([2 * i, 2 * i + 1]), np.array([0.1, -0.1]), np.eye(2)) for i in range(19)]
    huge = Contrast(np.array([38, 39]), np.array([1e6, -1e6]), np.eye(2))
    sums = {}

    def record(name):
        def watch(optimiser):
            sums.setdefault(name, optimiser.params[0].summed_grad.clone())

        return watch

    config = EncoderConfig(tuning="frozen", privacy=PrivacyConfig(epsilon=1.0))
    plan = PrivatePlan(NoisySteps(0.0, 1.0, 1), max_grad_norm=0.5)
    for name, units in (("with", [*small, huge]), ("without", small)):
        train_private_head(features, units, config, plan, seed=0, progress=lambda _: None, watch=record(name))
    moved = float((sums["with"] - sums["without"]).norm())
    assert moved == pytest.approx(0.5, rel=1e-4)
    assert float(sums["without"].norm()) <= 19 * 0.5


def test_noise_is_added_as_planned():
    """With nothing to learn, the first step's gradient is the noise alone."""
    features = np.ones((2, 2000))
    units = [Contrast(np.array([0, 1]), np.zeros(2), np.eye(2))]
    seen = []
    config = EncoderConfig(tuning="frozen", privacy=PrivacyConfig(epsilon=1.0))
    plan = PrivatePlan(NoisySteps(3.0, 1.0, 1), max_grad_norm=0.5)
    train_private_head(
        features,
        units,
        config,
        plan,
        seed=1,
        progress=lambda _: None,
        watch=lambda optimiser: seen.append(torch.cat([p.grad.flatten() for p in optimiser.params])),
    )
    sd = 3.0 * 0.5
    assert float(seen[0].std()) == pytest.approx(sd, abs=4 * sd / np.sqrt(2 * 2000))


def test_it_still_learns_with_a_wide_budget(tiny):
    predictor = fit(tiny, epsilon=500.0)
    assert stats.spearmanr(predictor.score(FRAME).click.mean, MEAN)[0] > 0.3


@pytest.mark.parametrize("kind", [("gbdt",), ("encoder", "logistic"), ("auto",), ("fusion",)])
def test_a_model_that_cannot_is_refused_before_anything_is_learned(kind, tiny):
    with pytest.raises(ConfigError, match="no other model is private"):
        fit(tiny, kind=kind)


def test_a_tuned_encoder_is_refused():
    with pytest.raises(ConfigError, match="frozen where there is"):
        EncoderConfig(privacy=PrivacyConfig(epsilon=1.0))


def test_without_opacus_it_is_one_clear_error(monkeypatch, tiny):
    monkeypatch.setattr(dp_accounting, "find_spec", lambda _: None)
    with pytest.raises(ConfigError, match=r"pip install 'adwright\[dp\]'"):
        fit(tiny)


def test_without_an_encoder_nothing_else_is_fitted_in_its_place(monkeypatch, tiny):
    from adwright.predict.models.encoder import Encoder

    monkeypatch.setattr(Encoder, "obstacle", lambda *_: "it is not installed")
    with pytest.raises(ConfigError, match="no private model can be fitted"):
        fit(tiny)


def test_a_delta_that_promises_nothing_is_refused(tiny):
    with pytest.raises(ConfigError, match="below 1 / "):
        fit(tiny, delta=0.1)


@pytest.mark.parametrize(
    "wrong", [{"epsilon": 0.0}, {"delta": 0.0}, {"max_grad_norm": -1.0}, {"n_epochs": 0}]
)
def test_settings_out_of_range_are_refused(wrong):
    with pytest.raises(ConfigError):
        PrivacyConfig(**{"epsilon": 1.0, **wrong})
