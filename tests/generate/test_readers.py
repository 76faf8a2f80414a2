from dataclasses import replace

import pytest

from adwright.generate.facts import facts_of
from adwright.generate.prompt import render_prompt
from adwright.generate.readers import profile_lines
from adwright.generate.requests import WriteRequest
from adwright.schema import Profile

FULL = {
    "top_categories": ("mens-shirts", "watches"),
    "price_level": "low",
    "recency_days": 12.0,
    "n_orders": 2.0,
    "spend_minor": 5432,
    "currency": "USD",
    "channel": "email",
    "language": "en",
}


def test_a_cohort_says_how_it_shops_in_either_language(make_brief, make_cohort):
    brief = make_brief(cohort=make_cohort(**FULL))
    assert profile_lines(brief) == [
        "look at and buy: mens-shirts, watches",
        "seen within a month",
        "have ordered a few times",
        "choose from the lower third by price",
        "spend about $54 an order",
        "mostly reached by email",
        "read English",
    ]
    chinese = profile_lines(replace(brief, language="zh"))
    assert len(chinese) == 7
    assert all(any("\u4e00" <= c <= "\u9fff" for c in line) for line in chinese)


def test_what_is_not_known_is_not_said(make_brief, make_cohort):
    assert profile_lines(make_brief(cohort=make_cohort())) == []
    assert profile_lines(make_brief()) == []


def test_one_customers_profile_takes_the_cohorts_place_and_stays_coarse(make_brief, make_cohort, now):
    reader = Profile(
        categories=("watches",), recency_days=3.2, n_orders=7.0, spend_minor=123_456, currency="CNY"
    )
    brief = replace(make_brief(cohort=make_cohort(**FULL)), reader=reader)
    request = WriteRequest(brief=brief, n=1, seed=0, facts=facts_of(brief, now=now), now=now)
    prompt = render_prompt(request, angle="gift", tone="warm").user
    assert "watches" in prompt
    assert "order often" in prompt
    assert "young city shoppers" not in prompt
    assert "mens-shirts, watches" not in prompt
    for exact in ("3.2", "1234", "1,234", "7.0"):
        assert exact not in prompt


@pytest.mark.parametrize(("spend", "told"), [(99, "$0.99"), (5432, "$54"), (123_456, "$1,200"), (0, None)])
def test_money_is_rounded_to_two_digits(spend, told, make_brief):
    brief = replace(make_brief(), reader=Profile(spend_minor=spend, currency="USD"))
    lines = profile_lines(brief)
    assert lines == ([] if told is None else [f"spend about {told} an order"])
