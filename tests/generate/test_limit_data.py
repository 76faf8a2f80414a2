"""The conformance table of `limits.toml`: what each channel takes, one below, at and one above its limit."""

import tomllib
from datetime import date
from importlib.resources import files

import pytest

from adwright.generate.guards import check, create_guards
from adwright.generate.kinds import CHANNELS, KINDS, get_kind
from adwright.generate.kinds.counting import COUNTS
from adwright.generate.kinds.limit import channel_rules

GUARDS = create_guards(["limits"])
PLAIN = {"ad_copy": ("headline", "description"), "product_description": ("title", "description")}

# channel, kind, slot, text that just fits, what makes it too long, severity
BOUNDARIES = [
    ("google_ads", "ad_copy", "headline", "x" * 30, "x", "block"),
    ("google_ads", "ad_copy", "headline", "好" * 15, "x", "block"),
    ("google_ads", "ad_copy", "headline", "棉T恤" * 6, "x", "block"),  # 5 cells each
    ("google_ads", "ad_copy", "headline", "한" * 15, "x", "block"),
    ("google_ads", "ad_copy", "headline", "ｶﾞ" * 15, "x", "block"),  # half-width katakana are narrow
    ("google_ads", "ad_copy", "headline", "e\u0301" * 30, "x", "block"),  # the accent takes no room
    ("google_ads", "ad_copy", "description", "x" * 90, "x", "block"),
    ("google_ads", "ad_copy", "description", "，" * 45, "x", "block"),
    ("google_ads", "ad_copy", "path1", "x" * 15, "x", "block"),
    ("google_ads", "ad_copy", "path2", "女装" * 3 + "abc", "x", "block"),
    ("meta", "ad_copy", "headline", "好" * 40, "好", "warn"),
    ("meta", "ad_copy", "description", "x" * 125, "x", "warn"),
    ("meta", "product_description", "title", "好" * 150, "x", "block"),
    ("merchant", "product_description", "title", "好" * 150, "x", "block"),
    ("merchant", "product_description", "title", "e\u0301" * 150, "x", "block"),  # one character after NFC
    ("merchant", "product_description", "description", "x" * 5000, "x", "block"),
    ("instagram", "ad_copy", "description", "好" * 125, "好", "warn"),
    ("tiktok", "ad_copy", "description", "x" * 100, "x", "block"),
    ("tiktok", "ad_copy", "description", "好" * 50, "x", "block"),
    ("tiktok", "ad_copy", "description", "好" * 30 + "x" * 40, "x", "block"),
    ("tiktok", "ad_copy", "headline", "好" * 20, "x", "block"),
    ("xiaohongshu", "ad_copy", "headline", "好" * 20, "x", "block"),
    ("xiaohongshu", "ad_copy", "headline", "x" * 40, "x", "block"),
    ("xiaohongshu", "ad_copy", "headline", "好" * 19 + "xx", "x", "block"),
    ("xiaohongshu", "ad_copy", "headline", "好" * 19 + "x", "xx", "block"),  # a half rounds up
    ("xiaohongshu", "product_description", "title", "好" * 20, "x", "block"),
    ("xiaohongshu", "ad_copy", "description", "好" * 1000, "x", "block"),
    ("taobao", "product_description", "title", "好" * 30, "x", "block"),
    ("taobao", "product_description", "title", "x" * 60, "x", "block"),
    ("taobao", "product_description", "title", "好" * 20 + "x" * 20, "x", "block"),
    ("taobao", "product_description", "title", "，" * 30, "x", "block"),  # full-width marks are two bytes
    ("taobao", "ad_copy", "headline", "好" * 30, "x", "block"),
    ("weibo", "ad_copy", "description", "好" * 140, "好", "warn"),
    ("weibo", "ad_copy", "description", "x" * 280, "x", "warn"),
    ("email", "ad_copy", "headline", "好" * 30, "x", "block"),
    ("push", "ad_copy", "description", "x" * 120, "x", "block"),
    ("onsite", "ad_copy", "headline", "x" * 70, "x", "block"),
    ("web", "product_description", "description", "x" * 1200, "x", "block"),
]


@pytest.mark.parametrize(("channel", "kind", "slot", "fits", "more", "severity"), BOUNDARIES)
def test_a_text_at_the_limit_fits_and_one_more_does_not(
    channel, kind, slot, fits, more, severity, make_content, now
):
    def found(text):
        slots = dict.fromkeys(PLAIN[kind], "x") | {slot: text}
        content = make_content(slots, kind=kind, channel=channel)
        return [(f.rule_id, f.severity, f.slot) for f in check(content, now=now, guards=GUARDS)]

    assert found(fits[:-1]) == found(fits) == []
    assert found(fits + more) == [("limits.too_long", severity, slot)]


