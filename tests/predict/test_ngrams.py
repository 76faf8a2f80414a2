import numpy as np
import pytest
from sklearn.feature_extraction.text import TfidfVectorizer

from adwright.predict.ngrams import MAX_CHARS, NgramVocabulary, prepare, words

TEXTS = ["the cat sat on the mat", "a cat and a dog", "dogs eat the mat mat mat", "nothing shared here"]


@pytest.mark.parametrize(
    ("unit", "bounds", "peer"),
    [
        ("word", (1, 2), {"analyzer": "word", "token_pattern": r"\S+"}),
        ("char", (2, 4), {"analyzer": "char_wb"}),
    ],
)
def test_weights_equal_scikit_learns(unit, bounds, peer):
    ours = NgramVocabulary.learn(TEXTS, unit=unit, bounds=bounds, min_texts=2, max_terms=10_000)
    peer = TfidfVectorizer(ngram_range=bounds, min_df=2, sublinear_tf=True, **peer).fit(TEXTS)
    assert set(ours.terms) == set(peer.vocabulary_)
    columns = [peer.vocabulary_[term] for term in ours.terms]
    assert ours.transform(TEXTS).toarray() == pytest.approx(peer.transform(TEXTS).toarray()[:, columns])


def test_every_han_character_is_a_word():
    assert words(prepare("新款T恤，100%纯棉！")) == ["新", "款", "t", "恤", "100", "%", "纯", "棉", "!"]


def test_preparing_folds_width_case_and_quotes_and_cuts_long_texts():
    assert prepare("ＡＢＣ “Don’t”") == 'abc "don\'t"'
    assert prepare(None) == ""
    assert len(prepare("ß" * 10 * MAX_CHARS)) == MAX_CHARS


def test_rows_have_unit_length_or_are_empty():
    vocabulary = NgramVocabulary.learn(TEXTS, unit="word", bounds=(1, 1), min_texts=1, max_terms=100)
    length = np.linalg.norm(vocabulary.transform([*TEXTS, "", "unseen"]).toarray(), axis=1)
    assert length == pytest.approx([1, 1, 1, 1, 0, 0])


def test_the_most_frequent_terms_are_kept_in_a_fixed_order():
    small = NgramVocabulary.learn(TEXTS, unit="word", bounds=(1, 1), min_texts=1, max_terms=3)
    assert list(small.terms) == ["cat", "mat", "the"]
    again = NgramVocabulary.learn(TEXTS[::-1], unit="word", bounds=(1, 1), min_texts=1, max_terms=3)
    assert again.terms == small.terms


def test_a_range_of_zero_counts_nothing():
    nothing = NgramVocabulary.learn(TEXTS, unit="char", bounds=(0, 0), min_texts=1, max_terms=10)
    assert nothing.transform(TEXTS).shape == (4, 0)
