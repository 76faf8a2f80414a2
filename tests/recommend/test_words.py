from __future__ import annotations

import json

import numpy as np
import polars as pl

from adwright.recommend.words import customer_words, product_words, words_of
from adwright.store.columns import PRODUCTS

N = 65_536


def catalogue(*rows: dict[str, object]) -> pl.DataFrame:
    return pl.DataFrame([dict.fromkeys(PRODUCTS) | row for row in rows], schema=dict(PRODUCTS))


def alike(a: dict[str, object], b: dict[str, object]) -> float:
    rows = product_words(catalogue(a, b), N).toarray()
    return float(rows[0] @ rows[1])


def test_products_with_words_in_common_are_alike_in_both_languages() -> None:
    assert alike({"title": "red ceramic mug"}, {"title": "Blue ceramic MUG"}) > 0
    assert alike({"title": "红色陶瓷杯"}, {"title": "蓝色陶瓷杯"}) > 0
    assert alike({"title": "red ceramic mug"}, {"title": "garden hose"}) == 0
    assert words_of("纯棉T恤") == ["纯", "棉", "t", "恤"]


def test_attributes_brand_and_category_count() -> None:
    one = {"brand": "Acme", "attributes": json.dumps({"colour": "red"}), "product_type": "Home > Mugs"}
    rows = product_words(
        catalogue(one, {"brand": "Acme"}, {"product_type": "Home > Plates"}, {}), N
    ).toarray()
    np.testing.assert_allclose(np.linalg.norm(rows[0]), 1.0, rtol=1e-6)
    assert rows[0] @ rows[1] > 0
    assert rows[0] @ rows[2] > 0
    assert not rows[3].any()


def test_a_long_description_does_not_drown_the_title() -> None:
    row = {"title": "mug", "description": "of stoneware, " * 500}
    held = product_words(catalogue(row, {"title": "mug"}), N).toarray()
    assert held[0] @ held[1] > 0.5 * (held[0] @ held[0])


def test_prices_count_by_their_place_in_the_catalogue() -> None:
    rows = product_words(catalogue(*({"price_minor": p} for p in (1, 2, 900_000, 910_000, 5, 6, 7, 8))), N)
    assert rows.getnnz(axis=1).tolist() == [1] * 8
    assert rows[[0]].indices[0] != rows[[2]].indices[0]


def test_what_is_known_of_customers_is_read_and_their_id_is_not() -> None:
    customers = pl.DataFrame(
        {
            "id": ["a", "b", "c"],
            "cohort_id": ["k1", "k1", None],
            "attributes": [json.dumps({"city": "Ulm"}), None, json.dumps({"city": "Ulm"})],
            "n_orders": [1, 2, 3],
        }
    )
    rows = customer_words(customers, 4_096).toarray()
    assert rows[0] @ rows[1] > 0
    assert rows[0] @ rows[2] > 0
    assert rows[1] @ rows[2] == 0
    np.testing.assert_array_equal(
        customer_words(customers.with_columns(id=pl.lit("x")), 4_096).toarray(), rows
    )
    assert customer_words(customers.select("id", consent=pl.lit("ads:email")), 4_096).nnz == 0
