"""Vulgar words with letters replaced by signs or pulled apart."""

from __future__ import annotations

import functools
import re
import tomllib
from collections.abc import Iterator
from importlib.resources import files

_SIGN = r"*＊#%✱✲∗•●·_"  # stands for any letter
_LIKE = {
    "a": "@4",
    "e": "3€",
    "i": "!1|¡",
    "o": "0øº",
    "s": "$5§",
    "t": "7+†",
    "u": "vµ",
    "c": "¢(",
    "l": "1|",
    "b": "8ß",
    "g": "9",
    "h": "#",
}
_BETWEEN = r"[ .\-_*·・\u200b]"
_DASHES = re.compile(r"(?<=[A-Za-z])-{2,4}(?=[A-Za-z])")
_STRUCK = re.compile(
    r"(?<![A-Za-z-])(?:(?i:f[-–—]{1,3}(?:ing|cking|ck))|[Ss][–—]{1,3}t(?:ty)?|[Bb][–—]{1,3}t?ch"
    r"|[Aa][–—]{1,3}(?:ss)?hole)(?![A-Za-z])"
)
"""A dash for the middle of a word, as in print."""
_GATE = re.compile(
    rf"[A-Za-z][{_SIGN}@!$0-9|¡€§¢†.\-_]{{1,3}}[A-Za-z$*!@]|[@$][a-z$]{{2}}|a\$\$|\b[A-Za-z] [A-Za-z] [A-Za-z]\b"
)


def find_masked(text: str) -> Iterator[tuple[int, int]]:
    """Where a masked word stands.

    >>> [m for m in find_masked("sh!t, not shiitake; b i t c h")]
    [(0, 4), (20, 29)]
    """
    for struck in _STRUCK.finditer(text):
        yield struck.span()
    if not _GATE.search(text):
        return
    if "--" in text:
        text = _DASHES.sub(lambda m: "*" * len(m[0]), text)  # bulls--t
    for match in _masked().finditer(text):
        found = match[0]
        if not found.isalpha():
            spaced = [c for c in found if c.isspace() or c in ".-"]
            n_letters = len(found) - len(spaced)
            plain = all(c.isalpha() or c in spaced for c in found)
            if plain and len(spaced) < n_letters - 1:
                continue  # "as s" is two words
            if found.isdigit():
                continue
            yield match.span()


@functools.cache
def _masked() -> re.Pattern[str]:
    path = files("adwright.generate.guards.rules").joinpath("masked.toml")
    words = tomllib.loads(path.read_text(encoding="utf-8"))["words"]
    ordered = sorted(words, key=lambda w: (-len(w), w))
    return re.compile(
        r"(?<![A-Za-z0-9@$])(?:"
        + "|".join(map(_shape, ordered))
        + r")(?:s|es|ing|ed|er|in|y)?(?![A-Za-z0-9])",
        re.IGNORECASE,
    )


def _shape(word: str) -> str:
    """The word with a sign for any letter but the first, with look-alikes, and with something between all."""
    first, rest = word[0], word[1:]
    letters = [f"[{first}{re.escape(_LIKE.get(first, ''))}]"] + [
        f"[{c}{re.escape(_LIKE.get(c, '') + _SIGN)}]" for c in rest
    ]
    replaced = "".join(f"{x}{{1,2}}" if i else x for i, x in enumerate(letters))
    dropped = f"{first}[{_SIGN}]{{{max(len(word) - 2, 1)},{len(word)}}}{word[-1]}"
    apart = f"{_BETWEEN}{{1,2}}".join(letters)
    return f"{replaced}|{apart}|{dropped}"
