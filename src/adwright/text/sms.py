"""How many parts an SMS is sent and billed in.

Source: 3GPP TS 23.038 (the 7-bit default alphabet with its extension table, and UCS-2) and TS 23.040
(the header of 6 octets that each part of a longer message carries).

Does not cover: national shift tables, and gateways that replace characters before they send.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Alphabet = Literal["GSM-7", "UCS-2"]

_BASIC = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
_EXTENDED = frozenset("\f^{}\\[~]|€")  # an escape and a character: two septets
_GSM = _BASIC | _EXTENDED
_ALONE: dict[Alphabet, int] = {"GSM-7": 160, "UCS-2": 70}
_IN_PARTS: dict[Alphabet, int] = {"GSM-7": 153, "UCS-2": 67}


@dataclass(frozen=True, slots=True)
class SmsLength:
    """How a text goes out as SMS.

    Args:
        alphabet: UCS-2 as soon as one character is outside the 7-bit alphabet.
        n_units: Septets (GSM-7) or 16-bit units (UCS-2).
        n_segments: Parts; 0 for an empty text.
        forced_by: The first character that asks for UCS-2; None where none does.
    """

    alphabet: Alphabet
    n_units: int
    n_segments: int
    forced_by: str | None = None


def sms_length(text: str) -> SmsLength:
    """The alphabet, units and segments of a text; no character is torn between two segments.

    >>> sms_length("a" * 161)
    SmsLength(alphabet='GSM-7', n_units=161, n_segments=2, forced_by=None)
    >>> sms_length("好" * 70).n_segments, sms_length("好" * 71).n_segments, sms_length("it’s").forced_by
    (1, 2, '’')
    """
    forced_by = next((c for c in text if c not in _GSM), None) if not _GSM.issuperset(text) else None
    alphabet: Alphabet = "GSM-7" if forced_by is None else "UCS-2"
    sizes = [_size(c, alphabet) for c in text]
    n_units = sum(sizes)
    if n_units <= _ALONE[alphabet]:
        return SmsLength(alphabet, n_units, min(len(text), 1), forced_by)
    room, n_segments, used = _IN_PARTS[alphabet], 1, 0
    for size in sizes:
        if used + size > room:
            n_segments, used = n_segments + 1, 0
        used += size
    return SmsLength(alphabet, n_units, n_segments, forced_by)


def _size(char: str, alphabet: Alphabet) -> int:
    if alphabet == "GSM-7":
        return 2 if char in _EXTENDED else 1
    return 2 if ord(char) > 0xFFFF else 1
