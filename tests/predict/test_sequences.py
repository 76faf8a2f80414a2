from datetime import UTC, datetime

import numpy as np
import polars as pl
import pytest

from adwright.errors import ConfigError, DataError
from adwright.predict import PredictRecipe
from adwright.predict.models.events import Events, read_events
from adwright.predict.prepared import prepare
from adwright.predict.sequences import read_sequences
from adwright.predict.typed_columns import SequenceColumn

HISTORY = {"h": SequenceColumn(of="item", times="at")}
FRAME = pl.DataFrame(
    {
        "item": ["a", "b", "c"],
        "h": [["a", "x", "a"], [], None],
        "at": [[1.0, 2.0, 4.0], [], None],
        "day": [5.0, 6.0, 7.0],
    }
)


def test_events_get_their_age_and_the_numbers_of_their_candidate():
    read, notes = read_sequences(FRAME, HISTORY, FRAME["day"])
    assert notes == []
    assert [(e["value"], e["age"]) for e in read["h"][0]] == [("a", 4.0), ("x", 3.0), ("a", 1.0)]
    assert read["h:events"].to_list() == pytest.approx([np.log(4), 0, 0])
    assert read["h:matches"].to_list() == pytest.approx([np.log(3), 0, 0])
    assert read["h:last"].to_list() == [pytest.approx(np.log(2)), None, None]
    assert read["h:last_match"].to_list() == [pytest.approx(np.log(2)), None, None]


def test_what_is_not_earlier_than_the_row_is_left_out_and_said_to_be():
    read, notes = read_sequences(FRAME, HISTORY, pl.Series([2.0, 6.0, 7.0]))
    assert [e["value"] for e in read["h"][0]] == ["a"]
    assert "2 events of 'h'" in notes[0]


def test_reading_twice_changes_nothing():
    read, _ = read_sequences(FRAME, HISTORY, FRAME["day"])
    again, _ = read_sequences(read, HISTORY, FRAME["day"])
    assert again.equals(read)


@pytest.mark.parametrize("column", [["1|2", "[2, 3]"], [[1, 2], [2, 3]], [[1.0, 2.0], [2.0, 3.0]]])
def test_lists_and_texts_of_values_are_the_same(column):
    frame = pl.DataFrame({"item": [1, 2], "h": column})
    read, _ = read_sequences(frame, {"h": SequenceColumn(of="item")}, None)
    assert [[e["value"] for e in held] for held in read["h"]] == [["1", "2"], ["2", "3"]]
    assert read["h:matches"].to_list() == pytest.approx([np.log(2)] * 2)


def test_the_newest_are_kept():
    frame = pl.DataFrame({"item": ["a"], "h": [["1", "2", "3"]], "at": [[3.0, 1.0, 2.0]]})
    held = {"h": SequenceColumn(of="item", times="at", max_events=2)}
    read, _ = read_sequences(frame, held, pl.Series([9.0]))
    assert [e["value"] for e in read["h"][0]] == ["3", "1"]


def test_times_may_be_timestamps():
    at = [[datetime(2024, 1, 1, tzinfo=UTC), datetime(2024, 1, 3, tzinfo=UTC)]]
    frame = pl.DataFrame({"item": ["a"], "h": [["a", "b"]], "at": at, "day": ["2024-01-04T00:00:00Z"]})
    wanted = PredictRecipe.of(
        {
            "columns": {
                "categorical": ["item"],
                "time": "day",
                "sequence": {"h": {"of": "item", "times": "at"}},
            },
            "targets": {"click": {"label": "y"}},
        }
    )
    assert [e["age"] for e in prepare(frame, wanted).frame["h"][0]] == [3.0, 1.0]


@pytest.mark.parametrize(
    ("column", "message"),
    [
        (pl.Series([1.0]), "no sequence"),
        (pl.Series(["[1,"]), "broken JSON"),
        (pl.Series([["a", "b"]]), "2 events"),
    ],
)
def test_what_cannot_be_read_is_a_clear_error(column, message):
    frame = pl.DataFrame({"item": ["a"], "h": column, "at": [[1.0]]})
    with pytest.raises(DataError, match=message):
        read_sequences(frame, HISTORY, pl.Series([5.0]))


def test_times_need_the_time_of_the_row():
    with pytest.raises(DataError, match="time of the row"):
        read_sequences(FRAME, HISTORY, None)


def test_a_candidate_is_a_categorical_column():
    with pytest.raises(ConfigError, match=r"sequence\.h\.of"):
        PredictRecipe.of(
            {
                "columns": {"categorical": ["shop"], "sequence": {"h": {"of": "item"}}},
                "targets": {"click": {"label": "y"}},
            }
        )


def test_a_network_reads_the_newest_first_padded_with_nothing():
    read, _ = read_sequences(FRAME, HISTORY, FRAME["day"])
    events = read_events(read["h"], lambda values: np.array([{"a": 7, "x": 9}[v] for v in values]))
    assert events.bucket.tolist() == [[7, 9, 7], [-1, -1, -1], [-1, -1, -1]]
    assert events.age[0].tolist() == sorted(events.age[0].tolist())
    assert (events.age[1:] == 0).all()
    assert events.take(np.array([1])).bucket.shape == (1, 0)


def test_an_unknown_age_has_a_class_of_its_own():
    frame = pl.DataFrame({"item": ["a"], "h": [["a"]]})
    read, _ = read_sequences(frame, {"h": SequenceColumn(of="item")}, None)
    events = read_events(read["h"], lambda values: np.zeros(len(values), np.int64))
    assert isinstance(events, Events)
    assert events.age.tolist() == [[0]]
