from __future__ import annotations

from collections import Counter

import numpy as np
import polars as pl
import pytest

from adwright.ingest.sketches import KEPT_HASHES, ColumnSketch, population_stability


def test_few_distinct_values_are_counted_exactly() -> None:
    sketch = ColumnSketch.of(pl.Series(["a", "b", None, "a"]))
    assert (sketch.n_distinct, sketch.n_missing, sketch.values) == (2, 1, Counter(a=2, b=1))


def test_many_distinct_values_are_estimated_within_four_standard_errors() -> None:
    sketch = ColumnSketch.of(pl.Series(np.arange(100_000)))
    bound = 4 / np.sqrt(KEPT_HASHES - 2)
    assert sketch.n_distinct == pytest.approx(100_000, rel=bound)


def test_sketches_add_up_to_the_sketch_of_the_whole() -> None:
    values = pl.Series([str(i % 30) for i in range(300)] + [None] * 5)
    added = ColumnSketch.of(values[:100]) + ColumnSketch.of(values[100:])
    whole = ColumnSketch.of(values)
    assert added.values == whole.values
    assert (added.n_rows, added.n_missing, added.n_distinct) == (305, 5, 30)
    assert np.array_equal(added.hashes, whole.hashes)


def test_a_column_of_many_values_is_not_compared_value_by_value() -> None:
    assert ColumnSketch.of(pl.Series([str(i) for i in range(60)])).values is None


def test_the_stability_index_is_zero_for_equal_shares_and_grows_with_the_shift() -> None:
    same = population_stability(Counter(a=500, b=500), Counter(a=500, b=500))
    small = population_stability(Counter(a=500, b=500), Counter(a=600, b=400))
    large = population_stability(Counter(a=900, b=100), Counter(a=100, b=900))
    assert same == 0.0
    # The definition: (0.6 - 0.5) ln(0.6 / 0.5) + (0.4 - 0.5) ln(0.4 / 0.5), the half counts aside
    assert small == pytest.approx(0.1 * np.log(1.2) - 0.1 * np.log(0.8), rel=0.01)
    assert large == pytest.approx(1.6 * np.log(9), rel=0.02)
