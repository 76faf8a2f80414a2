"""Finding emoji, each sequence as one.

Source: the blocks of Unicode that UTS 51 draws its pictographs from. The marks ©, ® and ™ count as
letters here, as shops write them.
"""

from __future__ import annotations

import re

_PICTOGRAPH = "[\u2600-\u27bf\u2b05-\u2b55\u231a\u231b\u23e9-\u23fa\U0001f000-\U0001faff]"
_AFTER = "[\ufe0f\U0001f3fb-\U0001f3ff\U000e0020-\U000e007f]"
_ONE = f"{_PICTOGRAPH}{_AFTER}*"
_EMOJI = re.compile(f"[\U0001f1e6-\U0001f1ff]{{2}}|[0-9#*]\ufe0f?\u20e3|{_ONE}(?:\u200d{_ONE})*")


def find_emoji(text: str) -> list[tuple[int, int]]:
    """Start and end of each emoji; flags, keycaps, skin tones and joined sequences are one each.

    >>> find_emoji("Hi 👩‍👩‍👧, 🇨🇳 ✅ Brand™")
    [(3, 8), (10, 12), (13, 14)]
    """
    if text.isascii():
        return []
    return [match.span() for match in _EMOJI.finditer(text)]
