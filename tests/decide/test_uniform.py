from __future__ import annotations

import numpy as np

from adwright.decide.uniform import Uniform


def test_every_eligible_arm_gets_the_same() -> None:
    mask = np.array([True, False, True, True])
    p = Uniform().probabilities(np.zeros((1, 4)), mask=mask, rng=np.random.default_rng(0))
    assert np.allclose(p, mask / 3)
