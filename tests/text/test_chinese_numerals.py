import pytest
from hypothesis import given
from hypothesis import strategies as st

from adwright.text.chinese_numerals import parse_chinese


def write_chinese(n: int) -> str:
    """An independent writer of standard numerals up to 99,999,999."""
    digits = "零一二三四五六七八九"

    def below_ten_thousand(m: int) -> str:
        out, zero = "", False
        for place, name in ((1000, "千"), (100, "百"), (10, "十"), (1, "")):
            digit = m // place % 10
            if digit:
                out += ("零" if zero and out else "") + digits[digit] + name
            zero = digit == 0
        return out

    high, low = divmod(n, 10_000)
    if not high:
        return below_ten_thousand(n) or "零"
    joint = "零" if 0 < low < 1000 else ""
    return below_ten_thousand(high) + "万" + joint + below_ten_thousand(low)


@given(st.integers(0, 99_999_999))
def test_every_written_numeral_is_read_back(n):
    assert parse_chinese(write_chinese(n)) == n


@pytest.mark.parametrize(
    ("numeral", "value"),
    [
        ("一亿三千万", 130_000_000),
        ("两百五", 250),
        ("三万八", 38_000),
        ("二〇二四", 2024),
        ("十", 10),
        ("三点五", 3.5),
        ("壹佰", 100),
    ],
)
def test_spoken_and_other_forms(numeral, value):
    assert parse_chinese(numeral) == value


@pytest.mark.parametrize("text", ["", "点", "三点", "棉", "十五五"])
def test_what_is_no_numeral_gives_none(text):
    assert parse_chinese(text) is None
