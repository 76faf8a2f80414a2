from __future__ import annotations

import numpy as np
import pytest

from adwright.errors import NotFoundError, UsageError
from adwright.simulate.market import EXTRA_PIECES, VALUE_SD, draw_order_values, draw_rates
from adwright.simulate.traffic import CHANNELS
from adwright.simulate.world import World


def test_the_level_has_the_stated_spread_and_mean_one(world: World) -> None:
    market = world._market
    n = 4000
    levels = np.array([market.level(f"group-{i}") for i in range(n)])
    sd = market.rates.level_sd
    assert np.log(levels).std() == pytest.approx(sd, abs=5 * sd / np.sqrt(2 * n))
    assert levels.mean() == pytest.approx(1.0, abs=5 * levels.std() / np.sqrt(n))
    assert market.level("group-1") == levels[1]


def test_other_worlds_have_other_levels(world: World) -> None:
    assert World.draw(2, n_products=16, n_customers=10)._market.level("a") != world._market.level("a")


def test_order_values_average_to_price_times_quantity() -> None:
    n = 200_000
    values = draw_order_values(np.full(n, 1999.0), rng=np.random.default_rng(0))
    sd = np.sqrt(EXTRA_PIECES + (1 + EXTRA_PIECES) ** 2 * VALUE_SD**2) * 1999 * 1.1
    assert values.mean() == pytest.approx(1999 * (1 + EXTRA_PIECES), abs=5 * sd / np.sqrt(n))
    assert values.min() >= 1


def test_baselines_lie_in_their_ranges() -> None:
    for seed in range(30):
        rates = draw_rates(np.random.default_rng(seed))
        assert np.all((rates.click > 0.008) & (rates.click < 0.065))
        assert 0.02 <= rates.conversion <= 0.06
        assert 0.2 <= rates.level_sd <= 0.3


def test_expectation_is_the_sum_over_customers_and_positions_done_one_by_one(
    world: World, make_content
) -> None:
    market = world._market
    content = make_content("A soft quilt, 24.99", channel="search_ads")
    texts = market.texts([content])
    h = CHANNELS.index("search_ads")
    people = market.population
    total = click = order = 0.0
    for i in range(len(people)):
        weight = people.activity[i] * people.channel[i, h]
        who, row = np.array([i]), np.array([0])
        conversion = market.conversion_probability(who, texts, row)[0]
        for share, bias in zip(market.positions.share[h], market.positions.bias[h], strict=True):
            p = market.click_probability(who, texts, row, factor=np.array([bias]))[0]
            click += weight * share * p
            order += weight * share * p * conversion
        total += weight
    expected = market.expect(texts)
    assert expected.click[0] == pytest.approx(click / total)
    assert expected.conversion[0] == pytest.approx(order / click)
    kept = market.prices()[0] * (1 + EXTRA_PIECES) * (1 - texts.returns[0])
    assert expected.value_minor[0] == pytest.approx(order / total * kept)


def test_unknown_products_and_channels_are_named(world: World, make_content) -> None:
    with pytest.raises(NotFoundError, match="p9999"):
        world.true_value([make_content("x", "p9999")])
    with pytest.raises(NotFoundError, match="billboard"):
        world.true_value([make_content("x", channel="billboard")])


def test_a_cohort_without_visitors_by_the_channel_is_refused(world: World, make_content) -> None:
    people = world._market.population
    silent = str(people.ids[np.flatnonzero(~people.accepts_push)[0]])
    with pytest.raises(UsageError, match="channel"):
        world.true_value([make_content("x", channel="push")], cohort_customers={silent: 1.0})
