from datetime import UTC, date, datetime, timedelta

import polars as pl
import pytest
from scipy import stats

from adwright.errors import DataError, UsageError
from adwright.generate.plan_figures import PlanScope, plan_figures, planned_channels
from adwright.schema import Offer

DAY = datetime(2026, 11, 2, tzinfo=UTC)  # a Monday
TOTALS = pl.DataFrame(
    {
        "at": [DAY, DAY + timedelta(days=1), DAY],
        "channel": ["email", "email", "push"],
        "n_exposures": [6000, 4000, 20000],
        "n_clicks": [200, 100, 200],
        "n_conversions": [12, 8, 5],
        "value_minor": [60000, 40000, 20000],
        "cost_minor": [600, 400, 1000],
        "currency": ["USD"] * 3,
    }
)
NO_ORDERS = pl.DataFrame({"at": []}, schema={"at": pl.Datetime("us", "UTC")})


def _scope(**changes):
    values = {
        "channels": ("email", "push", "weibo"),
        "starts_on": date(2026, 12, 1),
        "ends_on": date(2026, 12, 14),
        "budget_minor": 100_001,
    }
    return PlanScope(**(values | changes))


def _values(*args, **kwargs):
    return {f.name: f.value for f in plan_figures(*args, **kwargs)}


def _wilson_low(k, n):
    return stats.binomtest(k, n).proportion_ci(0.9, method="wilson").low


def test_rates_and_their_lower_ends_are_those_of_the_totals():
    found = _values(_scope(), totals=TOTALS, orders=NO_ORDERS)
    assert found["ctr_email"] == 300 / 10_000
    assert found["ctr_low_email"] == pytest.approx(_wilson_low(300, 10_000), rel=1e-6)
    assert found["conversion_push"] == 5 / 200
    assert found["n_days"] == 14


def test_the_budget_goes_by_the_lower_bound_of_what_money_returned_and_adds_up():
    found = _values(_scope(), totals=TOTALS, orders=NO_ORDERS)
    worth = {
        "email": _wilson_low(20, 10_000) * 10_000 * (100_000 / 20) / 1000,
        "push": _wilson_low(5, 20_000) * 20_000 * (20_000 / 5) / 1000,
    }
    total = sum(worth.values())
    assert found["share_email"] == pytest.approx(0.9 * worth["email"] / total)
    assert found["share_weibo"] == pytest.approx(0.1)
    assert sum(found[f"budget_{c}"] for c in ("email", "push", "weibo")) == 100_001


def test_without_costs_or_orders_the_split_falls_back_to_what_is_known_and_says_so():
    free = TOTALS.with_columns(cost_minor=pl.lit(0))
    sources = {f.name: f.source["en"] for f in plan_figures(_scope(), totals=free, orders=NO_ORDERS)}
    assert "per exposure" in sources["share_email"]
    clicks = free.with_columns(value_minor=pl.lit(0), n_conversions=pl.lit(0))
    sources = {f.name: f.source["en"] for f in plan_figures(_scope(), totals=clicks, orders=NO_ORDERS)}
    assert "clicks per exposure" in sources["share_email"]
    found = _values(_scope(), totals=TOTALS.clear(), orders=NO_ORDERS)
    assert found["share_email"] == found["share_weibo"] == pytest.approx(1 / 3)


def test_every_figure_names_its_source_in_both_languages():
    offer = Offer(id="o1", discount_percent=15)
    for figure in plan_figures(_scope(), totals=TOTALS, orders=NO_ORDERS, offer=offer):
        assert figure.source["en"]
        assert figure.source["zh"]
    (source,) = [
        f.source["en"]
        for f in plan_figures(_scope(), totals=TOTALS, orders=NO_ORDERS)
        if f.name == "clicks_email"
    ]
    assert source == "table totals, channel email, 2026-11-02 to 2026-11-03, 2 rows"


def test_a_day_or_an_hour_is_named_only_where_it_stands_out():
    even = pl.DataFrame({"at": [DAY + timedelta(hours=i) for i in range(24 * 7)]})
    assert "best_weekday" not in _values(_scope(), totals=TOTALS, orders=even)
    fridays = pl.DataFrame({"at": [DAY + timedelta(days=4, hours=20)] * 30 + even["at"].to_list()})
    found = _values(_scope(), totals=TOTALS, orders=fridays)
    assert (found["best_weekday"], found["best_hour"]) == (5, 20)
    assert found["share_hour"] == pytest.approx(37 / 198)
    few = pl.DataFrame({"at": [DAY] * 19})
    assert "best_hour" not in _values(_scope(), totals=TOTALS, orders=few)


def test_the_planned_channels_are_those_of_the_split():
    assert planned_channels(plan_figures(_scope(), totals=TOTALS, orders=NO_ORDERS)) == (
        "email",
        "push",
        "weibo",
    )


def test_what_cannot_be_planned_is_the_callers_fault():
    with pytest.raises(UsageError, match="ends before"):
        _scope(ends_on=date(2026, 11, 1))
    with pytest.raises(UsageError, match="channel"):
        _scope(channels=())
    with pytest.raises(DataError, match="another currency"):
        plan_figures(_scope(currency="CNY"), totals=TOTALS, orders=NO_ORDERS)
    with pytest.raises(DataError, match="lack a column"):
        plan_figures(_scope(), totals=TOTALS.drop("n_clicks"), orders=NO_ORDERS)
