import pytest

from adwright.review.problems import RowProblem
from adwright.review.sheet import SheetRow
from adwright.review.verdict import Verdict, understand
from report.sample import make_content
from review.workbench import row

CONTENT = make_content("Soft\ncotton", "For warm days.")


@pytest.mark.parametrize("word", ["approve", " Approve ", "APPROVED", "批准", "通过", "ａｐｐｒｏｖｅ"])
def test_approvals_are_understood_in_the_ways_people_write_them(word):
    assert understand(row(CONTENT, word), CONTENT).choice == "approve"


@pytest.mark.parametrize("word", ["reject", "拒绝", "驳回"])
def test_rejections_need_a_reason(word):
    assert understand(row(CONTENT, word, "off brand"), CONTENT).choice == "reject"
    problem = understand(row(CONTENT, word, "  "), CONTENT)
    assert isinstance(problem, RowProblem)
    assert problem.code == "no_reason"


def test_an_untouched_row_asks_nothing():
    assert understand(row(CONTENT), CONTENT).asks_nothing


@pytest.mark.parametrize("ending", ["\r\n", "\r", "\n"])
def test_line_ends_that_a_program_rewrote_are_no_edit(ending):
    verdict = understand(row(CONTENT, headline=f"Soft{ending}cotton"), CONTENT)
    assert not verdict.is_edit
    assert verdict.slots["headline"] == "Soft\ncotton"


def test_changed_words_are_an_edit_and_an_absent_column_is_none():
    assert understand(row(CONTENT, headline="Softer cotton"), CONTENT).is_edit
    bare = SheetRow(line=2, cells={"content_id": CONTENT.id, "decision": "approve", "reason": ""})
    assert understand(bare, CONTENT).slots == dict(CONTENT.slots)


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        (row(CONTENT, "maybe"), "bad_decision"),
        (row(CONTENT, headline=" "), "empty_slot"),
        (row(CONTENT, "reject", "bad", headline="Other"), "rejected_and_edited"),
        (SheetRow(line=9, cells={"slot.subject": "Hello", "decision": "approve"}), "unknown_slot"),
    ],
)
def test_what_cannot_be_meant_is_a_problem_with_its_line(changed, code):
    problem = understand(changed, CONTENT)
    assert isinstance(problem, RowProblem)
    assert (problem.code, problem.line) == (code, changed.line)


def test_rows_that_ask_for_the_same_are_the_same():
    first, second = (understand(row(CONTENT, "approve", line=line), CONTENT) for line in (2, 7))
    assert isinstance(first, Verdict)
    assert first.same_as(second)
    assert not first.same_as(understand(row(CONTENT), CONTENT))
