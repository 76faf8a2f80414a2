"""The tables of a scenario: what the source learns from, what the local units are drawn from, and the test."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

import numpy as np
import polars as pl
from public_data import read_coupon, read_ml100k, read_upworthy

_CHEAP = ["Coffee House", "Carry out & Take away", "Restaurant(<20)"]
_THERE = ("Drama", "Romance", "Comedy")
_HERE = ("Action", "Adventure", "Sci-Fi")


@dataclass(frozen=True, slots=True, eq=False)
class Tables:
    """source, pool and test; `unit` is the column that is drawn whole (None: rows), `level` what shares a level."""

    source: pl.DataFrame
    pool: pl.DataFrame
    test: pl.DataFrame
    unit: str | None


def tables_of(scenario: str, *, seed: int) -> Tables:
    """The tables of that scenario; the seed shuffles where the scenario says so, and splits rows."""
    if scenario == "upworthy-later":
        return _upworthy()
    if scenario.startswith("coupon"):
        return _coupon(seed, shuffled=scenario == "coupon-shuffled")
    return _ml100k(seed)


def _upworthy() -> Tables:
    table = read_upworthy()
    last = table.group_by("test_id").agg(pl.col("test_week").max()).sort("test_week", "test_id")
    n = last.height
    blocks = [
        last["test_id"][: n // 2],
        last["test_id"][n // 2 : round(0.85 * n)],
        last["test_id"][round(0.85 * n) :],
    ]
    return Tables(*(table.filter(pl.col("test_id").is_in(ids.implode())) for ids in blocks), "test_id")


def _coupon(seed: int, *, shuffled: bool) -> Tables:
    table = read_coupon()
    cheap = table["couponType"].is_in(_CHEAP)
    source, target = table.filter(cheap), table.filter(~cheap)
    if shuffled:
        source = source.with_columns(
            Y=pl.Series(np.random.default_rng(seed).permutation(source["Y"].to_numpy()))
        )
    return _halved(source, target, seed)


def _ml100k(seed: int) -> Tables:
    table = read_ml100k()
    there = table["class"].str.contains("|".join(_THERE))
    here = table["class"].str.contains("|".join(_HERE)) & ~there
    return _halved(table.filter(there), table.filter(here), seed)


def _halved(source: pl.DataFrame, target: pl.DataFrame, seed: int) -> Tables:
    """Half of the target's rows to draw from, half to judge on."""
    order = np.random.default_rng(seed).permutation(target.height)
    half = target.height // 2
    return Tables(source, target[np.sort(order[:half])], target[np.sort(order[half:])], None)
