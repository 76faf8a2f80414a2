"""A running test, read from the shop's own decisions and events."""

from __future__ import annotations

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
