from __future__ import annotations

from datetime import UTC, datetime

import numpy as np
import polars as pl
import pytest

from adwright.errors import UsageError
from adwright.experiment import Namespace, assign
from adwright.experiment.bucketing import buckets
from adwright.schema import Arm, Experiment

IDS = [f"user-{i}" for i in range(20_000)]


def experiment(shares: tuple[float, ...] = (0.5, 0.5), salt: str = "foo", name: str = "t") -> Experiment:
    arms = tuple(Arm(content_id=f"c{i}", share=s, is_control=i == 0) for i, s in enumerate(shares))
    return Experiment(
        id=name,
        arms=arms,
        metric="click",
        starts_at=datetime(2026, 1, 1, tzinfo=UTC),
        n_per_arm=100,
        minimum_effect=0.1,
        salt=salt,
    )


def test_assignment_is_that_of_the_sdk_with_seed_and_hash_version_2() -> None:
    # GrowthBook case "Uses seed with default weights/coverage": id 1, seed foo, version 2 -> variation 1
    assert assign(["1"], experiment())["content_id"].to_list() == ["c1"]


def test_assignment_is_persistent_and_independent_of_the_batch() -> None:
    whole = assign(IDS[:500], experiment())
    parts = pl.concat([assign(IDS[250:500], experiment()), assign(IDS[:250], experiment())])
    assert whole.sort("unit_id").equals(parts.sort("unit_id"))


def test_shares_come_out_as_planned() -> None:
    shares = (0.5, 0.3, 0.2)
    counts = dict(assign(IDS, experiment(shares)).group_by("content_id").len().iter_rows())
    expected = np.array(shares) * len(IDS)
    seen = np.array([counts[f"c{i}"] for i in range(3)])
    assert float(np.sum((seen - expected) ** 2 / expected)) < 13.8  # chi-square(2) at 0.001


def test_the_bucket_is_recorded() -> None:
    assert np.array_equal(assign(IDS[:50], experiment())["bucket"].to_numpy(), buckets(IDS[:50], seed="foo"))


def test_the_id_is_the_seed_where_there_is_no_salt() -> None:
    assert assign(IDS[:99], experiment(salt="", name="foo")).equals(assign(IDS[:99], experiment(salt="foo")))


def test_raising_the_coverage_moves_nobody_between_arms() -> None:
    part, whole = assign(IDS, experiment(), coverage=0.3), assign(IDS, experiment())
    stayed = part["content_id"].is_not_null()
    assert 0.28 < stayed.mean() < 0.32
    assert (part["content_id"] == whole["content_id"]).filter(stayed).all()


def test_two_experiments_assign_independently() -> None:
    a = assign(IDS, experiment(salt="one"))["content_id"].to_numpy() == "c1"
    b = assign(IDS, experiment(salt="two"))["content_id"].to_numpy() == "c1"
    assert abs(float(np.corrcoef(a, b)[0, 1])) < 4 / np.sqrt(len(IDS))


def test_namespaces_that_do_not_overlap_share_no_unit() -> None:
    low = assign(IDS, experiment(), namespace=Namespace(id="n", start=0.0, end=0.4))[
        "content_id"
    ].is_not_null()
    high = assign(IDS, experiment(), namespace=Namespace(id="n", start=0.4, end=1.0))[
        "content_id"
    ].is_not_null()
    assert not (low & high).any()
    assert (low | high).all()


def test_an_empty_id_takes_no_part() -> None:
    assert assign(["", "1"], experiment())["content_id"].to_list() == [None, "c1"]


def test_no_ids_give_no_rows() -> None:
    assert assign([], experiment()).columns == ["unit_id", "bucket", "content_id"]


def test_a_coverage_beyond_1_is_refused() -> None:
    with pytest.raises(UsageError, match="coverage"):
        assign(["1"], experiment(), coverage=1.5)
