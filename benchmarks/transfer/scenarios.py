"""The scenarios: frozen records with permanent ids, so that results of two commits can be compared."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """A source that has outcomes in plenty, and a target that has few.

    Args:
        id: Never reused.
        table: upworthy, ml100k or coupon.
        recipe: Below `recipes/`.
        source: What the source learns from, in words; `tables.py` knows it by the id.
        target: Where the few outcomes and the test come from.
        unit: What a local outcome comes in: tests or rows.
        sizes: Local units, the points of the curve.
        seeds: Draws of the local units.
        measures: What is compared, the gated one first.
        source_share: Of the source's units that are learned from.
        why: What it is there to show.
    """

    id: str
    table: str
    recipe: str
    source: str
    target: str
    unit: str
    sizes: tuple[int, ...]
    seeds: tuple[int, ...] = tuple(range(10))
    measures: tuple[str, ...] = ("explained", "auc")
    source_share: float = 1.0
    why: str


SCENARIOS = (
    Scenario(
        id="upworthy-later",
        table="upworthy",
        recipe="upworthy.toml",
        source="the first half of the weeks",
        target="the weeks after, the last 15 % of which are the test",
        unit="tests",
        sizes=(25, 50, 100, 200, 400, 800),
        why="a team that took over a site with its history, or not",
    ),
    Scenario(
        id="coupon-kinds",
        table="coupon",
        recipe="coupon.toml",
        source="coffee houses, take-away and cheap restaurants",
        target="bars and restaurants of 20 to 50 dollars",
        unit="rows",
        sizes=(60, 120, 240, 480, 960, 1920),
        why="the same people and contexts, other goods",
    ),
    Scenario(
        id="ml100k-genres",
        table="ml100k",
        recipe="ml100k.toml",
        source="dramas, romances and comedies",
        target="action, adventure and science fiction that are none of these",
        unit="rows",
        sizes=(100, 200, 400, 800, 1600, 3200),
        why="the same customers in another category",
    ),
    Scenario(
        id="coupon-shuffled",
        table="coupon",
        recipe="coupon.toml",
        source="the same, its outcomes shuffled: it knows nothing",
        target="bars and restaurants of 20 to 50 dollars",
        unit="rows",
        sizes=(60, 120, 240, 480, 960, 1920),
        why="what a source that is no guide costs",
    ),
)
