from __future__ import annotations

import numpy as np
import pytest

from adwright.errors import UsageError
from adwright.experiment.holm import holm
from experiment.vectors import load


def test_holm_agrees_with_statsmodels() -> None:
    vectors = load("statsmodels.json")["multipletests"]
    assert np.allclose(np.exp(holm(np.log(vectors["p"]))), vectors["adjusted"]["holm"], rtol=1e-9)


def test_a_known_value_holds_without_the_vectors() -> None:
    # statsmodels 0.15, multipletests(method="holm")
    assert np.allclose(np.exp(holm(np.log([0.01, 0.04, 0.03, 0.005]))), [0.03, 0.06, 0.06, 0.02])


def test_p_values_too_small_to_write_stay_in_order() -> None:
    adjusted = holm([-5000.0, -4000.0])
    assert adjusted.tolist() == [-5000.0 + np.log(2), -4000.0]


def test_what_was_not_tested_stays_unknown_and_costs_nothing() -> None:
    adjusted = np.exp(holm([np.log(0.02), np.nan]))
    assert adjusted[0] == pytest.approx(0.02)
    assert np.isnan(adjusted[1])


def test_a_positive_logarithm_is_refused() -> None:
    with pytest.raises(UsageError, match="log_p"):
        holm([0.5])
