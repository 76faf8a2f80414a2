import re

from adwright.generate.lexicon.translations import translations

LISTED = translations()


def test_it_holds_both_ways():
    for term, others in list(LISTED.of.items())[::97]:
        assert all(term in LISTED.of[other] for other in others)


def test_every_pair_is_of_two_languages():
    han = re.compile("[\u4e00-\u9fff]")
    assert all(bool(han.search(t)) != bool(han.search(o)) for t, others in LISTED.of.items() for o in others)


def test_terms_of_a_text_and_what_the_other_language_calls_them():
    terms = LISTED.terms("纯棉面料，可机洗。")
    assert "机洗" in terms
    assert {"machin wash", "wash"} <= LISTED.translated(terms)  # by their stems
    assert "防水" in LISTED.translated(LISTED.terms("a waterproof jacket"))


def test_nothing_is_known_of_no_word():
    assert LISTED.terms("") == set()
    assert LISTED.translated(["qwertz"]) == set()
