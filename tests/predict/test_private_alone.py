"""Beside a private head nothing else learns what it must not: no other shop's model, no positions, no tuning."""

import pytest

from adwright.errors import ConfigError
from adwright.learn.tuning.objective import Objective
from adwright.predict import Predictor, PredictRecipe
from adwright.predict.table import Table
from predict.synthetic_table import click_recipe, draw_table
from predict.tiny_encoder import save_tiny_encoder

FRAME, _ = draw_table(3, n_groups=60)
LINEAR = PredictRecipe.of(click_recipe(model={"kind": ["logistic"], "ridges": [30.0], "n_members": 2}))


def private(**changes):
    encoder = {"tuning": "frozen", "privacy": {"epsilon": 3.0}, "path": changes.pop("path", "")}
    model = {"kind": ["encoder"], "encoder": encoder, **changes.pop("model", {})}
    return {**click_recipe(model=model), **changes}


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"model": {"warm_start": "elsewhere"}}, "warm_start"),
        ({"model": {"order_value": "fusion"}}, "order_value"),
        ({"model": {"kind": ["encoder", "frozen"]}}, "kind"),
        ({"position": {"column": "slot"}}, "position"),
    ],
)
def test_a_recipe_that_would_learn_beside_the_private_head_is_refused(changes, named):
    PredictRecipe.of(private())
    with pytest.raises(ConfigError, match=named):
        PredictRecipe.of(private(**changes))


def test_late_conversions_are_refused():
    delay = {"began": "at", "succeeded": "came"}
    targets = {"conversion": {"label": "buy", "delay": delay}}
    with pytest.raises(ConfigError, match="delay"):
        PredictRecipe.of(private(targets=targets))


def test_a_private_fit_starts_from_no_other_model(tmp_path):
    wanted = PredictRecipe.of(private(path=str(save_tiny_encoder(tmp_path / "tiny"))))
    with pytest.raises(ConfigError, match="not private"):
        Predictor.fit(FRAME, wanted, source=Predictor.fit(FRAME, LINEAR))


def test_a_private_recipe_is_not_tuned():
    with pytest.raises(ConfigError, match="budget"):
        Objective(Table.of(FRAME, PredictRecipe.of(private())), "click")
