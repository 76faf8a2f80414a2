from __future__ import annotations

import numpy as np
import pytest

from adwright.errors import NotFoundError
from adwright.schema import Language
from adwright.simulate.lexicon import LANGUAGES, concepts, count_concepts, entries, phrases, simplify
from adwright.simulate.package_data import read_table


def said(text: str) -> set[str]:
    return {c for c, n in zip(concepts(), count_concepts(text), strict=True) if n}


def test_there_are_at_least_twelve_concepts_with_fifteen_entries_in_each_language() -> None:
    assert len(concepts()) >= 12
    for language in LANGUAGES:
        assert tuple(entries(language)) == concepts()
        for concept, found in entries(language).items():
            assert len(set(found)) == len(found) >= 15, (language, concept)


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_entry_stands_for_two_concepts(language: Language) -> None:
    everything = [simplify(e.rstrip("*")) for found in entries(language).values() for e in found]
    assert len(everything) == len(set(everything))


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_entry_is_read_as_its_own_concept_and_as_nothing_else(language: Language) -> None:
    for concept, found in entries(language).items():
        for entry in found:
            assert said(entry.rstrip("*")) == {concept}, entry


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_the_copywriters_write_is_read_as_its_own_concept_and_filler_as_none(language: Language) -> None:
    table = read_table(f"copywriter_{language}")
    for concept in concepts():
        for words in (*table[concept]["clauses"], *table[concept]["adjectives"]):
            assert concept in said(words), words
            assert len(said(words)) <= 2, words
    for words in table["filler"]:
        assert said(words) == set(), words


def test_phrases_are_the_paraphrases_of_several_words() -> None:
    for language in LANGUAGES:
        assert len(phrases()[language]) >= 8 * len(concepts())
    assert all(" " in p for p in phrases()["en"])
    assert all(len(p) >= 4 for p in phrases()["zh"])


def test_case_width_hyphens_and_curly_apostrophes_do_not_matter() -> None:
    assert said("Ｓｏｆｔ") == said("SOFT") == said("soft") == {"comfort"}
    assert said("NO-TOOLS-NEEDED") == {"ease"}
    assert said("for a friend’s first home") == {"gift"}


def test_a_negation_right_before_a_word_silences_it() -> None:
    assert said("not comfortable") == set()
    assert said("does not wear out") == {"durability"}
    assert said("不柔软") == set()
    assert said("不用老是换") == {"durability"}


def test_the_longer_entry_uses_up_its_characters() -> None:
    np.testing.assert_array_equal(count_concepts("comes in a pretty box").sum(), 1.0)
    assert said("comes in a pretty box") == {"gift"}


def test_a_word_is_not_found_inside_another_word() -> None:
    assert said("the knowledge of a newt") == set()


def test_texts_may_mix_both_languages() -> None:
    assert said("soft 又耐用") == {"comfort", "durability"}


def test_an_unknown_language_is_named() -> None:
    with pytest.raises(NotFoundError, match="unknown language"):
        entries("fr")  # type: ignore[arg-type]
