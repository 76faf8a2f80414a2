from __future__ import annotations

import itertools

import numpy as np
import pytest

from adwright.errors import DataError, NotFoundError
from adwright.experiment.offpolicy import slate_terms

REWARD = [[1.0, 0.0, 2.0], [0.0, 1.0, 0.0]]
LOGGED = [[0.5, 0.5, 0.25], [0.5, 0.25, 0.5]]
TARGET = [[0.25, 1.0, 0.5], [1.0, 0.5, 0.5]]


@pytest.mark.parametrize(
    ("model", "by_hand"),
    [
        ("independent", (0.5 * 1 + 2 * 2 + 2 * 1) / 2),
        ("reward interaction", (0.5 * 1 + 0.5 * 2 * 2 * 2 + 2 * 2 * 1) / 2),
        ("standard", (0.5 * 2 * 2 * 3 + 2 * 2 * 1 * 1) / 2),
    ],
)
def test_a_slate_is_weighted_as_its_model_says(model: str, by_hand: float) -> None:
    terms = slate_terms(REWARD, propensity=LOGGED, target=TARGET, model=model)  # type: ignore[arg-type]
    assert terms.value == pytest.approx(by_hand)


def test_all_are_unbiased_where_their_model_holds() -> None:
    """Two places, two items, rewards that hang on the place's own item: exact means over all slates."""
    logged, target = np.array([[0.5, 0.5], [0.3, 0.7]]), np.array([[0.9, 0.1], [0.6, 0.4]])
    gain = np.array([[1.0, 2.0], [3.0, 5.0]])
    truth = float((target * gain).sum())
    for model in ("independent", "reward interaction", "standard"):
        total = 0.0
        for slate in itertools.product((0, 1), repeat=2):
            at = (np.arange(2), np.array(slate))
            terms = slate_terms(
                gain[at][None], propensity=logged[at][None], target=target[at][None], model=model
            )  # type: ignore[arg-type]
            total += float(logged[at].prod()) * terms.value
        assert total == pytest.approx(truth), model


def test_self_normalising_divides_by_the_mean_weight_of_each_place() -> None:
    terms = slate_terms(REWARD, propensity=LOGGED, target=TARGET, model="independent", self_normalised=True)
    assert terms.value == pytest.approx(0.5 / 2.5 + 2.0 / 4.0 + 4.0 / 3.0)


def test_bad_slates_are_named() -> None:
    with pytest.raises(DataError, match="propensity"):
        slate_terms([[1.0]], propensity=[[0.0]], target=[[0.5]], model="standard")
    with pytest.raises(DataError, match="shapes"):
        slate_terms([[1.0]], propensity=[[0.5, 0.5]], target=[[0.5]], model="standard")
    with pytest.raises(DataError, match="reward"):
        slate_terms([[np.nan]], propensity=[[0.5]], target=[[0.5]], model="standard")
    with pytest.raises(NotFoundError):
        slate_terms([[1.0]], propensity=[[0.5]], target=[[0.5]], model="cascade")  # type: ignore[arg-type]
