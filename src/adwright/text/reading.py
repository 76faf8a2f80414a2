"""The text as a reader takes it in, for comparing with patterns, with the way back to the original."""

from __future__ import annotations

import bisect
import re
import unicodedata
from dataclasses import dataclass
from functools import cache, lru_cache

from adwright.text.normalise import HALF_WIDTH, fold_in_place

_HAN = "\u3400-\u4dbf\u4e00-\u9fff"
_UNSEEN = (
    "\u00ad\u034f\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufe00-\ufe0f\ufeff\U000e0000-\U000e0fff"
)
_DROPPED = re.compile(
    f"[{_UNSEEN}]+|(?<=[{_HAN}])[*·•・._~^|\\-\u0300-\u036f]{{1,3}}(?=[{_HAN}])|[\u0300-\u036f]+"
    f"|(?<=(?<![{_HAN}])[{_HAN}])[ \u3000](?=[{_HAN}](?![{_HAN}]))"
)
_LOOKALIKES = {  # Cyrillic and Greek letters that look like Latin ones
    **dict(zip("абвгеёікмнорсутхѕјһԁԛԝүѵ", "a6breeikmhopcytxsjhdqwyv", strict=True)),
    **dict(zip("αβεηικνορτυχγ", "abeniknoptuxy", strict=True)),
}
_TRADITIONAL = str.maketrans(
    "絕對頂級國際導權業舉無雙銷線療癒減瘦體藥醫氣壓腫頭頸關節風濕發豐險賺錢億萬買賣實現報資產證財經點錄極優選擇獨創"
    "頭號領導後馬這個們來時間錯過即將漲價標準兒歲媽媽爺電視遊戲學齡童貶競爭對別個質劣騙貴殺菌毒淨養顏過敏傷從來",
    "绝对顶级国际导权业举无双销线疗愈减瘦体药医气压肿头颈关节风湿发丰险赚钱亿万买卖实现报资产证财经点录极优选择独创"
    "头号领导后马这个们来时间错过即将涨价标准儿岁妈妈爷电视游戏学龄童贬竞争对别个质劣骗贵杀菌毒净养颜过敏伤从来",
)


@dataclass(frozen=True, slots=True)
class Reading:
    """A text folded for comparing.

    Args:
        text: Half-width, lower case, hyphens as spaces, accents and look-alike letters of other scripts as
            plain Latin, common traditional characters as simplified, without what cannot be seen or only
            pulls Han characters apart.
        places: For each character the place in the original; None where they are the same.
    """

    text: str
    places: tuple[int, ...] | None = None

    def span(self, start: int, end: int) -> tuple[int, int]:
        """The same span in the original text; not for an empty one."""
        return (start, end) if self.places is None else (self.places[start], self.places[end - 1] + 1)

    def folded_span(self, start: int, end: int) -> tuple[int, int]:
        """Where a span of the original stands in the reading; empty where all of it was dropped."""
        if self.places is None:
            return start, end
        return bisect.bisect_left(self.places, start), bisect.bisect_left(self.places, end)


@lru_cache(maxsize=16)  # several guards read the same text
def read(text: str) -> Reading:
    """The reading of a text.

    >>> read("Ｎо.１ 第-一 RISK-free").text
    'no.1 第一 risk free'
    """
    if text.isascii():
        return Reading(text.lower().replace("-", " "))
    places: tuple[int, ...] | None = None
    if _DROPPED.search(text):
        kept = [
            i
            for start, end in _between([m.span() for m in _DROPPED.finditer(text)], len(text))
            for i in range(start, end)
        ]
        text = "".join(text[i] for i in kept)
        places = tuple(kept)
    plain = text.translate(_plain())
    lower = plain.lower()
    return Reading(lower if len(lower) == len(plain) else fold_in_place(plain), places)


def _between(dropped: list[tuple[int, int]], length: int) -> list[tuple[int, int]]:
    edges = [0, *(edge for span in dropped for edge in span), length]
    return list(zip(edges[::2], edges[1::2], strict=True))


@cache
def _plain() -> dict[int, int]:
    """Character for character: accents, styled and look-alike letters, common traditional characters."""
    table = {**HALF_WIDTH, **_TRADITIONAL, 0x2018: 0x27, 0x2019: 0x27, 0x00A0: 0x20}
    table |= dict.fromkeys((0x2D, 0x2010, 0x2011, 0xFF0D), 0x20)
    ranges = ((0xC0, 0x250), (0x1E00, 0x1F00), (0x2460, 0x24EA), (0x1D400, 0x1D800), (0x1F110, 0x1F190))
    for first, last in ranges:
        for code in range(first, last):
            letters = [c for c in unicodedata.normalize("NFKD", chr(code)) if c.isalnum()]
            if len(letters) == 1 and letters[0].isascii():
                table[code] = ord(letters[0])
    for char, plain in _LOOKALIKES.items():
        table[ord(char)] = ord(plain)
        if len(char.upper()) == 1 and char.upper() != char:
            table[ord(char.upper())] = ord(plain)
    return table
