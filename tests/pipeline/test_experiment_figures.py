from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import pytest

from adwright.pipeline import experiment_figures
from adwright.pipeline.campaigns import Campaign
from adwright.pipeline.experiment_figures import achieved_share, chosen
from adwright.pipeline.job import RunResult
from adwright.report.figures import Estimate, TestFigures
from adwright.schema import GoalKind, OutcomeTotal
from adwright.testing import NOW
from adwright.workspace import Workspace
from pipeline.test_job import live_shop
from pipeline.test_launch import ready, started
from pipeline.workbench import run_job


def share(mean: float | None) -> TestFigures:
    estimate = None if mean is None else Estimate(mean=mean)
    return TestFigures(experiment_id="x", metric="click", arms=(), achieved_share=estimate)


def test_the_share_over_tests_is_their_mean_with_the_spread_between_them() -> None:
    assert achieved_share([]) is None
    assert achieved_share([share(None)]) is None
    assert achieved_share([share(0.4), share(None)]) == Estimate(mean=0.4)
    found = achieved_share([share(0.2), share(0.4), share(0.9)])
    assert found is not None
    # by hand: mean 0.5, sd 0.36056, standard error 0.20817, half of 90 % 0.34243
    assert found.mean == pytest.approx(0.5)
    assert (found.low, found.high) == (pytest.approx(0.15757, abs=1e-4), pytest.approx(0.84243, abs=1e-4))
    assert type(found.low) is float


def test_the_chosen_content_is_the_one_that_is_worth_most_by_now(shop: Workspace) -> None:
    item = started(shop, ready(shop, "a 2", "b 3"), recipe={"goal": {"kind": "click"}})
    a, b = (c.id for c in item.contents)
    assert chosen(item) == b
    seen = [
        OutcomeTotal(content_id=i, at=NOW, channel="onsite", n_exposures=9000, n_clicks=clicks)
        for i, clicks in ((a, 450), (b, 180))
    ]
    shop.ledger.record_totals(seen, "adwright")
    assert chosen(item.after(shop.ledger.totals())) == a


def figures(shop: Workspace, values: Sequence[float]) -> tuple[TestFigures, RunResult]:
    live_shop(shop)
    result = run_job(shop)
    item = result.launches[0]
    by_id = dict(zip((c.id for c in item.contents), values, strict=True))

    def truth(campaign: Campaign, ids: Sequence[str], unit: GoalKind) -> Mapping[str, float]:
        return {i: by_id[i] * (1 if unit == "click" else 1000) for i in ids}

    return experiment_figures.test_figures(item, result, truth=truth, traffic=None), result


def test_the_truth_stands_beside_the_measured_and_judges_the_choice(shop: Workspace) -> None:
    found, result = figures(shop, (0.01, 0.02, 0.03, 0.06))
    item = result.launches[0]
    true = dict(zip((c.id for c in item.contents), (0.01, 0.02, 0.03, 0.06), strict=True))
    assert {a.content_id: a.truth for a in found.arms} == {
        a.content_id: true[a.content_id] for a in found.arms
    }
    assert found.achieved_share is not None
    assert found.achieved_share.mean == pytest.approx((true[chosen(item)] - 0.03) / (0.06 - 0.03))


def test_where_all_texts_are_equally_good_there_is_nothing_to_achieve(shop: Workspace) -> None:
    found, _ = figures(shop, (0.02, 0.02, 0.02, 0.02 * (1 + 1e-12)))
    assert found.achieved_share is None


def test_before_any_outcome_no_choice_is_judged(shop: Workspace) -> None:
    result = run_job(shop, reviewer=lambda waiting: [])
    item = replace(result.launches[0])
    assert item.experiment is not None
    found = experiment_figures.test_figures(
        item, result, truth=lambda campaign, ids, unit: {i: n / 100 for n, i in enumerate(ids)}, traffic=None
    )
    assert found.achieved_share is None
    assert found.decision == "planned"
    assert found.arms[0].measured is None


def test_what_is_predicted_is_in_the_unit_of_the_test(shop: Workspace) -> None:
    found, result = figures(shop, (0.01, 0.02, 0.03, 0.06))
    judged = {j.content.id: j for j in result.judged}
    for arm in found.arms:
        own = judged[arm.content_id]
        assert own.campaign.goal.kind == found.metric == "click"
        assert arm.predicted == Estimate(mean=own.value[0], low=own.value[1], high=own.value[2])
