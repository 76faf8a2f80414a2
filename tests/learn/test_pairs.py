import json

import pytest

from adwright.errors import DataError
from adwright.learn.pairs import Pair, attribute_pairs, read_pairs


def _file(tmp_path, *rows):
    path = tmp_path / "pairs.jsonl"
    path.write_text("\n".join(r if isinstance(r, str) else json.dumps(r) for r in rows), encoding="utf-8")
    return path


def test_known_fields_are_found_and_others_can_be_named(tmp_path):
    assert read_pairs(_file(tmp_path, {"prompt": "a", "completion": "b"}, "")) == [Pair("a", "b")]
    assert read_pairs(_file(tmp_path, {"content": "a", "summary": "b"})) == [Pair("a", "b")]
    assert read_pairs(_file(tmp_path, {"x": "a", "y": "b"}), fields=("x", "y")) == [Pair("a", "b")]


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        (["{"], "line 1: not JSON"),
        ([{"prompt": "a", "completion": "b"}, [1]], "line 2: no object"),
        ([{"prompt": "a", "completion": " "}], "line 1: no pair"),
        ([{"prompt": "a", "completion": "b"}, {"prompt": 3, "completion": "b"}], "line 2: no pair"),
        ([{"x": "a"}], "Name them"),
        ([], "no pairs"),
    ],
)
def test_a_wrong_line_is_named(rows, message, tmp_path):
    with pytest.raises(DataError, match=message):
        read_pairs(_file(tmp_path, *rows))


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(DataError, match="cannot read"):
        read_pairs(tmp_path / "none.jsonl")


def test_prompts_of_attributes_are_taken_apart():
    assert attribute_pairs("类型#裤*版型#宽松") == (("类型", "裤"), ("版型", "宽松"))
    assert attribute_pairs("write about a shirt") == ()
