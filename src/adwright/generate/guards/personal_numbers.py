"""Numbers and addresses of e-mail that lead to a person: phones, identity documents, cards, accounts.

Does not cover: a number of fewer than seven digits, and one spelled out in English words.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from adwright.generate.guards.personal_words import Personal, personal_words
from adwright.text.digit_runs import DigitRun, find_digit_runs

_BEFORE, _AFTER = 28, 14  # characters around a number that say whose it is
_ID_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_ID_WORD = re.compile(
    r"身份证|证件|护照|社保|居民证|identity|passport|national id|\bid (?:no|number|card)|social security|\bssn\b"
    r"|driver",
    re.I,
)
_CARD_WORD = re.compile(
    r"银行卡|信用卡|储蓄卡|卡号|账号|账户|\bcard\b|visa|mastercard|amex|account|debit", re.I
)
_MASK = re.compile(r"[*＊×#•●]{2,}|[xX]{3,}")
_NAME = 3  # letters beside the word of a role that may be a person's name
_EMAIL = re.compile(
    r"[A-Za-z0-9\u00c0-\u024f][\w.+\-]{0,63}\s?[@＠]\s?[A-Za-z0-9][\w\-]{0,62}(?:\s?[."
    r"．。]\s?[A-Za-z]{2,24}){1,4}(?![\w])"
)
_EMAIL_SPOKEN = re.compile(
    r"(?<![\w.])[A-Za-z0-9][\w\-]{0,40}(?:(?: dot |\.)[\w\-]{1,40}){0,3}\s?(?:[\[(（{<]\s?at\s?[\])）}>]|\bat\b"
    r"|艾特|圈a|#at#)\s?[A-Za-z0-9][\w\-]{0,40}"
    r"(?:\s?(?:[\[(（{]\s?(?:dot|\.)\s?[\])）}]|\bdot\b|点)\s?[A-Za-z]{2,24}){1,3}",
    re.I,
)
_SSN = re.compile(r"(?<![\w-])(?!000|666|9)\d{3}-(?!00)\d\d-(?!0000)\d{4}(?![\w-])")
_LETTERED = re.compile(
    r"(?<![A-Za-z0-9])(?:[A-CEGHJ-PR-TW-Z]{2} ?\d\d ?\d\d ?\d\d ?[A-D]"  # UK national insurance
    r"|[A-Z][12]\d{8}"  # Taiwan
    r"|[A-Z]{1,2}\d{6}[(（][0-9A][)）]"  # Hong Kong
    r"|[STFG]\d{7}[A-Z]"  # Singapore
    r"|[EGDSP][A-HJ-NP-Z]?\d{7,8}"  # Chinese passport
    r"|[A-Z]{2}\d\d(?: ?[A-Z0-9]{4}){3,7}(?: ?[A-Z0-9]{1,3})?)(?![A-Za-z0-9])"  # IBAN
)
_PLATE = re.compile(
    "[京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼][A-HJ-NP-Z][·. ]?"
    "[A-HJ-NP-Z0-9]{4,5}[A-HJ-NP-Z0-9挂学警港澳]"
)
_ACCOUNT = re.compile(
    r"(?:微信号?|vx|v信|加薇|威信|wechat(?: id)?|qq号?|whatsapp|telegram|line id|支付宝)\s*(?:号|是|为"
    r"|id)?\s*[:：是为]?\s*(@?[a-z][\w\-]{5,19}|(?<!\d)[1-9]\d{5,6}(?!\d))(?![\w@])",
    re.I,
)
_ADJOINED = re.compile(r"[A-Za-z_#/=]$|[A-Za-z][-–]$")
_ADJOINS = re.compile(r"[-–_]?[A-Za-z_](?![a-z]{2})|[-–]\d")


@dataclass(frozen=True, slots=True)
class Hit:
    """Personal data in a text, or what looks like it: what it is, where, how sure, and why it may stand."""

    what: str
    start: int
    end: int
    sure: bool = True
    exemption: str | None = None


def find_numbers(text: str, known_digits: str, known_text: str) -> Iterator[Hit]:
    """Phone, identity and card numbers.

    Args:
        text: What to read.
        known_digits: The digits of the catalogue and the offer's terms, runs apart.
        known_text: The same as folded text.
    """
    words = personal_words()
    for run in find_digit_runs(text):
        what = _what(run, text, words)
        if what is None:
            continue
        exemption = words.ids["catalogue"] if run.digits in known_digits else None
        if exemption is None and what == "phone":
            exemption = _of_the_shop(run, text, words)
        yield Hit(what, run.start, run.end, exemption=exemption)
    yield from _lettered(text, known_text, words)


def find_mailboxes(text: str, known_text: str) -> Iterator[Hit]:
    """Addresses of e-mail, spelled out ones too, and accounts of messengers."""
    words = personal_words()
    if "@" in text or "＠" in text:
        for match in _EMAIL.finditer(text):
            yield Hit(
                "email", *match.span(), exemption=_of_a_role(match[0], text, match.start(), known_text, words)
            )
    lower = text.lower()
    if "dot" in lower or "点" in lower or "at]" in lower or "at)" in lower or "艾特" in lower:
        for match in _EMAIL_SPOKEN.finditer(text):
            yield Hit(
                "email", *match.span(), exemption=_of_a_role(match[0], text, match.start(), known_text, words)
            )
    for match in _ACCOUNT.finditer(text):
        around = text[max(0, match.start() - _BEFORE) : match.end()]
        ours = words.service.search(around) and not words.person.search(around)
        yield Hit("account", *match.span(1), sure=False, exemption=words.ids["service"] if ours else None)


def _what(run: DigitRun, text: str, words: Personal) -> str | None:
    """What the number is, or None where it is a number of something else."""
    before = text[max(0, run.start - _BEFORE) : run.start]
    digits = run.digits
    last = text[run.end : run.end + 1]
    if len(digits) == 17 and last in ("X", "x", "Ｘ") and _is_chinese_id(digits + "X"):
        return "identity"
    if _is_chinese_id(digits):
        return "identity"
    if len(digits) >= MIN_ID and _near(_ID_WORD, before, 12):
        return "identity"
    near = before[-14:]
    named_otherwise = [m.end() for m in words.other_number.finditer(near)]
    contact = [m.end() for m in words.contact.finditer(near)]
    if named_otherwise and named_otherwise[-1] > max(contact, default=-1) and not run.shape.startswith("+"):
        return "card" if _near(_CARD_WORD, before, 14) and _is_card(digits) else None
    if _is_card(digits) and (_near(_CARD_WORD, before, 24) or _in_fours(run.shape)):
        return "card"
    if len(digits) in range(14, 20) and _near(_CARD_WORD, before, 24) and digits[0] in "3456":
        return "card"
    if _ADJOINED.search(before) or _ADJOINS.match(text, run.end):
        return None
    if words.phone.fullmatch(run.shape) or words.line.fullmatch(run.shape):
        return "phone"
    return "phone" if contact and len(digits) <= 13 else None


MIN_ID = 8


def _of_the_shop(run: DigitRun, text: str, words: Personal) -> str | None:
    if words.line.fullmatch(run.shape):
        return words.ids["line"]
    before = text[max(0, run.start - _BEFORE) : run.start]
    after = text[run.end : run.end + _AFTER]
    person = words.person.search(before) or re.match(r"\s*[(（]?(?:找|问|ask for)", after)
    ours = words.service.search(before) or words.service.match(after)
    return words.ids["service"] if ours and not person else None


def _of_a_role(address: str, text: str, start: int, known_text: str, words: Personal) -> str | None:
    local = re.split(r"[@＠\[(（{<]|\bat\b|艾特", address, maxsplit=1)[0].strip().lower()
    first, *others = re.split(r"[.+_\-]", local)
    if words.role_address.fullmatch(local) or (
        words.role_address.fullmatch(first)
        and not any(len(o) >= _NAME and not words.role_address.fullmatch(o) for o in others)
    ):
        return words.ids["role_address"]
    if address.lower() in known_text:
        return words.ids["catalogue"]
    if _MASK.search(text[max(0, start - 8) : start + len(address)]):
        return words.ids["masked"]
    return None


def _lettered(text: str, known_text: str, words: Personal) -> Iterator[Hit]:
    for match in _SSN.finditer(text):
        if not words.other_number.search(text[max(0, match.start() - 14) : match.start()]):
            yield Hit("identity", *match.span())
    for match in _LETTERED.finditer(text):
        before = text[max(0, match.start() - _BEFORE) : match.start()]
        if match[0].lower() in known_text:
            continue
        if _near(_ID_WORD, before, 20) or _is_lettered(match[0]):
            yield Hit("identity", *match.span())
    if not text.isascii():
        for match in _PLATE.finditer(text):
            yield Hit("plate", *match.span(), sure=False)


def _is_lettered(found: str) -> bool:
    """Whether a document number with letters passes its own check, and so is no article number."""
    compact = found.replace(" ", "")
    if re.fullmatch(r"[A-Z]{1,2}\d{6}[(（][0-9A][)）]", compact):
        return True
    if re.fullmatch(r"[A-Z]{2}\d{6}[A-D]", compact):
        return True
    if re.fullmatch(r"[A-Z][12]\d{8}", compact):
        letter = "ABCDEFGHJKLMNPQRSTUVXYWZIO".index(compact[0]) + 10
        digits = [letter // 10, letter % 10, *map(int, compact[1:])]
        return sum(d * w for d, w in zip(digits, (1, 9, 8, 7, 6, 5, 4, 3, 2, 1, 1), strict=True)) % 10 == 0
    if re.fullmatch(r"[A-Z]{2}\d\d[A-Z0-9]{12,30}", compact):
        moved = compact[4:] + compact[:4]
        return int("".join(str(int(c, 36)) for c in moved)) % 97 == 1
    return False


def _is_chinese_id(digits: str) -> bool:
    """Whether 18 characters are a resident id: a province, a day of birth; the check digit settles doubts.

    A number with a wrong check digit counts too where its date of birth is one: nothing else looks so.
    """
    if len(digits) != 18 or digits[:2] not in _PROVINCES:
        return False
    try:
        born = date(int(digits[6:10]), int(digits[10:12]), int(digits[12:14]))
    except ValueError:
        return False
    return 1900 <= born.year <= 2035


_PROVINCES = frozenset(
    [
        "11",
        "12",
        "13",
        "14",
        "15",
        "21",
        "22",
        "23",
        "31",
        "32",
        "33",
        "34",
        "35",
        "36",
        "37",
        "41",
        "42",
        "43",
        "44",
        "45",
        "46",
        "50",
        "51",
        "52",
        "53",
        "54",
        "61",
        "62",
        "63",
        "64",
        "65",
        "71",
        "81",
        "82",
    ]
)


def chinese_id_check_digit(digits: str) -> str:
    """The last character of a Chinese resident id (GB 11643-1999) from its first 17 digits.

    >>> chinese_id_check_digit("11010519491231002")
    'X'
    """
    total = sum(int(d) * w for d, w in zip(digits[:17], _ID_WEIGHTS, strict=True))
    return "10X98765432"[total % 11]


def is_luhn(digits: str) -> bool:
    """Whether the digits pass the check of ISO/IEC 7812-1.

    >>> is_luhn("4111111111111111"), is_luhn("4111111111111112")
    (True, False)
    """
    doubled = (d if i % 2 == 0 else d * 2 - 9 * (d > 4) for i, d in enumerate(map(int, reversed(digits))))
    return sum(doubled) % 10 == 0


def _is_card(digits: str) -> bool:
    return 14 <= len(digits) <= 19 and digits[0] in "3456" and (is_luhn(digits) or len(digits) == 16)


def _in_fours(shape: str) -> bool:
    groups = shape.split("-")
    return (len(groups) >= 4 and all(len(g) == 4 for g in groups[:4])) or [len(g) for g in groups] == [
        4,
        6,
        5,
    ]


def _near(pattern: re.Pattern[str], before: str, n: int) -> bool:
    return pattern.search(before[-n:]) is not None
