import numpy as np
import polars as pl
import pytest

from adwright.predict.models.fields import Bags, Fields

FRAME = pl.DataFrame(
    {
        "a": ["x", "y", None, "x"],
        "b": ["x", "x", "z", "x"],
        "t": ["a b", "", None, "b a"],
        "z": [1.0, None, 3.0, 2.0],
    }
)
ROLES = {"a": "categorical", "b": "categorical", "t": "text", "z": "numeric"}


def test_the_same_value_of_two_columns_gets_two_buckets():
    batch = Fields.learn(FRAME, ROLES).transform(FRAME)
    assert batch.category[0, 0] == batch.category[3, 0]
    assert batch.category[0, 0] != batch.category[0, 1]


def test_buckets_do_not_hang_on_the_rows_around():
    fields = Fields.learn(FRAME, ROLES)
    assert np.array_equal(fields.transform(FRAME[2:]).category, fields.transform(FRAME).category[2:])


def test_a_text_is_its_words_and_pairs_and_an_empty_one_has_a_term():
    (bags,) = Fields.learn(FRAME, ROLES).transform(FRAME).texts
    assert bags.size.tolist() == [3, 1, 1, 3]
    first, last = bags.buckets[:3], bags.buckets[-3:]
    assert set(first[:2]) == set(last[:2])
    assert first[2] != last[2]


def test_missing_numbers_are_flagged():
    numeric = Fields.learn(FRAME, ROLES).transform(FRAME).numeric
    assert numeric[:, 1].tolist() == [0, 1, 0, 0]
    assert numeric[1, 0] == 0


def test_taking_rows_takes_their_terms():
    bags = Bags(np.array([5, 6, 7, 8, 9, 4]), np.array([0, 2, 3]), np.array([2, 1, 3]))
    some = bags.take(np.array([2, 0]))
    assert some.buckets.tolist() == [8, 9, 4, 5, 6]
    assert some.start.tolist() == [0, 3]


def test_the_stated_collision_rate_is_the_observed_one():
    """3,000 values; the number that share a bucket has a standard error below sqrt(n p) / n = 0.6 %."""
    frame = pl.DataFrame({"a": [f"v{i}" for i in range(3000)]})
    fields = Fields.learn(frame, {"a": "categorical"})
    bucket = fields.transform(frame).category[:, 0]
    shared = np.mean(np.bincount(bucket, minlength=fields.n_buckets)[bucket] > 1)
    assert fields.collision_rate == pytest.approx(1 - (1 - 1 / 32768) ** 2999, rel=1e-12)
    assert shared == pytest.approx(fields.collision_rate, abs=0.02)
