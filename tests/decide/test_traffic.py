from __future__ import annotations

import numpy as np
import pytest

from adwright.decide import assign_slice
from adwright.decide.traffic import hashed_position
from adwright.errors import InfeasibleError, UsageError
from adwright.experiment import assign
from decide.worlds import experiment

IDS = [f"user-{i}" for i in range(40_000)]


def test_shares_are_exact_in_expectation() -> None:
    slices = assign_slice(IDS, test_share=0.2, holdout_share=0.05, salt="s")
    seen = np.array([(slices == name).sum() for name in ("holdout", "test", "adaptive")])
    expected = np.array([0.05, 0.2, 0.75]) * len(IDS)
    assert float(np.sum((seen - expected) ** 2 / expected)) < 13.8  # chi-square(2) at 0.001


def test_slices_are_persistent_and_independent_of_the_batch() -> None:
    whole = assign_slice(IDS[:100], test_share=0.2, holdout_share=0.05, salt="s")
    one_by_one = [assign_slice([i], test_share=0.2, holdout_share=0.05, salt="s")[0] for i in IDS[:100]]
    assert whole.tolist() == one_by_one


def test_growing_a_slice_takes_from_the_adaptive_one_only() -> None:
    before = assign_slice(IDS, test_share=0.1, holdout_share=0.05, salt="s")
    after = assign_slice(IDS, test_share=0.3, holdout_share=0.1, salt="s")
    assert (after[before == "holdout"] == "holdout").all()
    assert (after[before == "test"] == "test").all()


def test_slices_are_independent_of_the_arms_of_a_test() -> None:
    test = experiment()
    in_test = assign_slice(IDS, test_share=0.5, holdout_share=0.0, salt=test.salt) == "test"
    in_arm = assign(IDS, test)["content_id"].to_numpy() == "a"
    assert abs(float(np.corrcoef(in_test, in_arm)[0, 1])) < 4 / np.sqrt(len(IDS))


def test_other_salts_give_other_slices() -> None:
    one, two = hashed_position(IDS, salt="one"), hashed_position(IDS, salt="two")
    assert abs(float(np.corrcoef(one, two)[0, 1])) < 4 / np.sqrt(len(IDS))


def test_positions_are_uniform() -> None:
    counts = np.bincount((hashed_position(IDS, salt="s") * 20).astype(int), minlength=20)
    assert float(np.sum((counts - 2000) ** 2 / 2000)) < 43.8  # chi-square(19) at 0.001


def test_all_or_nothing_is_possible() -> None:
    assert set(assign_slice(IDS[:500], test_share=1.0, holdout_share=0.0, salt="s")) == {"test"}
    assert set(assign_slice(IDS[:500], test_share=0.0, holdout_share=0.0, salt="s")) == {"adaptive"}
    assert assign_slice([], test_share=0.1, holdout_share=0.1, salt="s").shape == (0,)


def test_impossible_shares_are_refused() -> None:
    with pytest.raises(UsageError, match="holdout_share"):
        assign_slice(IDS[:1], test_share=0.1, holdout_share=-0.1, salt="s")
    with pytest.raises(InfeasibleError):
        assign_slice(IDS[:1], test_share=0.8, holdout_share=0.3, salt="s")
