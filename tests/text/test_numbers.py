import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adwright.errors import UsageError
from adwright.text.numbers import CURRENCIES, find_quantities, format_money, minor_exponent
from adwright.text.units import to_base

CASES = [
    ("$9.99 only", "$9.99", 9.99, None, "price", "USD"),
    ("US$ 1,299.50", "US$ 1,299.50", 1299.5, None, "price", "USD"),
    ("9.99美元", "9.99美元", 9.99, None, "price", "USD"),
    ("￥９９起", "￥９９", 99, None, "price", "CNY"),
    ("三百二十元", "三百二十元", 320, None, "price", "CNY"),
    ("一块钱", "一块钱", 1, None, "price", "CNY"),
    ("20 €", "20 €", 20, None, "price", "EUR"),
    ("EUR 20", "EUR 20", 20, None, "price", "EUR"),
    ("八五折", "八五折", 15, "off", "percent", None),
    ("8.5折起", "8.5折", 15, "off", "percent", None),
    ("85折", "85折", 15, "off", "percent", None),
    ("五折", "五折", 50, "off", "percent", None),
    ("半价", "半价", 50, "off", "percent", None),
    ("half price", "half price", 50, "off", "percent", None),
    ("20% off", "20% off", 20, "off", "percent", None),
    ("save 15 percent", "15 percent", 15, "%", "percent", None),
    ("百分之二十", "百分之二十", 20, "%", "percent", None),
    ("含棉三成", "三成", 30, "%", "percent", None),
    ("两年质保", "两年", 2, "year", "measure", None),
    ("2-year warranty", "2-year", 2, "year", "measure", None),
    ("16GB内存", "16GB", 16, "gb", "measure", None),
    ("4K屏", "4K", 4, "K", "measure", None),
    ("5G手机", "5G", 5, "G", "measure", None),
    ("500ml", "500ml", 500, "ml", "measure", None),
    ("一点五升", "一点五升", 1.5, "l", "measure", None),
    ("两百五十克", "两百五十克", 250, "g", "measure", None),
    ("10万件", "10万件", 100_000, "piece", "measure", None),
    ("two pieces", "two pieces", 2, "piece", "measure", None),
    ("2024-05-01", "2024-05-01", 20240501, None, "date", None),
    ("至2024年5月1日", "2024年5月1日", 20240501, None, "date", None),
    ("11月11日前", "11月11日", 1111, None, "date", None),
    ("May 1, 2025", "May 1, 2025", 20250501, None, "date", None),
    ("1st June", "1st June", 601, None, "date", None),
    ("iPhone 13", "13", 13, None, "number", None),
    ("TOP 10", "10", 10, None, "number", None),
]


@pytest.mark.parametrize(("text", "part", "value", "unit", "kind", "currency"), CASES)
def test_a_quantity_is_read_with_its_unit(text, part, value, unit, kind, currency):
    (found,) = find_quantities(text)
    assert (found.text, found.unit, found.kind, found.currency) == (part, unit, kind, currency)
    assert found.value == pytest.approx(value)


@pytest.mark.parametrize(
    "text",
    [
        "十分好看",
        "七分裤",
        "一款",
        "一年四季",
        "百搭",
        "三折伞",
        "第十二件",
        "Galaxy S8",
        "一起万能",
        "五颜六色",
        "Mk2",
        "",
    ],
)
def test_what_is_part_of_a_word_is_no_quantity(text):
    assert find_quantities(text) == []


def test_a_yen_sign_may_mean_two_currencies():
    assert find_quantities("¥500")[0].currencies == ("CNY", "JPY")


@given(st.text(alphabet="0123456789.,%折元$¥一二十百千万点年月日-/ 号two kgabc"))
def test_quantities_lie_in_order_inside_the_text(text):
    at = 0
    for quantity in find_quantities(text):
        assert at <= quantity.start < quantity.end <= len(text)
        assert text[quantity.start : quantity.end] == quantity.text
        at = quantity.end


@given(st.text())
@settings(max_examples=200)
def test_any_text_is_read_without_a_fault(text):
    find_quantities(text)


@pytest.mark.parametrize(
    "unit", ["1", "一", "1,", "two ", "$", "1 ", "百分之", "2024-", "１２元", "a1", "5月"]
)
def test_a_text_of_100_kb_is_read_in_linear_time(unit):
    # Linear reading takes well under a second; a pattern that starts over at each of 100,000 places, minutes.
    text = unit * (100_000 // len(unit))
    start = time.process_time()
    find_quantities(text)
    assert time.process_time() - start < 5


@pytest.mark.parametrize(
    ("amount", "currency", "en", "zh"),
    [
        (999, "USD", "$9.99", "9.99美元"),
        (2999999, "USD", "$29,999.99", "29999.99美元"),
        (3000, "GBP", "£30", "30英镑"),
        (500, "JPY", "¥500", "500日元"),
        (9900, "CNY", "CN¥99", "99元"),
        (1500, "KWD", "KWD 1.500", "1.500 KWD"),
        (-5, "EUR", "-€0.05", "-0.05欧元"),
    ],
)
def test_money_is_written_as_each_language_does(amount, currency, en, zh):
    assert format_money(amount, currency, "en") == en
    assert format_money(amount, currency, "zh") == zh


@given(
    st.integers(0, 10**9), st.sampled_from(["USD", "CNY", "JPY", "EUR", "GBP"]), st.sampled_from(["zh", "en"])
)
def test_money_that_is_written_can_be_read(amount, currency, language):
    (found,) = find_quantities(format_money(amount, currency, language))
    assert currency in found.currencies
    assert found.value == pytest.approx(amount / 10 ** minor_exponent(currency))


def test_minor_units_follow_iso_4217():
    assert [minor_exponent(c) for c in ("USD", "JPY", "KWD", "CLF")] == [2, 0, 3, 4]
    assert len(CURRENCIES) > 160
    with pytest.raises(UsageError, match="XYZ"):
        minor_exponent("XYZ")


def test_units_convert_to_the_base_of_their_dimension():
    assert to_base(1, "jin") == to_base(0.5, "kg")
    assert to_base(2, "year") == to_base(24, "month")
    assert to_base(1, "in")[0] == pytest.approx(to_base(2.54, "cm")[0])
