import pytest

from adwright.text.width import display_width


@pytest.mark.parametrize(
    ("text", "width"),
    [("", 0), ("abc", 3), ("纯棉", 4), ("ＡＢ", 4), ("，", 2), ("cafe\u0301", 4), ("é", 1), ("한", 2)],
)
def test_wide_characters_count_two(text, width):
    assert display_width(text) == width
