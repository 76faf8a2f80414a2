import contextlib
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adwright.errors import DataError
from adwright.generate.kinds import Slot
from adwright.generate.parsing import parse_json_slots, tidy

SLOTS = (Slot("headline", ""), Slot("description", ""))
WANTED = {"headline": "你好", "description": "A soft shirt"}
PLAIN = json.dumps(WANTED, ensure_ascii=False)


@pytest.mark.parametrize(
    "answer",
    [
        PLAIN,
        f"```json\n{PLAIN}\n```",
        f"Here you are:\n{PLAIN}\nI hope that you like it!",
        f"[{PLAIN}]",
        '{"headline": "你好", "description": "A soft shirt",}',
        "{“headline”: “你好”, “description”: “A soft shirt”}",
        f"<think>What about {{this}}?</think>{PLAIN}",
        f"{PLAIN}\n{{oops}}",
        '{"headline": "你好", "description": "A soft shirt", "more": 3}',
        '{"headline": " 你\u200b好 ", "description": "A  soft shirt\\n\\n"}',
    ],
)
def test_what_models_get_wrong_is_repaired(answer):
    assert parse_json_slots(answer, SLOTS) == WANTED


@pytest.mark.parametrize(
    "answer",
    [
        "",
        "no JSON at all",
        '{"headline": "你好", "descr',
        '{"headline": "你好"}',
        '{"headline": "你好", "description": 3}',
        '{"headline": "", "description": "x"}',
        '{"headline": null, "description": "x"}',
        "[" * 100_000,
        '{"a":' * 50_000,
    ],
)
def test_text_is_never_guessed(answer):
    with pytest.raises(DataError):
        parse_json_slots(answer, SLOTS)


def test_a_raw_line_break_inside_a_string_is_read():
    assert parse_json_slots('{"headline": "a\nb", "description": "c"}', SLOTS)["headline"] == "a\nb"


def test_an_optional_slot_may_be_missing():
    slots = (Slot("headline", ""), Slot("note", "", required=False))
    assert parse_json_slots('{"headline": "x"}', slots) == {"headline": "x"}


@given(st.text())
def test_any_answer_is_read_or_refused(answer):
    with contextlib.suppress(DataError):
        assert set(parse_json_slots(answer, SLOTS)) == {"headline", "description"}


@given(st.text())
def test_tidying_twice_changes_nothing(text):
    assert tidy(tidy(text)) == tidy(text)
