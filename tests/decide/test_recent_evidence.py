from __future__ import annotations

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from adwright.decide.ageing import Ageing, ArrivalCurve
from adwright.decide.recent_evidence import RecentEvidence
from adwright.errors import DataError, UsageError

START = datetime(2026, 1, 1, tzinfo=UTC)
CURVE = ArrivalCurve(np.array([0.0, 10.0]), np.array([0.0, 1.0]), lost=0.1)


def hours(n: float) -> datetime:
    return START + timedelta(hours=n)


def test_young_exposures_count_as_much_as_would_have_arrived() -> None:
    log = RecentEvidence(["a", "b"], ageing=Ageing(arrival=CURVE))
    log.exposed(["a", "b"], [10.0, 20.0], at=START)
    log.arrived(["a"], [3.0], exposed_at=START)
    seen = log.evidence(["b", "a", "unknown"], now=hours(4.5))
    np.testing.assert_allclose(seen.expected, [20 * 0.4 * 0.9, 10 * 0.4 * 0.9, 0.0])
    np.testing.assert_allclose(seen.successes, [0.0, 3.0, 0.0])


def test_the_rate_is_right_at_every_age_in_expectation() -> None:
    rng = np.random.default_rng(0)
    delays = rng.uniform(0, 10, 100_000)
    happened = rng.random(100_000) < 0.3 * 0.9
    for age in (2.5, 5.5, 9.5):
        log = RecentEvidence(["a"], ageing=Ageing(arrival=CURVE))
        log.exposed(["a"], [100_000.0], at=START)
        log.arrived(["a"], [float((happened & (delays <= age - 0.5)).sum())], exposed_at=START)
        seen = log.evidence(["a"], now=hours(age))
        assert seen.successes[0] / seen.expected[0] == pytest.approx(0.3, abs=0.01)


def test_with_a_half_life_old_evidence_fades_on_both_sides() -> None:
    log = RecentEvidence(["a"], ageing=Ageing(half_life_h=24.0))
    log.exposed(["a"], [8.0], at=START)
    log.arrived(["a"], [4.0], exposed_at=START)
    seen = log.evidence(["a"], now=hours(48.5))
    np.testing.assert_allclose([seen.expected[0], seen.successes[0]], [2.0, 1.0])
    log.forget_before(now=hours(24.0 * 30))
    assert log.evidence(["a"], now=hours(24.0 * 30)).expected[0] == 0.0


def test_merging_old_spans_keeps_every_count() -> None:
    log = RecentEvidence(["a"], ageing=Ageing(horizon_h=10.0))
    for i in range(50):
        log.exposed(["a"], [1.0], at=hours(i))
        log.arrived(["a"], [0.5], exposed_at=hours(i))
        if i == 20:
            log.exposed(["b"], [7.0], at=hours(i))
    log.forget_before(now=hours(50))
    assert len(log._spans) <= 12
    seen = log.evidence(["a", "b"], now=hours(50))
    assert (seen.expected.tolist(), seen.successes.tolist()) == ([50.0, 7.0], [25.0, 0.0])


def stream(change_at: int | None, *, seed: int, level: bool = False) -> dict[str, datetime]:
    rng = np.random.default_rng(seed)
    log = RecentEvidence(["a", "b", "c"], detect=True)
    for i in range(120):
        rate = np.array([1.0, 1.0, 1.0]) * (1 + 0.3 * np.sin(i / 4) if level else 1.0)
        if change_at is not None and i >= change_at:
            rate[1] *= 0.4
        log.exposed(["a", "b", "c"], [5.0] * 3, at=hours(i))
        log.arrived(["a", "b", "c"], rng.poisson(5.0 * rate).astype(float), exposed_at=hours(i))
    return log.find_changes(now=hours(120))


def test_a_content_that_wears_out_is_found_and_its_past_forgotten() -> None:
    for seed in range(5):
        found = stream(60, seed=seed)
        assert list(found) == ["b"]
        assert abs((found["b"] - hours(60)).total_seconds()) < 12 * 3600


def test_false_alarms_are_rare_even_when_the_level_swings() -> None:
    assert sum(bool(stream(None, seed=seed, level=True)) for seed in range(40)) <= 2


def test_after_a_change_only_what_came_since_counts() -> None:
    rng = np.random.default_rng(0)
    log = RecentEvidence(["a", "b"], detect=True)
    for i in range(100):
        log.exposed(["a", "b"], [10.0, 10.0], at=hours(i))
        log.arrived(
            ["a", "b"], rng.poisson([10.0, 10.0 if i < 50 else 3.0]).astype(float), exposed_at=hours(i)
        )
    before = log.evidence(["b"], now=hours(100))
    log.find_changes(now=hours(100))
    after = log.evidence(["b"], now=hours(100))
    assert before.successes[0] / before.expected[0] > 0.55
    assert after.successes[0] / after.expected[0] == pytest.approx(0.3, abs=0.06)


@pytest.mark.parametrize("counts", [[-1.0], [np.nan], [1.0, 2.0]])
def test_what_is_no_count_is_refused(counts: list[float]) -> None:
    with pytest.raises(DataError, match="counts"):
        RecentEvidence(["a"]).exposed(["a"], counts, at=START)


def test_a_false_alarm_rate_lies_between_0_and_1() -> None:
    with pytest.raises(UsageError, match="alpha"):
        RecentEvidence(["a"], alpha=0.0)
