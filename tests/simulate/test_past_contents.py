from __future__ import annotations

from datetime import datetime, timedelta

import numpy as np
import polars as pl
import pytest

from adwright.simulate.past_contents import SETTLED_DAYS, PastContents, run_past_contents, write_past_contents
from adwright.simulate.traffic import season
from adwright.simulate.world import World
from adwright.store.columns import CONTENTS


@pytest.fixture(scope="module")
def past(world: World, now: datetime) -> PastContents:
    return write_past_contents(
        world._market, language="en", n_groups=300, n_days=180, now=now, rng=np.random.default_rng(0)
    )


@pytest.fixture(scope="module")
def results(world: World, past: PastContents) -> pl.DataFrame:
    return run_past_contents(world._market, past, rng=np.random.default_rng(1))


def test_results_have_the_columns_of_the_contents_table(results: pl.DataFrame) -> None:
    assert dict(results.schema) == dict(CONTENTS)
    assert results["content_id"].n_unique() == results.height
    assert results["cohort_id"].null_count() == results.height
    counts = results.select("n_exposures", "n_clicks", "n_conversions")
    assert (counts["n_exposures"] >= counts["n_clicks"]).all()
    assert (counts["n_clicks"] >= counts["n_conversions"]).all()
    assert (results["value_minor"] >= 0).all()


def test_a_group_is_about_one_product_in_one_channel_with_three_to_six_variants(
    results: pl.DataFrame,
) -> None:
    groups = results.group_by("group").agg(
        n=pl.len(),
        products=pl.n_unique("product_id"),
        channels=pl.n_unique("channel"),
        starts=pl.n_unique("at"),
    )
    assert groups["n"].is_between(3, 6).mean() > 0.98
    assert groups.select(pl.max("products", "channels", "starts")).row(0) == (1, 1, 1)


def test_campaigns_lie_in_the_past_and_have_settled(results: pl.DataFrame, now: datetime) -> None:
    at = results["at"]
    assert at.is_sorted()
    assert at.min() >= now - timedelta(days=180)  # type: ignore[operator]
    assert at.max() <= now - timedelta(days=SETTLED_DAYS)  # type: ignore[operator]


def test_the_spread_between_groups_is_the_level(
    world: World, past: PastContents, results: pl.DataFrame
) -> None:
    """Clicks of a group over what is expected without level: log-variance less the counts' own is sd^2."""
    texts = world._market.texts(past.contents)
    factor = season(past.at, world._market.category[texts.product])
    expected = world._market.expect(texts, factor=factor, click_only=True).click * past.n_exposures
    clicks = np.bincount(past.group, weights=results["n_clicks"].to_numpy())
    ratio = clicks / np.bincount(past.group, weights=expected)
    variance = np.log(ratio).var() - (1 / clicks).mean()
    sd = world._market.rates.level_sd
    assert np.sqrt(variance) == pytest.approx(sd, abs=4 * sd / np.sqrt(2 * len(ratio)))


def test_within_groups_clicks_follow_the_text_alone(
    world: World, past: PastContents, results: pl.DataFrame
) -> None:
    """Given the group's total, clicks are split in proportion to the true rates: chi-square near its df."""
    p = world.true_value(past.contents)["p_click"].to_numpy() * past.n_exposures
    clicks = results["n_clicks"].to_numpy()
    totals = np.bincount(past.group, weights=clicks)
    expected = p / np.bincount(past.group, weights=p)[past.group] * totals[past.group]
    chi_square = ((clicks - expected) ** 2 / expected).sum()
    df = len(clicks) - len(totals)
    assert abs(chi_square - df) < 5 * np.sqrt(2 * df)


def test_no_group_is_no_content(world: World, now: datetime) -> None:
    empty = write_past_contents(
        world._market, language="en", n_groups=0, n_days=30, now=now, rng=np.random.default_rng(0)
    )
    assert empty.contents == []
    assert run_past_contents(world._market, empty, rng=np.random.default_rng(0)).height == 0
