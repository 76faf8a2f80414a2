from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import polars as pl
import pytest

from adwright.errors import DataError, UsageError
from adwright.recommend import PopularityConfig, PopularityRecommender, RecommendConfig
from adwright.schema import EVERYONE
from adwright.store.columns import EVENTS, ORDER_LINES, PRODUCTS

NOW = datetime(2026, 1, 1, tzinfo=UTC)
CONFIG = RecommendConfig(
    view_weight=0.1,
    add_weight=0.5,
    popularity=PopularityConfig(half_life_days=(10.0,), prior_weight=4, stock_weight=2),
)
MEMBERS = pl.DataFrame({"customer_id": ["ann", "bob"], "cohort_id": ["a", "b"]})


def table(columns: Any, *rows: dict[str, Any]) -> pl.DataFrame:
    return pl.DataFrame([dict.fromkeys(columns) | row for row in rows], schema=dict(columns))


def catalogue(*rows: dict[str, Any]) -> pl.DataFrame:
    return table(PRODUCTS, *rows)


TWO = catalogue({"id": "x", "rating": 4.0, "quantity": 5}, {"id": "y", "rating": 4.0, "quantity": 5})


def purchase(
    i: int, customer: str, product: str, days_ago: float = 0.0
) -> tuple[dict[str, Any], dict[str, Any]]:
    shared = {"message_id": f"m{i}", "order_id": f"o{i}", "customer_id": customer, "event": "Order Completed"}
    at = NOW - timedelta(days=days_ago)
    return shared | {"at": at, "value_minor": 100}, shared | {"at": at, "product_id": product, "quantity": 1}


def fit(
    products: pl.DataFrame,
    *bought: tuple[dict[str, Any], dict[str, Any]],
    more: tuple[dict[str, Any], ...] = (),
) -> PopularityRecommender:
    events = table(EVENTS, *(event for event, _ in bought), *more)
    lines = table(ORDER_LINES, *(line for _, line in bought))
    return PopularityRecommender(CONFIG).fit(events, lines, products, MEMBERS, NOW)


def scores(model: PopularityRecommender, cohort: str) -> dict[str, float]:
    return dict(model.recommend(cohort, 99).select("product_id", "score").iter_rows())


def test_the_score_is_the_shrunk_and_faded_share_worked_by_hand() -> None:
    model = fit(TWO, purchase(1, "ann", "x"), purchase(2, "ann", "x", 10), purchase(3, "bob", "y"))
    # ann's x: 1 + 1/2 after one half-life. Overall 1.5 and 1, with 2 more from equal stock and rating:
    q_x, q_y = (1.5 + 1) / (2.5 + 2), (1 + 1) / (2.5 + 2)
    assert scores(model, EVERYONE) == pytest.approx({"x": q_x, "y": q_y})
    assert scores(model, "a") == pytest.approx({"x": (1.5 + 4 * q_x) / 5.5, "y": 4 * q_y / 5.5})
    assert scores(model, "b") == pytest.approx({"x": 4 * q_x / 5, "y": (1 + 4 * q_y) / 5})
    assert scores(model, "new") == pytest.approx({"x": q_x, "y": q_y})


def test_views_and_additions_count_as_configured() -> None:
    views = tuple(
        {"message_id": f"v{i}", "event": name, "customer_id": "ann", "product_id": "x", "at": NOW}
        for i, name in enumerate(["Product Viewed", "Product Added"])
    )
    model = fit(TWO, more=views)
    q_x = (0.6 + 1) / (0.6 + 2)
    assert scores(model, "a")["x"] == pytest.approx((0.6 + 4 * q_x) / 4.6)


def test_scores_sum_to_one_over_the_catalogue() -> None:
    model = fit(TWO, purchase(1, "ann", "x"), purchase(2, "bob", "y", 3))
    for cohort in ("a", "b", "new", EVERYONE):
        assert sum(scores(model, cohort).values()) == pytest.approx(1.0)


def test_without_sales_rating_and_stock_decide() -> None:
    products = catalogue(
        {"id": "good", "rating": 4.8, "quantity": 20},
        {"id": "poor", "rating": 2.0, "quantity": 20},
        {"id": "last piece", "rating": 4.8, "quantity": 1},
    )
    assert fit(products).recommend(EVERYONE, 3)["product_id"].to_list() == ["good", "poor", "last piece"]


