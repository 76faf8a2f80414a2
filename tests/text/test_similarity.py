import pytest
from hypothesis import given
from hypothesis import strategies as st

from adwright.errors import UsageError
from adwright.text.similarity import ngram_jaccard, ngrams


def test_a_hand_counted_pair():
    # abcd -> {abc, bcd}; bcde -> {bcd, cde}: one of three is shared
    assert ngram_jaccard("abcd", "b.c d e") == pytest.approx(1 / 3)


@given(st.text(max_size=30), st.text(max_size=30))
def test_similarity_is_symmetric_and_bounded(a, b):
    assert 0 <= ngram_jaccard(a, b) == ngram_jaccard(b, a) <= 1
    assert ngram_jaccard(a, a) == 1


def test_a_length_below_one_is_refused():
    with pytest.raises(UsageError, match="n = 0"):
        ngrams("abc", 0)
