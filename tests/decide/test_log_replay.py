from __future__ import annotations

import numpy as np
import pytest

from adwright.decide.linear_thompson import LinearThompson
from adwright.decide.linucb import LinUCB
from adwright.decide.log_replay import replay_log
from adwright.errors import DataError, UsageError

IDS = ("a", "b", "c")
RATE = {"a": 0.1, "b": 0.3, "c": 0.2}


def log(n: int, *, seed: int = 0) -> dict[str, object]:
    """Shown with unequal, known probabilities."""
    rng = np.random.default_rng(seed)
    p = np.array([0.5, 0.2, 0.3])
    index = rng.choice(3, n, p=p)
    shown = [IDS[i] for i in index]
    return {
        "context": np.ones((n, 1)),
        "content_ids": IDS,
        "shown": shown,
        "rewards": (rng.random(n) < np.array([RATE[c] for c in shown])).astype(float),
        "propensities": p[index],
    }


def test_a_policy_that_cannot_tell_wins_the_plain_mean_whatever_the_log_preferred() -> None:
    class Blind(LinearThompson):
        def update(self, context, content_ids, rewards, *, predicted=None):  # type: ignore[no-untyped-def]
            """It never learns."""

    found = replay_log(Blind(1), **log(40_000), rng=np.random.default_rng(1))  # type: ignore[arg-type]
    assert found.reward == pytest.approx(0.2, abs=4 * found.standard_error)
    assert len(found.accepted) == pytest.approx(0.2 * 40_000, rel=0.05)


def test_a_policy_that_learns_wins_what_it_would_have_won() -> None:
    found = replay_log(
        LinearThompson(1, width=0.5),
        **log(40_000),
        rng=np.random.default_rng(1),  # type: ignore[arg-type]
    )
    assert 0.27 < found.reward < 0.3 + 4 * found.standard_error
    greedy = replay_log(LinUCB(1), **log(4000), rng=np.random.default_rng(1), floor=0.05)  # type: ignore[arg-type]
    assert greedy.reward > 0.2


def test_what_the_log_cannot_tell_is_refused() -> None:
    rows = log(100)
    for changes, error in (
        ({"content_ids": (*IDS, "never logged")}, DataError),
        ({"content_ids": ("a", "b")}, DataError),
        ({"propensities": np.zeros(100)}, DataError),
        ({"rewards": np.full(100, np.nan)}, DataError),
        ({"shown": ["a"]}, UsageError),
    ):
        with pytest.raises(error):
            replay_log(LinUCB(1), **(rows | changes), rng=np.random.default_rng(0))  # type: ignore[arg-type]
