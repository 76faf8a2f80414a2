from __future__ import annotations

import time
from datetime import datetime

import numpy as np
import polars as pl
import pytest

from adwright.errors import DataError, NotFoundError, UsageError
from adwright.schema import Language
from adwright.simulate.lexicon import LANGUAGES
from adwright.simulate.past_contents import write_past_contents
from adwright.simulate.world import World

VARIED = (
    "Soft and cosy.",
    "Built tough for every day, it keeps its shape.",
    "UNBELIEVABLE!!! You will not believe it!",
    "Hurry, only a few left.",
    "A linen quilt in oatmeal, 200 x 200 cm.",
    "",
    "柔软又结实",
)


def small(seed: int, kind: str = "ordinary", language: Language = "en") -> World:
    return World.draw(seed, kind, language=language, n_products=32, n_customers=200)  # type: ignore[arg-type]


def copy_truth(world: World, now: datetime, n_groups: int = 30) -> pl.DataFrame:
    """The true value of what the shop's copywriters would write, with the group of each variant."""
    past = write_past_contents(
        world._market,
        language=world.language,
        n_groups=n_groups,
        n_days=90,
        now=now,
        rng=np.random.default_rng(0),
    )
    return world.true_value(past.contents).with_columns(group=pl.Series(past.group))


def spread(truth: pl.DataFrame) -> float:
    """The mean over groups of best / mean - 1 in value."""
    groups = truth.group_by("group").agg(pl.max("value_minor") / pl.mean("value_minor") - 1.0)
    return float(groups["value_minor"].mean())  # type: ignore[arg-type]


def test_a_seed_is_a_world(make_content) -> None:
    contents = [make_content(text) for text in VARIED]
    assert small(3).products == small(3).products
    assert small(3).true_value(contents).equals(small(3).true_value(contents))
    assert not small(4).true_value(contents).equals(small(3).true_value(contents))


@pytest.mark.parametrize("language", LANGUAGES)
def test_in_a_null_world_every_text_is_worth_the_same(make_content, language: Language) -> None:
    world = small(5, "null", language)
    for channel in ("onsite", "push"):
        truth = world.true_value([make_content(text, channel=channel) for text in VARIED])
        for column in ("p_click", "p_conversion", "value_minor"):
            assert np.ptp(truth[column].to_numpy()) == 0.0


@pytest.mark.parametrize("seed", range(6))
def test_bait_lifts_clicks_and_lowers_value(make_content, seed: int) -> None:
    pairs = {
        "en": ("This is from the shop, have a look", "This is an incredible secret, have a look"),
        "zh": ("这是店里的一款，来看看吧大家", "这是惊人的神器，来看看吧大家"),
    }
    for language, (plain, baiting) in pairs.items():
        world = small(seed, "bait", language)  # type: ignore[arg-type]
        contents = [
            make_content(t, p.id, language=language) for p in world.products[:8] for t in (plain, baiting)
        ]
        truth = world.true_value(contents)
        click, conversion, value = (truth[c].to_numpy() for c in ("p_click", "p_conversion", "value_minor"))
        assert np.all(click[1::2] > 1.1 * click[::2])
        assert np.all(conversion[1::2] < 0.85 * conversion[::2])
        assert np.all(value[1::2] < 0.9 * value[::2])


def test_the_best_of_a_copywriters_variants_gains_ten_to_forty_per_cent(now: datetime) -> None:
    gains = {
        language: [spread(copy_truth(small(seed, language=language), now)) for seed in range(20)]
        for language in LANGUAGES
    }
    for language in LANGUAGES:
        assert min(gains[language]) > 0.10
        assert max(gains[language]) < 0.40
    means = [float(np.mean(gains[language])) for language in LANGUAGES]
    assert means[0] == pytest.approx(means[1], rel=0.2)  # one language is as good as the other


