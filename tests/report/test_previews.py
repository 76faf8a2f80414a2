from dataclasses import replace

import pytest

from adwright.report import Estimate
from adwright.report.edition import Edition
from adwright.report.previews import cards
from report.sample import sample_figures


def _cards(figures, language="en"):
    return cards(Edition.of(figures, language), figures.contents)


def test_interval_bars_share_one_scale_and_stay_inside_it():
    for card in _cards(sample_figures("en")):
        assert 0 <= card.bar.left <= card.bar.dot <= card.bar.left + card.bar.width <= 100.01
    widest = max(_cards(sample_figures("en")), key=lambda c: c.bar.width)
    assert widest.bar.left + widest.bar.width == pytest.approx(100, abs=0.02)


def test_negative_values_fit_on_the_scale():
    figures = sample_figures("en")
    first, *rest = figures.contents
    losing = replace(first, value=Estimate(mean=-5.0, low=-20.0, high=3.0))
    assert _cards(replace(figures, contents=(losing, *rest)))[0].bar.left == 0


def test_the_channel_shapes_the_preview():
    assert [c.shape for c in _cards(sample_figures("en"))] == ["feed", "search", "mail", "message", "feed"]


def test_messages_to_a_customer_carry_no_price_tag_and_pages_do():
    assert [bool(c.price) for c in _cards(sample_figures("en"))] == [True, True, False, False, True]


def test_a_price_in_another_currency_is_not_shown_under_this_one():
    figures = sample_figures("en")
    assert _cards(replace(figures, currency="EUR"))[0].price == ""


def test_a_content_without_product_or_prediction_still_has_a_card():
    figures = sample_figures("en")
    bare = replace(figures.contents[0], product=None, value=None, click=None, conversion=None)
    card = _cards(replace(figures, contents=(bare,)))[0]
    assert (card.product, card.value, card.bar, card.click) == ("p-001", "", None, "")


def test_rules_are_named_in_words():
    finding = _cards(sample_figures("zh"), "zh")[4].findings[0]
    assert (finding.rule, finding.severity_name, finding.where) == ("广告法规", "不得发布", "标题")
