from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import product as every

import polars as pl
import pytest

from adwright.pipeline.campaigns import data_range, goal_for, plan_campaigns, read_products
from adwright.pipeline.settings import RunSettings
from adwright.schema import Cohort, Product
from adwright.testing import products_frame, toy_products

COHORTS = tuple(
    Cohort(id=i, size=n, description={"en": f"{i.upper()}: {n} people", "zh": f"{i}：{n} 人"})
    for i, n in (("a", 90), ("b", 60))
)


def recommended(*ids: str) -> pl.DataFrame:
    return pl.DataFrame(
        {
            "product_id": ids,
            "evidence_en": [f"sells: {i}" for i in ids],
            "evidence_zh": [f"畅销：{i}" for i in ids],
        },
        schema={"product_id": pl.String, "evidence_en": pl.String, "evidence_zh": pl.String},
    )


def settings(**generate: object) -> RunSettings:
    return RunSettings.from_recipe({"shop": {"languages": ["zh", "en"]}, "generate": generate})


def test_there_is_a_campaign_for_every_cohort_product_kind_channel_and_language() -> None:
    chosen = settings(kinds=["ad_copy", "product_description"], channels=["onsite", "email"], n_products=2)
    products = {p.id: p for p in toy_products()}
    campaigns = plan_campaigns(
        COHORTS,
        {"a": recommended("p1", "p2", "p3"), "b": recommended("p3")},
        products,
        settings=chosen,
        can_value=False,
    )
    found = [(c.cohort.id, c.product.id, c.kind, c.channel, c.language) for c in campaigns]
    wanted = [
        (cohort, product, kind, channel, language)
        for cohort, product in (("a", "p1"), ("a", "p2"), ("b", "p3"))
        for kind, channel, language in every(
            ("ad_copy", "product_description"), ("onsite", "email"), ("zh", "en")
        )
    ]
    assert found == wanted
    assert len({c.id for c in campaigns}) == len(campaigns)
    first = campaigns[0]
    assert first.evidence == {"en": "sells: p1", "zh": "畅销：p1"}
    assert (first.brief.product, first.brief.cohort, first.brief.goal) == (
        products["p1"],
        COHORTS[0],
        "click",
    )


def test_a_campaign_keeps_its_id_while_its_cohort_grows_and_its_product_changes() -> None:
    def planned(size: int, price: int) -> str:
        cohort = Cohort(id="a", size=size, description={"en": str(size), "zh": str(size)})
        products = {"p": Product(id="p", title="Mug", price_minor=price)}
        (campaign,) = plan_campaigns(
            [cohort], {"a": recommended("p")}, products, settings=RunSettings(), can_value=False
        )
        return campaign.id

    assert planned(50, 900) == planned(51, 950)


def test_a_cohort_without_products_has_no_campaign() -> None:
    assert plan_campaigns(COHORTS[:1], {"a": recommended()}, {}, settings=RunSettings(), can_value=True) == []


@pytest.mark.parametrize(
    ("goal", "product", "can_value", "kind", "margin_share"),
    [
        ({}, {"price_minor": 1000, "cost_minor": 400}, True, "margin", 0.6),
        ({}, {"price_minor": 1000}, True, "revenue", 1.0),
        ({}, {"cost_minor": 400}, True, "revenue", 1.0),
        ({}, {"price_minor": 0, "cost_minor": 400}, True, "revenue", 1.0),
        ({}, {"price_minor": 1000, "cost_minor": 1400}, True, "margin", 0.0),
        ({}, {"price_minor": 1000, "cost_minor": 400}, False, "click", 0.6),
        ({"margin_share": 0.3}, {"price_minor": 1000, "cost_minor": 400}, True, "margin", 0.3),
        ({"kind": "conversion"}, {"price_minor": 1000, "cost_minor": 400}, True, "conversion", 0.6),
        ({"kind": "revenue"}, {"price_minor": 1000, "cost_minor": 400}, False, "revenue", 0.6),
    ],
)
def test_the_goal_is_margin_where_cost_is_known_else_revenue_else_clicks(
    goal: dict[str, object], product: dict[str, int], can_value: bool, kind: str, margin_share: float
) -> None:
    found = goal_for(
        Product(id="p", title="Mug", **product),
        settings=RunSettings.from_recipe({"goal": goal}),
        can_value=can_value,
    )
    assert found.kind == kind
    assert found.margin_share == pytest.approx(margin_share)


def test_products_come_back_from_their_table_as_they_were() -> None:
    products = [
        *toy_products(3),
        Product(id="x", title="围巾", attributes={"material": "wool"}, sale_price_minor=5, cost_minor=2),
    ]
    assert read_products(products_frame(products)) == {p.id: p for p in products}


def test_missing_descriptions_and_attributes_are_empty() -> None:
    frame = products_frame(toy_products(1)).with_columns(
        pl.lit(None, pl.String).alias("description"), pl.lit(None, pl.String).alias("attributes")
    )
    found = read_products(frame)["p0"]
    assert (found.description, dict(found.attributes)) == ("", {})


def test_a_campaign_is_headed_by_its_product_and_by_who_its_cohort_is() -> None:
    (campaign,) = plan_campaigns(
        COHORTS[:1],
        {"a": recommended("p1")},
        {p.id: p for p in toy_products()},
        settings=RunSettings(),
        can_value=False,
    )
    assert campaign.title == {"en": "Cotton Towel · A", "zh": "Cotton Towel · a"}


def test_the_range_of_the_data_is_that_of_all_tables_with_times() -> None:
    day = datetime(2026, 1, 1, tzinfo=UTC)
    early = pl.DataFrame({"at": [day, day + timedelta(days=3)]})
    late = pl.DataFrame({"at": [day + timedelta(days=9), None]})
    assert data_range([late, early, pl.DataFrame({"x": [1]})]) == (day, day + timedelta(days=9))
    assert data_range([late.clear(), pl.DataFrame()]) == (None, None)


def test_a_line_under_a_recommendation_is_told_why() -> None:
    products = {p.id: p for p in toy_products()}
    frame = recommended("p1").with_columns(companions=pl.Series([["p2", "gone"]]))
    chosen = settings(kinds=["ad_copy", "recommendation"])
    campaigns = plan_campaigns(COHORTS[:1], {"a": frame}, products, settings=chosen, can_value=False)
    by_kind = {(c.kind, c.language): c.brief for c in campaigns}
    reason = by_kind["recommendation", "zh"]
    assert (reason.because, reason.companions) == ("畅销：p1", (products["p2"],))
    assert (by_kind["ad_copy", "zh"].because, by_kind["ad_copy", "zh"].companions) == ("", ())
