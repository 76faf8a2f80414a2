import pytest

from adwright.errors import UsageError
from adwright.learn.measures import attribute_coverage, distinct, rouge_l, tokens

# Lin (2004), section 3.1: reference and two candidates, with beta = 1 (F = 2PR / (P + R)).
REFERENCE = "police killed the gunman"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("police kill the gunman", 3 / 4),
        ("the gunman kill police", 2 / 4),
        (REFERENCE, 1.0),
        ("police killed the gunman today", 2 * (4 / 5) * 1 / (4 / 5 + 1)),
        ("nothing alike", 0.0),
        ("", 0.0),
    ],
)
def test_rouge_l_is_the_f_measure_of_the_longest_common_subsequence(text, expected):
    assert rouge_l(text, REFERENCE) == pytest.approx(expected)


def test_chinese_is_measured_by_characters():
    assert tokens("宽松T恤, soft") == ["宽", "松", "t", "恤", "soft"]
    assert rouge_l("宽松的裤子", "宽大的裤子") == pytest.approx(4 / 5)


def test_distinct_counts_over_all_texts_together():
    assert distinct(["a b c", "a b d"], 2) == 3 / 4
    assert distinct([], 2) == 0
    with pytest.raises(UsageError):
        distinct(["a"], 0)


def test_coverage_is_the_share_of_values_that_are_said():
    assert attribute_coverage("宽松的棉T恤", ["宽松", "棉", "白色"]) == pytest.approx(2 / 3)
    assert attribute_coverage("anything", []) == 1
