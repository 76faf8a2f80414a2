"""No row sees its own future: against the plain computation, one row at a time."""

from __future__ import annotations

from datetime import timedelta

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from adwright.errors import DataError
from adwright.profile import customer_features, features_at
from adwright.profile.features import FEATURES
from random_events import DAYS, START, random_shop

MICROSECOND = timedelta(microseconds=1)


def rows_of(seed: int, n: int = 6) -> pl.DataFrame:
    rng = np.random.default_rng(seed)
    at = [START + timedelta(hours=int(h)) for h in rng.integers(0, DAYS * 24, n)]
    who = [str(c) for c in rng.choice(["c0", "c1", "c2", "quiet", "stranger"], n)]
    return pl.DataFrame({"customer_id": who, "at": at}, schema_overrides={"at": pl.Datetime("us", "UTC")})


@given(seed=st.integers(0, 10_000))
@settings(max_examples=10, deadline=None)
def test_a_row_knows_what_was_known_just_before_it(seed: int) -> None:
    events, lines, products, customers = random_shop(seed)
    rows = rows_of(seed)
    found = features_at(rows, events, lines, products, customers)
    assert found["customer_id"].to_list() == rows["customer_id"].to_list()
    for got, row in zip(found.iter_rows(named=True), rows.iter_rows(named=True), strict=True):
        # the plain way: forget everything later, then compute for everybody
        before = row["at"] - MICROSECOND
        alone = customer_features(events, lines, products, customers, now=before).filter(
            pl.col("customer_id") == row["customer_id"]
        )
        expected = alone.row(0, named=True) if alone.height else None
        if expected is None:
            assert got["n_events"] == 0
            continue
        for name in set(FEATURES) - {"recency_days", "tenure_days", "n_orders", "value_minor", "currency"}:
            assert got[name] == expected[name], name
        for name in ("recency_days", "tenure_days"):
            assert got[name] == (None if expected[name] is None else pytest.approx(expected[name], abs=1e-4))
        assert (got["n_orders"], got["value_minor"]) == (expected["n_orders"], expected["value_minor"])


@given(seed=st.integers(0, 10_000))
@settings(max_examples=10, deadline=None)
def test_the_future_may_be_anything(seed: int) -> None:
    events, lines, products, customers = random_shop(seed)
    rows = rows_of(seed)
    last = rows["at"].max()
    past = events.filter(pl.max_horizontal("at", "received_at") < last)
    whole = features_at(rows, events, lines, products, customers)
    assert_frame_equal(features_at(rows, past, lines, products, customers), whole)


def test_blocks_change_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    shop = random_shop(3)
    rows = rows_of(3, n=20)
    whole = features_at(rows, *shop)
    monkeypatch.setattr("adwright.profile.point_in_time._PAIRS_AT_ONCE", 30)
    assert_frame_equal(features_at(rows, *shop), whole)


def test_a_row_without_time_is_an_error() -> None:
    with pytest.raises(DataError, match="its customer and its time"):
        features_at(rows_of(1).with_columns(at=pl.lit(None)), *random_shop(1))
