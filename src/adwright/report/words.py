"""The message catalogues: what the pages say in each language, as data in `messages/<language>.toml`."""

from __future__ import annotations

import re
import string
import tomllib
from collections.abc import Mapping, Sequence
from functools import cache
from importlib import resources
from typing import Any

from adwright.errors import UsageError
from adwright.report.figures import Words
from adwright.schema import Language

LANGUAGES: tuple[Language, ...] = ("zh", "en")
_NOTHING: Mapping[str, object] = {}


_NUMBERED = re.compile(r"(\w+?)_(\d+)((?:_\w+)?)")


class Messages:
    """The messages of one language.

    >>> Messages("en").say("review.lead", {"n": 1})
    '1 piece of content waits for a decision. Nothing here is public yet.'
    """

    def __init__(self, language: Language) -> None:
        if language not in LANGUAGES:
            raise UsageError(
                "no messages in this language",
                argument="language",
                value=language,
                allowed=", ".join(LANGUAGES),
            )
        self.language = language
        self._texts = catalogue(language)

    def say(self, key: str, values: Mapping[str, object] = _NOTHING) -> str:
        """The message `key` with its braces filled from `values`; integers are grouped by thousands."""
        return _FORMATTER.vformat(self._texts[key], (), values)

    def name(self, section: str, word: str) -> str:
        """The name of `word` under `section` (for example a channel); a word without one stands for itself.

        >>> Messages("en").name("slot", "headline_3"), Messages("zh").name("slot", "scene_2_narration")
        ('Headline 3', '旁白 2')
        """
        known = self._texts.get(f"{section}.{word}")
        numbered = _NUMBERED.fullmatch(word) if known is None else None
        if numbered is not None:
            family = self._texts.get(f"{section}.{numbered[1]}{numbered[3]}")
            known = None if family is None else f"{family} {numbered[2]}"
        return word if known is None else known

    def has(self, key: str) -> bool:
        """Whether the catalogue has `key`."""
        return key in self._texts

    def pick(self, words: Words) -> str:
        """A text in this language; where it has none in this language, whichever it has."""
        if isinstance(words, str):
            return words
        return words.get(self.language) or next((text for text in words.values() if text), "")

    def series(self, items: Sequence[str]) -> str:
        """The items as a list in a sentence.

        >>> Messages("en").series(["e-mail", "search", "push"]), Messages("zh").series(["甲", "乙", "丙"])
        ('e-mail, search and push', '甲、乙和丙')
        """
        if len(items) < 2:
            return "".join(items)
        return self.say("page.list_comma").join(items[:-1]) + self.say("page.and_between") + items[-1]


@cache
def catalogue(language: Language) -> Mapping[str, str]:
    """Key (`section.name`) -> message, as the language's file has them."""
    source = resources.files("adwright.report").joinpath("messages", f"{language}.toml")
    sections = tomllib.loads(source.read_text(encoding="utf-8"))
    return {f"{section}.{name}": text for section, texts in sections.items() for name, text in texts.items()}


class _Formatter(string.Formatter):
    """`{n:piece|pieces}` picks by number, `{n}` groups an integer by thousands."""

    def format_field(self, value: Any, format_spec: str) -> str:
        if "|" in format_spec:
            one, other = format_spec.split("|")
            return one if value == 1 else other
        if isinstance(value, int) and not format_spec:
            return f"{value:,}"
        return format(str(value), format_spec)


_FORMATTER = _Formatter()
