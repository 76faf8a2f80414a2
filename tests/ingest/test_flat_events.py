from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from adwright.ingest.fields import FieldReader
from adwright.ingest.flat_events import EVENT_FIELDS, FlatEventReader
from adwright.ingest.mapping import ColumnMap
from adwright.ingest.report import RowError
from adwright.store.columns import EVENTS

ROW = {"message_id": "m1", "event": "Product Viewed", "timestamp": "2025-12-01", "user_id": "u1"}


def read(changes: dict[str, Any]) -> dict[str, Any]:
    fields = FieldReader(now=datetime(2026, 1, 1, tzinfo=UTC), currency="USD", text_numbers=True)
    row = FlatEventReader(fields, ColumnMap(EVENT_FIELDS)).read(ROW | changes)
    return dict(zip(EVENTS, row.values, strict=True)) | {"lines": row.lines}


def test_a_row_of_text_becomes_an_event_and_keeps_its_other_columns() -> None:
    row = read(
        {"product_id": "p1", "quantity": "2", "price": "9.99", "theme": "dark", "email": "a@b.example"}
    )
    assert (row["product_id"], row["quantity"], row["value_minor"]) == ("p1", 2, None)
    assert json.loads(row["attributes"]) == {"price": "9.99", "theme": "dark"}


def test_an_order_row_is_its_own_line() -> None:
    row = read(
        {"event": "Order Completed", "order_id": "o1", "product_id": "p1", "quantity": "2", "price": "9.99"}
    )
    assert (row["value_minor"], row["currency"]) == (1998, "USD")
    assert row["lines"] == [("m1", "o1", "Order Completed", row["at"], "u1", "p1", 2, 999, "USD")]


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"message_id": ""}, "missing_value"),
        ({"timestamp": ""}, "missing_value"),
        ({"quantity": "two"}, "wrong_type"),
        ({"price": "-1"}, "out_of_range"),
        ({"event": "Order Completed"}, "missing_value"),
        ({"event": "Order Completed", "order_id": "o1", "value": "1.999"}, "too_many_decimals"),
    ],
)
def test_each_fault_of_a_row_has_its_reason(changes: dict[str, Any], code: str) -> None:
    with pytest.raises(RowError) as caught:
        read(changes)
    assert caught.value.code == code
