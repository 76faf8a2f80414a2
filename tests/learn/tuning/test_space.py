"""What is searched."""

import re

import pytest

from adwright.errors import ConfigError
from adwright.learn.tuning.space import DEFAULT_SPACE, search_space, suggest, with_values
from adwright.predict.model_config import ModelConfig


class Fixed:
    """A trial that always proposes the lowest value, or the last choice."""

    def suggest_float(self, key, low, high, log=False):
        return low

    def suggest_int(self, key, low, high, log=False):
        return low

    def suggest_categorical(self, key, choices):
        return choices[-1]


def test_each_model_has_a_space_and_each_end_of_it_is_a_valid_setting() -> None:
    for kind in ("logistic", "pairwise", "gbdt", "encoder", "fusion"):
        space = search_space((kind,), has_text=True, own={})
        assert len(space) >= 5, kind
        for p in space:
            for value in p.choices or (p.low, p.high):
                with_values(ModelConfig(), {p.key: int(value) if p.whole else value})


def test_words_are_searched_only_where_there_are_texts() -> None:
    assert [p.key for p in search_space(("logistic",), has_text=False, own={})] == ["ridge"]


def test_the_recipes_own_space_replaces_the_default() -> None:
    own = {"gbdt.n_leaves": {"low": 4, "high": 8}, "kind": {"choices": [["gbdt"], ["logistic"]]}}
    space = search_space(("logistic",), has_text=True, own=own)
    assert [p.key for p in space] == ["gbdt.n_leaves", "kind"]
    values = suggest(space, Fixed(), ("logistic",))
    assert values == {"kind": ["logistic"]}  # its leaves are not searched where there are no trees
    space = search_space(("logistic",), has_text=True, own={**own, "kind": {"choices": [["gbdt"]]}})
    assert suggest(space, Fixed(), ("logistic",)) == {"kind": ["gbdt"], "gbdt.n_leaves": 4}


def test_values_go_where_their_key_says() -> None:
    model = with_values(
        ModelConfig(), {"ridge": 2.5, "word_ngrams": [1, 3], "fusion.hidden": [8], "encoder.n_epochs": 1}
    )
    assert model.ridges == (2.5,)
    assert model.word_ngrams == (1, 3)
    assert (model.fusion.hidden, model.encoder.n_epochs) == ((8,), 1)
    assert model.gbdt == ModelConfig().gbdt


@pytest.mark.parametrize(
    ("own", "message"),
    [
        ({"gbdt.leaves": {"low": 2, "high": 9}}, "Did you mean 'gbdt.n_leaves'"),
        ({"ridge": {"low": 10.0, "high": 1.0}}, "low below high"),
        ({"ridge": {"low": 0.0, "high": 1.0, "log": True}}, "above 0 with log"),
        ({"gbdt.n_leaves": {"low": 2.5, "high": 9}}, "whole numbers"),
        ({"gbdt.n_leaves": {"low": 1, "high": 9}}, "n_leaves"),
        ({"word_ngrams": {"choices": []}}, "choices"),
        ({"word_ngrams": {"choices": [[2, 1]]}}, "word_ngrams"),
        ({"ridge": 3.0}, "low = ..."),
        ({"refit": {"low": 0.0, "high": 1.0}}, "low = ..."),
    ],
)
def test_what_is_no_range_is_an_error_that_says_what_is(own: dict, message: str) -> None:
    with pytest.raises(ConfigError, match=re.escape(message)):
        search_space(("logistic",), has_text=True, own=own)


def test_models_without_a_space_ask_for_one() -> None:
    with pytest.raises(ConfigError, match=r"\[tune.space\]"):
        search_space(("somebody's",), has_text=True, own={})


def test_the_default_space_has_no_key_twice() -> None:
    keys = [p.key for p in DEFAULT_SPACE]
    assert len(set(keys)) == len(keys)
