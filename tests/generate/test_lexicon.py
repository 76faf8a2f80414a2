import tomllib
from importlib.resources import files

import pytest

from adwright.generate.lexicon import attribute_lexicon, brand_names, find_superlatives


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
