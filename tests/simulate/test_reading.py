from __future__ import annotations

import numpy as np
import pytest

from adwright.schema import Product
from adwright.simulate.lexicon import concepts
from adwright.simulate.reading import Readings, read_texts, words_in

MUG = Product(
    id="m", title="Morrow travel mug in copper", attributes={"material": "steel", "size": "500 ml", "x": "S"}
)
CUP = Product(id="m", title="半山紫铜随行杯", attributes={"material": "不锈钢", "capacity": "500毫升"})


@pytest.fixture
def read(make_content):
    def _read(*texts: str, product: Product = MUG, channel: str = "onsite") -> Readings:
        return read_texts([make_content(t, channel=channel) for t in texts], [product] * len(texts))

    return _read


def test_saying_it_twice_counts_little_more(read) -> None:
    readings = read("soft", "soft and snug", "soft, snug and cosy")
    comfort = readings.said[:, concepts().index("comfort")]
    np.testing.assert_allclose(comfort, [0.7, 0.91, 0.973])


def test_attention_holds_about_two_ideas(read) -> None:
    readings = read("soft", "soft, durable, stylish, easy, natural, reliable")
    assert readings.noticed[0].sum() == pytest.approx(0.7)
    assert readings.noticed[1].sum() == pytest.approx(2.2)


def test_facts_of_the_product_make_a_text_specific(read) -> None:
    vague, named, concrete = read(
        "a mug to have", "the Morrow travel mug in copper", "steel travel mug, 500 ml"
    ).specificity
    assert vague < named < concrete


def test_a_fact_of_one_letter_or_inside_a_word_is_no_fact(read) -> None:
    assert read("steels S").specificity[0] == 0.0


def test_chinese_names_and_facts_count_alike(read) -> None:
    vague, concrete = read("来看看", "半山随行杯，不锈钢，500毫升", product=CUP).specificity
    assert vague == 0.0
    assert concrete > 0.7


def test_the_best_length_depends_on_the_channel(read) -> None:
    eleven = "one two three four five six seven eight nine ten eleven"
    assert read(eleven, channel="push").length_fit[0] == pytest.approx(1.0)
    assert read(eleven, channel="email").length_fit[0] < 0.75
    assert read("word " * 300).length_fit[0] == 0.0


def test_shouting_and_clutter_are_noticed(read) -> None:
    readings = read("A calm line.", "WHAT A LINE!!! Read it!!!", "go go go go go go go go")
    assert readings.shouting[0] == 0.0
    assert readings.shouting[1] > 0.8
    assert readings.clutter[0] == 0.0
    assert readings.clutter[2] > 0.5


@pytest.mark.parametrize("text", ["", " ", "!!!", "😀😀", "\u200b", "a" * 100_000, "字" * 50_000, "{slot}"])
def test_odd_texts_are_read_without_fault(read, text: str) -> None:
    readings = read(text)
    for part in (readings.specificity, readings.length_fit, readings.shouting, readings.clutter):
        assert np.all((part >= 0) & (part <= 1))


def test_words_are_counted_alike_in_both_languages() -> None:
    assert words_in("soft cotton for calm nights") == 5.0
    assert words_in("柔软棉布夜夜安") == pytest.approx(7 / 1.7)


def test_the_language_of_a_text_is_its_script(read) -> None:
    np.testing.assert_array_equal(
        read("soft", "柔软", "MacBook 保护套真的好看").is_chinese, [False, True, True]
    )
