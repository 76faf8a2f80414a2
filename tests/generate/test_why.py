import pytest

from adwright.generate.angles import ANGLES, TONES
from adwright.generate.why import explain
from adwright.text import detect


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("angle", ANGLES)
@pytest.mark.parametrize("tone", TONES)
def test_every_angle_and_tone_has_its_words(language, angle, tone, make_brief):
    why = explain(make_brief(language=language), angle=angle, tone=tone)
    assert detect(why) == language
    assert "\n" not in why
    if language == "zh":
        assert why.isascii() is False
        assert angle not in why


def test_the_cohort_is_told_in_its_own_words_or_by_its_budget(make_brief, make_cohort):
    told = explain(make_brief(cohort=make_cohort()), angle="gift", tone="elegant")
    assert told == "Leads with giving it as a present in an elegant tone, for young city shoppers"
    bare = make_cohort(description={}, price_level="low")
    assert "who watch their budget (c1)" in explain(make_brief(cohort=bare), angle="price", tone="plain")
    assert "看重价格的顾客（c1）" in explain(
        make_brief(cohort=bare, language="zh"), angle="price", tone="plain"
    )


def test_an_unknown_angle_is_shown_as_it_is(make_brief):
    assert explain(make_brief(), angle="novelty", tone=None) == "Leads with novelty, for all customers"
