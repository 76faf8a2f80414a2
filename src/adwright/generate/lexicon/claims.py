"""Superlatives, absolute claims, and the names of well-known brands."""

from __future__ import annotations

import functools
import tomllib
from collections.abc import Mapping
from importlib.resources import files

from adwright.text.normalise import fold_in_place
from adwright.text.phrases import PhraseFinder


def find_superlatives(text: str) -> list[tuple[int, int]]:
    """Where a text makes a superlative or absolute claim, as pairs of start and end.

    >>> find_superlatives("The best mug for your best friend"), find_superlatives("最近上新，全网最低")
    ([(4, 8)], [(5, 9)])
    """
    finder, exceptions = _superlatives()
    return [(start, end) for start, end, phrase in finder.find(text) if phrase not in exceptions]


def brand_names() -> tuple[PhraseFinder, Mapping[str, tuple[str, ...]]]:
    """A finder of well-known brands, and each spelling's whole list of spellings, folded."""
    return _brands()


@functools.cache
def _superlatives() -> tuple[PhraseFinder, frozenset[str]]:
    data = _read("phrases.toml")["superlatives"]
    exceptions = data["en_except"] + data["zh_except"]
    return PhraseFinder([*data["en"], *data["zh"], *exceptions]), frozenset(map(_key, exceptions))


@functools.cache
def _brands() -> tuple[PhraseFinder, Mapping[str, tuple[str, ...]]]:
    spellings = {
        _key(name): tuple(map(_key, names)) for names in _read("brands.toml")["brands"] for name in names
    }
    return PhraseFinder(spellings), spellings


def _read(name: str) -> dict[str, dict[str, list[str]]]:
    text = (files("adwright.generate.lexicon") / name).read_text(encoding="utf-8")
    return tomllib.loads(text)


def _key(word: str) -> str:
    return fold_in_place(word).replace("-", " ")
