import pytest

from adwright.text.pinyin import is_syllable, reads_as_pinyin, rows_of_pinyin


@pytest.mark.parametrize("word", ["hongse", "piaoliang", "jianguo", "xihuan", "zhenpi", "liangkuai"])
def test_words_of_pinyin(word):
    assert reads_as_pinyin(word)


@pytest.mark.parametrize("word", ["cotton", "banana", "china", "scarf", "Hongse", "hao", "", "3000"])
def test_other_words(word):
    assert not reads_as_pinyin(word)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("a hao kan xin novel", ["hao kan xin"]),
        ("Zhe ge lamp", ["Zhe ge"]),
        ("long hen house", []),
        ("sing a song", []),
        ("@xiao mei", []),
    ],
)
def test_syllables_in_a_row(text, found):
    assert [text[a:b] for a, b in rows_of_pinyin(text)] == found


def test_syllables():
    assert is_syllable("zhuang")
    assert is_syllable("hen")
    assert not is_syllable("bug")
    assert not is_syllable("zz")


def test_long_text_takes_time_in_proportion():
    assert rows_of_pinyin("hao kan xin " * 20_000)  # more than six syllables in a row are found in parts
    assert not reads_as_pinyin("zhuang" * 2_000)
