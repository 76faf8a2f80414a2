"""The kinds together; what each of them promises is in `adwright.testing` and tests/contracts."""

import json
from dataclasses import replace

import pytest

from adwright.errors import DataError, NotFoundError, UsageError
from adwright.generate.kinds import KINDS, get_kind
from adwright.generate.kinds.social_post import hashtag_line
from adwright.generate.kinds.video_script import scenes_of, speaking_seconds
from adwright.schema import Figure

SCENE = {"narration": "Here is a shirt.", "on_screen": "A shirt", "shot": "close-up", "seconds": 4}


def test_the_kinds_of_the_issue_are_there():
    assert set(KINDS.names()) >= {
        "ad_copy",
        "responsive_search_ad",
        "product_description",
        "email",
        "push",
        "sms",
        "social_post",
        "recommendation",
        "video_script",
        "campaign_plan",
        "service_reply",
    }


def test_an_unknown_kind_or_channel_names_the_nearest():
    with pytest.raises(NotFoundError, match="Did you mean 'ad_copy'"):
        get_kind("adcopy")
    with pytest.raises(NotFoundError, match="Did you mean 'email'"):
        get_kind("ad_copy").limits_of("emial", "headline")


def test_foreign_slots_are_refused():
    with pytest.raises(UsageError, match="headline, description"):
        get_kind("ad_copy").check_slots({"headline": "x", "body": "y"})


def test_numbered_slots_share_the_limits_of_their_family():
    kind = get_kind("responsive_search_ad")
    assert [limit.maximum for limit in kind.limits_of("google_ads", "headline_15")] == [30]
    assert kind.bans_of("google_ads", "headline_2")[0].find("Now!") == [(3, 4)]


# --- responsive search ads ------------------------------------------------------------------------


def _search_ad(headlines, descriptions):
    return json.dumps({"headlines": headlines, "descriptions": descriptions})


def test_lists_are_read_as_numbered_slots_and_repeats_left_out():
    answer = _search_ad(["Linen shirts", "linen shirts", "Cool all day", "Ships free"], ["One here.", "Two."])
    found = get_kind("responsive_search_ad").read(answer)
    assert found == {
        "headline_1": "Linen shirts",
        "headline_2": "Cool all day",
        "headline_3": "Ships free",
        "description_1": "One here.",
        "description_2": "Two.",
    }


def test_too_few_distinct_headlines_are_sent_back_with_the_number():
    with pytest.raises(DataError, match="at least 3 distinct"):
        get_kind("responsive_search_ad").read(_search_ad(["A b c", "a B c", "Other"], ["One.", "Two is it."]))


def test_no_more_than_fifteen_headlines_are_taken():
    words = [
        "oak",
        "elm",
        "ash",
        "fir",
        "yew",
        "box",
        "bay",
        "fig",
        "nut",
        "tea",
        "ivy",
        "hop",
        "rye",
        "oat",
        "pea",
        "bean",
        "leek",
    ]
    found = get_kind("responsive_search_ad").read(_search_ad(words, ["One here.", "Something else."]))
    assert sum(name.startswith("headline") for name in found) == 15


# --- video scripts --------------------------------------------------------------------------------


def test_scenes_are_read_from_a_list_and_numbered_without_gaps():
    found = get_kind("video_script").read(json.dumps({"scenes": [SCENE] * 4}))
    assert scenes_of(found) == [SCENE | {"seconds": "4"}] * 4
    assert list(found)[:4] == [f"scene_1_{part}" for part in ("narration", "on_screen", "shot", "seconds")]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"seconds": "soon"}, "not a number"),
        ({"seconds": 90}, "too short or too long"),
        ({"narration": "word " * 40}, "longer than its scene"),
        ({"narration": "字" * 40}, "longer than its scene"),
        ({"shot": None}, "scene_3_shot"),
    ],
)
def test_a_scene_that_cannot_be_made_is_refused(change, message):
    with pytest.raises(DataError, match=message):
        get_kind("video_script").read(json.dumps({"scenes": [SCENE, SCENE, SCENE | change]}))


