import numpy as np
import pytest

from adwright.errors import NotFoundError
from adwright.generate.angles import ANGLES, TONES, order_angles, order_tones
from adwright.generate.facts import facts_of
from adwright.schema import BrandVoice


def _angles(brief, now, skip=()):
    return order_angles(brief, facts_of(brief, now=now), skip=skip, rng=np.random.default_rng(0))


def test_the_brief_decides_where_it_names_one(make_brief, now):
    assert _angles(make_brief(angle="gift"), now, skip=("gift",)) == ["gift"]
    assert order_tones(make_brief(tone="warm"), rng=np.random.default_rng(0)) == ["warm"]


def test_open_briefs_get_every_angle_that_fits_once(make_brief, now):
    angles = _angles(make_brief(), now, skip=("style",))
    assert sorted(angles) == sorted(set(ANGLES) - {"style", "urgency"})


@pytest.mark.parametrize(("level", "first"), [("low", "price"), ("high", "quality")])
def test_a_cohort_moves_its_angles_to_the_front(level, first, make_brief, make_cohort, now):
    assert _angles(make_brief(cohort=make_cohort(price_level=level)), now)[0] == first


def test_the_brand_voice_sets_the_tone(make_brief):
    brief = make_brief(brand_voice=BrandVoice(name="Harbour", tone="elegant"))
    assert order_tones(brief, rng=np.random.default_rng(0)) == ["elegant"]
    assert sorted(order_tones(make_brief(), rng=np.random.default_rng(0))) == sorted(TONES)


def test_unknown_angles_and_tones_name_the_nearest(make_brief, now):
    with pytest.raises(NotFoundError, match="Did you mean 'gift'"):
        _angles(make_brief(angle="gitf"), now)
    with pytest.raises(NotFoundError, match="Did you mean 'warm'"):
        order_tones(make_brief(tone="wram"), rng=np.random.default_rng(0))
