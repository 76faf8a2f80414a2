from datetime import UTC, datetime

import pandas as pd
import polars as pl
import pytest

from adwright.errors import DataError, UsageError
from adwright.predict.frames import as_polars, check_columns, digest, last_time, read_frame, sortable_time
from adwright.predict.recipe import Columns, PredictRecipe, RateTarget, Targets


def recipe(time_format="auto"):
    return PredictRecipe(
        columns=Columns(text=("text",), time="at", time_format=time_format),
        targets=Targets(click=RateTarget(label="y")),
    )


@pytest.mark.parametrize("ending", ["parquet", "csv", "tsv", "jsonl"])
def test_every_format_gives_the_same_table(tmp_path, ending):
    frame = pl.DataFrame({"text": ['纯棉, "new"', None], "y": [1, 0]})
    path = tmp_path / f"t.{ending}"
    if ending == "parquet":
        frame.write_parquet(path)
    elif ending == "jsonl":
        frame.write_ndjson(path)
    else:
        frame.write_csv(path, separator="," if ending == "csv" else "\t")
    assert read_frame(path).equals(frame)


def test_a_file_that_cannot_be_read_is_one_line(tmp_path):
    (tmp_path / "a.parquet").write_bytes(b"not parquet at all")
    (tmp_path / "a.csv").write_bytes(b"")
    for name in ("a.parquet", "a.csv", "missing.csv", "a.xyz"):
        with pytest.raises(DataError) as caught:
            read_frame(tmp_path / name)
        assert "\n" not in str(caught.value)


def test_pandas_is_read_as_polars_would_be():
    frame = pd.DataFrame(
        {
            "text": ["a", None, float("nan")],
            "mixed": [1, "x", None],
            "number": [1.0, float("nan"), 3.0],
            "whole": pd.array([1, None, 3], dtype="Int64"),
            "category": pd.Categorical(["u", "v", "u"]),
            "at": pd.to_datetime(["2024-01-01", "2024-01-02", None], utc=True),
        },
        index=[5, 3, 1],
    )
    found = as_polars(frame)
    assert found["text"].to_list() == ["a", None, None]
    assert found["mixed"].to_list() == ["1", "x", None]
    assert found["number"].to_list() == [1.0, None, 3.0]
    assert found["whole"].to_list() == [1, None, 3]
    assert found["category"].to_list() == ["u", "v", "u"]
    assert found["at"][0] == datetime(2024, 1, 1, tzinfo=UTC)
    assert found["at"][2] is None


def test_something_else_is_no_frame():
    with pytest.raises(UsageError, match="not a frame"):
        as_polars([1, 2])


def test_an_absent_column_names_the_nearest():
    with pytest.raises(DataError, match=r"no column 'headlin'.*Did you mean 'headline'"):
        check_columns(pl.DataFrame({"headline": ["a"], "y": [1]}), ["y", None, "headlin"])


@pytest.mark.parametrize(
    ("values", "how", "latest"),
    [
        (["2024-01-02", "2024-01-01"], "iso", datetime(2024, 1, 2, tzinfo=UTC)),
        (["2024-01-02T08:00:00+08:00"], "auto", datetime(2024, 1, 2, tzinfo=UTC)),
        ([datetime(2024, 1, 2)], "auto", datetime(2024, 1, 2, tzinfo=UTC)),
        ([0, 86_400], "epoch_s", datetime(1970, 1, 2, tzinfo=UTC)),
        ([201301, 201252], "yearweek", datetime(2013, 1, 6, 23, 59, 59, 999999, tzinfo=UTC)),
        ([3, 1, 2], "ordinal", None),
    ],
)
def test_times_are_read_as_the_recipe_says(values, how, latest):
    frame = pl.DataFrame({"at": values, "text": ["x"] * len(values)})
    times = sortable_time(frame, recipe(how))
    assert last_time(times) == latest


@pytest.mark.parametrize(
    ("values", "how"), [(["soon"], "iso"), ([201399], "yearweek"), (["x"], "epoch_s"), (["x"], "ordinal")]
)
def test_an_unreadable_time_is_one_line(values, how):
    with pytest.raises(DataError, match="cannot read column 'at' as time"):
        sortable_time(pl.DataFrame({"at": values}), recipe(how))


def test_the_digest_sees_values_and_order_and_only_the_recipes_columns():
    frame = pl.DataFrame({"text": ["a", "b"], "y": [0, 1], "at": [1, 2], "other": [1, 2]})
    base = digest(frame, recipe())
    assert digest(frame.with_columns(other=pl.lit(9)), recipe()) == base
    assert digest(frame.reverse(), recipe()) != base
    assert digest(frame.with_columns(y=pl.lit(1)), recipe()) != base
