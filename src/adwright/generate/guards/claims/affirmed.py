"""Whether a field of the catalogue bears out a claim that is made in other words: 微波炉: 可用 for 能进微波炉."""

from __future__ import annotations

import functools
import re

from adwright.generate.guards.fields import core_of, word_forms
from adwright.generate.guards.support import Support
from adwright.generate.lexicon.cues import words
from adwright.generate.lexicon.negation import denied_before

_LITTLE = words("frames.little_words") | words("affirmed.use")
_KIN = tuple(tuple(group.split("|")) for group in sorted(words("affirmed.kin")))


def is_affirmed(said: str, support: Support) -> bool:
    """Whether a field of its name says yes, or one line of the catalogue has all of its words."""
    for field in support.fields:
        core = core_of(field.name)
        if field.says == "yes" and len(core) > 1 and word_forms(core).search(said):
            return True
    if not said.isascii():
        return is_listed(said, support)
    named = [w for w in re.findall(r"[a-z0-9]{3,}", said) if w not in _LITTLE]
    return bool(named) and any(
        all(_stands_in(word, line) for word in named) for line in support.catalogue.splitlines()
    )


_WORKS_WITH = re.compile(r"适用|适配|兼容|支持|可用|炉灶|热源|接口|系统|设备|平台|模式|功能|清洁|清洗|洗涤")
_LISTED = re.compile(r"[、,，;；/()（）\s]|和|及|或|与")
_USED = re.compile(
    r"^(?:直接|可以?|能|支持|适用|兼容|放?进|丢|扔)|(?:直接|都|也|均|通用|可用|适用|可以?|能|用|行|两用)$"
)
_NO_ITEM = re.compile(r"[不无非勿未]")


def is_listed(said: str, support: Support) -> bool:
    """Whether what it works with stands in a list of such in the catalogue: 适用炉灶: 燃气灶、电磁炉."""
    thing = said
    while thing != (thing := _USED.sub("", thing)):
        pass
    if len(thing) < 2:
        return False
    return any(
        field.says != "no"
        and _WORKS_WITH.search(field.name)
        and any(thing in item and not _NO_ITEM.search(item) for item in _LISTED.split(field.value))
        for field in support.fields
    )


def _stands_in(word: str, line: str) -> bool:
    return any(
        not denied_before(line[: match.start()][-24:])
        for spelling in _kin_of(word)
        for match in word_forms(spelling).finditer(line)
    )


@functools.lru_cache(maxsize=1024)
def _kin_of(word: str) -> tuple[str, ...]:
    """The word, without an ending that only makes it an adjective, and what is another name for the same."""
    bare = re.sub(r"(?:ed|ing|s)$", "", word) if len(word) > 5 else word
    for group in _KIN:
        if word in group or bare in group:
            return group
    return (word, bare)