def test_base_rates_are_those_of_shops(now: datetime) -> None:
    for seed in range(8):
        truth = copy_truth(small(seed), now, n_groups=20)
        assert 0.008 < truth["p_click"].mean() < 0.06  # type: ignore[operator]
        assert 0.015 < truth["p_conversion"].mean() < 0.09  # type: ignore[operator]


def test_outcomes_agree_with_the_truth(world: World, make_content, now: datetime) -> None:
    """A year of visits to one content, levels and seasons included, against their expectation."""
    content = make_content("A soft quilt that keeps its shape")
    rng = np.random.default_rng(0)
    n, groups = 4000, 60
    visits = [
        world.visitors(
            n, day=datetime(2025, 1 + i % 12, 1 + 5 * (i // 12), tzinfo=now.tzinfo), rng=rng, channel="onsite"
        )
        for i in range(groups)
    ]
    rates = [
        world.respond(v, [content], np.zeros(n, dtype=int), rng=rng, group=f"g{i}")["clicked"].mean()
        for i, v in enumerate(visits)
    ]
    truth = world.true_value([content])["p_click"][0]
    error = np.std(rates) / np.sqrt(groups)
    assert np.mean(rates) == pytest.approx(truth, abs=4 * error)


def test_conversions_and_values_agree_with_the_truth(world: World, make_content, now: datetime) -> None:
    content = make_content("A soft quilt that keeps its shape")
    rng = np.random.default_rng(1)
    n = 400_000
    visits = world.visitors(n, day=now, rng=rng, channel="onsite")
    outcome = world.respond(visits, [content], np.zeros(n, dtype=int), rng=rng, group="g")
    clicks, orders = outcome["clicked"].sum(), outcome["converted"].sum()
    truth = world.true_value([content]).row(0, named=True)
    assert orders / clicks == pytest.approx(truth["p_conversion"], rel=4 / np.sqrt(orders))
    kept = (outcome["value_minor"] - outcome["refunded_minor"]).sum()
    per_click = truth["value_minor"] / truth["p_click"]
    assert kept / clicks == pytest.approx(per_click, rel=5 / np.sqrt(orders))


def test_delays_are_positive_and_only_where_something_happened(
    world: World, make_content, now: datetime
) -> None:
    rng = np.random.default_rng(2)
    visits = world.visitors(250_000, day=now, rng=rng)
    outcome = world.respond(visits, [make_content("Soft.")], np.zeros(250_000, dtype=int), rng=rng, group="g")
    both = pl.concat([visits, outcome], how="horizontal")
    assert dict(outcome.schema)["converted_at"] == pl.Datetime("us", "UTC")
    assert (both["converted_at"].is_not_null() == both["converted"]).all()
    assert (both["refunded_at"].is_not_null() == (both["refunded_minor"] > 0)).all()
    assert ((both["value_minor"] > 0) == both["converted"]).all()
    orders = both.filter("converted")
    assert (orders["converted_at"] > orders["at"]).all()
    returns = orders.filter(pl.col("refunded_minor") > 0)
    assert returns.height > 0
    assert (returns["refunded_at"] > returns["converted_at"]).all()
    assert not (both["converted"] & ~both["clicked"]).any()


def test_clicks_by_position_show_the_position_bias(world: World, make_content, now: datetime) -> None:
    rng = np.random.default_rng(3)
    n = 400_000
    visits = world.visitors(n, day=now, rng=rng, channel="onsite")
    clicked = world.respond(visits, [make_content("Soft.")], np.zeros(n, dtype=int), rng=rng, group="g")[
        "clicked"
    ]
    by = (
        visits.with_columns(clicked).group_by("position").agg(pl.mean("clicked"), n=pl.len()).sort("position")
    )
    ratio = (by["clicked"] / by["clicked"][0]).to_numpy()
    bias = world._market.positions.bias[0] / world._market.positions.bias[0, 0]
    error = np.sqrt(1 / (by["clicked"] * by["n"]).to_numpy() + 1 / (by["clicked"][0] * by["n"][0]))
    assert np.all(np.abs(ratio / bias - 1) < 4 * error + 0.01)  # 0.01: 1 - exp(-x) is a little below x


def test_nothing_shown_brings_nothing(world: World, make_content, now: datetime) -> None:
    rng = np.random.default_rng(4)
    visits = world.visitors(500, day=now, rng=rng)
    outcome = world.respond(visits, [make_content("Soft.")], np.full(500, -1), rng=rng, group="g")
    assert not outcome["clicked"].any()
    assert outcome["value_minor"].sum() == 0
    assert outcome.height == 500


def test_visitors_come_from_the_pool_and_by_the_channel_that_were_asked_for(
    world: World, now: datetime
) -> None:
    rng = np.random.default_rng(5)
    pool = world.customer_ids[:20]
    visits = world.visitors(2000, day=now, rng=rng, raw_ids=pool, channel="search_ads")
    assert set(visits["customer_id"]) <= set(pool)
    assert visits["channel"].unique().to_list() == ["search_ads"]
    assert set(visits["position"]) == {1, 2, 3, 4}
    assert visits["at"].is_sorted()
    assert visits.columns == ["customer_id", "at", "channel", "position", "device"]
    assert world.visitors(0, day=now, rng=rng).height == 0


def test_a_cohorts_truth_is_the_expectation_over_its_members(world: World, make_content) -> None:
    contents = [make_content(text) for text in VARIED]
    everyone = world.true_value(contents, cohort_customers=dict.fromkeys(world.customer_ids, 1.0))
    for column in ("p_click", "p_conversion", "value_minor"):
        np.testing.assert_allclose(everyone[column], world.true_value(contents)[column])
    one = world.true_value(contents, cohort_customers={world.customer_ids[0]: 3.0})
    assert one["p_click"].to_list() != everyone["p_click"].to_list()


def test_readers_of_the_other_language_click_less(make_content) -> None:
    world = small(7)
    people = world._market.population
    foreign = {str(i): 1.0 for i in people.ids[people.reads_chinese]}
    truth = world.true_value(
        [make_content("Soft and cosy"), make_content("柔软舒适")], cohort_customers=foreign
    )
    assert truth["p_click"][0] < truth["p_click"][1]
    ours = world.true_value([make_content("Soft and cosy"), make_content("柔软舒适")])
    assert ours["p_click"][0] > ours["p_click"][1]


def test_a_hundred_thousand_visitors_and_forty_contents_take_about_a_second(
    world: World, make_content, now: datetime
) -> None:
    rng = np.random.default_rng(6)
    visits = world.visitors(100_000, day=now, rng=rng)
    contents = [make_content(f"Soft, number {i}", world.products[i % 8].id) for i in range(40)]
    start = time.process_time()
    world.respond(visits, contents, rng.integers(0, 40, 100_000), rng=rng, group="g")
    assert time.process_time() - start < 2.0


def test_wrong_arguments_are_named(world: World, make_content, now: datetime) -> None:
    rng = np.random.default_rng(7)
    with pytest.raises(NotFoundError, match=r"nul.*Did you mean 'null'"):
        World.draw(1, "nul")  # type: ignore[arg-type]
    with pytest.raises(NotFoundError, match="language"):
        World.draw(1, language="de")  # type: ignore[arg-type]
    with pytest.raises(UsageError, match="n_customers"):
        World.draw(1, n_customers=0)
    with pytest.raises(DataError, match="shown"):
        world.respond(
            world.visitors(3, day=now, rng=rng), [make_content("x")], np.array([0, 1, 0]), rng=rng, group="g"
        )
    with pytest.raises(UsageError, match="negative"):
        world.true_value([make_content("x")], cohort_customers={world.customer_ids[0]: -1.0})
    assert world.true_value([]).height == 0
