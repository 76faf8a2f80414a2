"""Whatever a row holds, it is taken or refused with a reason; nothing else ever comes out of a reader."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adwright.ingest.catalog import PRODUCT_FIELDS, ProductReader
from adwright.ingest.contents import CONTENT_FIELDS, ContentReader
from adwright.ingest.customers import CUSTOMER_FIELDS, CustomerReader
from adwright.ingest.event_rows import event_frame, line_frame
from adwright.ingest.fields import FieldReader
from adwright.ingest.flat_events import EVENT_FIELDS, FlatEventReader
from adwright.ingest.frames import frame_of_rows
from adwright.ingest.mapping import ColumnMap
from adwright.ingest.report import RowError
from adwright.ingest.segment import SegmentReader
from adwright.ingest.totals import TOTAL_FIELDS, TotalReader
from adwright.store.columns import CONTENTS, CUSTOMERS, PRODUCTS, TOTALS

NOW = datetime(2026, 1, 1, tzinfo=UTC)
STRANGE = st.sampled_from(
    [
        "",
        " ",
        "\ud800",
        "\x00",
        "\u202eevil",
        "2025-12-01",
        "USD",
        "1e999",
        "-0",
        "Order Completed",
        "track",
        "a:b",
    ]
)
SCALARS = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.integers(10**17, 10**400)
    | st.floats()
    | st.text(max_size=8)
    | STRANGE
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["product_id", "price", "value", "currency", "aw_did", "x\ud800"]), inner
        )
    ),
    max_leaves=6,
)


def rows(names: list[str]) -> st.SearchStrategy[dict[str, Any]]:
    return st.dictionaries(st.sampled_from(names), VALUES, max_size=len(names))


def taken(read: Callable[[Mapping[str, Any]], Any], row: Mapping[str, Any]) -> Any:
    try:
        return read(row)
    except RowError as error:
        if not (error.code and error.reason):
            raise
        return None


MESSAGE = [
    "type",
    "event",
    "messageId",
    "userId",
    "timestamp",
    "receivedAt",
    "context",
    "properties",
    "sentAt",
]
PROPERTIES = [
    "order_id",
    "products",
    "revenue",
    "currency",
    "price",
    "quantity",
    "position",
    "category",
    "note",
]
SOUND = {"event": "Order Completed", "messageId": "m", "userId": "u", "timestamp": "2025-12-01T00:00:00Z"}


@settings(max_examples=300, deadline=None)
@given(rows(MESSAGE), rows(PROPERTIES), st.booleans())
def test_any_segment_message_is_taken_or_refused(
    message: dict[str, Any], properties: dict[str, Any], is_sound: bool
) -> None:
    row = {**SOUND, "properties": {"order_id": "o", **properties}} if is_sound else message
    found = taken(SegmentReader(FieldReader(now=NOW, currency="USD")).read, row)
    if found is not None:
        name = found.values[4]
        events = event_frame([found], {name: "p"})
        line_frame([found], {name: "p"})
        attributes = events["attributes"][0]
        assert attributes is None or isinstance(json.loads(attributes), dict)


@pytest.mark.parametrize("is_text", [False, True])
@pytest.mark.parametrize("kind", ["product", "content", "customer", "total", "event"])
@settings(max_examples=150, deadline=None)
@given(st.data())
def test_any_row_of_a_table_is_taken_or_refused(kind: str, is_text: bool, data: st.DataObject) -> None:
    fields = FieldReader(now=NOW, currency="USD", text_numbers=is_text)
    names, columns, read = {
        "product": (
            PRODUCT_FIELDS,
            PRODUCTS,
            ProductReader(fields, ColumnMap(PRODUCT_FIELDS), link_template="{id}").read,
        ),
        "content": (CONTENT_FIELDS, CONTENTS, ContentReader(fields, ColumnMap(CONTENT_FIELDS)).read),
        "customer": (CUSTOMER_FIELDS, CUSTOMERS, CustomerReader(fields, ColumnMap(CUSTOMER_FIELDS)).read),
        "total": (TOTAL_FIELDS, TOTALS, TotalReader(fields, ColumnMap(TOTAL_FIELDS), {}).read),
        "event": (EVENT_FIELDS, None, FlatEventReader(fields, ColumnMap(EVENT_FIELDS)).read),
    }[kind]
    sound = {"id": "1", "title": "Lamp", "text": "a", "n_exposures": 5, "content_id": "c", "channel": "web"}
    sound |= {"at": "2025-12-01", "message_id": "m", "event": "e", "customer_id": "u"}
    row = {k: v for k, v in sound.items() if k in names} | data.draw(rows([*names, "other"]))
    found = taken(read, row)
    if found is not None and columns is not None:
        values = found.values if kind == "total" else found
        frame = frame_of_rows([values], columns)
        assert frame.schema == pl.Schema(dict(columns))
