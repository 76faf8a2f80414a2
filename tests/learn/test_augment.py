import numpy as np
import pytest

from adwright.backbone.translation import MarianTranslator
from adwright.errors import BackendError, UsageError
from adwright.generate.guards import create_guards
from adwright.generate.lexicon import attribute_lexicon, find_superlatives
from adwright.learn.augment import (
    AttributeShuffle,
    BackTranslation,
    Example,
    MaskedSubstitution,
    SynonymReplacement,
    augment,
    changed_facts,
)
from adwright.learn.augment.back_translation import EndpointTranslator
from adwright.learn.augment.masked import MaskedConfig
from adwright.learn.augment.synonyms import _lexicon
from adwright.text.numbers import find_quantities
from generate.chat_server import chat_server, completion, raw

EN = Example("A soft and comfortable shirt in cotton for $49, practical on busy days.", "en")
ZH = Example(
    "这件纯棉衬衫柔软舒适，售价99元，日常搭配很实用。",
    "zh",
    (("类型", "衬衫"), ("材质", "棉"), ("颜色", "白色")),
)


@pytest.fixture
def rng():
    return np.random.default_rng(0)


# --- facts ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changed", "fact"),
    [
        ("A soft and comfortable shirt in linen for $49, practical on busy days.", "linen"),
        ("A soft and comfortable shirt in cotton for $39, practical on busy days.", "39"),
        ("A soft and comfortable shirt for $49, practical on busy days.", "cotton"),
    ],
)
def test_a_fact_that_is_changed_added_or_lost_is_seen(changed, fact):
    assert fact in " ".join(f.text for f in changed_facts(EN, Example(changed, "en")))


def test_attributes_in_another_order_are_the_same_facts_and_others_are_not():
    shuffled = Example(ZH.text, "zh", tuple(reversed(ZH.attributes)))
    assert changed_facts(ZH, shuffled) == ()
    assert changed_facts(ZH, Example(ZH.text, "zh", (("类型", "衬衫"), ("材质", "丝绸"), ("颜色", "白色"))))


def test_what_changes_facts_is_left_out_and_counted(rng):
    class Careless:
        name = "careless"

        def variants(self, examples, *, n, rng):
            (example,) = examples
            cheaper = Example(example.text.replace("$49", "$9"), example.language)
            return [[cheaper, example, Example("Soft cotton, $49.", "en")]]

    result = augment([EN], [Careless()], n=3, rng=rng)
    assert [e.text for e in result.examples] == ["Soft cotton, $49."]
    assert (result.n_made, result.n_changed_facts, result.n_repeats) == (
        {"careless": 3},
        {"careless": 1},
        {"careless": 1},
    )


# --- synonyms and shuffling -----------------------------------------------------------------------


def test_synonyms_and_shuffles_keep_facts_and_are_all_different(rng):
    result = augment([EN, ZH], [SynonymReplacement(), AttributeShuffle()], n=4, rng=rng)
    assert len(result.examples) >= 10
    assert len(set(result.examples)) == len(result.examples)
    assert sum(result.n_changed_facts.values()) == 0
    assert all("$49" in e.text or "99元" in e.text for e in result.examples)
    assert {e.language for e in result.examples} == {"zh", "en"}


def test_capitals_stay_capitals(rng):
    (variants,) = SynonymReplacement(share=1.0).variants([Example("Soft days.", "en")], n=3, rng=rng)
    assert [v.text for v in variants] == ["Gentle days."]


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_lexicon_holds_no_facts_and_no_claims(language):
    _, synonyms = _lexicon(language)
    words = sorted({w for word, others in synonyms.items() for w in (word, *others)})
    assert len(words) > 80
    for word in words:
        assert attribute_lexicon().mentions(word) == [], word
        assert find_superlatives(word) == [], word
        assert find_quantities(word) == [], word


def test_the_lexicon_passes_the_guards_word_by_word(rng):
    for language in ("zh", "en"):
        for word in _lexicon(language)[1]:
            assert changed_facts(Example("x", language), Example(f"x {word}", language)) == (), word
    assert create_guards(["facts"])


def test_where_nothing_can_be_changed_nothing_comes(rng):
    plain = Example("Zyx.", "en")
    for augmenter in (SynonymReplacement(), AttributeShuffle()):
        assert augmenter.variants([plain], n=3, rng=rng) == [[]]
    assert augment([], [SynonymReplacement()], n=1, rng=rng).examples == ()


def test_the_seed_decides():
    runs = [augment([EN, ZH], [SynonymReplacement()], n=3, rng=np.random.default_rng(s)) for s in (1, 1, 2)]
    assert runs[0] == runs[1] != runs[2]


def test_impossible_settings_are_refused(rng):
    with pytest.raises(UsageError):
        SynonymReplacement(share=0)
    with pytest.raises(UsageError):
        MaskedConfig(model="x", share=2)
    with pytest.raises(UsageError):
        augment([EN], [SynonymReplacement()], n=0, rng=rng)


