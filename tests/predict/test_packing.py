import json

import numpy as np

from adwright.predict.packing import pack, unpack
from adwright.predict.predictor import Predictor
from adwright.predict.recipe import PredictRecipe
from predict.synthetic_table import click_recipe, draw_table


def test_parts_come_back_from_json_and_arrays_bit_by_bit():
    frame, _ = draw_table(n_groups=40)
    parts = Predictor.fit(frame, PredictRecipe.of(click_recipe())).parts
    values, arrays = pack(parts)
    again = unpack(json.loads(json.dumps(values)), arrays)
    x = parts.features.transform(frame)
    assert (again.features.transform(frame) != x).nnz == 0
    assert np.array_equal(again.rates["click"].score(x, frame)[0], parts.rates["click"].score(x, frame)[0])
    assert again.rates["click"].effects == parts.rates["click"].effects
    assert again.order_value is None
    assert again.correlation is None


def test_a_model_from_before_purchases_and_observations_is_read():
    frame, _ = draw_table(n_groups=40)
    parts = Predictor.fit(frame, PredictRecipe.of(click_recipe())).parts
    values, arrays = pack(parts)
    del values["purchase"], values["observations"]
    again = unpack(values, arrays)
    assert again.purchase is None
    assert again.observations == {}
    x = parts.features.transform(frame)
    assert np.array_equal(again.rates["click"].score(x, frame)[0], parts.rates["click"].score(x, frame)[0])
