from __future__ import annotations

import polars as pl

from adwright.profile import rfm
from adwright.profile.features import FEATURES
from adwright.profile.rfm import SEGMENTS


def buyers(*rows: tuple[float, int, int]) -> pl.DataFrame:
    return pl.DataFrame(
        [
            dict.fromkeys(FEATURES)
            | {"customer_id": f"c{i}", "recency_days": r, "n_orders": n, "value_minor": m}
            for i, (r, n, m) in enumerate(rows)
        ],
        schema=dict(FEATURES),
    )


def test_scores_are_fifths_among_buyers() -> None:
    found = rfm(buyers(*[(10.0 * (10 - i), i + 1, 100 * i) for i in range(10)]))
    assert found["r"].to_list() == [1, 1, 2, 2, 3, 3, 4, 4, 5, 5]
    assert found["f"].to_list() == found["m"].to_list() == found["r"].to_list()


def test_equal_values_have_equal_scores() -> None:
    assert rfm(buyers((5.0, 1, 7), (5.0, 1, 7), (5.0, 1, 7)))["r"].n_unique() == 1


def test_who_has_not_bought_has_neither_scores_nor_a_segment() -> None:
    found = rfm(buyers((5.0, 0, 0), (5.0, 2, 100)))
    assert found.row(0)[1:] == (None, None, None, None)
    assert found["r"][1] == 5


def test_segments_name_who_is_who() -> None:
    found = rfm(buyers((1.0, 9, 900), (90.0, 8, 800), (2.0, 1, 50), (50.0, 1, 50), (60.0, 2, 60)))
    assert found["segment"].to_list()[:4] == ["champions", "at_risk", "new", "asleep"]
    assert set(found["segment"]) <= set(SEGMENTS)
