import numpy as np
import polars as pl
import pytest

from adwright.predict.domain import Domain, strangeness
from adwright.predict.recipe import PredictRecipe
from predict.synthetic_table import click_recipe, draw_table

RECIPE = PredictRecipe.of(click_recipe())
FRAME, _ = draw_table(n_groups=60)


def texts(*values):
    return pl.DataFrame({"text": list(values)}, schema={"text": pl.String})


def learned():
    return Domain.learn(FRAME[:200], RECIPE).bounded(FRAME[200:])


def test_known_words_are_not_novel_and_unknown_ones_are():
    novelty = Domain.learn(texts("a b c", "a b d"), RECIPE).novelty(texts("a b", "x y", "a x", ""))
    rare, common = np.log(3) + 1, 1.0
    assert novelty == pytest.approx([0, 1, rare / (rare + common), 1])


def test_an_empty_text_is_known_where_training_had_one():
    assert Domain.learn(texts("a", None), RECIPE).novelty(texts("", None)).tolist() == [0.0, 0.0]


def test_han_novelty_looks_at_pairs_too():
    domain = Domain.learn(texts("纯棉舒适", "纯棉透气"), RECIPE)
    novelty = domain.novelty(texts("纯棉舒适", "舒纯适棉"))
    assert novelty[0] == 0
    assert novelty[1] > 0.3


def test_rows_like_calibrate_are_inside_and_another_language_is_not():
    domain = learned()
    frame = pl.concat([FRAME[200:].select("text"), texts("完全不同的中文文案，买它！" * 5)])
    inside = domain.inside(domain.novelty(frame), domain.shape_distance(frame))
    assert inside[:-1].mean() > 0.98
    assert not inside[-1]


def test_known_words_in_an_unknown_shape_are_outside():
    domain, frame = learned(), texts("wonderful secret " * 400)
    assert domain.novelty(frame)[0] < 0.3
    assert not domain.inside(domain.novelty(frame), domain.shape_distance(frame))[0]


def test_strangeness_is_in_the_unit_interval_and_grows_with_both():
    novelty, disagreement = np.meshgrid(np.linspace(0, 1, 11), np.linspace(0, 5, 11))
    found = strangeness(novelty, disagreement, 0.3)
    assert found.min() == 0
    assert found.max() <= 1
    assert (np.diff(found, axis=0) >= -1e-12).all()
    assert (np.diff(found, axis=1) >= -1e-12).all()


def test_without_text_unseen_categories_are_novel():
    recipe = PredictRecipe.of({"columns": {"categorical": ["a", "b"]}, "targets": {"click": {"label": "y"}}})
    domain = Domain.learn(pl.DataFrame({"a": ["x", "y"], "b": ["u", None]}), recipe)
    assert domain.novelty(pl.DataFrame({"a": ["x", "z"], "b": [None, "v"]})).tolist() == [0.0, 1.0]


def test_it_survives_its_own_json():
    domain = learned()
    again = Domain.from_json(domain.to_json())
    assert again.novelty(FRAME).tolist() == domain.novelty(FRAME).tolist()
    assert again.limit == domain.limit
