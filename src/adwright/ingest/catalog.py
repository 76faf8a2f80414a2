"""A product catalogue into the table `products`: Merchant Center's fields, or JSON with usual names."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote

from adwright.errors import DataError
from adwright.ingest.amounts import read_price
from adwright.ingest.fields import FieldReader
from adwright.ingest.frames import frame_of_rows
from adwright.ingest.loading import Progress, TablePlan, load, needed, unseen
from adwright.ingest.mapping import ColumnMap
from adwright.ingest.options import ReadOptions, plan_tables, with_stored_attributes
from adwright.ingest.readable import readable
from adwright.ingest.report import IngestReport, RowError
from adwright.store.columns import PRODUCTS
from adwright.store.quarantine import Quarantine
from adwright.store.tables import TableStore

PRODUCT_FIELDS: Mapping[str, tuple[str, ...]] = {
    "id": ("product_id", "offer_id"),
    "title": ("name", "product_name"),
    "description": (),
    "link": ("url", "product_url"),
    "image_link": ("thumbnail", "image_url", "image"),
    "price": (),
    "sale_price": (),
    "sale_price_effective_date": (),
    "availability": ("availabilityStatus",),
    "quantity": ("stock", "inventory"),
    "brand": ("vendor",),
    "product_type": ("category",),
    "item_group_id": (),
    "cost": ("cost_of_goods_sold",),
    "currency": (),
    "rating": (),
    "attributes": (),
}
"""Our columns and the other names they are known by; prices in major units, or as "12.34 USD"."""

AVAILABILITY = {
    "in_stock": "in_stock",
    "instock": "in_stock",
    "low_stock": "in_stock",
    "limited_availability": "in_stock",
    "out_of_stock": "out_of_stock",
    "outofstock": "out_of_stock",
    "sold_out": "out_of_stock",
    "preorder": "preorder",
    "pre_order": "preorder",
    "backorder": "backorder",
}


def ingest_catalog(
    tables: TableStore | None,
    quarantine: Quarantine | None,
    files: Sequence[Path | str],
    *,
    now: datetime,
    file_format: str | None = None,
    currency: str | None = None,
    link_template: str | None = None,
    mapping: Mapping[str, str] | None = None,
    dry_run: bool = False,
    progress: Progress | None = None,
) -> IngestReport:
    """Reads products, checks each, and adds or replaces them by id.

    Args:
        tables: Where they go; may be None in a dry run.
        quarantine: Where bad rows go; may be None in a dry run.
        files: CSV, TSV, Parquet, JSON Lines, a JSON array, or a JSON object around one.
        now: The present, aware.
        file_format: One of `sources.FORMATS`; by the suffix if None.
        currency: ISO 4217 for prices that name none.
        link_template: The link of a product without one, for example "https://shop.example/p/{id}".
        mapping: Our column -> the file's column, see `PRODUCT_FIELDS`.
        dry_run: Write nothing.
        progress: Called with a line now and then.

    Raises:
        DataError: a file that cannot be read, is empty, or lacks a column.
        StoreError: the disk or the database failed; running again completes.
    """
    if link_template is not None and "{id}" not in link_template:
        raise DataError(
            "the template has no place for the id",
            argument="link_template",
            value=link_template,
            allowed="an address with {id} in it",
        )
    options = ReadOptions(now=now, file_format=file_format, currency=currency, mapping=mapping or {})
    columns = ColumnMap(PRODUCT_FIELDS, ("id", "title"), options.mapping)

    def parser(fields: FieldReader, names: ColumnMap) -> Callable[[Mapping[str, Any]], tuple[Any, ...]]:
        return ProductReader(fields, names, link_template=link_template).read

    plans, readers = plan_tables(files, options, columns=columns, parser=parser)
    plan = TablePlan[tuple[Any, ...]](
        table="products",
        frame=lambda rows: frame_of_rows(rows, PRODUCTS),
        write=lambda frame, _: needed(tables).upsert("products", frame, key="id"),
        would=lambda frame, _: (unseen(tables, "products", frame, key="id"), 0),
    )
    return load(plans, plan, quarantine=quarantine, fields=readers, dry_run=dry_run, progress=progress)


class ProductReader:
    """Reads the products of one file; an id that occurs a second time is refused.

    Args:
        fields: Checks the values.
        columns: Which column is which; built over `PRODUCT_FIELDS`.
        link_template: The link of a product without one.
    """

    def __init__(self, fields: FieldReader, columns: ColumnMap, *, link_template: str | None) -> None:
        self._fields = fields
        self._columns = columns
        self._link_template = link_template
        self._seen: set[str] = set()

    def read(self, row: Mapping[str, Any]) -> tuple[Any, ...]:
        """The values in the order of `PRODUCTS`."""
        fields = self._fields
        known, rest = self._columns.split(row)
        rest = with_stored_attributes(known, rest)
        get = known.get
        product_id = fields.required(get("id"), "id")
        if product_id in self._seen:
            raise RowError("duplicate_id", "id", f"the id '{product_id[:50]}' stands earlier in this file")
        title = fields.text(get("title"), "title")
        if title is None:
            raise RowError("missing_value", "title", "title is missing")
        currency, price, sale_price, cost = self._prices(known)
        starts_at, ends_at = self._sale_dates(get("sale_price_effective_date"))
        values = (
            product_id,
            title,
            fields.text(get("description"), "description") or "",
            self._link(get("link"), product_id),
            fields.text(get("image_link"), "image_link"),
            price,
            sale_price,
            starts_at,
            ends_at,
            currency,
            self._availability(get("availability")),
            fields.integer(get("quantity"), "quantity"),
            fields.text(get("brand"), "brand"),
            fields.text(get("product_type"), "product_type"),
            fields.identifier(get("item_group_id"), "item_group_id"),
            cost,
            fields.number(get("rating"), "rating", low=0.0, high=5.0),
            fields.attributes(readable(rest)),
        )
        self._seen.add(product_id)
        return values

    def _prices(self, known: Mapping[str, Any]) -> tuple[str | None, int | None, int | None, int | None]:
        """The product's one currency, its price, sale price and cost."""
        stated = self._fields.currency(known.get("currency"))
        read = {name: read_price(known.get(name), name) for name in ("price", "sale_price", "cost")}
        codes = {code for _, code in read.values() if code is not None}
        if len(codes) > 1:
            raise RowError("mixed_currencies", "price", "the prices of the product are in several currencies")
        currency = codes.pop() if codes else stated
        price, sale_price, cost = (
            self._fields.money(amount, name, currency) for name, (amount, _) in read.items()
        )
        if price is not None and sale_price is not None and sale_price > price:
            raise RowError("out_of_range", "sale_price", "sale_price is above price")
        return currency if price is not None or cost is not None else None, price, sale_price, cost

    def _sale_dates(self, value: object) -> tuple[int | None, int | None]:
        text = self._fields.text(value, "sale_price_effective_date")
        if text is None:
            return None, None
        start, slash, end = text.partition("/")
        if not slash:
            raise RowError(
                "unreadable_time", "sale_price_effective_date", "sale_price_effective_date is not START/END"
            )
        starts_at = self._fields.any_time(start, "sale_price_effective_date")
        ends_at = self._fields.any_time(end, "sale_price_effective_date")
        if ends_at < starts_at:
            raise RowError("impossible_time", "sale_price_effective_date", "the sale ends before it starts")
        return starts_at, ends_at

    def _availability(self, value: object) -> str | None:
        text = self._fields.text(value, "availability")
        if text is None:
            return None
        found = AVAILABILITY.get(text.strip().lower().replace(" ", "_").replace("-", "_"))
        if found is None:
            allowed = ", ".join(sorted(set(AVAILABILITY.values())))
            raise RowError("unknown_value", "availability", f"availability is none of {allowed}")
        return found

    def _link(self, value: object, product_id: str) -> str | None:
        link = self._fields.text(value, "link")
        if link is None and self._link_template is not None:
            return self._link_template.replace("{id}", quote(product_id, safe=""))
        return link
