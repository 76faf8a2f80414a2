from __future__ import annotations

import numpy as np
import pytest

from adwright.decide.ageing import Ageing, ArrivalCurve
from adwright.errors import DataError, UsageError


def test_with_all_delays_over_the_curve_is_their_distribution() -> None:
    delays = np.random.default_rng(0).exponential(10.0, 500)
    curve = ArrivalCurve.fit(delays, np.full(500, 1e6))
    np.testing.assert_allclose(curve.arrived(np.sort(delays)), np.arange(1, 501) / 500, atol=1e-9)


def test_delays_that_are_not_over_do_not_bend_the_curve() -> None:
    """Exposures of the last days show their short delays only; the plain distribution is far too steep."""
    rng = np.random.default_rng(1)
    age = rng.uniform(0, 48, 40_000)
    delay = np.minimum(rng.exponential(12.0, 40_000), 47.9)
    seen = delay <= age
    curve = ArrivalCurve.fit(delay[seen], age[seen])
    at = np.array([6.0, 12.0, 24.0])
    np.testing.assert_allclose(curve.arrived(at), 1 - np.exp(-at / 12), atol=0.03)
    assert np.mean(delay[seen] <= 12.0) > 1 - np.exp(-1) + 0.05


def test_an_outcome_in_expectation_counts_as_much_as_an_exposure_waits_for() -> None:
    curve = ArrivalCurve(np.array([0.0, 10.0]), np.array([0.0, 1.0]), lost=0.2)
    ageing = Ageing(arrival=curve, half_life_h=10.0)
    assert ageing.exposure_weight(5.0) == pytest.approx(0.8 * 0.5 * 0.5**0.5)
    assert ageing.outcome_weight(10.0) == pytest.approx(0.5)
    assert Ageing().exposure_weight(99.0) == 1.0


def test_nothing_has_arrived_before_the_exposure() -> None:
    curve = ArrivalCurve(np.array([0.0]), np.array([1.0]))
    assert curve.arrived(np.array([-1.0, 0.0])).tolist() == [0.0, 1.0]
    assert curve.settled_h == 0.0


@pytest.mark.parametrize(
    ("delay", "age"), [([], []), ([-1.0], [5.0]), ([6.0], [5.0]), ([1.0], [2.0, 3.0]), ([np.nan], [1.0])]
)
def test_delays_that_cannot_be_are_refused(delay: list[float], age: list[float]) -> None:
    with pytest.raises(DataError, match="delay_h"):
        ArrivalCurve.fit(delay, age)


@pytest.mark.parametrize(
    "make",
    [
        lambda: ArrivalCurve(np.array([0.0, 1.0]), np.array([0.5, 0.4])),
        lambda: ArrivalCurve(np.array([0.0]), np.array([1.0]), lost=1.0),
        lambda: ArrivalCurve(np.array([0.0, 1.0]), np.array([1.0])),
        lambda: Ageing(half_life_h=0.0),
        lambda: Ageing(bucket_h=-1.0),
    ],
)
def test_settings_out_of_range_are_refused(make) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(UsageError):
        make()
