from __future__ import annotations

import numpy as np
import pytest

from adwright.errors import DataError, InfeasibleError
from adwright.experiment.offpolicy import replay


def test_replay_is_the_mean_of_the_rounds_on_which_both_agree() -> None:
    found = replay([0, 1, 2, 0], [5.0, 1.0, 9.0, 7.0], propensity=[1 / 3] * 4, chosen=[0, 0, 2, 0])
    assert (found.value, found.n_kept, found.n) == (7.0, 3, 4)


def test_a_log_that_was_not_uniform_is_refused() -> None:
    with pytest.raises(DataError, match="uniformly"):
        replay([0, 1], [1, 0], propensity=[0.6, 0.4], chosen=[0, 0])


def test_no_agreement_and_bad_input_are_named() -> None:
    with pytest.raises(InfeasibleError, match="never"):
        replay([0, 1], [1, 0], propensity=[0.5, 0.5], chosen=[1, 0])
    with pytest.raises(DataError, match="lengths"):
        replay([0, 1], [1, 0], propensity=[0.5, 0.5], chosen=[1])
    with pytest.raises(DataError, match="finite"):
        replay([0, 1], [1, np.nan], propensity=[0.5, 0.5], chosen=[1, 0])
