"""How alike two texts are, by their character n-grams."""

from __future__ import annotations

import re

from adwright.errors import UsageError
from adwright.text.normalise import fold

_NOT_WORD = re.compile(r"[\W_]+")


def ngrams(text: str, n: int = 3) -> frozenset[str]:
    """The character n-grams of the folded text without spaces and punctuation.

    A text shorter than n is one n-gram of its own; a text without letters or digits has none.

    >>> sorted(ngrams("To go", 3))
    ['ogo', 'tog']
    """
    if n < 1:
        raise UsageError("n-grams need a positive length", argument="n", value=n, allowed="1 or more")
    letters = _NOT_WORD.sub("", fold(text))
    if len(letters) < n:
        return frozenset({letters} - {""})
    return frozenset(letters[i : i + n] for i in range(len(letters) - n + 1))


def ngram_jaccard(a: str, b: str, n: int = 3) -> float:
    """The Jaccard similarity of the two sets of character n-grams, in [0, 1]; 1 for equal texts.

    >>> ngram_jaccard("abcd", "bcde"), ngram_jaccard("Ａbc!", "abc")
    (0.3333333333333333, 1.0)
    """
    grams_a, grams_b = ngrams(a, n), ngrams(b, n)
    union = len(grams_a | grams_b)
    return len(grams_a & grams_b) / union if union else 1.0
