"""What every contextual policy promises, one small function a promise; see `testing.checks`."""

from __future__ import annotations

import pickle
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import numpy as np

from adwright.decide.contextual import ContextualPolicy, choose
from adwright.errors import DataError, InfeasibleError, UsageError
from adwright.schema import F64, NO_CONTENT

Make = Callable[[int], ContextualPolicy]
"""A new policy for contexts of that length."""

_AT = datetime(2026, 6, 1, tzinfo=UTC)
_IDS = ("a", "b", "c")


def check_contextual_keeps_the_protocol_and_survives_pickling(make: Make) -> None:
    """A copy of a policy that has learned something answers as it does."""
    policy = _taught(make)
    assert isinstance(policy, ContextualPolicy)
    assert policy.name
    assert policy.n_features == 2
    again: ContextualPolicy = pickle.loads(pickle.dumps(policy))  # noqa: S301 - our own bytes
    assert np.array_equal(_vectors(policy), _vectors(again))


def check_contextual_probabilities_sum_to_one_and_are_not_negative(make: Make) -> None:
    """For one customer and fifty, one content and three, before and after learning."""
    for policy in (make(2), _taught(make)):
        for n in (1, 50):
            for ids in (("a",), _IDS):
                p = policy.probabilities(_contexts(n), ids)
                assert p.shape == (n, len(ids))
                assert (p >= 0).all()
                assert np.abs(p.sum(axis=1) - 1).max() < 1e-9


def check_contextual_answers_alike_one_by_one_and_in_a_batch(make: Make) -> None:
    """A vector is a function of the customer and the beliefs, not of who else asks."""
    policy, x = _taught(make), _contexts(20)
    one = np.vstack([policy.probabilities(x[i : i + 1], _IDS) for i in range(20)])
    assert np.abs(one - policy.probabilities(x, _IDS)).max() < 2e-3


def check_contextual_gives_masked_contents_nothing(make: Make) -> None:
    """One mask for all, and one a customer."""
    policy, x = _taught(make), _contexts(4)
    for mask in (np.array([True, False, True]), np.eye(3, dtype=np.bool_)[[0, 1, 2, 0]]):
        p = policy.probabilities(x, _IDS, mask=mask)
        assert (p[~np.broadcast_to(mask, p.shape)] == 0).all()
        assert np.abs(p.sum(axis=1) - 1).max() < 1e-9


def check_contextual_logs_what_it_drew_from(make: Make) -> None:
    """After mask and floor; the same seed draws the same; draws are as frequent as the log says."""
    policy, x = _taught(make), np.repeat(_contexts(1), 4000, axis=0)
    mask = np.array([True, True, False])
    first, second = (
        choose(policy, x, _IDS, rng=np.random.default_rng(3), mask=mask, floor=0.1) for _ in range(2)
    )
    assert np.array_equal(first.index, second.index)
    assert np.array_equal(first.propensity, first.vectors[np.arange(4000), first.index])
    assert (first.vectors[:, :2] >= 0.1 - 1e-12).all()
    assert (first.vectors[:, 2] == 0).all()
    shares = np.bincount(first.index, minlength=3) / 4000
    assert np.abs(shares - first.vectors[0]).max() < 5 * 0.5 / np.sqrt(4000)


def check_contextual_knows_nothing_of_an_unknown_content_and_learns_of_it(make: Make) -> None:
    """It is an arm like any other, and its outcomes count even when it is no longer offered."""
    policy, x = _taught(make), _contexts(3)
    before = policy.probabilities(x, ("a", "new"))
    assert (before[:, 1] > 0).any() or (before[:, 0] == 1).all()
    policy.update(_contexts(200), ["new"] * 200, np.zeros(200))
    after = policy.probabilities(x, ("a", "new"))
    assert (after[:, 1] <= before[:, 1] + 1e-9).all()
    assert np.abs(policy.probabilities(x, _IDS).sum(axis=1) - 1).max() < 1e-9


