"""How a text tries to move its reader: appeals, conditions and calls to act, as found by their words."""

from __future__ import annotations

import functools
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files

from adwright.text.normalise import fold_in_place
from adwright.text.phrases import PhraseFinder

_GROUPS = ("conditions", "calls")


@dataclass(frozen=True, slots=True)
class Strategy:
    """What a text does to be acted on.

    Args:
        appeals: Each appeal that it makes, with the first word that shows it, in the order of the text.
        conditions: The words that set a condition.
        calls: The words that call to act.
    """

    appeals: Mapping[str, str]
    conditions: tuple[str, ...]
    calls: tuple[str, ...]


def find_strategy(text: str) -> Strategy:
    """The appeals, conditions and calls of a text.

    >>> strategy = find_strategy("A gift for less. Use code A5 and shop now.")
    >>> list(strategy.appeals), strategy.conditions, strategy.calls
    (['gift', 'price'], ('use code',), ('shop now',))
    >>> list(find_strategy("Off you go! It is up to you.").appeals)
    []
    """
    finder, meanings = _lexicon()
    appeals: dict[str, str] = {}
    others: dict[str, list[str]] = {group: [] for group in _GROUPS}
    for _, _, phrase in sorted(finder.find(text)):
        for meaning in meanings[phrase]:
            if meaning in others:
                others[meaning].append(phrase)
            else:
                appeals.setdefault(meaning, phrase)
    return Strategy(appeals, tuple(others["conditions"]), tuple(others["calls"]))


@functools.cache
def _lexicon() -> tuple[PhraseFinder, Mapping[str, tuple[str, ...]]]:
    """A finder of every phrase, and phrase -> the appeals and groups that it stands for; an idiom for none."""
    data = tomllib.loads((files("adwright.generate.lexicon") / "appeals.toml").read_text(encoding="utf-8"))
    groups = {**data["appeals"], **{group: data[group] for group in _GROUPS}}
    idioms = (fold_in_place(w).replace("-", " ") for w in (*data["idioms"]["en"], *data["idioms"]["zh"]))
    meanings: dict[str, tuple[str, ...]] = dict.fromkeys(idioms, ())
    for group, words in groups.items():
        for word in (*words["en"], *words["zh"]):
            key = fold_in_place(word).replace("-", " ")
            if group not in meanings.get(key, ()):
                meanings[key] = (*meanings.get(key, ()), group)
    return PhraseFinder(meanings), meanings
