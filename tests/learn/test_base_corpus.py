"""The corpus of the bundled writer."""

from collections import Counter

import pytest

from adwright.generate.delexical import SLOT_TOKENS, UNITS, special_tokens
from adwright.learn.base_corpus import Document, document


@pytest.fixture(scope="module")
def documents() -> list[Document]:
    return [document(11, i) for i in range(400)]


def test_a_document_is_a_function_of_seed_and_index() -> None:
    assert document(3, 7) == document(3, 7)
    assert document(3, 7) != document(3, 8)
    assert document(3, 7) != document(4, 7)


def test_every_language_and_unit_is_written_about_as_often_as_it_should(documents: list[Document]) -> None:
    languages = Counter("zh" if "<lang:zh>" in d.prompt else "en" for d in documents)
    assert abs(languages["zh"] - 200) < 4 * (400 * 0.25) ** 0.5
    assert {d.prompt.split("<unit:")[1].split(">")[0] for d in documents} == set(UNITS)


def test_no_document_names_a_fact_that_its_brief_does_not_list(documents: list[Document]) -> None:
    always = {"name", "this", "a", "noun", "s", "s1", "is", "is1", "it", "its", "them"}
    for d in documents:
        for token, name in SLOT_TOKENS.items():
            assert token not in d.text or name in always or token in d.prompt, d


def test_no_document_holds_a_figure_of_its_own(documents: list[Document]) -> None:
    """All numbers are slots, but for the 5 that a rating is out of."""
    for d in documents:
        plain = d.text
        for token in special_tokens():
            plain = plain.replace(token, "")
        assert {c for c in plain if c.isdigit()} <= {"5"}, d.text


def test_every_document_has_the_slots_of_its_unit_in_order_and_an_end(documents: list[Document]) -> None:
    for d in documents:
        unit = d.prompt.split("<unit:")[1].split(">")[0]
        places = [d.text.index(f"<slot:{slot}>") for slot in UNITS[unit]]
        assert places == sorted(places)
        assert places[0] == 0
        assert d.text.endswith("<end>")
