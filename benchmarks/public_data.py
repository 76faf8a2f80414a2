"""The public tables that several benchmarks read, and where they lie.

Benchmarks put this folder on the path: `sys.path.insert(0, str(Path(__file__).parents[1]))`.
"""

from __future__ import annotations

import os
from pathlib import Path

import polars as pl

from adwright.predict import read_frame

ROOT = Path(__file__).parents[1]
DATA = Path(os.environ.get("ADWRIGHT_DATA", ROOT.parent / "shared" / "data"))


def read_upworthy() -> pl.DataFrame:
    """Headlines of randomised tests, with their impressions and clicks."""
    return read_frame(DATA / "upworthy" / "headline_tests.parquet")


def read_coupon() -> pl.DataFrame:
    """Coupon responses."""
    return pl.read_csv(DATA / "coupon" / "coupon_responses.csv", infer_schema_length=None)


def read_ml100k() -> pl.DataFrame:
    """Ratings with what is known of users and films; a rating of 4 or 5 is a click."""

    def read(name: str) -> pl.DataFrame:
        frame = pl.read_csv(DATA / "ml100k" / name, separator="\t", infer_schema_length=None)
        return frame.rename(lambda column: column.split(":")[0])

    table = read("ml-100k.inter").join(read("ml-100k.user"), on="user_id", how="left")
    table = table.join(read("ml-100k.item"), on="item_id", how="left")
    return table.with_columns(click=(pl.col("rating") >= 4).cast(pl.Int8)).drop("rating")
