"""The figures of a campaign plan, computed from what the shop has on record, each with its source.

Holds when: exposures of a channel are alike enough that its past rate says something of the next; the lower
bound of a rate is Wilson's, one-sided at 95 %, and knows nothing of what differs between contents or seasons.

Does not cover: how channels feed each other, and what more money on one of them would still bring.

The budget goes to channels in proportion to the lower bound of what they return: net order value per unit of
cost where every channel with results has a cost, else net order value per exposure, else clicks per exposure.
Channels without results share `EXPLORE`, to learn. Parts are whole minor units and add up to the budget.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import polars as pl

from adwright.errors import DataError, UsageError
from adwright.schema import Cohort, Figure, FigureUnit, Language, Offer
from adwright.stats.intervals import wilson

EXPLORE = 0.1
"""The share of the budget that channels without past results divide among them."""

FEWEST_ORDERS = 20
"""With fewer past orders than this, no day and no hour stands out for a reason."""

Source = Mapping[Language, str]

_BY_COST: Source = {
    "en": "in proportion to the lower bound of net order value per unit of cost",
    "zh": "按每单位花费的净订单额下限成比例分配",
}
_BY_VALUE: Source = {
    "en": "in proportion to the lower bound of net order value per exposure",
    "zh": "按每次曝光的净订单额下限成比例分配",
}
_BY_CLICKS: Source = {
    "en": "in proportion to the lower bound of clicks per exposure",
    "zh": "按每次曝光的点击下限成比例分配",
}
_EVENLY: Source = {
    "en": "evenly: no past results tell the channels apart",
    "zh": "平均分配：没有结果可以区分渠道",
}
_LEVEL = 0.9  # two-sided, so that the lower end holds with 95 %
_SUMS = ("n_exposures", "n_clicks", "n_conversions", "value_minor", "cost_minor")
_NEEDED = (
    "at",
    "channel",
    "n_exposures",
    "n_clicks",
    "n_conversions",
    "value_minor",
    "cost_minor",
    "currency",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanScope:
    """What a person asks of a plan.

    Args:
        channels: Where it may run.
        starts_on, ends_on: The first and the last day.
        budget_minor: What may be spent, minor units; None where that is open.
        currency: Of the budget, ISO 4217.
    """

    channels: tuple[str, ...]
    starts_on: date
    ends_on: date
    budget_minor: int | None = None
    currency: str = "USD"

    def __post_init__(self) -> None:
        if not self.channels:
            raise UsageError("a plan needs a channel", argument="channels", value=())
        if self.ends_on < self.starts_on:
            raise UsageError(
                "ends before it starts",
                argument="ends_on",
                value=self.ends_on,
                allowed=f"from {self.starts_on}",
            )
        if self.budget_minor is not None and self.budget_minor < 0:
            raise UsageError(
                "below zero", argument="budget_minor", value=self.budget_minor, allowed="0 or more"
            )


def plan_figures(
    scope: PlanScope,
    *,
    totals: pl.DataFrame,
    orders: pl.DataFrame,
    cohort: Cohort | None = None,
    offer: Offer | None = None,
) -> tuple[Figure, ...]:
    """Every figure that a plan of this scope may name.

    Args:
        scope: What was asked for.
        totals: Content x day x context as the table `totals`: at, channel, n_exposures, n_clicks,
            n_conversions, value_minor, cost_minor, currency.
        orders: One row an order with its time `at` (UTC).
        cohort: Whom it is for.
        offer: What is offered.

    Raises:
        DataError: an absent column, or amounts in another currency than the budget's.
    """
    missing = [c for c in _NEEDED if c not in totals.columns]
    if missing:
        raise DataError("totals lack a column", argument="totals", value=", ".join(missing))
    past = _by_channel(totals, scope)
    return (
        *_given(scope, cohort, offer),
        *(figure for row in past.values() for figure in _channel_figures(row)),
        *_timing(orders),
        *_split(scope, past),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Past:
    channel: str
    exposures: int
    clicks: int
    conversions: int
    value_minor: int
    cost_minor: int
    source: Source

    @property
    def click_rate(self) -> float:
        return self.clicks / self.exposures

    @property
    def click_rate_low(self) -> float:
        low, _ = wilson(self.clicks, self.exposures, level=_LEVEL)
        return float(low)


def _by_channel(totals: pl.DataFrame, scope: PlanScope) -> dict[str, _Past]:
    known = totals.filter(pl.col("channel").is_in(list(scope.channels)), pl.col("n_exposures") > 0)
    paid = known.filter((pl.col("value_minor") != 0) | (pl.col("cost_minor") != 0))
    others = set(paid["currency"].drop_nulls()) - {scope.currency}
    if others:
        raise DataError(
            "amounts in another currency",
            argument="totals.currency",
            value=", ".join(sorted(others)),
            allowed=scope.currency,
        )
    found: dict[str, _Past] = {}
    for channel in dict.fromkeys(scope.channels):
        own = known.filter(pl.col("channel") == channel)
        if own.height:
            sums = own.select(pl.col(_SUMS).sum()).row(0, named=True)
            first, last = _period(own)
            source: Source = {
                "en": f"table totals, channel {channel}, {first} to {last}, {own.height} rows",
                "zh": f"totals 表，渠道 {channel}，{first} 至 {last}，{own.height} 行",
            }
            found[channel] = _Past(
                channel=channel,
                exposures=int(sums["n_exposures"]),
                clicks=int(sums["n_clicks"]),
                conversions=int(sums["n_conversions"]),
                value_minor=int(sums["value_minor"]),
                cost_minor=int(sums["cost_minor"]),
                source=source,
            )
    return found


def _period(frame: pl.DataFrame) -> tuple[str, str]:
    days = frame.select(
        pl.col("at").dt.date().min().cast(pl.String).alias("first"),
        pl.col("at").dt.date().max().cast(pl.String).alias("last"),
    )
    first, last = days.row(0)
    return str(first), str(last)


def _given(scope: PlanScope, cohort: Cohort | None, offer: Offer | None) -> Iterator[Figure]:
    asked: Source = {"en": "given by whoever asked for the plan", "zh": "由提出方案的人给定"}
    yield _figure("start_date", _day(scope.starts_on), "date", asked)
    yield _figure("end_date", _day(scope.ends_on), "date", asked)
    yield _figure("n_days", (scope.ends_on - scope.starts_on + timedelta(days=1)).days, "days", asked)
    if scope.budget_minor is not None:
        yield _figure("budget_total", scope.budget_minor, "money", asked, scope.currency)
    if cohort is not None:
        yield from _cohort_figures(cohort)
    if offer is not None:
        named: Source = {"en": f"offer {offer.id}", "zh": f"优惠 {offer.id}"}
        if offer.discount_percent is not None:
            yield _figure("discount", offer.discount_percent / 100, "share", named)
        elif offer.discount_minor is not None:
            yield _figure("discount", offer.discount_minor, "money", named, scope.currency)


def _cohort_figures(cohort: Cohort) -> Iterator[Figure]:
    en, zh = f"cohort {cohort.id}, table events", f"人群 {cohort.id}，events 表"
    members: Source = {"en": f"members of {en}", "zh": f"{zh}：人数"}
    yield _figure("n_customers", cohort.size, "count", members)
    of_all: Source = {"en": f"{en}: of all customers", "zh": f"{zh}：占全部顾客"}
    yield _figure("share_customers", cohort.share, "share", of_all)
    if cohort.spend_minor is not None:
        median: Source = {
            "en": f"{en}: median order, net of refunds",
            "zh": f"{zh}：每单金额中位数，已减退款",
        }
        yield _figure("typical_order", cohort.spend_minor, "money", median, cohort.currency)


def _channel_figures(row: _Past) -> Iterator[Figure]:
    name, source = row.channel, row.source
    yield _figure(f"exposures_{name}", row.exposures, "count", source)
    yield _figure(f"clicks_{name}", row.clicks, "count", source)
    rate = _with(source, "clicks / exposures", "点击数 / 曝光数")
    yield _figure(f"ctr_{name}", row.click_rate, "rate", rate)
    low = _with(source, "lower end of Wilson's interval, one-sided 95%", "Wilson 区间下限，单侧 95%")
    yield _figure(f"ctr_low_{name}", row.click_rate_low, "rate", low)
    if row.clicks:
        share = _with(source, "conversions / clicks", "转化数 / 点击数")
        yield _figure(f"conversion_{name}", row.conversions / row.clicks, "rate", share)


def _timing(orders: pl.DataFrame) -> Iterator[Figure]:
    """The weekday and the hour (UTC) with the most orders, where they stand out from an even spread."""
    if orders.height < FEWEST_ORDERS:
        return
    n_all, period = orders.height, _period(orders)
    source: Source = {
        "en": f"table events, {n_all} orders, {period[0]} to {period[1]}",
        "zh": f"events 表，{n_all} 个订单，{period[0]} 至 {period[1]}",
    }
    parts: tuple[tuple[str, FigureUnit, int, pl.Expr], ...] = (
        ("weekday", "weekday", 7, pl.col("at").dt.weekday()),
        ("hour", "hour", 24, pl.col("at").dt.hour()),
    )
    for name, unit, n_parts, part in parts:
        counts = orders.group_by(part.alias("part").cast(pl.Int64)).agg(n=pl.len())
        best, n = counts.sort(["n", "part"], descending=[True, False]).row(0)
        low, _ = wilson(n, n_all, level=1 - (1 - _LEVEL) / n_parts)  # the best of n_parts: Bonferroni
        if float(low) > 1 / n_parts:
            most = _with(source, "most orders, UTC", "订单最多，UTC")
            yield _figure(f"best_{name}", best, unit, most)
            yield _figure(
                f"share_{name}", n / n_all, "share", _with(source, f"{n} of {n_all}", f"{n} / {n_all}")
            )


def _split(scope: PlanScope, past: Mapping[str, _Past]) -> Iterator[Figure]:
    weights, rule = _weights(scope, past)
    total = sum(weights.values())
    shares = {channel: weight / total for channel, weight in weights.items()}
    for channel, share in shares.items():
        yield _figure(f"share_{channel}", share, "share", rule)
    if scope.budget_minor is not None:
        for channel, amount in _whole_parts(scope.budget_minor, shares).items():
            source: Source = {
                "en": f"budget_total x share_{channel}, whole minor units that add up",
                "zh": f"budget_total × share_{channel}，取整后各项相加等于总数",
            }
            yield _figure(f"budget_{channel}", amount, "money", source, scope.currency)


def _weights(scope: PlanScope, past: Mapping[str, _Past]) -> tuple[dict[str, float], Source]:
    """What each channel is worth to the split, and the rule in words."""
    channels = list(dict.fromkeys(scope.channels))
    rows = list(past.values())
    has_value = bool(rows) and all(row.value_minor > 0 and row.conversions > 0 for row in rows)
    if has_value and all(row.cost_minor > 0 for row in rows):
        worth, rule = {r.channel: _low_value(r) / r.cost_minor for r in rows}, _BY_COST
    elif has_value:
        worth, rule = {r.channel: _low_value(r) / r.exposures for r in rows}, _BY_VALUE
    else:
        worth, rule = {r.channel: r.click_rate_low for r in rows}, _BY_CLICKS
    known = sum(worth.values())
    if known <= 0:
        return dict.fromkeys(channels, 1.0), _EVENLY
    new = [c for c in channels if c not in worth]
    explored = EXPLORE if new else 0.0
    weights = {c: (1 - explored) * worth[c] / known if c in worth else explored / len(new) for c in channels}
    to_learn = (f"channels without results share {EXPLORE:.0%}", f"没有结果的渠道合分 {EXPLORE:.0%}")
    return weights, _with(rule, *to_learn) if new else rule


def _low_value(row: _Past) -> float:
    """Net order value, scaled down by how uncertain the number of orders is."""
    low, _ = wilson(row.conversions, max(row.exposures, row.conversions), level=_LEVEL)
    return float(low) * row.exposures * row.value_minor / row.conversions


def _with(source: Source, en: str, zh: str) -> Source:
    return {"en": f"{source['en']}: {en}", "zh": f"{source['zh']}：{zh}"}


def _whole_parts(total: int, shares: Mapping[str, float]) -> dict[str, int]:
    """Whole parts of a total by share; the largest remainders get what rounding down left over."""
    exact = {name: total * share for name, share in shares.items()}
    parts = {name: int(value) for name, value in exact.items()}
    left = total - sum(parts.values())
    for name in sorted(exact, key=lambda n: parts[n] - exact[n])[:left]:
        parts[name] += 1
    return parts


def _figure(name: str, value: float, unit: FigureUnit, source: Source, currency: str | None = None) -> Figure:
    return Figure(name=name, value=float(value), unit=unit, source=source, currency=currency)


def _day(day: date) -> int:
    return day.year * 10_000 + day.month * 100 + day.day


def planned_channels(figures: Sequence[Figure]) -> tuple[str, ...]:
    """The channels that a plan's figures split a budget among, in their order."""
    fixed = {"share_customers", "share_weekday", "share_hour"}
    return tuple(
        f.name.removeprefix("share_") for f in figures if f.name.startswith("share_") and f.name not in fixed
    )
