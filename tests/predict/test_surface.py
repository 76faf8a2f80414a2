import numpy as np
import pytest

from adwright.predict.surface import NAMES, surface_features


def look(text):
    return dict(zip(NAMES, surface_features(text).tolist(), strict=True))


def test_it_sees_who_is_spoken_to_in_both_languages():
    assert look("You will love your bag")["you"] == pytest.approx(np.log1p(2))
    assert look("送给你和您的家人")["you"] == pytest.approx(np.log1p(2))
    assert look("我的选择")["self"] > 0
    assert look("young youth")["you"] == 0


def test_it_sees_numbers_questions_quotes_and_shouting():
    seen = look('WHY 7 "experts" were wrong?!')
    assert seen["question"] == 1
    assert seen["exclamation"] == 1
    assert seen["quote"] == pytest.approx(np.log1p(2))
    assert seen["digit"] == 1
    assert seen["shouting"] == pytest.approx(1 / 5)
    assert seen["opens_pointing"] == 1


def test_han_characters_count_twice_in_width():
    assert look("纯棉")["log_width"] == pytest.approx(look("abcd")["log_width"])
    assert look("纯棉")["han"] == 1.0


@pytest.mark.parametrize("text", ["", None, " \n", "\u200b"])
def test_an_empty_text_is_empty_and_finite(text):
    assert look(text)["empty"] == 1.0
    assert np.isfinite(surface_features(text)).all()
