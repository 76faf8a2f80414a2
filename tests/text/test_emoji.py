import pytest

from adwright.text.emoji import find_emoji


@pytest.mark.parametrize(
    "emoji",
    ["😀", "❤️", "👍🏽", "👨‍👩‍👧‍👦", "🇨🇳", "1️⃣", "#⃣", "✅", "⭐", "🏴\U000e0067\U000e0062\U000e007f", "🧑🏿‍🚀"],
)
def test_a_sequence_is_one_emoji(emoji):
    text = f"新品{emoji}上架"
    assert find_emoji(text) == [(2, 2 + len(emoji))]


@pytest.mark.parametrize(
    "text", ["Brand™ ©2026 ®", "① 第一 ※ ℃ №", "#1 *", "「好」～—…", "a\u200db", "棉 T恤"]
)
def test_letters_signs_and_punctuation_are_none(text):
    assert find_emoji(text) == []


def test_two_in_a_row_are_two():
    assert find_emoji("😀😀🇨🇳🇯🇵") == [(0, 1), (1, 2), (2, 4), (4, 6)]
