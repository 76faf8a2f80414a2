"""The scenarios: frozen records with permanent ids, so that results of two commits can be compared."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """One table, what is tuned on it, and for how long.

    Args:
        id: Never reused.
        table: upworthy, ml100k or coupon.
        recipe: Below `recipes/`.
        kind: Models.
        shares: Of train, tune, calibrate and test; None as the recipe says.
        share_of_groups: Of the tests (users, rows) that are kept, drawn by seed; 1 for all.
        n_trials: Settings tried.
        folds: Slices that each is judged on.
        seeds: One study each: of the search, of the fits, of the thinning and, of a split by rows, of the split.
        why: What it is there to show.
    """

    id: str
    table: str
    recipe: str
    kind: tuple[str, ...]
    shares: tuple[float, float, float, float] | None = None
    share_of_groups: float = 1.0
    n_trials: int = 40
    folds: int = 3
    seeds: tuple[int, ...] = (0, 1, 2, 3, 4)
    why: str


SCENARIOS = (
    Scenario(
        id="coupon-trees",
        table="coupon",
        recipe="coupon.toml",
        kind=("gbdt",),
        shares=(0.6, 0.1, 0.1, 0.2),
        why="a table of a shop's size, by rows, trees",
    ),
    Scenario(
        id="ml100k-trees",
        table="ml100k",
        recipe="ml100k.toml",
        kind=("gbdt",),
        why="100,000 rows by time, most users of the test block new",
    ),
    Scenario(
        id="upworthy-ngrams",
        table="upworthy",
        recipe="upworthy.toml",
        kind=("logistic",),
        shares=(0.6, 0.1, 0.15, 0.15),
        why="texts of randomised tests, by time, n-grams",
    ),
    Scenario(
        id="coupon-trees-small",
        table="coupon",
        recipe="coupon.toml",
        kind=("gbdt",),
        shares=(0.6, 0.1, 0.1, 0.2),
        n_trials=15,
        seeds=(0, 1, 2),
        why="the development run of coupon-trees",
    ),
    Scenario(
        id="ml100k-trees-small",
        table="ml100k",
        recipe="ml100k.toml",
        kind=("gbdt",),
        share_of_groups=0.15,
        n_trials=10,
        folds=2,
        seeds=(0, 1, 2),
        why="the development run of ml100k-trees: 15 % of the users",
    ),
    Scenario(
        id="upworthy-ngrams-small",
        table="upworthy",
        recipe="upworthy.toml",
        kind=("logistic",),
        shares=(0.6, 0.1, 0.15, 0.15),
        share_of_groups=0.25,
        n_trials=10,
        folds=2,
        seeds=(0, 1, 2),
        why="the development run of upworthy-ngrams: a quarter of the tests",
    ),
)
