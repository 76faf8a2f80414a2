from __future__ import annotations

import numpy as np
import pytest

from adwright.errors import DataError, NotFoundError
from adwright.experiment.multiple import METHODS, adjust, e_bh
from experiment.vectors import load


def test_the_ten_corrections_are_statsmodels() -> None:
    case = load("statsmodels.json")["multipletests"]
    assert set(case["adjusted"]) == set(METHODS)
    for method, wanted in case["adjusted"].items():
        assert adjust(case["p"], method) == pytest.approx(wanted, rel=1e-12), method


def test_known_corrections_hold_without_the_vectors() -> None:
    p = [0.001, 0.008, 0.039, 0.041]
    assert adjust(p, "holm") == pytest.approx([0.004, 0.024, 0.078, 0.078])
    assert adjust(p, "fdr_bh") == pytest.approx([0.004, 0.016, 0.041, 0.041])


def test_the_order_does_not_matter_and_untested_ones_count_for_nothing() -> None:
    p = np.array([0.04, np.nan, 0.001, 0.03])
    for method in METHODS:
        found = adjust(p, method)
        assert np.isnan(found[1])
        assert found[[2, 3, 0]] == pytest.approx(adjust([0.001, 0.03, 0.04], method))


def test_hommels_procedure_is_the_closed_simes_test() -> None:
    rng = np.random.default_rng(0)
    p = rng.uniform(0, 0.2, 6)
    found = adjust(p, "hommel")
    closed = np.zeros(6)
    for subset in range(1, 64):
        members = [i for i in range(6) if subset >> i & 1]
        ordered = np.sort(p[members])
        simes = np.min(len(members) * ordered / np.arange(1, len(members) + 1))
        closed[members] = np.maximum(closed[members], simes)
    assert found == pytest.approx(closed)


def test_e_bh_finds_what_its_definition_finds() -> None:
    rng = np.random.default_rng(1)
    log_e = rng.normal(1.5, 2.0, 40)
    e = np.sort(np.exp(log_e))[::-1]
    ranks = np.arange(1, 41)
    passing = np.flatnonzero(ranks * e / 40 >= 1 / 0.05)
    n_found = passing[-1] + 1 if len(passing) else 0
    assert int(np.sum(e_bh(log_e) <= 0.05)) == n_found


def test_bad_input_is_named() -> None:
    with pytest.raises(NotFoundError, match="holm"):
        adjust([0.1], "holmes")
    with pytest.raises(DataError, match="not p-values"):
        adjust([1.2], "holm")
