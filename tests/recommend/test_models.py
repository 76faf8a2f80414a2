"""What every registered recommender promises."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import polars as pl
import pytest

from adwright.errors import NotFoundError
from adwright.recommend.histories import encode
from adwright.recommend.models.model import FittedRecommender, RecommenderKind
from adwright.recommend.models.registry import RECOMMENDERS, recommender_named
from recommend.shop_of_tastes import NOW, fit_data, interactions, products, task


@pytest.fixture(scope="module", params=RECOMMENDERS.names())
def kind(request: pytest.FixtureRequest) -> RecommenderKind:
    return recommender_named(request.param)


@pytest.fixture(scope="module")
def model(kind: RecommenderKind) -> FittedRecommender:
    return kind.fit(fit_data(tune=task()))


def test_it_keeps_the_protocol(kind: RecommenderKind, model: FittedRecommender) -> None:
    assert kind.name in RECOMMENDERS.names()
    assert isinstance(kind, RecommenderKind)
    assert isinstance(model, FittedRecommender)


def test_scores_are_finite_whoever_asks(model: FittedRecommender) -> None:
    asked = encode(interactions(), products()["id"], customer_ids=["c3", "never seen", "c1"])
    scores = model.score(asked, NOW)
    assert scores.shape == (3, products().height)
    assert scores.dtype == np.float32
    assert np.isfinite(scores).all()


def test_scores_do_not_depend_on_who_else_is_asked_about(model: FittedRecommender) -> None:
    together = encode(interactions(), products()["id"])
    alone = together.take([7])
    np.testing.assert_allclose(
        model.score(together, NOW)[7], model.score(alone, NOW)[0], rtol=1e-4, atol=1e-5
    )


def test_a_packed_model_scores_the_same(kind: RecommenderKind, model: FittedRecommender) -> None:
    values, arrays = model.pack()
    again = kind.unpack(json.loads(json.dumps(values)), {k: np.array(v) for k, v in arrays.items()})
    asked = encode(interactions(), products()["id"])
    np.testing.assert_allclose(again.score(asked, NOW), model.score(asked, NOW), rtol=1e-5, atol=1e-6)
    json.dumps(model.summary())


def test_support_is_of_the_customers_own_history(model: FittedRecommender) -> None:
    asked = encode(interactions(), products()["id"], customer_ids=["c0", "nobody"])
    items = np.array([[3, -1], [4, 0]])
    found = model.support(asked, items, 2)
    assert found.shape == (2, 2, 2)
    own = {-1, *asked.items[asked.indptr[0] : asked.indptr[1]].tolist()}
    assert set(found[0, 0].tolist()) <= own
    assert (found[0, 1] == -1).all()
    assert (found[1] == -1).all()


def test_a_refit_model_scores_too(kind: RecommenderKind, model: FittedRecommender) -> None:
    again = kind.refit(model, fit_data())
    asked = encode(interactions(), products()["id"])
    assert np.isfinite(again.score(asked, NOW)).all()


def test_one_seed_gives_one_model(kind: RecommenderKind) -> None:
    asked = encode(interactions(), products()["id"])
    first, second = (kind.fit(fit_data(tune=task())).score(asked, NOW) for _ in range(2))
    np.testing.assert_array_equal(first, second)


def test_histories_without_any_interaction_are_fitted_too(kind: RecommenderKind) -> None:
    data = fit_data()
    empty = encode(interactions().clear(), products()["id"], customer_ids=["c0"])
    model = kind.fit(replace(data, histories=empty))
    assert np.isfinite(model.score(empty, NOW)).all()


def test_interactions_that_weigh_nothing_are_no_lesson_and_no_history(kind: RecommenderKind) -> None:
    """`view_weight = 0` is allowed: a batch of views alone has no mean to learn from."""
    views = interactions().with_columns(kind=pl.lit("view"), weight=pl.lit(0.0))
    data = replace(fit_data(), histories=encode(views, products()["id"]))
    assert np.isfinite(kind.fit(data).score(data.histories, NOW)).all()


def test_a_catalogue_of_one_is_fitted_too(kind: RecommenderKind) -> None:
    one = products().head(1)
    data = replace(fit_data(), products=one, histories=encode(interactions(), one["id"]))
    assert kind.fit(data).score(data.histories, NOW).shape == (len(data.histories), 1)


def test_an_unknown_recommender_names_the_nearest() -> None:
    with pytest.raises(NotFoundError, match="popularity"):
        recommender_named("popularty")


def test_histories_are_in_the_order_of_time() -> None:
    shuffled = interactions().sample(fraction=1.0, shuffle=True, seed=3)
    asked = encode(shuffled, products()["id"])
    assert asked.matrix().sum() == interactions().height
    for i in range(len(asked)):
        times = asked.at_s[asked.indptr[i] : asked.indptr[i + 1]]
        assert (np.diff(times) >= 0).all()
    some = asked.take([5, 2])
    assert some.customer_ids == (asked.customer_ids[5], asked.customer_ids[2])
    expected = asked.matrix()[[5, 2]].toarray()
    np.testing.assert_array_equal(some.matrix().toarray(), expected)
    assert pl.Series(some.customers["id"]).to_list() == list(some.customer_ids)
