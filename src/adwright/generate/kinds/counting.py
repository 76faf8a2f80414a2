"""The ways in which platforms count the length of a text."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Mapping
from typing import Literal

from adwright.text.sms import sms_length
from adwright.text.width import display_width

Counting = Literal["width", "characters", "half_width", "gbk_bytes", "sms_segments"]


def _characters(text: str) -> int:
    return len(text) if text.isascii() else len(unicodedata.normalize("NFC", text))


def _half_width(text: str) -> int:
    return -(-display_width(text) // 2)


def _gbk_bytes(text: str) -> int:
    return len(text) if text.isascii() else len(text.encode("gb18030", "replace"))


def _sms_segments(text: str) -> int:
    return sms_length(text).n_segments


COUNTS: Mapping[Counting, Callable[[str], int]] = {
    "width": display_width,
    "characters": _characters,
    "half_width": _half_width,
    "gbk_bytes": _gbk_bytes,
    "sms_segments": _sms_segments,
}
"""Rule -> length.

- `width`: wide and full-width characters count 2, combining marks and joiners 0, others 1. An emoji
  sequence counts as the sum of what it joins, which no platform exceeds.
- `characters`: code points after NFC.
- `half_width`: half the width, rounded up: two letters or digits are one.
- `gbk_bytes`: bytes in GB 18030: 1 for ASCII, 2 for what GBK holds, 4 for the rest, emoji among them.
- `sms_segments`: the parts that an SMS is billed in.
"""
