import pytest

from adwright.generate.lexicon.appeals import find_strategy
from adwright.generate.plainness import plainness

PLAIN = {
    "en": "A mug for slow mornings. Take a look.",
    "zh": "一只马克杯，慢慢喝茶。进店看看。",
}
TANGLED = {
    "en": (
        "Save 20 % when you spend over $50 with code A5, members only, excluding selected items: a gift, a deal and "
        "a question of style for everyone who wants quality, so hurry, shop now, sign up and follow us!"
    ),
    "zh": (
        "满300减50，仅限新客首单，领券后再打8折，叠加会员优惠码更划算，品质送礼两相宜，赶快下单抢购，"
        "关注收藏还能领取惊喜，错过再等一年！"
    ),
}


@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_tangle_is_less_plain_than_one_thought(language):
    assert plainness(PLAIN[language]).score > 0.95
    assert plainness(TANGLED[language]).score < 0.15


@pytest.mark.parametrize(
    ("shorter", "longer"),
    [
        ("A mug. Take a look.", "A mug, a gift in style. Take a look."),
        ("A mug. Take a look.", "A mug with code A5. Take a look."),
        ("A mug. Take a look.", "A mug. Take a look. Shop now. Sign up."),
        ("A mug in blue and white.", "A mug in 2 colours, 3 sizes and 4 shapes."),
        ("It is blue. It holds tea.", "A blue mug that holds the tea that you make when the rain falls on roofs."),
        ("The cup is big.", "The receptacle is considerable."),
        ("送礼好物。看看吧。", "送礼好物，优惠实惠。看看吧。"),
    ],
)  # fmt: skip
def test_each_further_demand_on_the_reader_takes_from_it(shorter, longer):
    assert plainness(longer).score < plainness(shorter).score


def test_the_line_says_what_was_counted_in_both_languages():
    found = plainness("A gift. Use code A5. Shop now.")
    assert (found.appeals, found.n_conditions, found.n_calls) == (("gift",), 1, 1)
    assert found.why["en"].startswith(
        "1 appeal (giving it as a present), 1 condition (use code), 1 call to act"
    )
    assert found.why["zh"].startswith("1个诉求（送礼），1个条件，1处行动号召")


@pytest.mark.parametrize("text", ["", " ", "!!!", "\ud800", "1" * 5000, "好" * 500_000, "a" * 1_000_000])
def test_any_text_has_a_score(text):
    assert 0 <= plainness(text).score <= 1


def test_a_phrase_may_stand_for_more_than_one_thing():
    strategy = find_strategy("While stocks last")
    assert "urgency" in strategy.appeals
    assert strategy.conditions == ("while stocks last",)


@pytest.mark.parametrize(
    "text",
    [
        "Off you go!",
        "The lid comes off for cleaning.",
        "Switch off and read.",
        "It is up to you.",
        "A map that is up to date.",
        "For left-handed people.",
        "Soup that can deal with rain.",
        "可折叠的晾衣架",
        "对折放进包里",
        "胡须刷一把",
    ],
)
def test_an_idiom_is_no_appeal_and_no_condition(text):
    strategy = find_strategy(text)
    assert not {"price", "urgency", "trust"} & set(strategy.appeals)
    assert strategy.conditions == ()


@pytest.mark.parametrize(
    ("text", "appeal"),
    [("20% off", "price"), ("八折", "price"), ("Two left", "urgency"), ("Save on mugs", "price")],
)
def test_the_words_themselves_still_count(text, appeal):
    assert appeal in find_strategy(text).appeals
