import json
import os
from datetime import UTC, datetime
from pathlib import Path

import pytest

from adwright.schema import Brief, Cohort, Content, Product, Provenance

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)


@pytest.fixture
def now():
    return NOW


@pytest.fixture
def make_product():
    def make(**changes):
        values = {
            "id": "p1",
            "title": "Harbour Cotton Shirt",
            "description": "A light shirt in cotton with a button-down collar.",
            "price_minor": 4900,
            "currency": "USD",
            "quantity": 40,
            "brand": "Harbour",
            "product_type": "mens-shirts",
            "rating": 4.6,
            "attributes": {"material": "cotton", "color": "blue"},
        }
        return Product(**(values | changes))

    return make


@pytest.fixture
def make_brief(make_product):
    def make(**changes):
        values = {
            "kind": "ad_copy",
            "products": (make_product(),),
            "channel": "email",
            "language": "en",
        }
        return Brief(**(values | changes))

    return make


@pytest.fixture
def make_cohort():
    def make(**changes):
        described = {"en": "young city shoppers", "zh": "年轻的都市顾客"}
        return Cohort(**({"id": "c1", "size": 200, "description": described} | changes))

    return make


@pytest.fixture
def make_content():
    def make(slots, *, kind="ad_copy", channel="onsite", language="en"):
        return Content(
            id="c",
            kind=kind,
            product_ids=("p1",),
            cohort_id="everyone",
            channel=channel,
            language=language,
            slots=slots,
            provenance=Provenance(backend="test"),
        )

    return make


@pytest.fixture(scope="session")
def real_products():
    """The 194 products of the public dummyjson catalogue."""
    root = Path(os.environ.get("ADWRIGHT_DATA", Path(__file__).parents[2].parent / "shared" / "data"))
    path = root / "catalog" / "dummyjson_products.json"
    if not path.exists():
        pytest.skip(f"needs {path.name}; set ADWRIGHT_DATA to the folder of public data")
    rows = json.loads(path.read_text(encoding="utf-8"))
    rows = rows if isinstance(rows, list) else rows["products"]
    return [
        Product(
            id=str(row["id"]),
            title=row["title"],
            description=row["description"],
            price_minor=round(row["price"] * 100),
            sale_price_minor=round(row["price"] * (100 - row["discountPercentage"]))
            if row["id"] % 2
            else None,
            currency="USD",
            quantity=row["stock"],
            brand=row.get("brand"),
            product_type=row["category"],
            rating=row["rating"],
            attributes={"warranty": row["warrantyInformation"], "shipping": row["shippingInformation"]},
        )
        for row in rows
    ]