def test_what_is_out_of_stock_is_never_offered() -> None:
    products = catalogue(
        {"id": "x", "availability": "out_of_stock", "quantity": 9},
        {"id": "y", "availability": "in_stock", "quantity": 0},
        {"id": "z"},
    )
    model = fit(products, purchase(1, "ann", "x"), purchase(2, "ann", "y"), purchase(3, "ann", "gone"))
    assert model.recommend("a", 5)["product_id"].to_list() == ["z"]


@pytest.mark.parametrize(
    "back",
    [
        {"event": "Order Cancelled"},
        {"event": "Order Refunded"},
        {"event": "Order Refunded", "value_minor": 100},
    ],
)
def test_what_was_taken_back_does_not_count(back: dict[str, Any]) -> None:
    refund = {"message_id": "back", "order_id": "o1", "customer_id": "ann", "at": NOW} | back
    model = fit(TWO, purchase(1, "ann", "x"), purchase(2, "ann", "y"), more=(refund,))
    assert model.recommend("a", 1)["product_id"].to_list() == ["y"]


def test_a_refunded_line_takes_back_that_line_alone() -> None:
    event, line = purchase(1, "ann", "x")
    back = {
        "message_id": "back",
        "order_id": "o1",
        "customer_id": "ann",
        "event": "Order Refunded",
        "at": NOW,
    }
    model = fit(TWO, (event, line), (event | back, line | back), purchase(2, "ann", "y"))
    assert "Not yet bought" not in model.recommend("a", 1)["evidence_en"][0]
    assert model.recommend("a", 1)["product_id"].to_list() == ["y"]


def test_what_comes_after_now_is_not_known() -> None:
    late_event, line = purchase(1, "ann", "x")
    arrived_later = (late_event | {"received_at": NOW + timedelta(days=1)}, line)
    model = fit(TWO, purchase(2, "ann", "y"), purchase(3, "ann", "x", -1), arrived_later)
    assert scores(model, "a") == scores(fit(TWO, purchase(2, "ann", "y")), "a")


def test_the_evidence_names_the_numbers_it_rests_on() -> None:
    rows = [purchase(i, "ann", "x") for i in range(3)] + [purchase(9, "ann", "y"), purchase(10, "bob", "y")]
    model = fit(TWO, *rows)
    best = model.recommend("a", 1).row(0, named=True)
    assert (
        best["evidence_en"] == "Bought 3 times by this cohort (75.0% of its purchases; 60.0% of everyone's)."
    )
    assert best["evidence_zh"] == "该人群购买 3 次（占其购买的 75.0%，全体顾客为 60.0%）。"
    overall = model.recommend(EVERYONE, 1).row(0, named=True)
    assert overall["evidence_en"] == "Bought 3 times (60.0% of all purchases)."
    stocked = fit(TWO).recommend("a", 1).row(0, named=True)
    assert stocked["evidence_en"] == "No sales yet; rated 4.0 of 5, 5 in stock."
    assert stocked["evidence_zh"] == "尚无销量；评分 4.0（满分 5），库存 5 件。"


def test_companions_are_what_the_same_customers_bought() -> None:
    products = catalogue({"id": "x"}, {"id": "y"}, {"id": "z"})
    rows = []
    for c in range(6):  # six buy x and y, six others z alone
        rows += [
            purchase(10 * c, f"a{c}", "x"),
            purchase(10 * c + 1, f"a{c}", "y"),
            purchase(10 * c + 2, f"b{c}", "z"),
        ]
    found = fit(products, *rows).recommend(EVERYONE, 3)
    assert dict(found.select("product_id", "companions").iter_rows()) == {"x": ["y"], "y": ["x"], "z": []}
    few = fit(products, *rows[:12]).recommend(EVERYONE, 3)  # four customers are too few to speak of
    assert few["companions"].to_list() == [[], [], []]


def test_callers_faults_are_named() -> None:
    with pytest.raises(UsageError, match="not fitted"):
        PopularityRecommender().recommend("a", 1)
    with pytest.raises(UsageError, match="at least 1"):
        fit(TWO).recommend("a", 0)
    with pytest.raises(DataError, match="catalogue is empty"):
        fit(catalogue())
    with pytest.raises(UsageError, match="half_life_days"):
        PopularityConfig(half_life_days=(0.0,))