@pytest.mark.parametrize(
    ("channel", "slot", "text", "banned"),
    [
        ("tiktok", "description", "新品👩‍👩‍👧上架 #夏天 {x}", ["👩‍👩‍👧", "#", "{", "}"]),
        ("tiktok", "description", "1️⃣ 🇨🇳", ["1️⃣", "🇨🇳"]),
        ("tiktok", "description", "Cotton, 100 % (soft) & light™", []),
        ("tiktok", "headline", "#Mug", []),
        ("google_ads", "headline", "Meet it! ✅", ["!", "✅"]),
        ("google_ads", "description", "Meet it!", []),
        ("taobao", "headline", "纯棉<T恤>", ["<", ">"]),
        ("email", "headline", "新品😀!", []),
    ],
)
def test_what_a_channel_refuses_is_found_where_it_stands(channel, slot, text, banned, make_content, now):
    content = make_content({"headline": "x", "description": "x"} | {slot: text}, channel=channel)
    found = [f for f in check(content, now=now, guards=GUARDS) if f.rule_id == "limits.forbidden"]
    assert [text[f.start : f.end] for f in found] == banned
    assert all(f.severity == "block" and "2026-" in f.evidence for f in found)


@pytest.mark.parametrize(
    ("emoji", "lengths"),
    [
        ("😀", {"width": 2, "characters": 1, "half_width": 1, "gbk_bytes": 4, "sms_segments": 1}),
        ("👍🏽", {"width": 4, "characters": 2, "half_width": 2, "gbk_bytes": 8, "sms_segments": 1}),
        ("👨‍👩‍👧", {"width": 6, "characters": 5, "half_width": 3, "gbk_bytes": 20, "sms_segments": 1}),
        ("e\u0301", {"width": 1, "characters": 1, "half_width": 1, "gbk_bytes": 5, "sms_segments": 1}),
        ("é", {"width": 1, "characters": 1, "half_width": 1, "gbk_bytes": 2, "sms_segments": 1}),
        ("", dict.fromkeys(COUNTS, 0)),
        ("\ud800", {"width": 1, "characters": 1, "half_width": 1, "gbk_bytes": 1, "sms_segments": 1}),
    ],
)
def test_how_sequences_and_marks_are_counted(emoji, lengths):
    assert {name: count(emoji) for name, count in COUNTS.items()} == lengths


def test_a_limit_on_the_whole_text_counts_all_slots(make_content, now):
    def found(n_han):  # 40 + 1 + n_han units of UCS-2 in parts of 67
        slots = {"title": "x" * 40, "description": "好" * n_han}
        content = make_content(slots, kind="product_description", channel="sms")
        return [
            (f.slot, f.evidence[:40]) for f in check(content, now=now, guards=GUARDS) if "whole" in f.evidence
        ]

    assert found(670 - 41) == []
    assert found(670 - 40) == [("description", "the whole text: 11 > 10 (parts of an SMS)"[:40])]


@pytest.mark.parametrize("channel", ["instagram", "weibo"])
def test_a_caption_is_counted_with_its_headline(channel, make_content, now):
    most = {"instagram": 2200, "weibo": 4000}[channel]  # of letters
    content = make_content({"headline": "x" * 40, "description": "x" * (most - 40)}, channel=channel)
    assert "the whole text" in str(check(content, now=now, guards=GUARDS))
    shorter = make_content({"headline": "x" * 40, "description": "x" * (most - 41)}, channel=channel)
    assert "the whole text" not in str(check(shorter, now=now, guards=GUARDS))


def test_an_sms_that_needs_two_parts_says_which_character_is_to_blame(make_content, now):
    slots = {"headline": "It’s here", "description": "x" * 70}
    (found,) = check(make_content(slots, channel="sms"), now=now, guards=GUARDS)
    assert (found.severity, found.slot) == ("warn", "description")
    assert "80 units of UCS-2, for '’'" in found.evidence
    plain = {**slots, "headline": "It's here"}
    assert check(make_content(plain, channel="sms"), now=now, guards=GUARDS) == ()


def test_only_what_hides_something_is_called_invisible(make_content, now):
    for text in ("cafe\u0301", "two\r\nlines", "棉　T恤", "👨‍👩‍👧"):
        assert check(make_content({"headline": text, "description": "x"}), now=now, guards=GUARDS) == ()


def test_every_rule_names_its_source_its_day_and_whether_it_was_read():
    data = tomllib.loads((files("adwright.generate.kinds") / "limits.toml").read_text(encoding="utf-8"))
    for rule in data["rule"]:
        assert rule["channel"] in (*CHANNELS, "*")
        assert rule["kind"] in KINDS.names()
        assert rule["source"].startswith("our own ceiling") or rule["url"].startswith("https://")
        assert isinstance(rule["as_of"], date)
        assert isinstance(rule["confirmed"], bool)
        assert rule["severity"] in ("block", "review", "warn")
        assert rule.get("maximum") or rule.get("forbids")
        slots = {s.family for s in (*get_kind(rule["kind"]).slots, *get_kind(rule["kind"]).extras)} | {"*"}
        assert {*rule.get("maximum", {}), *rule.get("forbids", {})} <= slots
    assert data["version"] == max(rule["as_of"] for rule in data["rule"]).isoformat()


def test_a_kind_that_the_data_does_not_name_has_no_rules():
    assert channel_rules("haiku").limits == {}
