"""A text as a reader takes it in, and the way there and back."""

from __future__ import annotations

import pytest

from adwright.text.reading import read


@pytest.mark.parametrize(
    "text", ["plain words", "第-一 名", "z\u200bero w\u200bidth", "全\u00adＷＩＤＥ", "e\u0301t\u0301e\u0301"]
)
def test_a_span_of_the_reading_leads_to_the_original_and_back(text):
    reading = read(text)
    for start in range(len(reading.text)):
        for end in range(start + 1, len(reading.text) + 1):
            assert reading.folded_span(*reading.span(start, end)) == (start, end)


def test_what_was_dropped_stands_in_no_span_of_the_reading():
    reading = read("a\u200b\u200bé")
    assert reading.folded_span(1, 3) == (1, 1)
    assert reading.folded_span(0, 4) == (0, 2)
