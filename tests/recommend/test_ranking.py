from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from adwright.recommend.ranking import best

SCORES = arrays(
    np.float32, st.tuples(st.integers(1, 4), st.integers(1, 9)), elements=st.sampled_from([0, 1, 2, 3])
)


@given(scores=SCORES, k=st.integers(1, 12), seed=st.integers(0, 99))
@settings(max_examples=200, deadline=None)
def test_the_best_are_those_of_a_full_sort(scores: np.ndarray, k: int, seed: int) -> None:
    barred = np.random.default_rng(seed).random(scores.shape) < 0.4
    items, values = best(scores, k, barred=barred)
    for row in range(len(scores)):
        allowed = [j for j in range(scores.shape[1]) if not barred[row, j]]
        expected = sorted(allowed, key=lambda j: (-scores[row, j], j))[:k]
        assert items[row].tolist() == expected + [-1] * (k - len(expected))
        assert (values[row, : len(expected)] == scores[row, expected]).all()
        assert (values[row, len(expected) :] == -np.inf).all()