@pytest.mark.parametrize(
    ("text", "seconds"), [("one two three four five", 2.0), ("九个汉字正好两秒呢", 2.0), ("", 0.0)]
)
def test_speaking_takes_the_time_of_an_unhurried_voice(text, seconds):
    assert speaking_seconds(text) == seconds


# --- social posts ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("channel", "line"),
    [("xiaohongshu", "#通勤 #衬衫"), ("weibo", "#通勤# #衬衫#"), ("instagram", "#通勤 #衬衫")],
)
def test_hashtags_take_the_form_of_the_platform(channel, line, make_brief):
    brief = make_brief(kind="social_post", channel=channel, language="zh")
    answer = json.dumps({"title": "题", "body": "文", "hashtags": "#通勤 #衬衫# #通勤"})
    assert get_kind("social_post").read(answer, brief)["hashtags"] == line


def test_a_post_without_hashtags_is_refused(make_brief):
    answer = json.dumps({"title": "a", "body": "b", "hashtags": "# #"})
    with pytest.raises(DataError, match="no hashtags"):
        get_kind("social_post").read(answer, make_brief(kind="social_post"))


def test_at_most_ten_hashtags_are_kept():
    assert len(hashtag_line([f"tag{i}" for i in range(30)], "instagram").split()) == 10


# --- service replies ------------------------------------------------------------------------------


@pytest.mark.parametrize(("said", "read"), [("Yes", "yes"), ("否", "no"), ("TRUE.", "yes")])
def test_handing_over_is_read_as_yes_or_no(said, read):
    answer = json.dumps({"reply": "Hello", "handover": said, "basis": None})
    assert get_kind("service_reply").read(answer) == {"reply": "Hello", "handover": read}


def test_a_reply_that_does_not_say_who_goes_on_is_refused():
    with pytest.raises(DataError, match="neither yes nor no"):
        get_kind("service_reply").read('{"reply": "Hello", "handover": "maybe"}')


# --- campaign plans -------------------------------------------------------------------------------

PLAN = dict.fromkeys(
    ("goal", "audience", "offer", "calendar", "channels", "budget", "contents"), "As before."
)
FIGURES = (
    Figure(name="budget_email", value=78926, unit="money", source={"en": "half of it"}, currency="USD"),
    Figure(name="ctr_email", value=0.0312, unit="rate", source={"en": "table totals"}),
)


@pytest.fixture
def plan_brief(make_brief):
    return replace(make_brief(kind="campaign_plan"), figures=FIGURES)


def test_a_plan_names_its_figures_and_gets_them_with_their_sources(plan_brief):
    answer = json.dumps(PLAN | {"budget": "E-mail gets {budget_email}, for its {ctr_email}."})
    found = get_kind("campaign_plan").read(answer, plan_brief)
    assert found["budget"] == "E-mail gets $789.26, for its 3.12%."
    assert found["sources"] == "budget_email = $789.26: half of it\nctr_email = 3.12%: table totals"


@pytest.mark.parametrize(
    "invented",
    ["E-mail gets $500.", "We expect 12% more.", "Start on 2026-12-01.", "增长三成", "3 posts", "预算5万元"],
)
def test_a_plan_that_writes_a_number_out_is_refused(invented, plan_brief):
    with pytest.raises(DataError, match="none of the figures"):
        get_kind("campaign_plan").read(json.dumps(PLAN | {"budget": invented}), plan_brief)


def test_a_figure_that_does_not_exist_is_named_with_the_nearest(plan_brief):
    with pytest.raises(DataError, match="Did you mean 'budget_email'"):
        get_kind("campaign_plan").read(json.dumps(PLAN | {"budget": "{budget_emails}"}), plan_brief)


def test_numbers_in_a_products_own_name_are_no_figures(make_brief, make_product):
    brief = make_brief(kind="campaign_plan", products=(make_product(title="Tab S8 64 GB"),))
    answer = json.dumps(PLAN | {"contents": "An e-mail for Tab S8 64 GB"})
    assert "sources" not in get_kind("campaign_plan").read(answer, brief)
