"""Chinese words in Latin letters (Hanyu Pinyin without tones)."""

from __future__ import annotations

import functools
import re

_FINALS = {
    "": "a ai an ang ao e ei en er o ou",
    "b": "a ai an ang ao ei en eng i ian iao ie in ing o u",
    "p": "a ai an ang ao ei en eng i ian iao ie in ing o ou u",
    "m": "a ai an ang ao e ei en eng i ian iao ie in ing iu o ou u",
    "f": "a an ang ei en eng o ou u",
    "d": "a ai an ang ao e ei eng i ian iao ie ing iu ong ou u uan ui un uo",
    "t": "a ai an ang ao e eng i ian iao ie ing ong ou u uan ui un uo",
    "n": "a ai an ang ao e ei en eng i ian iang iao ie in ing iu ong u uan uo v ve",
    "l": "a ai an ang ao e ei eng i ia ian iang iao ie in ing iu ong ou u uan un uo v ve",
    "g": "a ai an ang ao e ei en eng ong ou u ua uai uan uang ui un uo",
    "k": "a ai an ang ao e en eng ong ou u ua uai uan uang ui un uo",
    "h": "a ai an ang ao e ei en eng ong ou u ua uai uan uang ui un uo",
    "j": "i ia ian iang iao ie in ing iong iu u uan ue un",
    "q": "i ia ian iang iao ie in ing iong iu u uan ue un",
    "x": "i ia ian iang iao ie in ing iong iu u uan ue un",
    "zh": "a ai an ang ao e en eng i ong ou u ua uai uan uang ui un uo",
    "ch": "a ai an ang ao e en eng i ong ou u uai uan uang ui un uo",
    "sh": "a ai an ang ao e ei en eng i ou u ua uai uan uang ui un uo",
    "r": "an ang ao e en eng i ong ou u uan ui un uo",
    "z": "a ai an ang ao e en eng i ong ou u uan ui un uo",
    "c": "a ai an ang ao e en eng i ong ou u uan ui un uo",
    "s": "a ai an ang ao e en eng i ong ou u uan ui un uo",
    "y": "a an ang ao e i in ing o ong ou u uan ue un",
    "w": "a ai an ang ao ei en eng o u",
}
_SYLLABLES = sorted(
    (initial + final for initial, finals in _FINALS.items() for final in finals.split()),
    key=len,
    reverse=True,
)
_WORD = re.compile(f"(?:{'|'.join(_SYLLABLES)}){{2,4}}")
_MARK = re.compile(
    "[qx](?:i|u(?!e))|zh|ji[aeou]|uo|[iu]ang|iong|iao|ong|ian(?=[a-z])|ch[ue]n|sh[ue]ng|ui(?=[a-z])|ang(?!e)|eng(?!e)"
)
_LEAST = 5  # letters


@functools.lru_cache(maxsize=20_000)
def reads_as_pinyin(word: str) -> bool:
    """Whether a word of small letters is written as two to four syllables, one of them as few languages would.

    English has some such words ("guide", "along"): who asks keeps a list of them.

    >>> reads_as_pinyin("hongse"), reads_as_pinyin("banana"), reads_as_pinyin("scarf")
    (True, False, False)
    """
    return len(word) >= _LEAST and bool(_WORD.fullmatch(word) and _MARK.search(word))


_IS_SYLLABLE = frozenset(_SYLLABLES)
_IN_ROW = _IS_SYLLABLE - {"a", "e", "o"}  # "a" stands beside any English word
_TOKEN = re.compile(r"[\w'@#-]+")
_MOST_IN_ROW = 6
_SURE = re.compile(r"\b(?:zh|x|q(?=i|u[aen]))[a-z]+|\b[a-z]*(?:[iu]ang|iong|iao|uan|uo)\b")


def rows_of_pinyin(text: str) -> list[tuple[int, int]]:
    """Start and end of two to six syllables written apart, one of which English could not have.

    >>> rows_of_pinyin("hao kan xin novel"), rows_of_pinyin("long hen house")
    ([(0, 11)], [])
    """
    rows: list[tuple[int, int]] = []
    first = last = n = 0
    for token in _TOKEN.finditer(text):
        start, end = token.span()
        joined = 0 < n < _MOST_IN_ROW and start == last + 1 and text[last] == " "
        if joined and token[0] in _IN_ROW:
            last, n = end, n + 1
            continue
        if n > 1:
            rows.append((first, last))
        begins = token[0] in _IN_ROW or (token[0].istitle() and token[0].lower() in _IN_ROW)
        first, last, n = start, end, int(begins)
    if n > 1:
        rows.append((first, last))
    return [row for row in rows if _SURE.search(text[slice(*row)].lower())]


def is_syllable(word: str) -> bool:
    """Whether a word of small letters is one syllable.

    >>> is_syllable("hen"), is_syllable("bug")
    (True, False)
    """
    return word in _IS_SYLLABLE
