from dataclasses import replace

import pytest

from adwright.report.edition import Edition
from adwright.report.summary import key_figures, leading_test, measured_inside, sentences
from report.sample import sample_figures


def _with(figures, **changes):
    return replace(figures, tests=(replace(figures.tests[0], **changes),))


@pytest.mark.parametrize("language", ["zh", "en"])
def test_three_sentences_say_what_happened(language):
    said = sentences(Edition.of(sample_figures(language), language))
    assert len(said) == 3


def test_the_winner_its_gain_and_its_interval_are_named():
    said = sentences(Edition.of(sample_figures("en"), "en"))[2]
    assert said == (
        "In the test, “A cotton shirt that stays cool” brought $193 more per 1,000 exposures than the control "
        "(90% interval $54 to $330): use it."
    )


@pytest.mark.parametrize(
    ("decision", "expected"),
    [
        ("stop", "keep what you have"),
        ("invalid", "cannot be used"),
        ("go on", "is ahead so far"),
        ("planned", "not been analysed"),
    ],
)
def test_each_decision_has_its_sentence(decision, expected):
    figures = _with(sample_figures("en"), decision=decision, winner_id=None)
    assert expected in sentences(Edition.of(figures, "en"))[2]


def test_an_open_test_in_which_nothing_leads_does_not_name_a_leader():
    figures = sample_figures("en")
    arms = tuple(
        replace(a, difference=None if a.difference is None else replace(a.difference, mean=-1.0))
        for a in figures.tests[0].arms
    )
    figures = _with(figures, arms=arms, decision="go on", winner_id=None)
    assert "no variant is ahead" in sentences(Edition.of(figures, "en"))[2]


def test_without_a_test_the_best_prediction_is_named_and_called_one():
    figures = replace(sample_figures("en"), tests=())
    assert sentences(Edition.of(figures, "en"))[2].startswith(
        "No test has run yet; the best prediction is “A cotton"
    )


def test_without_anything_the_page_says_so():
    figures = replace(sample_figures("zh"), tests=(), contents=())
    assert sentences(Edition.of(figures, "zh")) == ("这次运行没有写出内容。", "还没有任何预测或测试。")


def test_the_counts_add_up():
    figures = sample_figures("en")
    values = [int(k.value) for k in key_figures(Edition.of(figures, "en"))[:4]]
    assert values == [5, 2, 2, 1]
    assert values[0] == sum(values[1:])


def test_a_shipped_test_leads_before_an_open_one():
    figures = sample_figures("en")
    open_one = replace(figures.tests[0], experiment_id="x-002", decision="go on", winner_id=None)
    both = replace(figures, tests=(open_one, figures.tests[0]))
    assert leading_test(Edition.of(both, "en"))[0].decision == "ship"
    winners = [k for k in key_figures(Edition.of(both, "en")) if k.name == "Tests with a winner"]
    assert [k.value for k in winners] == ["1 of 2"]


def test_measured_values_inside_their_prediction_are_counted():
    assert measured_inside(sample_figures("en").tests[0]) == (3, 3)
