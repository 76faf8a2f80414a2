"""Attribute words: which a text claims, which a catalogue supports, in either language."""

from __future__ import annotations

import functools
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files
from typing import Any

from adwright.schema import Language
from adwright.text.normalise import fold_in_place
from adwright.text.phrases import PhraseFinder


@dataclass(frozen=True, slots=True)
class Mention:
    """One attribute word in a text: where, of which group, and the concepts that it can mean."""

    start: int
    end: int
    group: str
    concepts: tuple[str, ...]


class AttributeLexicon:
    """The attribute words of `attributes.toml`.

    Args:
        groups: group -> concept -> {en, zh, support, implies, name}.
        set_phrases: Phrases in which an attribute word claims nothing.
    """

    def __init__(self, groups: Mapping[str, Mapping[str, Mapping[str, Any]]], set_phrases: list[str]) -> None:
        self._claims: dict[str, list[tuple[str, str]]] = {}
        self._supports: dict[str, set[str]] = {}
        self._implied: dict[str, tuple[str, ...]] = {}
        self._names: dict[tuple[str, Language], str] = {}
        self._adjectives: dict[tuple[str, Language], str] = {}
        self._groups: dict[str, str] = {}
        for group, concepts in groups.items():
            for concept, entry in concepts.items():
                self._add(group, concept, entry)
        self._by_group = {group: frozenset(concepts) for group, concepts in groups.items()}
        self._not_claims = frozenset(_key(p) for p in set_phrases)
        self._claim_finder = PhraseFinder([*self._claims, *set_phrases])
        self._support_finder = PhraseFinder(self._supports)

    def mentions(self, text: str) -> list[Mention]:
        """The attribute words that a text claims, in any order."""
        return [
            Mention(start, end, self._claims[word][0][0], tuple(concept for _, concept in self._claims[word]))
            for start, end, word in self._claim_finder.find(text)
            if word not in self._not_claims
        ]

    def supported(self, text: str) -> frozenset[str]:
        """The concepts that a catalogue text bears out, those that follow from others included."""
        found: set[str] = set()
        for _, _, word in self._support_finder.find(text):
            found |= self._supports[word]
        return frozenset(found | {i for concept in found for i in self._implied.get(concept, ())})

    def supports(self, text: str) -> list[tuple[int, int, frozenset[str]]]:
        """Where a catalogue text speaks of which concepts, in the order of the text, without overlap."""
        found: list[tuple[int, int, frozenset[str]]] = []
        for start, end, word in sorted(self._support_finder.find(text)):
            if not found or start >= found[-1][1]:
                found.append((start, end, frozenset(self._supports[word])))
        return found

    def translate(self, value: str, language: Language, *, group: str) -> str | None:
        """A material or colour in the other language; None where a part of it is not in the lexicon.

        >>> attribute_lexicon().translate("Black and white", "zh", group="colour")
        '黑色和白色'
        """
        words: list[str] = []
        rest = fold_in_place(value)
        for start, end, word in sorted(self._support_finder.find(value)):
            concept = next((c for c in sorted(self._supports[word]) if self._groups[c] == group), None)
            if concept is None:
                return None
            words.append(self._names[concept, language])
            rest = rest[:start] + " " * (end - start) + rest[end:]
        if not words or _letters_left(rest):
            return None
        joint = "和" if language == "zh" else " and "
        return joint.join(dict.fromkeys(words))

    def of_group(self, group: str) -> frozenset[str]:
        """The concepts of a group."""
        return self._by_group.get(group, frozenset())

    def implied(self, concept: str) -> tuple[str, ...]:
        """The concepts that follow from this one."""
        return self._implied[concept]

    def adjective(self, concept: str, language: Language) -> str:
        """The concept as it stands before a noun.

        >>> attribute_lexicon().adjective("wood", "en"), attribute_lexicon().adjective("cotton", "zh")
        ('wooden', '棉质')
        """
        return self._adjectives[concept, language]

    def name(self, concept: str, language: Language) -> str:
        """The concept as the name of a material or colour.

        >>> attribute_lexicon().name("wood", "en"), attribute_lexicon().name("cotton", "zh")
        ('wood', '棉')
        """
        return self._names[concept, language]

    def _add(self, group: str, concept: str, entry: Mapping[str, Any]) -> None:
        self._groups[concept] = group
        self._implied[concept] = tuple(entry.get("implies", ()))
        for language in ("en", "zh"):
            self._names[concept, language] = entry.get("name", {}).get(language, entry[language][0])
            self._adjectives[concept, language] = entry[language][0]
            for word in entry[language]:
                self._claims.setdefault(_key(word), []).append((group, concept))
                self._supports.setdefault(_key(word), set()).add(concept)
        for word in entry.get("support", ()):
            self._supports.setdefault(_key(word), set()).add(concept)


@functools.cache
def attribute_lexicon() -> AttributeLexicon:
    """The lexicon of the package's own data, read once."""
    folder = files("adwright.generate.lexicon")
    groups = tomllib.loads((folder / "attributes.toml").read_text(encoding="utf-8"))
    phrases = tomllib.loads((folder / "phrases.toml").read_text(encoding="utf-8"))
    return AttributeLexicon(groups, phrases["not_attributes"])


def _key(word: str) -> str:
    return fold_in_place(word).replace("-", " ")


def _letters_left(text: str) -> bool:
    """Whether more is left than words that only join."""
    left = text.replace(" and ", " ").replace("和", "").replace("色", "")
    return any(c.isalnum() for c in left)
