"""From beliefs to logged decisions. A decision never fails: on any fault the default content answers.

The order is fixed: rules and eligibility -> policy -> floor -> draw from that very vector -> log its entry.
Slices are guarded one by one, so that a fault of the policy does not stop a running test. Rules hold in
every slice and for the default content, too: in channels that reach out to a customer, a fault sends nothing
where the default content is not allowed or nobody could say whether it is.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import TypeVar

import numpy as np

from adwright.decide.arms import DecideConfig, arm_ids, arm_mask
from adwright.decide.guard import Guard
from adwright.decide.picks import Choice, Pick, fixed_picks, held_out
from adwright.decide.rules import Rules
from adwright.decide.traffic import HOLDOUT, TEST, assign_slice
from adwright.errors import UsageError
from adwright.schema import Bools, Customer, Decision

T = TypeVar("T")


def decide(
    customer_ids: Sequence[str],
    choice: Choice,
    *,
    now: datetime,
    rng: np.random.Generator,
    config: DecideConfig | None = None,
    eligible: Bools | None = None,
    unit_ids: Sequence[str] | None = None,
    session_ids: Sequence[str] | None = None,
    rules: Rules | None = None,
    customers: Sequence[Customer] | None = None,
) -> list[Decision]:
    """One decision a customer, in their order; never raises, whatever is wrong with what it decides on.

    The holdout gets no content (the default content in channels that do not reach out), the test slice the
    arm of the running experiment, everyone else a draw from the policy. Where anything goes wrong, the
    default content answers, with `degraded` and a `reason`.

    Args:
        customer_ids: n pseudonyms.
        choice: What to choose from, and what for.
        now: Time of the decision, UTC.
        rng: Source of the draws and of the decision ids.
        config: How to decide; None for the defaults.
        eligible: (n_contents,) for all, or (n, n_contents) by customer, in the order of
            `choice.beliefs.effect.content_ids`; None where all may be shown. Sending nothing is always
            eligible.
        unit_ids: n ids that slices and arms are hashed from, the raw ones; None for `customer_ids`.
        session_ids: n ids of visits; a test by session hashes its arms from these (the slices never).
        rules: Consent, caps, budgets and the like; they learn what was decided. None for no rule.
        customers: n customers, for rules that ask for consent or time zone.

    Returns:
        n decisions. `propensities` is the vector drawn from, over all arms; in the test slice the shares.
        Decisions of the holdout have the policy "holdout", those of the test slice "fixed".
    """
    n = len(customer_ids)
    units = customer_ids if unit_ids is None else unit_ids
    settings = config or DecideConfig()
    guard = Guard(choice, rules, customers, customer_ids=customer_ids, now=now)
    picks: list[Pick] = _or_default(
        lambda: _all_picks(
            choice, units, session_ids, guard, n=n, now=now, rng=rng, config=settings, eligible=eligible
        ),
        lambda reason: guard.fallbacks(reason, range(n)),
    )
    model_version = str(getattr(getattr(choice.beliefs, "effect", None), "model_version", ""))
    return [
        Decision(
            id=decision_id,
            customer_id=customer,
            content_id=pick.content_id,
            propensities=pick.propensities,
            policy=pick.policy,
            model_version=model_version,
            at=now,
            channel=choice.channel,
            slice=pick.slice,
            experiment_id=pick.experiment_id,
            degraded=pick.degraded,
            reason=pick.reason,
        )
        for decision_id, customer, pick in zip(_decision_ids(n, rng), customer_ids, picks, strict=True)
    ]


def _all_picks(
    choice: Choice,
    units: Sequence[str],
    session_ids: Sequence[str] | None,
    guard: Guard,
    *,
    n: int,
    now: datetime,
    rng: np.random.Generator,
    config: DecideConfig,
    eligible: Bools | None,
) -> list[Pick]:
    if len(units) != n:
        raise UsageError("unit_ids and customer_ids differ in number", value=len(units), allowed=str(n))
    slices = assign_slice(
        units,
        test_share=config.test_share if choice.running(now) else 0.0,
        holdout_share=config.holdout_share,
        salt=config.salt,
    )
    n_contents, n_arms = len(choice.beliefs.effect), len(arm_ids(choice.beliefs, choice.channel))
    mask = arm_mask(eligible, n_contents=n_contents, n_arms=n_arms)
    if mask.ndim == 2 and len(mask) != n:
        raise UsageError("eligible and customer_ids differ in number", value=len(mask), allowed=str(n))
    picks: list[Pick | None] = [held_out(choice) if name == HOLDOUT else None for name in slices]
    tested = [row for row, name in enumerate(slices) if name == TEST]
    _fill(
        picks,
        tested,
        lambda: guard.in_rounds(
            tested,
            lambda rows, allowed: fixed_picks(
                choice, _of_test(choice, units, session_ids, rows=rows), mask=allowed
            ),
            eligible=mask,
        ),
        lambda reason: guard.fallbacks(reason, tested, in_test=True),
    )
    rest = [row for row, pick in enumerate(picks) if pick is None]
    _fill(
        picks,
        rest,
        lambda: guard.adaptive(rest, mask, config=config, rng=rng),
        lambda reason: guard.fallbacks(reason, rest),
    )
    return [pick for pick in picks if pick is not None]


def _fill(
    picks: list[Pick | None],
    rows: list[int],
    choose: Callable[[], Sequence[Pick | None]],
    default: Callable[[str], Sequence[Pick | None]],
) -> None:
    for row, pick in zip(rows, _or_default(choose, default), strict=True):
        picks[row] = pick


def _of_test(
    choice: Choice, units: Sequence[str], session_ids: Sequence[str] | None, *, rows: list[int]
) -> list[str]:
    """What the arms of the running test are hashed from."""
    if choice.experiment is None or choice.experiment.unit == "customer":
        return [units[row] for row in rows]
    if session_ids is None or len(session_ids) != len(units):
        raise UsageError(
            "a test by session needs one session id a customer",
            argument="session_ids",
            value=None if session_ids is None else len(session_ids),
            allowed=str(len(units)),
        )
    return [session_ids[row] for row in rows]


def _or_default(choose: Callable[[], T], default: Callable[[str], T]) -> T:
    """What `choose` gives, or else what `default` makes of the reason."""
    try:
        return choose()
    except Exception as error:  # noqa: BLE001 - the one place: no fault may fail the shop, and it is logged
        return default(f"{type(error).__name__}: {error}")


def _decision_ids(n: int, rng: np.random.Generator) -> list[str]:
    """n random ids of 128 bits."""
    try:
        digits = rng.bytes(16 * n).hex()
    except (AttributeError, TypeError):  # a broken generator is a fault like any other; ids stay unique
        return [f"d_{uuid.uuid4().hex}" for _ in range(n)]
    return [f"d_{digits[i : i + 32]}" for i in range(0, 32 * n, 32)]
