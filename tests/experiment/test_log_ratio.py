from __future__ import annotations

import numpy as np
import pytest

from adwright.errors import UsageError
from adwright.experiment.inference import ProportionSummary, lift
from adwright.experiment.sequential import has_enough, log_ratio_sequence, planned_information


def test_the_interval_and_the_p_value_agree() -> None:
    a, b = ProportionSummary(n=10_000, successes=500), ProportionSummary(n=10_000, successes=640)
    effect = lift(a, b, scale="log")
    found = log_ratio_sequence(effect, information=574.0, alpha=0.05)
    again = log_ratio_sequence(effect, information=574.0, alpha=float(found.p))
    assert float(found.low) > 0.0
    assert found.p < 0.05
    assert float(again.p) == pytest.approx(float(found.p), rel=0.5)


def test_false_alarms_over_twenty_looks_are_rare_even_at_low_rates() -> None:
    rng = np.random.default_rng(0)
    n = 1000 * np.arange(1, 21)
    a, b = (
        ProportionSummary(n=n, successes=k) for k in rng.binomial(1000, 0.05, (2, 2000, 20)).cumsum(axis=2)
    )
    enough = has_enough(a.moments(), b.moments())
    found = log_ratio_sequence(lift(a, b, scale="log"), information=574.0, enough=enough)
    assert np.mean((found.p <= 0.05).any(axis=1)) <= 0.03


def test_there_is_no_answer_before_ten_conversions_an_arm() -> None:
    a, b = ProportionSummary(n=1000, successes=[8, 30]), ProportionSummary(n=1000, successes=[30, 30])
    assert has_enough(a.moments(), b.moments()).tolist() == [False, True]


def test_other_scales_are_refused() -> None:
    a = ProportionSummary(n=1000, successes=50)
    with pytest.raises(UsageError, match="log scale"):
        log_ratio_sequence(lift(a, a), information=100.0)


def test_the_planned_information_is_that_of_a_fixed_test() -> None:
    # 5 % -> 5.62 % with 20,000 an arm: 1 / se^2 of the log ratio at that size is about what is planned
    se2 = (1 - 0.05) / (0.05 * 20_000) + (1 - 0.0562) / (0.0562 * 20_000)
    assert planned_information(0.124) == pytest.approx(1 / se2, rel=0.05)
