from datetime import UTC, datetime, timedelta, timezone

import pytest

from adwright.errors import UsageError
from adwright.report import Estimate
from adwright.report.formatting import DASH, MINUS, Format
from adwright.report.words import Messages


def _format(language="en", currency="USD"):
    return Format(Messages(language), currency=currency)


@pytest.mark.parametrize(
    ("language", "currency", "amount", "expected"),
    [
        ("en", "USD", 123456789, "$1,234,567.89"),
        ("zh", "CNY", 123456, "1,234.56元"),
        ("en", "JPY", 1234, "1,234"),  # yen have no minor unit
        ("en", "KWD", 1234567, "1,234.567"),  # dinars have three decimals
        ("en", "USD", -1050, MINUS + "$10.50"),
    ],
)
def test_money_has_the_decimals_of_its_currency_and_the_manner_of_the_language(
    language, currency, amount, expected
):
    assert expected in _format(language, currency).money(amount)


def test_values_are_written_per_thousand_exposures():
    assert _format().value(0.5, "revenue") == "$5.00"
    assert _format().value(12.3, "margin") == "$123"
    assert _format().value(0.0234, "click") == "23.4 clicks"
    assert _format("zh").value(0.0012, "conversion") == "1.2 次购买"


def test_an_interval_has_the_same_decimals_on_both_sides():
    estimate = Estimate(mean=9.0, low=-4.0, high=33.0)
    assert _format().bounds(estimate, "revenue") == f"{MINUS}$40 to $330"
    assert _format().interval(estimate, "revenue") == f"90% interval {MINUS}$40 to $330"
    assert _format("zh", "CNY").interval(estimate, "revenue") == f"90% 区间 {MINUS}40元 至 330元"
    assert _format().gain(estimate, "revenue") == "+$90"


def test_a_loss_that_rounds_to_nothing_has_no_sign():
    assert _format().money(-0.2) == "$0.00"


def test_rates_keep_about_three_digits():
    assert [_format().rate(x) for x in (0.5, 0.0123, 0.00456)] == ["50.0%", "1.23%", "0.456%"]


@pytest.mark.parametrize("missing", [None, float("nan"), float("inf")])
def test_what_is_missing_is_a_dash(missing):
    write = _format()
    written = [write.count(missing), write.rate(missing), write.share(missing), write.money(missing)]
    written += [write.value(missing, "click"), write.decimal(missing), write.p_value(missing)]
    assert set(written) == {DASH}
    assert write.interval(Estimate(mean=1.0, low=missing, high=2.0), "click") == DASH


def test_dates_are_utc_and_in_the_manner_of_the_language():
    late = datetime(2026, 3, 9, 1, 30, tzinfo=timezone(timedelta(hours=8)))
    assert _format("en").date(late) == "8 March 2026"
    assert _format("zh").moment(late) == "2026年3月8日 17:30 UTC"
    assert _format("en").moment(datetime(2026, 12, 31, 0, 5, tzinfo=UTC)) == "31 December 2026 00:05 UTC"


def test_small_p_values_are_bounds():
    assert _format().p_value(2e-9) == "< 0.001"
    assert _format().p_value(0.0134) == "0.013"


def test_an_unknown_currency_is_refused_before_any_page_is_made():
    with pytest.raises(UsageError, match="XYZ"):
        _format(currency="XYZ")


def test_without_a_currency_values_are_bare_numbers():
    assert Format(Messages("en"), currency=None).value(0.0123, "revenue") == "12.3"
