"""Postal addresses in a text, Chinese and Western.

Does not cover: a place without a number, and countries whose addresses begin with neither number nor street.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from adwright.generate.guards.personal_numbers import Hit
from adwright.generate.guards.personal_words import personal_words

_N = "[0-9０-９零〇一二三四五六七八九十百甲乙丙]"
_ZH_NUMBER = re.compile(
    rf"(?<=[路街巷弄道里村区苑园寓厦府城湾庭同坊屯庄镇乡号幢栋座楼元组])[A-Z东南西北中]?{_N}{{1,6}}(?:[-—之]{_N}{{1,4}})?"
    rf"(?:号楼?|弄|幢|栋|座|单元|室|组|楼|层|门|号院)(?:[A-Z\d东南西北]{{0,3}}(?:号楼?|幢|栋|座|单元|室|层|楼|户)|{_N}{{1,4}}(?:号楼?|幢|栋|座|单元"
    rf"|室|层|楼|户)|{_N}{{3,4}})*"
)
_ZH_REGION = re.compile("[省市区县镇乡村路街巷弄道]|小区|胡同|花园|公寓|大厦")
_ZH_RUN = re.compile(r"[\u4e00-\u9fff0-9０-９]{2,30}$")
_ZH_START = re.compile(
    "寄往|寄到|寄给|送到|送往|送达|收货地址|地址|家住|住在|住址|位于|发往|派送至|配送至|来自|我们在|店在|就在|都在|[是在到往至]"
)
_HOME = re.compile("单元|室|户|幢|栋")
_WAY = (
    "Street|St|Road|Rd|Avenue|Ave|Close|Lane|Ln|Drive|Dr|Court|Ct|Way|Terrace|Crescent|Place|Pl|Square|Sq|"
    "Boulevard|Blvd|Yard|Gardens|Mews|Row|Grove|Parkway|Pkwy|Circle|Trail|Highway|Hwy|Walk|Quay|Wharf|Rise"
    "|Hill|Green|Park|Parade|Esplanade|Embankment"
)
_EN_STREET = re.compile(
    rf"(?:\b(?:[Ff]lat|[Aa]partment|[Aa]pt\.?|[Uu]nit"
    rf"|[Ss]uite) ?\w{{1,4}}, ?)?(?<![\w.$£€])(?<!No\. )(?<!No )(?<!# )\d{{1,5}}[A-Za-z]?,? "
    rf"(?:[A-Z][\w'’.-]{{0,20}} ){{1,4}}(?:{_WAY})\b\.?"
    r"(?:,? (?:[Ff]lat|[Aa]partment|[Aa]pt\.?|[Uu]nit|[Ss]uite|#) ?\w{1,4})?"
)
_OTHER_STREET = re.compile(
    r"\b[A-ZÄÖÜ][a-zäöüß]{2,20}(?:straße|strasse|str\.|weg|platz|gasse|allee) \d{1,4}[a-z]?\b"
    r"|\b\d{1,4},? (?:bis,? )?(?:rue|avenue|boulevard|place|chemin|allée|via|viale|piazza) (?:de |du |des |la "
    r"|le |l['’])*[A-Z][\w'’-]+"
    r"|\b(?:Calle|Via|Viale|Piazza|Avenida|Rua) (?:de |del |della |da |do )*[A-Z][\w'’-]+,? \d{1,4}\b"
    r"|\bP\.? ?O\.? Box \d{2,6}\b"
)
_UK_POSTCODE = re.compile(r"(?<![A-Za-z0-9])[A-Z]{1,2}\d[A-Z\d]? \d[ABD-HJLNP-UW-Z]{2}(?![A-Za-z0-9])")
_US_CITY = re.compile(
    r"\b[A-Z][a-z]+(?: [A-Z][a-z]+)?, (?:A[KLRZ]|C[AOT]|D[CE]|FL|GA|HI|I[ADLN]|K[SY]|LA|M[ADEINOST]"
    r"|N[CDEHJMVY]|O[HKR]|PA|RI|S[CD]|T[NX]|UT|V[AT]|W[AIVY]) \d{5}(?:-\d{4})?\b"
)
_DIGIT = re.compile(r"\d")
_AROUND = 40


def find_addresses(text: str, known_text: str) -> Iterator[Hit]:
    """Addresses; those of a shop, and those that the catalogue gives, carry their exemption."""
    for start, end, sure in _spans(text):
        yield Hit("address", start, end, sure=sure, exemption=_exemption(text, start, end, known_text))


def _spans(text: str) -> Iterator[tuple[int, int, bool]]:
    if not text.isascii():
        last = -1
        for match in _ZH_NUMBER.finditer(text):
            if match.start() < last:
                continue
            run = _ZH_RUN.search(text, max(0, match.start() - 30), match.start())
            if run is None:
                continue
            begun = run.start()
            for word in _ZH_START.finditer(run[0]):
                if _ZH_REGION.search(run[0], word.end()):
                    begun = run.start() + word.end()
            marks = len(_ZH_REGION.findall(text[begun : match.start()]))
            home = _HOME.search(match[0]) is not None
            if marks >= 2 or (marks and home):
                last = match.end()
                yield begun, match.end(), home
    if _DIGIT.search(text):
        for pattern in (_EN_STREET, _OTHER_STREET):
            for match in pattern.finditer(text):
                yield *match.span(), True
        for pattern in (_UK_POSTCODE, _US_CITY):
            for match in pattern.finditer(text):
                yield *match.span(), False


def _exemption(text: str, start: int, end: int, known_text: str) -> str | None:
    words = personal_words()
    if text[start:end].lower() in known_text:
        return words.ids["catalogue"]
    before, after = text[max(0, start - _AROUND) : start], text[end : end + _AROUND]
    if words.customer_place.search(before) or words.customer_place.search(after[:20]):
        return None
    return words.ids["place"] if words.shop_place.search(before) or words.shop_place.search(after) else None
