import json
import tomllib
from importlib.resources import files
from pathlib import Path

import pytest

from adwright.generate.lexicon import attribute_lexicon, brand_names, find_superlatives
from adwright.generate.lexicon.features import find_features
from adwright.generate.lexicon.gate import Gated, required_literals
from adwright.generate.lexicon.phrasings import phrasing, phrasing_names
from adwright.text.normalise import fold_in_place


def test_every_concept_has_words_in_both_languages():
    text = (files("adwright.generate.lexicon") / "attributes.toml").read_text(encoding="utf-8")
    for group, concepts in tomllib.loads(text).items():
        for concept, entry in concepts.items():
            assert entry["en"], (group, concept)
            assert any("\u4e00" <= c <= "\u9fff" for c in "".join(entry["zh"])), (group, concept)
            assert set(entry) <= {"en", "zh", "support", "implies", "name"}


@pytest.mark.parametrize(
    ("catalogue", "claim"),
    [
        ("cotton", "纯棉"),
        ("棉", "cotton"),
        ("stainless steel", "钢制"),
        ("真皮", "leather"),
        ("navy", "蓝色"),
        ("oak", "木质"),
    ],
)
def test_a_claim_is_borne_out_across_languages(catalogue, claim):
    lexicon = attribute_lexicon()
    (mention,) = lexicon.mentions(claim)
    assert not lexicon.supported(catalogue).isdisjoint(mention.concepts)


@pytest.mark.parametrize(
    ("catalogue", "claim"),
    [("leather", "真皮"), ("faux leather", "皮革"), ("blue", "navy"), ("棉花糖", "silk")],
)
def test_the_general_does_not_bear_out_the_special(catalogue, claim):
    lexicon = attribute_lexicon()
    (mention,) = lexicon.mentions(claim)
    assert lexicon.supported(catalogue).isdisjoint(mention.concepts)


@pytest.mark.parametrize(
    "text",
    [
        "Black Friday",
        "a red wine glass",
        "crystal clear",
        "绿色通道",
        "棉花糖",
        "Redmond",
        "a tintless bluebell",
    ],
)
def test_set_phrases_and_other_words_claim_nothing(text):
    assert attribute_lexicon().mentions(text) == []


def test_names_translate_between_the_languages():
    lexicon = attribute_lexicon()
    assert lexicon.translate("100% cotton", "zh", group="material") is None
    assert lexicon.translate("Cotton", "zh", group="material") == "棉"
    assert lexicon.translate("红色", "en", group="colour") == "red"
    assert lexicon.translate("starlight", "zh", group="colour") is None


def test_superlatives_and_their_lookalikes():
    assert len(find_superlatives("The best, most comfortable and #1 shirt")) == 3
    assert find_superlatives("最近最后最初，best wishes to my best friend") == []


def test_spellings_of_a_brand_are_one():
    finder, spellings = brand_names()
    assert [spellings[name] for *_, name in finder.find("耐克 and NIKE")] == [("nike", "耐克")] * 2


def test_no_match_stands_without_a_literal_that_its_pattern_promises():
    folder = Path(__file__).parent / "labelled"
    lines = [
        line
        for half in ("open", "second")
        for line in (folder / f"{half}.jsonl").read_text("utf-8").splitlines()
    ]
    texts = [fold_in_place(json.loads(line)["text"]) for line in lines]
    gated = [g for name in phrasing_names() for g in vars(phrasing(name)).values() if isinstance(g, Gated)]
    assert sum(bool(g.literals) for g in gated) > 0.9 * len(gated)
    for gate in gated:
        for text in texts:
            if gate.literals and not any(literal in text for literal in gate.literals):
                assert gate.pattern.search(text) is None, (gate.pattern.pattern[:60], text)


@pytest.mark.parametrize(
    ("pattern", "literals"),
    [
        ("colou?r", {"colo"}),
        ("(?P<x>ab|cd)+e", {"ab", "cd"}),
        (r"a\.b\u4e00", {"a.b一"}),
        (r"(?<!x)[ab]\d{2,3}", None),
        ("(?:a|)b?", None),
        ("ab{0,2}cde", {"cde"}),
        ("ab{2}c", {"ab"}),
        (r"(?P<q>['\"]).*(?P=q) said", {" said"}),
    ],
)
def test_what_a_pattern_promises(pattern, literals):
    found = required_literals(pattern)
    assert (None if found is None else set(found)) == literals


def test_a_word_of_a_feature_inside_a_set_phrase_claims_nothing():
    assert [word for *_, word in find_features("鹅颈壶嘴,修饰天鹅颈,画风干净")] == ["鹅颈壶嘴"]
