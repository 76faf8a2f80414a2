import pytest

from adwright.report.words import Messages
from adwright.review.problems import RowProblem, describe


def test_a_problem_names_line_content_and_cause_in_both_languages():
    problem = RowProblem(
        line=7, content_id="c_1", code="already_decided", values={"status": "rejected", "who": " (Li)"}
    )
    assert describe(problem, Messages("en")) == "line 7, c_1: already stopped (Li)"
    assert describe(problem, Messages("zh")) == "第 7 行，c_1：已是 已拦下 状态 (Li)"


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize(
    ("code", "values"),
    [
        ("no_content_id", {}),
        ("unknown_content", {}),
        ("no_reason", {}),
        ("rejected_and_edited", {}),
        ("bad_decision", {"value": "maybe {x}"}),
        ("unknown_slot", {"slot": "s"}),
        ("empty_slot", {"slot": "s"}),
        ("doubly_decided", {"lines": "2, 3"}),
        ("blocked", {"findings": "f {y}"}),
    ],
)
def test_every_code_has_words(language, code, values):
    text = describe(RowProblem(line=1, content_id="", code=code, values=values), Messages(language))
    assert all(value in text for value in values.values())
