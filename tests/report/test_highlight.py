import re

from hypothesis import given
from hypothesis import strategies as st
from markupsafe import escape

from adwright.report.highlight import highlight
from adwright.schema import Finding


def _finding(start, end, severity="block", rule_id="facts.price"):
    return Finding(
        rule_id=rule_id, severity=severity, slot="headline", start=start, end=end, text="", evidence="because"
    )


spans = st.tuples(st.integers(-3, 40), st.integers(-3, 40), st.sampled_from(["block", "review", "warn"]))


@given(text=st.text(max_size=30), found=st.lists(spans, max_size=4))
def test_taking_the_marks_away_leaves_the_escaped_text(text, found):
    marked = str(highlight(text, [_finding(*span) for span in found]))
    assert re.sub(r"</?mark[^>]*>", "", marked) == str(escape(text))
    assert marked.count("<mark ") == marked.count("</mark>")


@given(text=st.text(max_size=30), found=st.lists(spans, max_size=4))
def test_exactly_the_characters_of_the_spans_are_marked(text, found):
    marked = str(highlight(text, [_finding(*span) for span in found]))
    inside = sum(len(_unescape(piece)) for piece in re.findall(r"<mark[^>]*>(.*?)</mark>", marked, re.S))
    assert inside == sum(any(start <= i < end for start, end, _ in found) for i in range(len(text)))


def _unescape(text):
    return re.sub(r"&[#a-z0-9]+;", "x", text)


def test_the_gravest_finding_shows_where_two_overlap():
    marked = highlight("abcdef", [_finding(0, 4, "block"), _finding(2, 6, "warn")])
    assert str(marked) == (
        '<mark class="block" title="facts.price">abcd</mark><mark class="warn" title="facts.price">ef</mark>'
    )


def test_a_hostile_rule_id_is_escaped():
    assert "<b>" not in str(highlight("abc", [_finding(0, 1, rule_id='"><b>')]))


def test_emoji_and_chinese_are_cut_by_characters():
    assert '<mark class="block" title="facts.price">最低价</mark>' in str(
        highlight("😀全网最低价", [_finding(3, 6)])
    )
