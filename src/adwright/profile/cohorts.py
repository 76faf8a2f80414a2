"""Cohorts: customers of one language, taste and price level, never fewer than k together.

The customers are split by language, then by the area of their top category ("Home" of "Home > Candles"),
then by that category, then by price level. What is too small to stand
alone goes together with the rest of its level; if the rest is too small, the smallest of the others joins
it. So every cohort has at least k members, and its description names only what all of them share.

Holds when: k members hide one among them. Does not cover: an attacker who knows all the others.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, TypedDict, cast

import polars as pl

from adwright.errors import UsageError
from adwright.profile.descriptions import FEWEST_BUYERS, describe, most_common, typical_order
from adwright.profile.features import customer_features
from adwright.schema import EVERYONE, Cohort, Language

_DIMENSIONS = ("language", "top_area", "top_category", "price_level")
_CLEAR_MAJORITY = 0.9
_MOST_CATEGORIES = 3
_NOT_WORD = re.compile(r"[\W_]+")

Path = tuple[tuple[str, str | None], ...]
"""What a cohort shares: (dimension, value) pairs; the value None means "none of the others"."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CohortConfig:
    """How cohorts are cut.

    Args:
        k: The fewest members of a cohort.
        max_cohorts: The most cohorts; smaller ones are merged until there are no more.
    """

    k: int = 50
    max_cohorts: int = 12

    def __post_init__(self) -> None:
        if self.k < 1:
            raise UsageError("too few members", argument="k", value=self.k, allowed="at least 1")
        if self.max_cohorts < 1:
            raise UsageError(
                "no cohort at all", argument="max_cohorts", value=self.max_cohorts, allowed="at least 1"
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class Cohorts:
    """The cohorts, the largest first.

    Args:
        cohorts: Each with at least k members, unless there is only one.
        membership: customer_id, cohort_id; every customer once.
        features: The columns of `features.FEATURES`; every customer once.
    """

    cohorts: list[Cohort]
    membership: pl.DataFrame
    features: pl.DataFrame


def build_cohorts(
    events: pl.DataFrame,
    order_lines: pl.DataFrame,
    products: pl.DataFrame,
    customers: pl.DataFrame,
    *,
    now: datetime,
    k: int = 50,
    max_cohorts: int = 12,
) -> Cohorts:
    """Cohorts from the behaviour known at `now`; without behaviour the one cohort `EVERYONE`.

    Args:
        events: As the table `events`.
        order_lines: As the table `order_lines`.
        products: As the table `products`.
        customers: As the table `customers`; those without behaviour are members too.
        now: The present, aware.
        k: The fewest members of a cohort.
        max_cohorts: The most cohorts.

    Raises:
        UsageError: k or max_cohorts below 1, or `now` without a zone.
        DataError: an absent column.
    """
    config = CohortConfig(k=k, max_cohorts=max_cohorts)
    return cohorts_of(customer_features(events, order_lines, products, customers, now=now), config)


def cohorts_of(features: pl.DataFrame, config: CohortConfig) -> Cohorts:
    """Cohorts of customers whose features are known; without behaviour the one cohort `EVERYONE`.

    Args:
        features: The columns of `features.FEATURES`; every customer once.
        config: How cohorts are cut.
    """
    n = features.height
    leaves: list[tuple[Path, pl.DataFrame]] = [((), features)]
    if (features["n_events"] > 0).any() and n >= config.k:
        fewest = max(config.k, math.ceil(n / config.max_cohorts))
        leaves = _split(_with_area(features), _DIMENSIONS, (), fewest)
    leaves.sort(key=lambda leaf: (-leaf[1].height, str(leaf[0])))
    ids = _ids([path for path, _ in leaves])
    cohorts = [
        _cohort(cohort_id, path, frame, n_all=n, k=config.k)
        for cohort_id, (path, frame) in zip(ids, leaves, strict=True)
    ]
    membership = pl.concat(
        [
            frame.select("customer_id", cohort_id=pl.lit(cohort_id, dtype=pl.String))
            for cohort_id, (_, frame) in zip(ids, leaves, strict=True)
        ]
    ).sort("customer_id")
    return Cohorts(cohorts=cohorts, membership=membership, features=features)


def _with_area(features: pl.DataFrame) -> pl.DataFrame:
    area = pl.col("top_category").str.split(">").list.first().str.strip_chars()
    return features.with_columns(top_area=area)


def _split(
    frame: pl.DataFrame, dimensions: Sequence[str], path: Path, fewest: int
) -> list[tuple[Path, pl.DataFrame]]:
    """The leaves below this node: the groups by the first dimension that can be told apart, split on."""
    if not dimensions:
        return [(path, frame)]
    name, *others = dimensions
    counts = frame.drop_nulls(name)[name].value_counts().sort(["count", name], descending=[True, False])
    kept = [(value, n) for value, n in counts.iter_rows() if n >= fewest]
    n_rest = frame.height - sum(n for _, n in kept)
    while kept and 0 < n_rest < fewest:
        n_rest += kept.pop()[1]
    if not kept:
        return _split(frame, others, path, fewest)
    leaves: list[tuple[Path, pl.DataFrame]] = []
    for value, _ in kept:
        leaves += _split(frame.filter(pl.col(name) == value), others, (*path, (name, value)), fewest)
    if n_rest:
        known = [value for value, _ in kept]
        rest = frame.filter(pl.col(name).is_null() | ~pl.col(name).is_in(known))
        leaves += _split(rest, others, (*path, (name, None)), fewest)
    return leaves


def _ids(paths: Sequence[Path]) -> list[str]:
    """A readable id for each; numbered where two would be the same."""
    ids: list[str] = []
    for path in paths:
        shared = dict(path)
        if shared.get("top_category"):
            shared.pop("top_area", None)  # the category says it already
        words = [_NOT_WORD.sub("-", value or "other").strip("-").lower() for value in shared.values()]
        name = "-".join(words) or EVERYONE
        n_before = sum(given == name or given.startswith(f"{name}--") for given in ids)
        ids.append(f"{name}--{n_before + 1}" if n_before else name)
    return ids


def _cohort(cohort_id: str, path: Path, frame: pl.DataFrame, *, n_all: int, k: int) -> Cohort:
    shared = dict(path)
    language = shared.get("language") or _majority(frame["language"])
    categories = _categories(frame, shared.get("top_category")) if frame.height >= k else ()
    level = cast(Literal["low", "middle", "high"] | None, shared.get("price_level"))
    share = frame.height / n_all if n_all else 1.0
    return Cohort(
        id=cohort_id,
        size=frame.height,
        description=describe(
            frame if frame.height >= k else frame.clear(), path, categories=categories, share=share
        ),
        top_categories=categories,
        price_level=level,
        language=cast(Language, language) if language in ("zh", "en") else None,
        share=share,
        **(_behaviour(frame) if frame.height >= k else {}),
    )


class _Behaviour(TypedDict, total=False):
    recency_days: float | None
    n_orders: float | None
    spend_minor: int | None
    currency: str | None
    channel: str | None


def _behaviour(frame: pl.DataFrame) -> _Behaviour:
    """How the members usually shop; what fewer than `FEWEST_BUYERS` would show stays unsaid."""
    active = frame.filter(pl.col("n_events") > 0)
    if active.height < FEWEST_BUYERS:
        return {}
    medians = active.select(pl.col("recency_days", "n_orders").median()).row(0)
    found = _Behaviour(recency_days=medians[0], n_orders=medians[1], channel=most_common(active["channel"]))
    spent = typical_order(frame)
    if spent is not None:
        found["spend_minor"], found["currency"] = spent
    return found


def _majority(column: pl.Series) -> str | None:
    """The value that nearly all with a value have."""
    present = column.drop_nulls()
    if present.is_empty():
        return None
    value, n = present.value_counts().sort(["count", column.name], descending=[True, False]).row(0)
    return str(value) if n >= _CLEAR_MAJORITY * present.len() else None


def _categories(frame: pl.DataFrame, shared: str | None) -> tuple[str, ...]:
    if shared is not None:
        return (shared,)
    counts = frame.drop_nulls("top_category")["top_category"].value_counts()
    ranked = counts.sort(["count", "top_category"], descending=[True, False])
    return tuple(ranked["top_category"].head(_MOST_CATEGORIES))
