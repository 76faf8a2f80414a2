from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest

from adwright.decide.ageing import Ageing, ArrivalCurve
from adwright.decide.linear_thompson import LinearThompson
from adwright.decide.linucb import LinUCB
from adwright.decide.logistic_thompson import LogisticThompson
from adwright.decide.policy_files import SavedPolicy, load_policy, save_policy
from adwright.errors import DataError, NotFoundError, UsageError

AT = datetime(2026, 1, 1, tzinfo=UTC)
CURVE = ArrivalCurve(np.array([0.0, 24.0]), np.array([0.0, 1.0]), lost=0.1)
AGEING = Ageing(arrival=CURVE, half_life_h=100.0)
X = np.random.default_rng(0).normal(size=(50, 3))


@pytest.mark.parametrize(
    "policy",
    [
        LinUCB(3, width=0.5),
        LinearThompson(3, ridge=2.0, ageing=AGEING),
        LogisticThompson(3, base_rate=0.1),
        LogisticThompson(3, content_sd=0.2, ageing=AGEING),
    ],
    ids=lambda p: p.name,
)
def test_a_policy_that_was_saved_goes_on_as_if_it_never_was(policy: SavedPolicy, tmp_path: Path) -> None:
    names = ["a", "b"] * 25
    policy.update(X, names, np.arange(50) % 3 == 0)
    policy.advance(AT)
    policy.exposed(X, names, at=AT)
    policy.rewarded(X[:5], names[:5], np.ones(5), at=AT)
    policy.advance(AT + timedelta(hours=5))
    save_policy(policy, tmp_path / "policy.npz")
    again = load_policy(tmp_path / "policy.npz")
    assert type(again) is type(policy)
    for later in (0, 5, 500):
        for one in (policy, again):
            one.advance(AT + timedelta(hours=5 + later))
        np.testing.assert_allclose(
            again.probabilities(X, ["b", "a", "new"]), policy.probabilities(X, ["b", "a", "new"]), atol=1e-6
        )
    assert sorted(p.name for p in tmp_path.iterdir()) == ["policy.npz"]


def test_what_is_no_policy_is_said(tmp_path: Path) -> None:
    with pytest.raises(NotFoundError, match="no such policy"):
        load_policy(tmp_path / "none.npz")
    (tmp_path / "text.npz").write_text("hello")
    with pytest.raises(DataError, match="not a saved policy"):
        load_policy(tmp_path / "text.npz")
    np.savez(tmp_path / "other.npz", a=np.ones(3))
    with pytest.raises(DataError, match="not a saved policy"):
        load_policy(tmp_path / "other.npz")
    with pytest.raises(UsageError, match="not a policy"):
        save_policy(object(), tmp_path / "x.npz")  # type: ignore[arg-type]


def test_a_file_that_would_run_code_is_refused(tmp_path: Path) -> None:
    """Arrays of objects are pickles; they are never read."""
    np.savez(tmp_path / "evil.npz", meta=np.array([{"a": 1}], dtype=object), allow_pickle=True)
    with pytest.raises(DataError, match="not a saved policy"):
        load_policy(tmp_path / "evil.npz")
