"""Which arm a unit sees: by hash, so the same everywhere, for ever, and without a table."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import polars as pl

from adwright.errors import UsageError
from adwright.experiment.bucketing import Namespace, bucket_ranges, buckets, choose_arm, in_namespace
from adwright.schema import Experiment


def assign(
    unit_ids: Sequence[str],
    experiment: Experiment,
    *,
    coverage: float = 1.0,
    namespace: Namespace | None = None,
    hash_version: int = 2,
) -> pl.DataFrame:
    """The bucket and the arm of each unit, as GrowthBook's SDKs assign them.

    Args:
        unit_ids: n raw ids (not pseudonyms, so that a shop's other systems get the same arm). An empty id
            takes no part.
        experiment: Its `salt` is the seed of the hash, its id where the salt is empty.
        coverage: Share of the units that take part, a fraction. Raising it moves no unit between arms.
        namespace: Keeps experiments that must not overlap apart.
        hash_version: 2, or 1 for an experiment that began under the old one.

    Returns:
        n rows in order: `unit_id`, `bucket` in [0, 1), `content_id` (null where the unit takes no part).

    >>> from datetime import UTC, datetime
    >>> from adwright.schema import Arm
    >>> arms = (Arm(content_id="old", share=0.5, is_control=True), Arm(content_id="new", share=0.5))
    >>> test = Experiment(id="t", arms=arms, metric="click", starts_at=datetime(2026, 1, 1, tzinfo=UTC),
    ...     n_per_arm=100, minimum_effect=0.1, salt="foo")
    >>> assign(["ab", "1"], test)["content_id"].to_list()
    ['old', 'new']
    """
    if not 0.0 <= coverage <= 1.0:
        raise UsageError("not a share", argument="coverage", value=coverage, allowed="0 to 1")
    bucket = buckets(unit_ids, seed=experiment.salt or experiment.id, version=hash_version)
    ranges = bucket_ranges(
        len(experiment.arms), coverage=coverage, weights=[arm.share for arm in experiment.arms]
    )
    arm = choose_arm(bucket, ranges)
    arm[np.fromiter((not unit for unit in unit_ids), dtype=np.bool_, count=len(unit_ids))] = -1
    if namespace is not None:
        arm[~in_namespace(unit_ids, namespace)] = -1
    names = [a.content_id for a in experiment.arms]
    return pl.DataFrame(
        {
            "unit_id": list(unit_ids),
            "bucket": bucket,
            "content_id": [names[i] if i >= 0 else None for i in arm],
        },
        schema={"unit_id": pl.String, "bucket": pl.Float64, "content_id": pl.String},
    )
