from __future__ import annotations

import numpy as np
import pytest

from adwright.errors import UsageError
from adwright.experiment.prior import prior_from_rate
from adwright.schema import Rate


def test_the_prior_is_the_law_of_the_ratio_of_two_gamma_effects() -> None:
    rate = Rate(mean=np.array([0.02, 0.03]), k=np.array([40.0, 60.0]), level_sd=np.array([0.3, 0.3]))
    prior = prior_from_rate(rate, control=0, treatment=1)
    rng = np.random.default_rng(0)
    draws = np.log(0.03 * rng.gamma(60, 1 / 60, 200_000)) - np.log(0.02 * rng.gamma(40, 1 / 40, 200_000))
    assert prior.mean == pytest.approx(np.log(1.5))
    assert prior.mean == pytest.approx(draws.mean(), abs=0.01)
    assert prior.variance == pytest.approx(draws.var(), rel=0.02)


def test_an_unknown_spread_gives_no_prior() -> None:
    rate = Rate(mean=np.array([0.02, 0.03]), k=np.array([40.0, np.nan]), level_sd=np.array([0.3, 0.3]))
    with pytest.raises(UsageError, match="not known"):
        prior_from_rate(rate, control=0, treatment=1)
