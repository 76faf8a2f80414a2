"""A running test, read from the shop's own decisions and events."""

from __future__ import annotations

import math

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


def test_the_models_prediction_is_the_prior_of_two_arms_and_decides_nothing(shop: Workspace) -> None:
    item, decisions = served(shop)
    add_events(shop, events_of(decisions, fate))
    assert item.experiment is not None
    test = item.experiment
    before = read_trials(shop, [test])[test.id]
    weak = before.results[0].posterior
    assert weak is not None  # of the contents that the run wrote; nothing told them apart
    believed = {
        arm.content_id: {"click": [mean, 0.0, 1.0], "spread_k": {"click": 25.0, "conversion": None}}
        for arm, mean in zip(sorted(test.arms, key=lambda a: not a.is_control), (0.02, 0.03), strict=True)
    }
    shop.contents.save([], effects=believed)
    after = read_trials(shop, [test])[test.id]
    posterior = after.results[0].posterior
    assert posterior is not None
    data, mean = float(posterior.without_prior), float(posterior.mean)
    assert min(data, math.log(1.5)) <= mean <= max(data, math.log(1.5))
    assert float(weak.prior_share) < float(posterior.prior_share) < 1
    assert mean > float(weak.mean)
    shop.contents.save([], effects={arm.content_id: {"click": [0.02, 0.0, 1.0]} for arm in test.arms})
    assert read_trials(shop, [test])[test.id].results[0].posterior is None  # the spread is not known
    assert after.verdict.decision == before.verdict.decision


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
