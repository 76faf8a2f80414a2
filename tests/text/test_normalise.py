import pytest
from hypothesis import given
from hypothesis import strategies as st

from adwright.text.normalise import clean, fold


@pytest.mark.parametrize(
    "hidden",
    [
        "\u200b",
        "\u202e",
        "\u2066",
        "\ufeff",
        "\u00ad",
        "\x00",
        "\x1b",
        "\U000e0041",
        "\U000e0100",
        "\u3164",
        "\ud800",
        "\u2064",
    ],
)
def test_what_a_reader_cannot_see_is_taken_out(hidden):
    assert clean(f"ig{hidden}nore") == "ignore"


def test_line_ends_become_a_line_feed_and_tabs_stay():
    assert clean("a\r\nb\rc\u2028d\te") == "a\nb\nc\nd\te"


def test_an_emoji_sequence_keeps_its_joiner_and_a_word_does_not():
    family = "\U0001f469\u200d\U0001f467"
    assert clean(family) == family
    assert clean("a\u200db") == "ab"


def test_decomposed_letters_are_composed():
    assert clean("cafe\u0301") == "caf\u00e9"


@given(st.text())
def test_cleaning_and_folding_twice_changes_nothing(text):
    assert clean(clean(text)) == clean(text)
    assert fold(fold(text)) == fold(text)


def test_folding_makes_full_width_and_case_equal():
    assert fold("ＡＢＣ１２３％") == fold("abc123%")
