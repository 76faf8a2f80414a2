from __future__ import annotations

import pytest

from adwright.errors import InfeasibleError, UsageError
from adwright.experiment.power import effect_size_proportions, power_normal, power_t, size_normal, size_t
from experiment.vectors import load


def test_power_agrees_with_statsmodels() -> None:
    for case in load("statsmodels.json")["power"]:
        given = {
            "n_a": case["nobs1"],
            "ratio": case["ratio"],
            "alpha": case["alpha"],
            "alternative": case["alternative"],
        }
        assert power_t(case["effect_size"], **given) == pytest.approx(case["power"], rel=1e-9)
        assert power_normal(case["effect_size"], **given) == pytest.approx(case["normal_power"], rel=1e-12)


def test_sizes_agree_with_statsmodels() -> None:
    for case in load("statsmodels.json")["samplesize"]:
        h = float(effect_size_proportions(case["p2"], case["p1"]))
        assert h == pytest.approx(case["cohen_h"], rel=1e-12)
        found = size_normal(h, alpha=case["alpha"], power=case["power"])
        assert found == pytest.approx(case["n_arcsine"], rel=1e-9)


def test_known_values_hold_without_the_vectors() -> None:
    assert power_t(1.0, n_a=30) == pytest.approx(0.9677082582419323)  # R's pwr, through statsmodels
    assert size_t(0.5) == pytest.approx(63.76561, abs=1e-4)  # Cohen's table: 64
    assert power_t(0.5, n_a=size_t(0.5)) == pytest.approx(0.8)


def test_what_cannot_be_found_is_said() -> None:
    with pytest.raises(InfeasibleError, match="no number of units"):
        size_normal(-0.1, alternative="larger")
    with pytest.raises(UsageError, match="alternative"):
        power_normal(0.1, n_a=10, alternative="both")  # type: ignore[arg-type]
