from dataclasses import replace

import pytest

from adwright.generate.guards import check, create_guards
from adwright.schema import Provenance

SLOTS = {"headline": "慢慢喝茶", "description": "一只马克杯。"}


@pytest.fixture
def found(make_content, now):
    def run(channel, *, backend="hf", status="live", slots=SLOTS, at=now):
        content = make_content(slots, channel=channel, language="zh")
        content = replace(content, provenance=Provenance(backend=backend), status=status)
        return [
            (f.rule_id, f.severity, f.slot) for f in check(content, now=at, guards=create_guards(["label"]))
        ]

    return run


@pytest.mark.parametrize("channel", ["xiaohongshu", "taobao", "weibo"])
def test_what_goes_out_without_its_label_is_blocked(found, channel):
    for status in ("approved", "live"):
        assert found(channel, status=status) == [("label.missing", "block", "description")]


def test_a_draft_gets_its_label_at_export(found):
    assert found("weibo", status="draft") == []


def test_a_label_anywhere_in_the_text_is_enough(found):
    assert found("weibo", slots={**SLOTS, "description": "一只马克杯。（AI生成）"}) == []


@pytest.mark.parametrize("backend", ["catalogue", "human"])
def test_the_words_of_people_need_no_label(found, backend):
    assert found("weibo", backend=backend) == []
    assert found("email", backend=backend, slots={**SLOTS, "headline": "真人撰写"}) == []


def test_other_channels_ask_for_no_visible_label(found):
    assert found("email") == found("merchant") == []


def test_before_the_rule_was_in_force_nothing_is_missing(found, now):
    assert found("weibo", at=now.replace(year=2024)) == []


def test_a_machine_does_not_say_that_a_person_wrote_it(found):
    slots = {**SLOTS, "headline": "文案真人撰写"}
    assert found("email", status="draft", slots=slots) == [("label.denied", "block", "headline")]
