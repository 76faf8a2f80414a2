from __future__ import annotations

import numpy as np

from adwright.decide.greedy import Greedy


def test_the_best_mean_takes_all() -> None:
    draws = np.array([[1.0, 9.0, 3.0], [1.0, -9.0, 3.0]])
    p = Greedy().probabilities(draws, mask=np.ones(3, dtype=bool), rng=np.random.default_rng(0))
    assert p.tolist() == [0.0, 0.0, 1.0]
