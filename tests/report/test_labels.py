from dataclasses import replace

from adwright.report.labels import Labels, ranked, shorten
from adwright.report.words import Messages
from adwright.schema import NO_CONTENT
from adwright.text.width import display_width
from report.sample import sample_figures


def test_contents_are_numbered_by_predicted_value_and_the_rejected_come_last():
    figures = sample_figures("en")
    order = ranked(figures.contents)
    passed = [c.value.mean for c in order if c.content.status != "rejected"]
    assert passed == sorted(passed, reverse=True)
    assert order[-1].content.status == "rejected"
    assert Labels(figures, Messages("en")).number(order[0].content.id) == "No. 1"
    assert Labels(figures, Messages("zh")).number(order[-1].content.id) == "5 号"


def test_a_content_without_a_prediction_stands_after_those_with_one():
    figures = sample_figures("en")
    first, *rest = figures.contents
    unknown = replace(first, value=None)
    assert ranked((unknown, *rest))[-2] is unknown


def test_an_arm_that_this_run_did_not_write_has_its_label_and_no_number():
    labels = Labels(sample_figures("en"), Messages("en"))
    assert labels.short("c_control", 60) == "Cotton shirt. Shop now. / 纯棉衬衫，欢迎选购"
    assert labels.short("c_elsewhere") == "c_elsewhere"
    assert labels.short(NO_CONTENT) == "Send nothing"


def test_a_label_never_grows_wider_than_asked():
    for text in ("Soft cotton for warm days", "夏日纯棉衬衫，透气不闷", "😀" * 30):
        assert display_width(shorten(text, 12)) <= 13  # an ellipsis may count as one cell more


def test_equal_labels_are_told_apart():
    figures = sample_figures("en")
    labels = Labels(replace(figures, contents=()), Messages("en"))
    assert set(labels.unique(["a", "b"]).values()) == {"a", "b"}
    twice = labels.unique(["c_control", "c_control"])
    assert list(twice) == ["c_control"]