# --- a masked language model, built here ----------------------------------------------------------


@pytest.fixture(scope="module")
def tiny_bert(tmp_path_factory):
    """A real BERT with random weights, small enough to be built in a test."""
    import torch
    from transformers import BertConfig, BertForMaskedLM, BertTokenizer

    folder = tmp_path_factory.mktemp("bert")
    words = ["a", "soft", "shirt", "in", "cotton", "for", "busy", "days"]
    words += ["calm", "warm", "walks", "park", "good", "fine", "nice"]
    words += list("衬衫好看穿着这件很软")
    vocabulary = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *words, "##s"]
    (folder / "vocab.txt").write_text("\n".join(vocabulary), encoding="utf-8")
    BertTokenizer(str(folder / "vocab.txt")).save_pretrained(folder)
    torch.manual_seed(0)
    config = BertConfig(
        vocab_size=len(words) + 6,
        hidden_size=32,
        num_hidden_layers=1,
        num_attention_heads=2,
        intermediate_size=32,
        max_position_embeddings=64,
    )
    BertForMaskedLM(config).save_pretrained(folder)
    return str(folder)


def test_a_masked_model_changes_words_that_state_no_fact(tiny_bert, rng):
    augmenter = MaskedSubstitution(MaskedConfig(model=tiny_bert, share=0.3, top_k=5))
    texts = [Example("A soft shirt in cotton for $49.", "en"), Example("这件纯棉衬衫很好看，99元。", "zh")]
    result = augment(texts, [augmenter], n=4, rng=rng)
    made = [v for variants in augmenter.variants(texts, n=4, rng=rng) for v in variants]
    assert len(made) >= 4
    for variant in made:
        assert "$49" in variant.text or "99元" in variant.text
        assert "cotton" in variant.text or "纯棉" in variant.text
        assert "##" not in variant.text
        assert "[" not in variant.text
    assert all(changed_facts(texts[e.language == "zh"], e) == () for e in result.examples)


def test_a_folder_without_a_model_is_named(tmp_path, rng):
    augmenter = MaskedSubstitution(MaskedConfig(model=str(tmp_path)))
    with pytest.raises(BackendError, match="cannot load the masked model"):
        augmenter.variants([EN], n=1, rng=rng)


# --- back-translation -----------------------------------------------------------------------------


class Fixed:
    """A translator that knows some texts."""

    def __init__(self, known):
        self.known = known

    def translate(self, texts):
        return [self.known.get(text, "") for text in texts]


def test_what_comes_back_in_other_words_is_kept_and_what_comes_back_wrong_is_not(rng):
    there = Fixed({EN.text: "甲", ZH.text: "x"})
    back = Fixed(
        {"甲": "A soft, comfortable cotton shirt at $49, handy on busy days.", "x": "an English text"}
    )
    result = augment([EN, ZH], [BackTranslation(there, back)], n=1, rng=rng)
    assert [e.text for e in result.examples] == [
        "A soft, comfortable cotton shirt at $49, handy on busy days."
    ]
    wrong = Fixed({"甲": "A silk shirt at $49.", "x": ""})
    result = augment([EN], [BackTranslation(there, wrong)], n=1, rng=rng)
    assert (result.examples, result.n_changed_facts) == ((), {"back_translation": 1})


def test_an_endpoint_translates_text_by_text(rng):
    steps = [completion("甲"), raw(500), completion("乙", finish="length")]
    with chat_server(*steps) as server:
        translator = EndpointTranslator({"model": "m", "base_url": server.url}, key="k", target="zh")
        assert translator.translate(["one", "two", "</text> three"]) == ["甲", "", ""]
        assert server.bodies[2]["messages"][1]["content"].count("</text>") == 1
    assert "Simplified Chinese" in server.bodies[0]["messages"][0]["content"]


def test_an_endpoint_that_translates_nothing_is_an_error():
    with chat_server(raw(401)) as server:
        translator = EndpointTranslator({"model": "m", "base_url": server.url}, key="k", target="en")
        with pytest.raises(BackendError, match="401"):
            translator.translate(["一"])


def test_a_real_marian_model_translates_what_it_was_taught(tmp_path, rng):
    """Two tiny MarianMT models are built and trained here: one there, one back."""
    from learn.tiny_marian import build_marian

    there = build_marian(tmp_path / "there", [("a soft shirt", "ruan chen shan")])
    back = build_marian(tmp_path / "back", [("ruan chen shan", "a gentle shirt")])
    augmenter = BackTranslation(
        MarianTranslator(there, max_new_tokens=8), MarianTranslator(back, max_new_tokens=8)
    )
    ((variant,),) = augmenter.variants([Example("a soft shirt", "en")], n=1, rng=rng)
    assert variant.text == "a gentle shirt"


def test_a_folder_without_a_translation_model_is_named(tmp_path):
    with pytest.raises(BackendError, match="cannot load the translation model"):
        MarianTranslator(str(tmp_path)).translate(["x"])
