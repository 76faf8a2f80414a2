import json
from datetime import UTC, datetime

import pytest

from adwright.backbone import load_base_writer
from adwright.backbone.chat import chat_text
from adwright.errors import DataError
from adwright.generate.delexical import fill
from adwright.learn.delexical_pairs import delexical_pair, read_copy
from adwright.schema import Product

NOW = datetime(2026, 11, 20, tzinfo=UTC)
TROUSERS = Product(
    id="1",
    title="阔腿裤",
    product_type="裤",
    brand="禾木",
    price_minor=12900,
    currency="CNY",
    attributes={"版型": "宽松", "图案": "线条、撞色", "风格": "性感"},
)
LAMP = Product(
    id="2",
    title="Norvik Table Lamp",
    brand="Norvik",
    price_minor=4900,
    currency="USD",
    attributes={"material": "oak"},
)


def test_facts_become_their_tokens_and_other_words_stay():
    pair = delexical_pair(
        TROUSERS,
        {"title": "禾木阔腿裤", "description": "宽松的阔腿裤,线条和撞色之间很耐看,只要129元。"},
        unit="product_description",
        language="zh",
        now=NOW,
    )
    assert "<slot:title><cat:trousers><brand><name>" in pair.text
    assert pair.text.endswith("<attr:fit>的<name>,<attr:pattern>之间很耐看,只要<price>。")
    assert pair.prompt.startswith("<begin><lang:zh><unit:product_description>")
    assert "<attr:style>" in pair.prompt  # known, though the text does not tell it


def test_english_copy_filled_again_is_what_was_published():
    text = "Norvik Table Lamp in oak for $49.00."
    pair = delexical_pair(
        LAMP, {"headline": text, "description": "x" * 20}, unit="ad_copy", language="en", now=NOW
    )
    told = pair.text.split("<slot:description>")[0].split(">", 2)[2]
    assert told == "<name> in <attr:material> for <price>."
    values = {"name": "Norvik Table Lamp", "material": "oak", "price": "$49.00"}
    assert fill(told, values) == text


def test_angle_and_tone_are_drawn_by_the_text_and_the_same_each_time():
    def prompts(texts):
        return [
            delexical_pair(
                TROUSERS, {"description": t}, unit="product_description", language="zh", now=NOW
            ).prompt
            for t in texts
        ]

    many = [f"第{i}条文案" for i in range(60)]
    assert prompts(many) == prompts(many)
    assert len(set(prompts(many))) > 10
    noted = delexical_pair(
        TROUSERS,
        {"description": "好"},
        unit="product_description",
        language="zh",
        now=NOW,
        angle="gift",
        tone="warm",
    )
    assert "<angle:gift><tone:warm>" in noted.prompt


def test_the_writer_reads_the_prompt_as_it_stands():
    _, tokenizer = load_base_writer()
    pair = delexical_pair(TROUSERS, {"description": "好"}, unit="product_description", language="zh", now=NOW)
    assert chat_text(tokenizer, pair.prompt) == pair.prompt


def test_a_file_of_copy(tmp_path):
    row = {
        "product": {"id": "1", "title": "阔腿裤"},
        "slots": {"description": "这条阔腿裤很好。"},
        "at": "2026-11-20",
    }
    file = tmp_path / "copy.jsonl"
    file.write_text(json.dumps(row, ensure_ascii=False) + "\n\n", encoding="utf-8")
    [pair] = read_copy(file)
    assert "这条<name>很好。" in pair.text


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("{", "line 1"),
        ("[]", "line 1"),
        ('{"product": {"id": "1", "title": "x"}}', "slots"),
        ('{"product": {"id": "1", "title": "x", "colour": 1}, "slots": {"description": "x"}}', "colour"),
        ('{"product": {"id": "1", "title": "x"}, "slots": {"headline": "x"}}', "not the slots of this unit"),
        ('{"product": {"id": "1", "title": "x"}, "slots": {"description": "x"}, "at": "soon"}', "soon"),
        ('{"product": {"id": "1", "title": "x"}, "slots": {"description": "x", "heading": "y"}}', "heading"),
        ('{"product": {"id": "1", "title": "x"}, "slots": {"description": "x"}, "language": "fr"}', "fr"),
        ('{"product": {"id": "1", "title": "x"}, "slots": {"description": "x"}, "tone": "loud"}', "loud"),
        ('{"product": {"id": "1", "title": "x"}, "slots": {"description": "<b>x</b>"}}', "<b>"),
        ("", "no copy"),
    ],
)
def test_a_line_that_cannot_be_read_is_named(line, told, tmp_path):
    file = tmp_path / "copy.jsonl"
    file.write_text(line, encoding="utf-8")
    with pytest.raises(DataError, match=told):
        read_copy(file)
