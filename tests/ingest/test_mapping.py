from __future__ import annotations

import pytest

from adwright.errors import DataError, NotFoundError
from adwright.ingest.mapping import ColumnMap

FIELDS = {"id": ("sku",), "title": ("name",), "price": ()}


def test_columns_are_found_by_name_by_other_name_and_by_mapping() -> None:
    columns = ColumnMap(FIELDS, ("id",), {"price": "cost to you"})
    assert columns.split({"SKU": 1, "Name": "a", "cost to you": 2, "colour": "red"}) == (
        {"id": 1, "title": "a", "price": 2},
        {"colour": "red"},
    )


def test_the_mapping_wins_over_the_name_and_loses_nothing() -> None:
    columns = ColumnMap(FIELDS, (), {"title": "headline"})
    assert columns.split({"title": "old", "headline": "new"}) == ({"title": "new"}, {"title": "old"})


def test_our_own_name_wins_over_another_name() -> None:
    assert ColumnMap(FIELDS).split({"sku": "b", "id": "a"}) == ({"id": "a"}, {"sku": "b"})


def test_an_absent_column_is_named_with_the_nearest_and_the_remedy() -> None:
    columns = ColumnMap(FIELDS, ("id", "title"))
    with pytest.raises(DataError) as caught:
        columns.check(["id", "titel"], "f.csv")
    assert "title" in str(caught.value)
    assert "--map title=titel" in str(caught.value)


def test_a_mapping_from_an_absent_column_is_named() -> None:
    with pytest.raises(DataError, match="--map title=headline"):
        ColumnMap(FIELDS, (), {"title": "headlin"}).check(["id", "headline"], "f.csv")


def test_a_mapping_to_a_column_we_do_not_have_proposes_one() -> None:
    with pytest.raises(NotFoundError, match="title"):
        ColumnMap(FIELDS, (), {"titel": "headline"})
