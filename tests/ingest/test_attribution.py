"""Hand-worked journeys: each test is a table of what happened, and what is owed to whom."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import polars as pl
import pytest

from adwright.errors import DataError
from adwright.ingest import attribute
from adwright.schema import Attribution
from adwright.store.columns import EVENTS, ORDER_LINES

START = datetime(2025, 12, 1, tzinfo=UTC)
RULE = Attribution(click_window_h=168, view_window_h=24)


def hour(h: float) -> datetime:
    return START + timedelta(hours=h)


def decisions(*rows: tuple[str, str, str, float]) -> pl.DataFrame:
    return pl.DataFrame(
        [{"decision_id": d, "customer_id": c, "content_id": k, "at": hour(h)} for d, c, k, h in rows],
        schema_overrides={"at": EVENTS["at"]},
    )


def events(*rows: dict[str, Any]) -> pl.DataFrame:
    filled = [
        dict.fromkeys(EVENTS) | {"message_id": f"m{i}", "customer_id": "ann"} | row | {"at": hour(row["at"])}
        for i, row in enumerate(rows)
    ]
    return pl.DataFrame(filled, schema=dict(EVENTS))


def lines(*rows: dict[str, Any]) -> pl.DataFrame:
    return pl.DataFrame([dict.fromkeys(ORDER_LINES) | row for row in rows], schema=dict(ORDER_LINES))


def view(at: float, **more: Any) -> dict[str, Any]:
    return {"event": "Promotion Viewed", "at": at} | more


def click(at: float, **more: Any) -> dict[str, Any]:
    return {"event": "Promotion Clicked", "at": at} | more


def order(at: float, order_id: str = "o1", value: int = 1000, **more: Any) -> dict[str, Any]:
    return {
        "event": "Order Completed",
        "at": at,
        "order_id": order_id,
        "value_minor": value,
        "currency": "USD",
    } | more


def refund(at: float, order_id: str = "o1", value: int | None = None, **more: Any) -> dict[str, Any]:
    return {"event": "Order Refunded", "at": at, "order_id": order_id, "value_minor": value} | more


def owed(made: pl.DataFrame, happened: pl.DataFrame, order_lines: pl.DataFrame | None = None) -> list[Any]:
    """decision -> (exposed, clicked, value, refunded, matched_by), in the order of the decisions."""
    result = attribute(made, happened, lines() if order_lines is None else order_lines, rule=RULE)
    assert result["decision_id"].to_list() == made["decision_id"].to_list()
    return result.select("exposed", "clicked", "value_minor", "refunded_minor", "matched_by").rows()


ONE = decisions(("d1", "ann", "c1", 0))
NOTHING = (False, False, 0, 0, None)


def test_a_whole_journey_by_decision_id() -> None:
    happened = events(
        view(1, decision_id="d1"),
        click(2, decision_id="d1"),
        order(3, decision_id="d1"),
        refund(99, value=400),
    )
    result = attribute(ONE, happened, lines(), rule=RULE).row(0, named=True)
    assert (result["exposed_at"], result["clicked_at"], result["converted_at"]) == (hour(1), hour(2), hour(3))
    assert (result["n_orders"], result["value_minor"], result["refunded_minor"]) == (1, 1000, 400)
    assert (result["converted"], result["currency"], result["matched_by"]) == (True, "USD", "decision_id")


def test_a_decision_without_touch_is_owed_nothing() -> None:
    assert owed(ONE, events(order(3))) == [NOTHING]
    assert owed(ONE, events(order(3), view(1, customer_id="bob", content_id="c1"))) == [NOTHING]


def test_without_ids_customer_content_and_window_decide() -> None:
    happened = events(view(1, content_id="c1"), click(2, content_id="c1"), order(3))
    assert owed(ONE, happened) == [(True, True, 1000, 0, "window")]
    assert owed(ONE, events(click(2, content_id="other"), order(3))) == [NOTHING]


def test_without_content_the_product_decides() -> None:
    made = ONE.with_columns(product_id=pl.lit("p1"))
    assert owed(made, events(click(2, product_id="p1"), order(3))) == [(True, True, 1000, 0, "window")]
    assert owed(made, events(click(2, product_id="p2"), order(3))) == [NOTHING]


def test_the_click_window_ends_after_168_hours_and_the_view_window_after_24() -> None:
    clicked = click(1, decision_id="d1")
    assert owed(ONE, events(clicked, order(1 + 168))) == [(True, True, 1000, 0, "window")]
    assert owed(ONE, events(clicked, order(1 + 168.01))) == [(True, True, 0, 0, "decision_id")]
    seen = view(1, decision_id="d1")
    assert owed(ONE, events(seen, order(1 + 24))) == [(True, False, 1000, 0, "window")]
    assert owed(ONE, events(seen, order(1 + 24.01))) == [(True, False, 0, 0, "decision_id")]


def test_the_last_click_is_owed_the_order_and_a_later_view_does_not_take_it() -> None:
    made = decisions(("d1", "ann", "c1", 0), ("d2", "ann", "c2", 0), ("d3", "ann", "c3", 0))
    happened = events(
        click(1, decision_id="d1"), click(2, decision_id="d2"), view(3, decision_id="d3"), order(4)
    )
    assert owed(made, happened) == [
        (True, True, 0, 0, "decision_id"),
        (True, True, 1000, 0, "window"),
        (True, False, 0, 0, "decision_id"),
    ]


def test_the_decision_id_of_the_order_wins_over_the_last_click() -> None:
    made = decisions(("d1", "ann", "c1", 0), ("d2", "ann", "c2", 0))
    happened = events(click(2, decision_id="d2"), order(3, decision_id="d1"))
    assert owed(made, happened) == [(False, False, 1000, 0, "decision_id"), (True, True, 0, 0, "decision_id")]


def test_every_order_is_owed_to_at_most_one_decision() -> None:
    made = decisions(*((f"d{i}", "ann", "c1", i) for i in range(5)))
    happened = events(
        *(click(i + 0.5, content_id="c1") for i in range(5)), *(order(5 + i, f"o{i}") for i in range(7))
    )
    result = attribute(made, happened, lines(), rule=RULE)
    assert result["n_orders"].sum() == 7
    assert result["value_minor"].to_list() == [0, 0, 0, 0, 7000]


def test_out_of_order_and_late_rows_find_their_place() -> None:
    happened = events(
        refund(50, value=300),
        order(3),
        click(2, content_id="c1"),
        view(1, content_id="c1", received_at=hour(90)),
    )
    assert owed(ONE, happened) == [(True, True, 1000, 300, "window")]
    assert owed(ONE, happened.reverse()) == [(True, True, 1000, 300, "window")]


def test_what_happened_before_the_decision_is_not_its_doing() -> None:
    made = decisions(("d1", "ann", "c1", 10))
    assert owed(made, events(click(9, decision_id="d1"), click(9, content_id="c1"), order(11))) == [NOTHING]
    assert owed(made, events(order(9, decision_id="d1"))) == [NOTHING]


@pytest.mark.parametrize(
    ("taken", "refunded"),
    [
        ([refund(5, value=300), refund(6, value=200)], 500),
        ([refund(5, value=300), refund(6, value=900)], 1000),
        ([refund(5)], 1000),
        ([{"event": "Order Cancelled", "at": 5, "order_id": "o1"}], 1000),
        ([refund(5, "another", 300)], 0),
    ],
)
def test_a_refund_takes_back_never_more_than_the_order(taken: list[dict[str, Any]], refunded: int) -> None:
    happened = events(click(2, decision_id="d1"), order(3), *taken)
    assert owed(ONE, happened) == [(True, True, 1000, refunded, "window")]


def test_a_refund_of_lines_is_worth_the_price_paid_for_them() -> None:
    happened = events(
        click(2, decision_id="d1"), order(3) | {"message_id": "order"}, refund(5) | {"message_id": "back"}
    )
    bought = {"message_id": "order", "order_id": "o1", "event": "Order Completed", "product_id": "p1"}
    back = {"message_id": "back", "order_id": "o1", "event": "Order Refunded", "product_id": "p1"}
    priced = lines(bought | {"price_minor": 250, "quantity": 4}, back | {"quantity": 2})
    assert owed(ONE, happened, priced) == [(True, True, 1000, 500, "window")]


def test_an_order_reported_twice_counts_once() -> None:
    happened = events(click(2, decision_id="d1"), order(3), order(3.5))
    assert owed(ONE, happened) == [(True, True, 1000, 0, "window")]


def test_a_visit_by_the_link_is_a_click_and_sending_nothing_is_owed_nothing() -> None:
    made = decisions(("d1", "ann", "c1", 0), ("d2", "bob", "no_content", 0))
    happened = events(
        {"event": "Product Viewed", "at": 2, "decision_id": "d1"}, order(3), order(3, "o2", customer_id="bob")
    )
    assert owed(made, happened) == [(True, True, 1000, 0, "window"), NOTHING]


def test_other_columns_of_the_decisions_are_carried_through() -> None:
    made = ONE.with_columns(cohort_id=pl.lit("zh"))
    assert attribute(made, events(order(3)), lines(), rule=RULE)["cohort_id"].to_list() == ["zh"]


def test_decisions_come_as_the_ledger_gives_them() -> None:
    made = ONE.rename({"decision_id": "id"})
    result = attribute(made, events(click(2, decision_id="d1"), order(3)), lines(), rule=RULE)
    assert result.select("decision_id", "value_minor").rows() == [("d1", 1000)]


def test_what_cannot_be_attributed_is_one_clear_error() -> None:
    happened = events(order(3), order(4, "o2") | {"currency": "CNY"})
    with pytest.raises(DataError, match="several currencies"):
        attribute(ONE, happened, lines(), rule=RULE)
    with pytest.raises(DataError, match="stands twice"):
        attribute(pl.concat([ONE, ONE]), events(order(3)), lines(), rule=RULE)
    with pytest.raises(DataError, match="content_id"):
        attribute(ONE.drop("content_id"), events(order(3)), lines(), rule=RULE)


def test_empty_frames_give_an_empty_answer() -> None:
    empty = ONE.clear()
    assert attribute(empty, events(order(3)), lines(), rule=RULE).height == 0
    assert owed(ONE, pl.DataFrame(schema=dict(EVENTS))) == [NOTHING]
