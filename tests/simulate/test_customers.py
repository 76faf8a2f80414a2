from __future__ import annotations

import numpy as np
import pytest

from adwright.errors import NotFoundError
from adwright.simulate.customers import FOREIGN_SHARE, draw_population, draw_segments
from adwright.simulate.lexicon import concepts


def test_segments_differ_in_taste_and_the_thrifty_listen_to_saving() -> None:
    saving = concepts().index("saving")
    for seed in range(10):
        segments = draw_segments(np.random.default_rng(seed))
        np.testing.assert_allclose(segments.affinity.mean(axis=1), 1.0)
        assert segments.share.sum() == pytest.approx(1.0)
        assert np.ptp(segments.affinity, axis=0).max() > 1.0
        assert np.corrcoef(segments.price_aversion, segments.susceptibility[:, saving])[0, 1] > 0.5


def test_customers_have_the_shares_and_means_that_the_model_states() -> None:
    segments = draw_segments(np.random.default_rng(0))
    n = 20_000
    people = draw_population(segments, n, "en", rng=np.random.default_rng(1))
    counts = np.bincount(people.segment, minlength=5) / n
    np.testing.assert_allclose(counts, segments.share, atol=5 * 0.5 / np.sqrt(n))
    assert people.clicking.mean() == pytest.approx(1.0, abs=0.02)
    assert people.responsiveness.mean() == pytest.approx(1.0, abs=5 * np.sqrt(1 / 8 / n))
    assert people.reads_chinese.mean() == pytest.approx(FOREIGN_SHARE, abs=0.01)
    np.testing.assert_allclose(people.channel.sum(axis=1), 1.0)


def test_the_chinese_shop_has_the_same_people_reading_the_other_language() -> None:
    segments = draw_segments(np.random.default_rng(0))
    here = draw_population(segments, 500, "en", rng=np.random.default_rng(1))
    there = draw_population(segments, 500, "zh", rng=np.random.default_rng(1))
    np.testing.assert_array_equal(here.segment, there.segment)
    np.testing.assert_array_equal(here.reads_chinese, ~there.reads_chinese)


def test_who_did_not_agree_to_email_does_not_come_by_email() -> None:
    people = draw_population(draw_segments(np.random.default_rng(0)), 500, "en", rng=np.random.default_rng(1))
    assert np.all(people.channel[~people.accepts_email, 2] == 0)
    assert np.all(people.channel[~people.accepts_push, 3] == 0)
    assert people.accepts_email.any()


def test_ids_are_found_again_in_any_order_and_unknown_ones_are_named() -> None:
    people = draw_population(draw_segments(np.random.default_rng(0)), 50, "en", rng=np.random.default_rng(1))
    np.testing.assert_array_equal(people.index_of(["user-000007", "user-000001", "user-000007"]), [6, 0, 6])
    with pytest.raises(NotFoundError, match="nobody"):
        people.index_of(["nobody"])
