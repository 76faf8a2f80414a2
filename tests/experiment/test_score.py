from __future__ import annotations

import numpy as np
import pytest
from scipy import optimize

from adwright.experiment.inference import score_difference, score_ratio
from experiment.vectors import load


def test_intervals_agree_with_statsmodels() -> None:
    """The difference to 3e-5 only, where statsmodels has a wrong term; with that term to its last digits."""
    for case in load("statsmodels.json")["two_proportions"]:
        other = {"successes_b": case["c2"], "trials_b": case["n2"]}
        found = score_difference(case["c1"], case["n1"], **other)
        slipped = score_difference(case["c1"], case["n1"], **other, as_statsmodels=True)
        assert [float(x) for x in found] == pytest.approx(case["score"], abs=5e-5)
        assert [float(x) for x in slipped] == pytest.approx(case["score"], rel=1e-8)
        ratio = score_ratio(case["c1"], case["n1"], **other)
        assert [float(x) for x in ratio] == pytest.approx(case["rr_score"], rel=1e-10)


def test_the_constrained_estimate_is_the_likeliest_one() -> None:
    k_a, n_a, k_b, n_b = 3.0, 20.0, 9.0, 25.0
    low, _ = score_difference(k_a, n_a, successes_b=k_b, trials_b=n_b)
    delta = float(low)

    def minus_log_likelihood(p: float) -> float:
        q = p + delta
        return -(
            k_a * np.log(p) + (n_a - k_a) * np.log(1 - p) + k_b * np.log(q) + (n_b - k_b) * np.log(1 - q)
        )

    p = optimize.minimize_scalar(
        minus_log_likelihood, bounds=(max(0, -delta) + 1e-9, min(1, 1 - delta) - 1e-9), method="bounded"
    ).x
    variance = ((p + delta) * (1 - p - delta) / n_b + p * (1 - p) / n_a) * 45 / 44
    assert (k_b / n_b - k_a / n_a - delta) / np.sqrt(variance) == pytest.approx(1.959964, abs=1e-4)


def test_no_successes_leave_the_ratio_open() -> None:
    low, high = score_ratio([0, 3], [10, 10], successes_b=[5, 0], trials_b=[10, 10])
    assert high[0] == np.inf
    assert low[1] == 0.0
