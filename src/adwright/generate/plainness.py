"""How plain a text is: how complicated the strategy behind it, and how hard it is to read.

One appeal, one call to act and no condition, in short sentences of short words, is as plain as can be. Every
further appeal, call, condition and number takes away from that, and so do long sentences and words.

Holds when: the strategy shows in words of the lexicon. Does not cover: irony, and what a picture adds.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass

from adwright.generate.lexicon.appeals import Strategy, find_strategy
from adwright.generate.why import ANGLE_NAMES
from adwright.schema import Language
from adwright.text.language import detect
from adwright.text.numbers import find_quantities

_MOST_CHARACTERS = 20_000
_SENTENCE_END = re.compile(r"[.!?;](?:\s|$)|[。！？；…\n]+")
_WORD = re.compile(r"[A-Za-z\u00c0-\u024f]+(?:['’-][A-Za-z]+)*|\d+(?:[.,]\d+)*")
_HAN = re.compile("[\u3400-\u9fff]")
_VOWELS = re.compile("[aeiouy]+")
_HAN_A_WORD = 1.6  # of running Chinese text
_SHORT_SENTENCE = 12  # words
_SHORT_WORD = 1.5  # syllables
_SCALE = 6.0


@dataclass(frozen=True, slots=True)
class Plainness:
    """How plain a text is.

    Args:
        score: From 0 (a tangle) to 1 (as plain as can be).
        appeals: What it appeals to.
        n_conditions, n_calls, n_numbers: Conditions set, calls to act, figures named.
        words_a_sentence: Mean length of a sentence; 1.6 Han characters count as one word.
        why: The reasons in a line, in both languages.
    """

    score: float
    appeals: tuple[str, ...]
    n_conditions: int
    n_calls: int
    n_numbers: int
    words_a_sentence: float
    why: Mapping[Language, str]


def plainness(text: str) -> Plainness:
    """How plain a text is, in either language.

    >>> plainness("A mug for slow mornings. Take a look.").score
    1.0
    >>> round(plainness("Save if you spend over $50 with code A5: a gift, a deal, a style. Click, tap!").score, 2)
    0.29
    """
    text = text[:_MOST_CHARACTERS]
    strategy = find_strategy(text)
    n_numbers = len(find_quantities(text))
    length, syllables = _words_a_sentence(text), _syllables_a_word(text)
    load = (
        max(len(strategy.appeals) - 1, 0)
        + 1.5 * len(strategy.conditions)
        + max(len(strategy.calls) - 1, 0)
        + 0.5 * max(n_numbers - 1, 0)
        + max(length - _SHORT_SENTENCE, 0) / 8
        + max(syllables - _SHORT_WORD, 0) * 4
    )
    return Plainness(
        score=round(math.exp(-load / _SCALE), 4),
        appeals=tuple(strategy.appeals),
        n_conditions=len(strategy.conditions),
        n_calls=len(strategy.calls),
        n_numbers=n_numbers,
        words_a_sentence=round(length, 1),
        why=_why(strategy, n_numbers, length),
    )


def _words_a_sentence(text: str) -> float:
    lengths = [
        len(_WORD.findall(sentence)) + len(_HAN.findall(sentence)) / _HAN_A_WORD
        for sentence in _SENTENCE_END.split(text)
    ]
    said = [length for length in lengths if length]
    return sum(said) / len(said) if said else 0.0


def _syllables_a_word(text: str) -> float:
    """By vowel groups, of English text; a Chinese one is judged by its sentences alone."""
    if detect(text) != "en":
        return 0.0
    words = [w.lower() for w in _WORD.findall(text) if not w[0].isdigit()]
    counts = [max(len(_VOWELS.findall(w.removesuffix("e"))), 1) for w in words]
    return sum(counts) / len(counts) if counts else 0.0


def _why(strategy: Strategy, n_numbers: int, length: float) -> dict[Language, str]:
    en_appeals = ", ".join(ANGLE_NAMES[a]["en"] for a in strategy.appeals)
    zh_appeals = "、".join(ANGLE_NAMES[a]["zh"] for a in strategy.appeals)
    n_appeals, n_conditions, n_calls = len(strategy.appeals), len(strategy.conditions), len(strategy.calls)
    conditions = f" ({', '.join(dict.fromkeys(strategy.conditions))})" if n_conditions else ""
    return {
        "en": (
            f"{_counted(n_appeals, 'appeal')}{f' ({en_appeals})' if en_appeals else ''}, "
            f"{_counted(n_conditions, 'condition')}{conditions}, {_counted(n_calls, 'call')} to act, "
            f"{_counted(n_numbers, 'number')}, {length:.0f} words a sentence"
        ),
        "zh": (
            f"{n_appeals}个诉求{f'（{zh_appeals}）' if zh_appeals else ''}，{n_conditions}个条件，"
            f"{n_calls}处行动号召，{n_numbers}个数字，平均每句约{length * _HAN_A_WORD:.0f}字"
        ),
    }


def _counted(n: int, noun: str) -> str:
    return f"{n} {noun}{'' if n == 1 else 's'}"
