from dataclasses import replace
from datetime import UTC, datetime

import pytest

from adwright.errors import UsageError
from adwright.generate.kinds import CHANNELS
from adwright.generate.labelling import (
    _requirements,
    find_denials,
    is_machine_written,
    label_metadata,
    missing_labels,
    says_ai,
)
from adwright.schema import Provenance

SLOTS = {"title": "Mug", "description": "A mug for tea."}


@pytest.fixture
def content(make_content):
    def make(channel="merchant", backend="hf", **changes):
        plain = make_content(SLOTS, kind="product_description", channel=channel)
        return replace(plain, provenance=Provenance(backend=backend), **changes)

    return make


def test_the_implicit_label_has_the_seven_fields_of_the_standard(content):
    labels = label_metadata(content(), producer="Shop Ltd")
    assert set(labels["AIGC"]) == {
        "Label", "ContentProducer", "ProduceID", "ReservedCode1", "ContentPropagator", "PropagateID",
        "ReservedCode2",
    }  # fmt: skip
    assert labels["AIGC"]["Label"] == "1"
    assert (labels["AIGC"]["ContentProducer"], labels["AIGC"]["ProduceID"]) == ("Shop Ltd", "c")


def test_the_digest_shows_a_later_change(content):
    first = label_metadata(content(), producer="s")["AIGC"]["ReservedCode1"]
    changed = label_metadata(content(slots={**SLOTS, "title": "Cup"}), producer="s")
    assert first != changed["AIGC"]["ReservedCode1"]
    assert first == label_metadata(content(), producer="s")["AIGC"]["ReservedCode1"]


def test_the_vocabularies_are_those_of_iptc_schema_org_and_google(content):
    labels = label_metadata(content(), producer="s")
    assert labels["digitalSourceType"] == "https://schema.org/TrainedAlgorithmicMediaDigitalSource"
    assert labels["digital_source_type"].startswith("http://cv.iptc.org/newscodes/digitalsourcetype/")
    for name, text in SLOTS.items():
        assert labels[f"structured_{name}"] == {
            "digital_source_type": "trained_algorithmic_media",
            "content": text,
        }
    assert "title" not in labels  # where both are sent, Google takes the plain one


@pytest.mark.parametrize("backend", ["catalogue", "human", "none"])
def test_what_no_machine_wrote_carries_no_label(content, backend, now):
    plain = content(backend=backend)
    assert not is_machine_written(plain)
    assert label_metadata(plain, producer="s") == {"ai_written": False, **SLOTS}
    assert missing_labels(plain, {}, now=now) == ()


def test_the_visible_words_are_recognised_as_a_label(content):
    for language in ("zh", "en"):
        assert says_ai(label_metadata(content(language=language), producer="s")["visible"])


@pytest.mark.parametrize("channel", CHANNELS)
def test_an_export_with_its_metadata_and_words_misses_nothing(content, channel, now):
    exported = label_metadata(content(channel), producer="s")
    assert missing_labels(content(channel), exported, now=now) == ()


def test_an_export_without_them_misses_what_the_channel_requires(content, now):
    def missing(channel, exported):
        return [r.id for r in missing_labels(content(channel), exported, now=now)]

    assert missing("merchant", {}) == ["merchant.title", "merchant.description"]
    assert missing("merchant", {"title": "Mug"}) == ["merchant.title", "merchant.description"]
    assert missing("weibo", {}) == ["cn.visible", "cn.metadata"]
    assert missing("weibo", {"declared_ai": True}) == ["cn.metadata"]
    assert missing("weibo", {"AIGC": {"Label": "1"}, "text": "AI生成"}) == ["cn.metadata"]
    assert missing("email", {}) == []
    only_title = content(slots={"title": "Mug"})
    assert [r.id for r in missing_labels(only_title, {}, now=now)] == ["merchant.title"]


def test_before_a_rule_is_in_force_nothing_is_missing(content):
    before = datetime(2025, 8, 31, 23, tzinfo=UTC)
    assert missing_labels(content("weibo"), {}, now=before) == ()
    assert len(missing_labels(content("weibo"), {}, now=datetime(2025, 9, 1, tzinfo=UTC))) == 2


@pytest.mark.parametrize(
    "text",
    [
        "AI生成", "【AI 生成】", "本文由人工智能生成", "内容由AI辅助生成", "人工智能合成内容", "ＡＩ生成",
        "AI-generated", "This text was written with AI", "Made by artificial intelligence", "ai generated copy",
    ],
)  # fmt: skip
def test_labels_are_recognised(text):
    assert says_ai(text)


@pytest.mark.parametrize(
    "text",
    [
        "AI 降噪耳机",
        "人工智能音箱",
        "生成你的专属香氛",
        "Said: generated heat",
        "An AI camera",
        "fair-made mug",
    ],
)
def test_products_with_ai_inside_are_no_label(text):
    assert not says_ai(text)


@pytest.mark.parametrize(
    ("text", "denied"),
    [
        ("Not written by AI", True),
        ("Human-written, every word", True),
        ("No AI copy here", True),
        ("Written by real people", True),
        ("文案非AI生成", True),
        ("不是人工智能写的", True),
        ("真人撰写", True),
        ("A handwritten card", False),
        ("Written by hand on linen", False),
        ("No air, no noise", False),
        ("手写贺卡", False),
        ("AI生成", False),
        ("真人试穿", False),
    ],
)
def test_denials_are_told_from_handwork(text, denied):
    assert bool(find_denials(text)) is denied


def test_a_producer_is_needed(content):
    with pytest.raises(UsageError, match="producer"):
        label_metadata(content(), producer=" ")


def test_every_requirement_is_dated_and_names_its_source():
    for requirement in _requirements():
        assert set(requirement.channels) <= set(CHANNELS)
        assert requirement.source
        assert requirement.in_force <= requirement.as_of
