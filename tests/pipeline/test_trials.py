"""A running test, read from the shop's own decisions and events."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest

from adwright.errors import DataError
from adwright.pipeline.outcomes import collect_outcomes
from adwright.pipeline.trials import TRAFFIC_DAYS, daily_exposures, read_trials
from adwright.schema import Attribution
from adwright.workspace import Workspace
from pipeline.test_outcomes import fate, served
from pipeline.workbench import add_events, events_of


def test_a_running_test_is_read_day_by_day(shop: Workspace) -> None:
    item, decisions = served(shop)
    add_events(shop, events_of(decisions, fate))
    assert item.experiment is not None
    card = read_trials(shop, [item.experiment])[item.experiment.id]
    tested = [d for i, d in enumerate(decisions) if d.experiment_id == item.experiment.id and fate(i)[0]]
    assert card.design == "group_sequential"
    assert card.verdict.decision == "go on"
    path = card.results[0].path
    assert path is not None
    assert len(path.t) == 2  # two days
    arms = [arm.content_id for arm in item.experiment.arms]
    counts = [sum(d.content_id == arm for d in tested) for arm in arms]
    assert card.n_reached == min(counts)
    customers = [len({d.customer_id for d in tested if d.content_id == arm}) for arm in arms]
    assert card.sample_ratio is not None
    assert list(card.sample_ratio.counts) == customers


def test_what_was_believed_at_the_start_is_the_prior_and_decides_nothing(shop: Workspace) -> None:
    item, decisions = served(shop)
    test = item.experiment
    assert test is not None
    click, arms = item.choice.beliefs.effect.click, [arm.content_id for arm in test.arms]
    control, other = (item.choice.beliefs.effect.content_ids.index(arm) for arm in arms)
    assert click is not None
    assert test.prior_mean == pytest.approx(math.log(click.mean[other] / click.mean[control]))
    add_events(shop, events_of(decisions, fate))
    sure = replace(test, prior_mean=math.log(1.5), prior_variance=0.01)
    none = replace(test, prior_mean=None, prior_variance=None)
    cards = {name: read_trials(shop, [x])[test.id] for name, x in (("sure", sure), ("none", none))}
    posterior = cards["sure"].results[0].posterior
    assert posterior is not None
    data, mean = float(posterior.without_prior), float(posterior.mean)
    assert min(data, math.log(1.5)) < mean < max(data, math.log(1.5))
    assert float(posterior.prior_share) > 0.5
    assert cards["none"].results[0].posterior is None
    assert cards["sure"].verdict.decision == cards["none"].verdict.decision


def test_a_prior_is_stored_with_its_test_and_survives_another_model(shop: Workspace) -> None:
    item, _ = served(shop)
    assert item.experiment is not None
    assert shop.experiments.get(item.experiment.id) == item.experiment


def test_a_test_without_exposures_is_left_out(shop: Workspace) -> None:
    item, _ = served(shop)
    assert item.experiment is not None
    assert read_trials(shop, [item.experiment]) == {}


def test_the_daily_traffic_is_the_mean_of_four_weeks(shop: Workspace) -> None:
    with pytest.raises(DataError, match="no exposures"):
        daily_exposures(shop)
    _, decisions = served(shop)
    add_events(shop, events_of(decisions, fate))
    collect_outcomes(shop, rule=Attribution())
    n = shop.ledger.totals()["n_exposures"].sum()
    assert daily_exposures(shop) == pytest.approx(n / TRAFFIC_DAYS)
