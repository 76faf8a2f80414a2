"""A date of the offer that is told as it is, and pressure beside one."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from adwright.generate.guards import create_guards
from generate.judged import findings_of, stopped

PRODUCT = {"title": "Kettle", "price_minor": 5000, "currency": "USD", "quantity": 300}
OFFER = {
    "discount_percent": 20,
    "starts_at": datetime(2026, 11, 16, tzinfo=UTC),
    "ends_at": datetime(2026, 11, 29, 15, 59, tzinfo=UTC),
}
GUARDS = create_guards(["law"])


def _urges(text: str, language: str) -> bool:
    return "law.urgency" in stopped(findings_of(text, language, GUARDS, product=PRODUCT, offer=OFFER))


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("The last day for 20% off is Sunday the 29th.", "en"),
        ("20% off ends Sunday week, then full price is back.", "en"),
        ("八折到29日,30日恢复原价。", "zh"),
        ("优惠最后一天是29号。", "zh"),
        ("优惠九天后结束,还有九天。", "zh"),
    ],
)
def test_a_true_date_presses_nobody(text, language):
    assert not _urges(text, language)


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("The last day for 20% off is Tuesday the 24th.", "en"),
        ("Ends Sunday week: hurry or regret it!", "en"),
        ("20% off until Sunday week, then it's gone forever, so act now!", "en"),
        ("优惠最后一天是25号。", "zh"),
        ("八折到29日,再不抢就没了!", "zh"),
        ("优惠最后一天是29号,手慢无!", "zh"),
    ],
)
def test_a_false_date_or_pressure_beside_a_true_one_presses(text, language):
    assert _urges(text, language)
