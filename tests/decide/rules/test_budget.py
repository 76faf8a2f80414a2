from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import numpy as np
import pytest

from adwright.decide.rules import Budget, Request, Rules
from adwright.errors import UsageError

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


def request(n: int, now: datetime = NOON) -> Request:
    return Request(
        customer_ids=[f"c{i}" for i in range(n)],
        content_ids=("free", "cheap", "dear"),
        channel="ads",
        now=now,
    )


def budget(minor: float, **options: object) -> Budget:
    return Budget(minor, {"cheap": 1.0, "dear": 3.0}, **options)  # type: ignore[arg-type]


def uniform(rows: np.ndarray, mask: np.ndarray) -> np.ndarray:
    return mask / mask.sum(axis=1, keepdims=True)


def test_spend_never_exceeds_the_budget_even_within_a_batch() -> None:
    for seed in range(20):
        rule = budget(50, slack=1.0)
        chosen = Rules([rule]).choose(request(200), uniform, rng=np.random.default_rng(seed))
        spent = np.array([0.0, 1.0, 3.0])[chosen.index].sum()
        assert spent <= 50
        assert spent == rule.spent_minor(date(2026, 3, 1))
        assert spent > 47


def test_what_is_logged_is_the_vector_after_the_budget() -> None:
    chosen = Rules([budget(0.0, slack=1.0)]).choose(request(5), uniform, rng=np.random.default_rng(0))
    assert chosen.propensity.tolist() == [1.0] * 5
    assert chosen.vectors.tolist() == [[1.0, 0.0, 0.0]] * 5


def test_a_cut_batch_is_still_drawn_as_logged() -> None:
    """Over many batches: each draw is as frequent as its own vector said, also after the cut."""
    hits, expected = np.zeros(3), np.zeros(3)
    for seed in range(300):
        chosen = Rules([budget(12, slack=1.0)]).choose(request(20), uniform, rng=np.random.default_rng(seed))
        hits += np.bincount(chosen.index, minlength=3)
        expected += chosen.vectors.sum(axis=0)
    np.testing.assert_allclose(hits, expected, atol=4 * np.sqrt(6000 / 4))


def test_pacing_lets_out_as_much_as_the_traffic_so_far() -> None:
    rule = budget(240, slack=0.0)
    assert rule.limit_minor(NOON) == pytest.approx(120)
    weights = [0.0] * 12 + [1.0] * 12
    assert budget(240, slack=0.0, traffic_by_hour=weights).limit_minor(
        NOON + timedelta(hours=6)
    ) == pytest.approx(120)


def test_a_new_day_has_a_new_budget_by_the_shop_s_own_clock() -> None:
    rule = budget(10, slack=1.0, time_zone="Asia/Shanghai")
    late = datetime(2026, 3, 1, 15, 30, tzinfo=UTC)  # 23:30 in Shanghai
    Rules([rule]).choose(request(50, late), uniform, rng=np.random.default_rng(0))
    assert rule.spent_minor(date(2026, 3, 1)) > 7
    assert rule.spent_minor(date(2026, 3, 2)) == 0
    assert rule.allowed(request(1, late + timedelta(hours=1))).tolist() == [[True, True, True]]


def test_time_that_runs_backwards_finds_the_day_as_it_was_left() -> None:
    rule = budget(10, slack=1.0)
    Rules([rule]).choose(request(50), uniform, rng=np.random.default_rng(0))
    spent = rule.spent_minor(NOON.date())
    Rules([rule]).choose(request(50, NOON + timedelta(days=1)), uniform, rng=np.random.default_rng(0))
    Rules([rule]).choose(request(50), uniform, rng=np.random.default_rng(0))
    assert spent <= rule.spent_minor(NOON.date()) <= 10


@pytest.mark.parametrize(
    "make",
    [
        lambda: budget(-1),
        lambda: budget(float("nan")),
        lambda: Budget(1, {"a": -1.0}),
        lambda: budget(1, slack=2),
        lambda: budget(1, traffic_by_hour=[1.0]),
        lambda: budget(1, time_zone="Mars/Olympus"),
    ],
)
def test_settings_out_of_range_are_refused(make) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(UsageError):
        make()
