"""What a text looks like before it is read: length, numbers, questions, quotes, who is spoken to."""

from __future__ import annotations

import re

import numpy as np

from adwright.predict.ngrams import MAX_CHARS
from adwright.schema import F64
from adwright.text import clean, display_width, han_share

_SELF = re.compile(r"\b(?:i|me|my|we|us|our|ours)\b|我", re.IGNORECASE)
_YOU = re.compile(r"\b(?:you|your|yours)\b|[你您]", re.IGNORECASE)
_THEY = re.compile(r"\b(?:he|she|him|her|his|hers|they|them|their)\b|[他她]", re.IGNORECASE)
_POINTING = re.compile(
    r"\b(?:this|these|that|those|here|here's|what|why|how|who)\b|[这那]|什么|怎么|为什么", re.IGNORECASE
)
_WORD = re.compile(r"\w+")

NAMES = (
    "log_width",
    "log_words",
    "word_length",
    "question",
    "exclamation",
    "quote",
    "apostrophe",
    "digit",
    "number",
    "full_stop",
    "comma",
    "colon",
    "ellipsis",
    "bracket",
    "self",
    "you",
    "they",
    "pointing",
    "opens_pointing",
    "shouting",
    "capitals",
    "han",
    "lines",
    "empty",
)
"""The features, in order."""


def surface_features(text: str | None) -> F64:
    """(len(NAMES),) features of one text; counts are on a logarithmic scale.

    >>> dict(zip(NAMES, surface_features("Why do you wait?").tolist()))["question"]
    1.0
    """
    shown = clean((text or "")[:MAX_CHARS])
    found = _WORD.findall(shown)
    n_words = max(len(found), 1)
    log = np.log1p
    opening = " ".join(found[:2]) if found else ""
    return np.array(
        [
            log(display_width(shown)),
            log(len(found)),
            min(len(shown) / n_words, 20.0),
            _marks(shown, "?？"),
            _marks(shown, "!！"),
            log(_count(shown, '"“”「」')),
            log(_count(shown, "'’")),
            float(any(c.isdigit() for c in shown)),
            log(sum(w.isdigit() for w in found)),
            log(_count(shown, ".。")),
            log(_count(shown, ",，、")),
            _marks(shown, ":："),
            float("..." in shown or "…" in shown),
            _marks(shown, "([（【"),
            log(len(_SELF.findall(shown))),
            log(len(_YOU.findall(shown))),
            log(len(_THEY.findall(shown))),
            log(len(_POINTING.findall(shown))),
            float(_POINTING.search(opening) is not None),
            sum(w.isupper() and len(w) > 1 for w in found) / n_words,
            sum(w[:1].isupper() for w in found) / n_words,
            han_share(shown),
            log(shown.count("\n")),
            float(not shown.strip()),
        ]
    )


def _count(text: str, marks: str) -> int:
    return sum(text.count(mark) for mark in marks)


def _marks(text: str, marks: str) -> float:
    return float(min(_count(text, marks), 3))
