"""A post for Xiaohongshu, Weibo or Instagram: a title, a text, and hashtags in the platform's own form."""

from __future__ import annotations

import re
from collections.abc import Mapping

from adwright.errors import DataError
from adwright.generate.kinds.kind import Kind, Slot
from adwright.generate.parsing import parse_json_slots
from adwright.schema import Brief

FEWEST_HASHTAGS, MOST_HASHTAGS = 1, 10

_APART = re.compile(r"[\s,，、;；#＃]+")
_ENCLOSING = frozenset({"weibo"})
"""Channels whose topics stand between two signs, `#topic#`; others set one before each, `#topic`."""


def hashtag_line(words: list[str], channel: str) -> str:
    """The hashtags of these words in the form of a channel, the first of equal ones, at most ten.

    >>> hashtag_line(["linen", "Linen", "summer"], "instagram"), hashtag_line(["通勤"], "weibo")
    ('#linen #summer', '#通勤#')
    """
    unique: dict[str, str] = {}
    for word in filter(None, words):
        unique.setdefault(word.casefold(), word)
    kept = list(unique.values())[:MOST_HASHTAGS]
    return " ".join(f"#{word}#" if channel in _ENCLOSING else f"#{word}" for word in kept)


def _settle(slots: Mapping[str, str], brief: Brief) -> dict[str, str]:
    words = [word for word in _APART.split(slots["hashtags"]) if word]
    line = hashtag_line(words, brief.channel)
    if len(line.split()) < FEWEST_HASHTAGS:
        raise DataError(
            "no hashtags", argument="hashtags", value=slots["hashtags"], allowed="words with # before each"
        )
    return {**slots, "hashtags": line}


SOCIAL_POST = Kind(
    name="social_post",
    slots=(
        Slot("title", "a first line that people stop at"),
        Slot("body", "a few short lines in the voice of the platform, without hashtags", is_long=True),
        Slot("hashtags", "three to six hashtags, apart by spaces", example="#linen #summer"),
    ),
    template="social_post.v1.j2",
    parse=parse_json_slots,
    settle=_settle,
)
