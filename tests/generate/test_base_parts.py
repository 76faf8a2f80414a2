"""How the base writer's texts become a content."""

import numpy as np
import pytest

from adwright.errors import BackendError, DataError
from adwright.generate.backends.base_parts import assemble, parts_of, tidy_slot, widest
from adwright.generate.kinds import get_kind

RNG = np.random.default_rng(0)


@pytest.mark.parametrize(("language", "columns"), [("en", 30), ("zh", 30)])
def test_google_ads_leave_thirty_columns_in_either_language(make_brief, language, columns):
    brief = make_brief(channel="google_ads", language=language)
    assert widest(get_kind("ad_copy"), brief, "headline") == columns


def test_a_limit_in_characters_leaves_a_chinese_text_twice_the_columns(make_brief):
    kind = get_kind("ad_copy")
    english = widest(kind, make_brief(channel="meta", language="en"), "headline")
    chinese = widest(kind, make_brief(channel="meta", language="zh"), "headline")
    assert chinese == 2 * english


def test_what_is_too_long_loses_its_last_sentences(make_brief):
    brief = make_brief(channel="google_ads", language="en")
    text = "A short start. " + "x" * 40 + ". " + "y" * 60 + "."
    assert tidy_slot(text, get_kind("ad_copy"), brief, "description") == "A short start. " + "x" * 40 + "."


def test_a_single_sentence_that_is_too_long_is_refused(make_brief):
    kind, brief = get_kind("ad_copy"), make_brief(channel="google_ads", language="en")
    long = {"headline": "x" * 31, "description": "Fine."}
    with pytest.raises(DataError, match="too long"):
        assemble(kind, brief, [long], seed=0)


def test_a_script_has_numbered_scenes_that_last_as_long_as_they_are_said(make_brief):
    kind = get_kind("video_script")
    parts = parts_of(kind, rng=RNG)
    texts = [
        {name: "Ten words take four seconds when a voice is calm." if "narration" in name else "Look."}
        for part in parts
        for name in [next(iter(part.slots.values()))]
    ]
    texts = [text | {part.slots["on_screen"]: "Look."} for text, part in zip(texts, parts, strict=True)]
    slots = assemble(kind, make_brief(kind="video_script", channel="tiktok"), texts, seed=0)
    kind.check_slots(slots)
    assert slots["scene_1_seconds"] == "5"  # ten words at 2.5 a second, and a breath
    assert slots["scene_2_on_screen"] == "Look"


def test_a_search_ad_pools_lines_that_differ(make_brief):
    kind = get_kind("responsive_search_ad")
    texts = [{"headline_1": f"Line {i % 4}", "description_1": f"More {i % 3}."} for i in range(9)]
    slots = assemble(kind, make_brief(kind=kind.name, channel="google_ads"), texts, seed=0)
    assert [slots[f"headline_{i}"] for i in range(1, 5)] == [f"Line {i}" for i in range(4)]
    assert "headline_5" not in slots


def test_a_kind_that_the_writer_has_not_learned_says_so():
    with pytest.raises(BackendError, match="has not learned"):
        parts_of(get_kind("campaign_plan"), rng=RNG)
