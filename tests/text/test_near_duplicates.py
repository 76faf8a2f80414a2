import random

import pytest

from adwright.errors import UsageError
from adwright.text.near_duplicates import Match, NearDuplicateIndex
from adwright.text.similarity import ngram_jaccard

LATIN = "soft cotton shirt for slow days warm mug of tea by the window"
WORDS = [*LATIN.split(" "), "纯棉", "衬衫", "轻便", "出门", "周末", "早晨", "一杯", "热茶"]


def _texts(n, rng):
    texts = []
    for _ in range(n):
        if texts and rng.random() < 0.5:  # a small change of an earlier one
            words = rng.choice(texts).split()
            words[rng.randrange(len(words))] = rng.choice(WORDS)
        else:
            words = rng.choices(WORDS, k=rng.randint(2, 14))
        texts.append(" ".join(words))
    return texts


@pytest.mark.parametrize("threshold", [0.5, 0.8, 0.95, 1.0])
def test_it_finds_what_comparing_with_each_finds(threshold):
    rng = random.Random(3)
    known, asked = _texts(150, rng), _texts(150, rng)
    half = len(known) // 2
    index = NearDuplicateIndex([(str(i), text) for i, text in enumerate(known[:half])], threshold=threshold)
    for i, text in enumerate(known[half:], start=half):
        index.add(str(i), text)
    n_found = 0
    for text in asked + known:
        best = max(ngram_jaccard(text, other) for other in known)
        found = index.find(text)
        assert (found is not None) == (best >= threshold - 1e-9), text
        if found is not None:
            n_found += 1
            assert found.similarity == pytest.approx(best)
            assert ngram_jaccard(text, known[int(found.key)]) == pytest.approx(best)
    assert n_found >= len(known)


def test_an_index_may_start_empty():
    index = NearDuplicateIndex()
    assert index.find("a mug") is None
    index.add("m", "a mug")
    assert index.find("A MUG!") == Match("m", 1.0)
    assert len(index) == 1


def test_refused_keys_are_passed_over():
    index = NearDuplicateIndex([("a", "a mug for tea"), ("b", "a mug for teas")])
    assert index.find("a mug for tea", accept=lambda key: key != "a").key == "b"
    assert index.find("a mug for tea", accept=lambda key: False) is None


def test_the_first_of_equals_is_named():
    index = NearDuplicateIndex([("b", "a mug"), ("a", "a mug")])
    assert index.find("a mug") == Match("b", 1.0)


@pytest.mark.parametrize("text", ["", " ", "!?", "\u200b", "\ud800", "a", "好"])
def test_texts_with_hardly_a_letter_are_answered(text):
    index = NearDuplicateIndex([("x", text), ("y", "a mug")])
    found = index.find(text)
    assert found is None or found.key == "x"


def test_many_equal_texts_are_no_burden():
    index = NearDuplicateIndex([(str(i), "a mug for slow mornings") for i in range(3000)])
    assert [index.find("a mug for slow mornings").key for _ in range(20)] == ["0"] * 20


def test_a_text_of_a_megabyte_is_answered():
    index = NearDuplicateIndex([("a", "a mug")])
    assert index.find("最好的 mug " * 100_000) is None


@pytest.mark.parametrize("threshold", [0, 1.1, -1])
def test_a_threshold_outside_its_range_is_the_callers_fault(threshold):
    with pytest.raises(UsageError, match="threshold"):
        NearDuplicateIndex(threshold=threshold)
