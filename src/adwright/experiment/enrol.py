"""Who takes part and what they see: targeting, holdout, namespace, traffic share, then the arm; and the log of it.

Each step is a hash of the raw id with a seed of its own, so every system of the shop comes to the same answer
without a table and without a network call; `kept` holds those who saw an arm before, who keep it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from adwright.errors import DataError, UsageError
from adwright.experiment.assign import assign
from adwright.experiment.bucketing import Namespace, buckets, in_namespace
from adwright.experiment.growthbook.conditions import matches
from adwright.schema import Experiment

ENROLLED = {
    "unit_id": pl.String,
    "content_id": pl.String,
    "bucket": pl.Float64,
    "propensity": pl.Float64,
    "reason": pl.String,
}
"""Columns of `enrol`; `reason` is assigned, kept, targeting, holdout, namespace, coverage or no_id."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Holdout:
    """Units that no experiment reaches, for as long as the holdout lives.

    Args:
        share: Of all units, a fraction. Raising it adds units and moves none out.
        salt: Of the holdout, the same for all experiments; a new one draws new units.
    """

    share: float
    salt: str = "holdout"

    def __post_init__(self) -> None:
        if not 0.0 <= self.share < 1.0:
            raise UsageError(
                "not a share", argument="holdout.share", value=self.share, allowed="0 to below 1"
            )

    def holds(self, unit_ids: Sequence[str]) -> npt.NDArray[np.bool_]:
        """Whether each unit, shape (n,), is held out.

        >>> Holdout(share=0.3).holds(["ann", "liu"]).tolist()
        [False, True]
        """
        return np.asarray(buckets(unit_ids, seed=f"__{self.salt}") < self.share)


@dataclass(frozen=True, slots=True, kw_only=True)
class Enrolment:
    """The rules of who takes part.

    Args:
        coverage: Share of the eligible units that take part.
        namespace: Keeps experiments apart that must not overlap.
        holdout: Units that are never reached.
        condition: Targeting in MongoDB's notation, see `growthbook.matches`; asks the units' attributes.
        groups: Saved groups for the condition.
        hash_version: 2, or 1 for an experiment that began under the old hash.
    """

    coverage: float = 1.0
    namespace: Namespace | None = None
    holdout: Holdout | None = None
    condition: Mapping[str, Any] | None = None
    groups: Mapping[str, Sequence[Any]] | None = None
    hash_version: int = 2


def enrol(
    unit_ids: Sequence[str],
    experiment: Experiment,
    *,
    rules: Enrolment | None = None,
    attributes: Sequence[Mapping[str, Any]] | None = None,
    kept: Mapping[str, str] | None = None,
) -> pl.DataFrame:
    """The arm of each unit with the probability with which it was assigned, and why.

    Args:
        unit_ids: n raw ids of what the experiment assigns: customers, sessions, cohorts or slots.
        experiment: Arms, shares, salt.
        rules: Everyone takes part where it is None.
        attributes: n objects for the targeting condition.
        kept: Unit -> arm seen earlier (sticky); an arm that the test no longer has is drawn anew.

    Returns:
        n rows in order with the columns of `ENROLLED`; content_id and propensity are null for those who do
        not take part.

    Raises:
        UsageError: a condition without attributes, or of another number than the units.

    >>> from datetime import UTC
    >>> from adwright.schema import Arm
    >>> arms = (Arm(content_id="old", share=0.5, is_control=True), Arm(content_id="new", share=0.5))
    >>> test = Experiment(id="t", arms=arms, metric="click", starts_at=datetime(2026, 1, 1, tzinfo=UTC),
    ...     n_per_arm=100, minimum_effect=0.1, salt="foo")
    >>> enrol(["ab", "1", ""], test)["reason"].to_list()
    ['assigned', 'assigned', 'no_id']
    """
    given = rules if rules is not None else Enrolment()
    assigned = assign(
        unit_ids,
        experiment,
        coverage=given.coverage,
        namespace=given.namespace,
        hash_version=given.hash_version,
    )
    reason = _reasons(unit_ids, assigned, given, attributes)
    arm = assigned["content_id"].to_list()
    shares = {a.content_id: a.share for a in experiment.arms}
    for i, unit in enumerate(unit_ids):
        before = (kept or {}).get(unit)
        if before in shares and reason[i] not in ("no_id", "holdout"):
            arm[i], reason[i] = before, "kept"
        elif reason[i] != "assigned":
            arm[i] = None
    return pl.DataFrame(
        {
            "unit_id": list(unit_ids),
            "content_id": arm,
            "bucket": assigned["bucket"],
            "propensity": [None if a is None else shares[a] for a in arm],
            "reason": reason,
        },
        schema=ENROLLED,
    )


def exposure_log(enrolled: pl.DataFrame, experiment: Experiment, *, at: datetime) -> pl.DataFrame:
    """The exposures of those who saw an arm, one row each, to be appended to a log.

    The id of an exposure is made of test, unit and time, so that a log that is written twice holds nothing twice.

    Raises:
        DataError: a time without a zone.
    """
    if at.tzinfo is None:
        raise DataError("a time without a zone", argument="at", value=at, allowed="UTC")
    seen = enrolled.filter(pl.col("content_id").is_not_null())
    stamp = at.isoformat()
    return seen.select(
        pl.concat_str(pl.lit(f"{experiment.id}|"), "unit_id", pl.lit(f"|{stamp}")).alias("exposure_id"),
        pl.lit(experiment.id).alias("experiment_id"),
        pl.lit(experiment.unit).alias("unit"),
        "unit_id",
        "content_id",
        "propensity",
        "bucket",
        pl.lit(at).cast(pl.Datetime("us", "UTC")).alias("at"),
    )


def _reasons(
    unit_ids: Sequence[str],
    assigned: pl.DataFrame,
    rules: Enrolment,
    attributes: Sequence[Mapping[str, Any]] | None,
) -> list[str]:
    """Why each unit takes part or does not; the first of the steps that says no."""
    n = len(unit_ids)
    reason = np.where(assigned["content_id"].is_null().to_numpy(), "coverage", "assigned").astype(object)
    if rules.namespace is not None and n:
        reason[~in_namespace(unit_ids, rules.namespace)] = "namespace"
    if rules.holdout is not None and n:
        reason[rules.holdout.holds(unit_ids)] = "holdout"
    if rules.condition:
        if attributes is None or len(attributes) != n:
            found = None if attributes is None else len(attributes)
            raise UsageError(
                "a condition needs each unit's attributes", argument="attributes", value=found, allowed=str(n)
            )
        met = [matches(a, rules.condition, groups=rules.groups) for a in attributes]
        reason[~np.array(met, dtype=np.bool_)] = "targeting"
    reason[[not unit for unit in unit_ids]] = "no_id"
    return [str(r) for r in reason]
