from __future__ import annotations

from datetime import timedelta

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adwright.recommend.histories import Histories, encode
from adwright.recommend.models.next_up import history_rows, most_had, next_up, some_of
from recommend.shop_of_tastes import NOW, products, task


def histories(days: list[list[float]]) -> Histories:
    """One customer a list, an interaction a number: days before `NOW`, negative."""
    rows = [
        {"customer_id": f"c{c}", "product_id": products()["id"][i % 18], "kind": "buy", "weight": 1.0}
        | {"at": NOW + timedelta(days=day)}
        for c, own in enumerate(days)
        for i, day in enumerate(sorted(own))
    ]
    schema = {"customer_id": pl.String, "product_id": pl.String, "kind": pl.String, "weight": pl.Float64}
    frame = pl.DataFrame(rows, schema=schema | {"at": pl.Datetime("us", "UTC")})
    return encode(frame, products()["id"], customer_ids=[f"c{c}" for c in range(len(days))])


@given(days=st.lists(st.lists(st.integers(-9, -1).map(float), max_size=7), min_size=1, max_size=4))
@settings(max_examples=60, deadline=None)
def test_what_comes_next_is_the_next_visit_or_the_rest_of_the_last(days: list[list[float]]) -> None:
    """Against the definition, in plain loops; a visit is a day here."""
    held = histories(days)
    found = next_up(held, visit_minutes=60.0)
    for c in range(len(days)):
        first, stop = int(held.indptr[c]), int(held.indptr[c + 1])
        for i in range(first, stop):
            later = [j for j in range(first, stop) if held.at_s[j] > held.at_s[i]]
            following = [j for j in later if held.at_s[j] == held.at_s[later[0]]]
            rest = [j for j in range(i + 1, stop) if held.at_s[j] == held.at_s[i]]
            assert list(range(found.first[i], found.stop[i])) == (following or rest)


def test_every_coming_product_is_drawn_and_no_other() -> None:
    held = histories([[-3.0, -2.0, -2.0, -2.0, -1.0]])
    ahead = next_up(held, visit_minutes=60.0)
    drawn = ahead.draw(np.zeros(300, dtype=np.int64), np.random.default_rng(0))
    assert set(drawn.tolist()) == {1, 2, 3}
    assert ahead.draw(np.array([4]), np.random.default_rng(0)).tolist() == [-1]


def test_what_has_no_time_stands_alone() -> None:
    rows = {"customer_id": "c0", "product_id": ["0-0", "0-1", "0-2"], "kind": "buy", "weight": 1.0}
    frame = pl.DataFrame(rows).with_columns(at=pl.lit(None, dtype=pl.Datetime("us", "UTC")))
    ahead = next_up(encode(frame, products()["id"]), visit_minutes=60.0)
    assert ahead.first.tolist() == [1, 2, 3]
    assert ahead.stop.tolist() == [2, 3, 3]


def test_a_faded_history_is_worked_by_hand() -> None:
    held = histories([[-3.0, -1.0], []])
    rows = history_rows(held, held.indptr[1:], np.array([2, 0]), half_life_days=2.0).toarray()
    assert rows[0, :2] == pytest.approx([1 / 3, 2 / 3])  # two days apart, one half-life
    assert rows.sum() == pytest.approx(1.0)


def test_the_most_had_products_are_kept_in_the_order_of_the_catalogue() -> None:
    held = histories([[-3.0, -2.0, -1.0], [-2.0, -1.0], [-1.0]])
    assert most_had(held, 99).tolist() == [0, 1, 2]
    assert most_had(held, 2).tolist() == [0, 1]


def test_a_task_is_thinned_out_by_customers() -> None:
    thin = some_of(task(), np.random.default_rng(0), 5)
    assert len(thin.histories) == thin.targets.shape[0] == 5
    whole = task()
    for i, name in enumerate(thin.histories.customer_ids):
        row = whole.histories.customer_ids.index(name)
        np.testing.assert_array_equal(thin.targets[i].toarray(), whole.targets[row].toarray())
