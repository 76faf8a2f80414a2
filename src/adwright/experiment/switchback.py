"""Switchback tests: the whole shop sees one arm for a time slot, then perhaps another; a slot is the unit.

For effects that spread from customer to customer (stock that runs out, a shared budget), where customers of two
arms in the same hour would not be independent. In equal-share tests each block of as many slots as arms holds every
arm once, in an order drawn by hash: hours and weekdays then weigh on all arms alike.

*Holds when* an arm's effect has worn off after the first `washout_s` of a slot.

Source: Bojinov, Simchi-Levi and Zhao (2023), "Design and analysis of switchback experiments", Management Science.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import numpy as np
import polars as pl

from adwright.errors import DataError, UsageError
from adwright.experiment.assign import assign
from adwright.experiment.bucketing import buckets
from adwright.schema import Experiment


def slot_ids(at: Sequence[datetime], experiment: Experiment, *, slot_s: int) -> list[str]:
    """The slot of each time: the experiment's id and the slot's number since its start.

    Raises:
        DataError: a time without a zone, or before the start.
        UsageError: a slot without length.
    """
    if slot_s < 1:
        raise UsageError("not a length", argument="slot_s", value=slot_s, allowed="1 or more")
    return [f"{experiment.id}#{_number(time, experiment, slot_s)}" for time in at]


def schedule(
    experiment: Experiment, *, n_slots: int, slot_s: int, washout_s: int = 0, balanced: bool = True
) -> pl.DataFrame:
    """The arm of each slot.

    Args:
        experiment: Its start, arms and salt.
        n_slots: Slots, 1 or more.
        slot_s: Length of a slot.
        washout_s: Seconds at the start of a slot that are not to be counted.
        balanced: Every arm once in each block of slots, where shares are equal; else each slot is drawn alone.

    Returns:
        n rows: `unit_id` (the slot), `starts_at`, `counts_from`, `ends_at`, `content_id`, `propensity`.

    >>> from adwright.schema import Arm
    >>> arms = (Arm(content_id="old", share=0.5, is_control=True), Arm(content_id="new", share=0.5))
    >>> test = Experiment(id="t", arms=arms, metric="click", starts_at=datetime(2026, 1, 1, tzinfo=UTC),
    ...     n_per_arm=24, minimum_effect=0.1, unit="slot")
    >>> schedule(test, n_slots=6, slot_s=3600)["content_id"].to_list()
    ['old', 'new', 'new', 'old', 'old', 'new']
    """
    if n_slots < 1 or slot_s < 1 or not 0 <= washout_s < slot_s:
        raise UsageError(
            "not a schedule", argument="n_slots, slot_s, washout_s", value=(n_slots, slot_s, washout_s)
        )
    starts = [experiment.starts_at + timedelta(seconds=slot_s * i) for i in range(n_slots)]
    ids = slot_ids(starts, experiment, slot_s=slot_s)
    shares = [arm.share for arm in experiment.arms]
    equal = max(shares) - min(shares) < 1e-9
    arms = (
        _balanced(ids, experiment) if balanced and equal else assign(ids, experiment)["content_id"].to_list()
    )
    share = {arm.content_id: arm.share for arm in experiment.arms}
    return pl.DataFrame(
        {
            "unit_id": ids,
            "starts_at": starts,
            "counts_from": [s + timedelta(seconds=washout_s) for s in starts],
            "ends_at": [s + timedelta(seconds=slot_s) for s in starts],
            "content_id": arms,
            "propensity": [None if a is None else share[a] for a in arms],
        }
    )


def _balanced(ids: Sequence[str], experiment: Experiment) -> list[str | None]:
    """In each block the arms in the order of their hash."""
    names = [arm.content_id for arm in experiment.arms]
    seed, out = experiment.salt or experiment.id, []
    for block in range(-(-len(ids) // len(names))):
        keys = buckets([f"{name}#{block}" for name in names], seed=seed)
        out += [names[i] for i in np.argsort(keys, kind="stable")]
    return list(out[: len(ids)])


def _number(time: datetime, experiment: Experiment, slot_s: int) -> int:
    if time.tzinfo is None:
        raise DataError("a time without a zone", argument="at", value=time, allowed="UTC")
    seconds = (time.astimezone(UTC) - experiment.starts_at).total_seconds()
    if seconds < 0:
        raise DataError(
            "a time before the start", argument="at", value=time, allowed=experiment.starts_at.isoformat()
        )
    return int(seconds // slot_s)