def check_contextual_never_prefers_what_it_has_seen_fail(make: Make) -> None:
    """After two hundred failures of one content and successes of another, the other is shown more."""
    policy, x = make(2), _contexts(400)
    rewards = np.r_[np.ones(200), np.zeros(200)]
    policy.update(x, ["a"] * 200 + ["b"] * 200, rewards)
    p = policy.probabilities(_contexts(20), ("a", "b")).mean(axis=0)
    assert p[0] > p[1]


def check_contextual_sends_nothing_rather_than_harm(make: Make) -> None:
    """Sending nothing is worth nothing, for certain, and can be chosen."""
    p = _taught(make).probabilities(_contexts(2), ("a", NO_CONTENT))
    assert p.shape == (2, 2)
    assert np.abs(p.sum(axis=1) - 1).max() < 1e-9


def check_contextual_takes_late_outcomes_and_a_clock_that_runs_backwards(make: Make) -> None:
    """Exposures first, outcomes whenever they come; an earlier time than before changes nothing."""
    policy = make(2)
    policy.exposed(_contexts(30), ["a"] * 30, at=_AT)
    policy.rewarded(_contexts(3), ["a"] * 3, np.ones(3), at=_AT)
    policy.rewarded(_contexts(1), ["never exposed"], np.ones(1), at=_AT)
    policy.advance(_AT + timedelta(days=2))
    later = _vectors(policy)
    policy.advance(_AT)
    assert np.array_equal(_vectors(policy), later)


def check_contextual_names_what_is_wrong(make: Make) -> None:
    """Shapes, numbers that are none, no eligible content, a content twice, a time without zone."""
    policy, x = make(2), _contexts(3)
    broken = x.copy()
    broken[1, 1] = np.nan
    wrong: tuple[tuple[Callable[[], object], type[Exception]], ...] = (
        (lambda: policy.probabilities(x[:, :1], _IDS), UsageError),
        (lambda: policy.probabilities(broken, _IDS), DataError),
        (lambda: policy.probabilities(x, _IDS, mask=np.zeros(3, np.bool_)), InfeasibleError),
        (lambda: policy.probabilities(x, _IDS, mask=np.ones(4, np.bool_)), UsageError),
        (lambda: policy.probabilities(x, _IDS, predicted=np.full((3, 3), np.nan)), DataError),
        (lambda: policy.probabilities(x, ("a", "a")), UsageError),
        (lambda: policy.probabilities(x, ()), UsageError),
        (lambda: policy.update(x, ["a"], [1.0]), UsageError),
        (lambda: policy.update(x, ["a"] * 3, [1.0, np.nan, 0.0]), DataError),
        (lambda: policy.exposed(x, ["a"] * 3, at=datetime(2026, 1, 1)), UsageError),
    )
    before = _vectors(policy)
    for call, expected in wrong:
        try:
            call()
        except expected:
            continue
        raise AssertionError(f"{policy.name} raised no {expected.__name__}")
    assert np.array_equal(_vectors(policy), before)


CONTEXTUAL_CHECKS: tuple[Callable[[Make], None], ...] = (
    check_contextual_keeps_the_protocol_and_survives_pickling,
    check_contextual_probabilities_sum_to_one_and_are_not_negative,
    check_contextual_answers_alike_one_by_one_and_in_a_batch,
    check_contextual_gives_masked_contents_nothing,
    check_contextual_logs_what_it_drew_from,
    check_contextual_knows_nothing_of_an_unknown_content_and_learns_of_it,
    check_contextual_never_prefers_what_it_has_seen_fail,
    check_contextual_sends_nothing_rather_than_harm,
    check_contextual_takes_late_outcomes_and_a_clock_that_runs_backwards,
    check_contextual_names_what_is_wrong,
)


def _contexts(n: int) -> F64:
    x = np.random.default_rng(1).standard_normal((n, 2))
    x[:, 0] = 1.0
    return x


def _taught(make: Make) -> ContextualPolicy:
    policy = make(2)
    rng = np.random.default_rng(2)
    x = _contexts(300)
    names = [str(_IDS[i]) for i in rng.integers(3, size=300)]
    policy.update(x, names, (rng.random(300) < 0.3 + 0.1 * np.sign(x[:, 1])).astype(np.float64))
    return policy


def _vectors(policy: ContextualPolicy) -> F64:
    return policy.probabilities(_contexts(5), _IDS)
