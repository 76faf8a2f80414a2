"""Telling Chinese from English.

Does not cover: other languages in Latin script, which are taken for English.
"""

from __future__ import annotations

import re

from adwright.schema import Language

_HAN = re.compile("[\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003fffd]")
_LATIN_WORD = re.compile("[A-Za-z\u00c0-\u024f]+")
_OTHER_WORD = re.compile("[\u0370-\u1fff\u3040-\u30ff\u3131-\u318e\uac00-\ud7a3]+")
_ZH_SHARE = 0.4


def han_share(text: str) -> float:
    """The share of Han characters among the units of a text, in [0, 1].

    A unit is one Han character or one run of letters of another script, so that a long Latin brand name
    does not outweigh a Chinese sentence. Without any letters the share is 0.

    >>> han_share("纯棉 T恤"), han_share("cotton"), han_share("42")
    (0.75, 0.0, 0.0)
    """
    n_han, n_latin, n_other = _count_units(text)
    return n_han / max(n_han + n_latin + n_other, 1)


def detect(text: str) -> Language | None:
    """The language, `zh` or `en`; None for a text without letters or mostly in another script.

    >>> detect("Apple 平板电脑，轻薄好带"), detect("A light tablet"), detect("12.50"), detect("Планшет")
    ('zh', 'en', None, None)
    """
    n_han, n_latin, n_other = _count_units(text)
    n_units = n_han + n_latin + n_other
    if n_units == 0 or n_other * 2 > n_units:
        return None
    return "zh" if n_han >= _ZH_SHARE * n_units else "en"


def _count_units(text: str) -> tuple[int, int, int]:
    return (
        sum(1 for _ in _HAN.finditer(text)),
        sum(1 for _ in _LATIN_WORD.finditer(text)),
        sum(1 for _ in _OTHER_WORD.finditer(text)),
    )
