from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

import numpy as np
import pytest

from adwright.errors import InfeasibleError
from adwright.experiment import plan_means, plan_proportions
from adwright.pipeline.effects import EffectModel
from adwright.pipeline.judging import Judged, record
from adwright.pipeline.launch import Launch, launch
from adwright.pipeline.settings import RunSettings
from adwright.schema import Content, Effect, OrderValue, OutcomeTotal, Product, Rate
from adwright.testing import NOW, toy_products
from adwright.workspace import Workspace
from pipeline.test_judging import approval, judged

PRODUCTS = {p.id: p for p in toy_products(3)}
TRAINED = NOW - timedelta(days=30)


class Oracle(EffectModel):
    """An effect model that knows: clicks by the number at the end of the text, in per cent."""

    def __init__(self, *, with_orders: bool = True, k: float = 50.0, **changes: Any) -> None:
        super().__init__(predictor=None, version="effect@1", metrics={}, n_rows=0)
        object.__setattr__(self, "_with_orders", with_orders)
        object.__setattr__(self, "_k", k)
        object.__setattr__(
            self, "_changes", {"model_version": "effect@1", "trained_through": TRAINED, **changes}
        )

    def effect(self, contents: Sequence[Content], products: dict[str, Product]) -> Effect:  # type: ignore[override]
        n = len(contents)
        mean = np.array([int(c.text.split()[-1]) / 100 for c in contents])
        flat = {"k": np.full(n, self._k), "level_sd": np.full(n, 0.3)}
        parts: dict[str, Any] = {"click": Rate(mean=mean, **flat)}
        if self._with_orders:
            parts["conversion"] = Rate(mean=np.full(n, 0.1), **flat)
            parts["order_value"] = OrderValue(
                mean_minor=np.full(n, 5000.0), sd_minor=np.full(n, 10.0), currency="USD"
            )
        return Effect(
            content_ids=tuple(c.id for c in contents),
            in_domain=np.ones(n, np.bool_),
            **parts,
            **self._changes,
        )


def of(text: str, **options: Any) -> Judged:
    item = judged(text, **options)
    mean = int(text.rsplit(maxsplit=1)[-1]) / 100
    return replace(item, value=(mean, mean / 2, mean * 2))


def ready(shop: Workspace, *texts: str, approved: bool = True) -> list[Judged]:
    items = record(shop, [of(t) for t in texts])
    if approved:
        for item in items:
            shop.contents.approve(approval(item))
    return [replace(j, content=shop.contents.get(j.content.id)) for j in items]


def start(
    shop: Workspace,
    items: Sequence[Judged],
    *,
    recipe: dict[str, Any] | None = None,
    model: EffectModel | None = None,
    control_id: str | None = None,
    later: timedelta = timedelta(0),
) -> Launch | None:
    return launch(
        shop,
        items,
        model=model or Oracle(),
        products=PRODUCTS,
        settings=RunSettings.from_recipe(recipe or {}),
        control_id=control_id,
        now=NOW + later,
        rng=np.random.default_rng(0),
    )


def started(*arguments: Any, **options: Any) -> Launch:
    found = start(*arguments, **options)
    assert found is not None
    return found


def arms(item: Launch) -> list[tuple[str, float, bool]]:
    assert item.experiment is not None
    texts = {c.id: c.text for c in item.contents}
    return [(texts[a.content_id], a.share, a.is_control) for a in item.experiment.arms]


def test_without_a_content_that_may_be_shown_there_is_no_launch(shop: Workspace) -> None:
    assert start(shop, []) is None
    held = [of("weak 2", verdict="learn"), of("bad 3", verdict="reject"), of("refused 4", status="rejected")]
    assert start(shop, held) is None


def test_before_any_approval_the_plan_is_shown_and_nothing_is_saved(shop: Workspace) -> None:
    item = started(shop, ready(shop, "a 2", "b 3", approved=False))
    assert not item.is_live
    assert item.experiment is not None
    assert shop.experiments.list() == []
    assert {c.status for c in shop.contents.by_status("draft", "approved", "live")} == {"draft"}


def test_approved_contents_go_live_and_their_test_is_saved(shop: Workspace) -> None:
    items = ready(shop, "a 2", "b 3")
    waiting = record(shop, [of("c 4")])
    item = started(shop, [*items, *waiting])
    assert item.is_live
    assert [c.text for c in item.contents] == ["a 2", "b 3"]  # what waits takes no part
    assert [shop.contents.get(j.content.id).status for j in [*items, *waiting]] == ["live", "live", "draft"]
    assert shop.experiments.list() == [item.experiment]


def test_the_control_comes_first_then_what_is_worth_most(shop: Workspace) -> None:
    items = ready(shop, "a 2", "b 5", "c 3", "d 4", "e 1")
    item = started(shop, items, control_id=items[2].content.id, recipe={"experiment": {"max_arms": 3}})
    third = pytest.approx(1 / 3)
    assert arms(item) == [("c 3", third, True), ("b 5", third, False), ("d 4", third, False)]
    assert item.choice.default_content == items[2].content.id


@pytest.mark.parametrize("control_id", [None, "c_unknown"])
def test_without_a_control_it_is_the_content_that_is_worth_least(
    shop: Workspace, control_id: str | None
) -> None:
    item = started(shop, ready(shop, "a 2", "b 1", "c 3"), control_id=control_id)
    assert arms(item)[0] == ("b 1", pytest.approx(1 / 3), True)


def test_one_content_is_shown_without_a_test(shop: Workspace) -> None:
    item = started(shop, ready(shop, "a 2"))
    assert (item.experiment, item.plan) == (None, None)
    assert item.probabilities(rng=np.random.default_rng(0)) == {item.contents[0].id: pytest.approx(1.0)}
    assert shop.experiments.list() == []


def test_a_running_test_is_kept_as_it_was_started(shop: Workspace) -> None:
    items = ready(shop, "a 2", "b 3", "c 1")
    first = started(shop, items).experiment
    again = started(shop, items, later=timedelta(days=3), recipe={"experiment": {"minimum_effect": 0.5}})
    assert again.experiment == first
    assert again.experiment is not None
    assert again.experiment.starts_at == NOW


def test_another_ranking_or_a_new_content_does_not_cut_a_running_test_short(shop: Workspace) -> None:
    recipe = {"experiment": {"max_arms": 2}}
    items = ready(shop, "a 2", "b 3", "c 1")
    first = started(shop, items, recipe=recipe).experiment
    better = [*items, *ready(shop, "d 9")]
    later = started(shop, better, recipe=recipe, later=timedelta(days=3))
    assert later.experiment == first
    assert [c.text for c in later.contents] == ["a 2", "b 3", "c 1", "d 9"]  # the policy may show it


def test_a_test_that_lost_an_arm_makes_room_for_another(shop: Workspace) -> None:
    items = ready(shop, "a 2", "b 3", "c 1")
    first = started(shop, items, recipe={"experiment": {"max_arms": 2}}).experiment
    left = [j for j in items if j.content.text != "b 3"]
    second = started(shop, left, recipe={"experiment": {"max_arms": 2}}, later=timedelta(days=3)).experiment
    assert first is not None
    assert second is not None
    assert second.id != first.id
    assert second.starts_at == NOW + timedelta(days=3)


def test_the_test_is_sized_by_the_controls_rate(shop: Workspace) -> None:
    section = {"minimum_effect": 0.25, "alpha": 0.1, "power": 0.9, "max_arms": 3}
    item = started(shop, ready(shop, "a 2", "b 3", "c 4"), recipe={"experiment": section})
    wanted = plan_proportions(0.02, 0.25, alpha=0.1, power=0.9, n_arms=3)
    assert item.plan == wanted
    assert item.experiment is not None
    assert (item.experiment.n_per_arm, item.experiment.metric) == (wanted.n_per_arm, "click")
    assert (item.experiment.alpha, item.experiment.power) == (0.1, 0.9)


@pytest.mark.parametrize("metric", ["conversion", "revenue", "margin"])
def test_a_test_of_purchases_needs_more_than_one_of_clicks(shop: Workspace, metric: str) -> None:
    items = ready(shop, "a 2", "b 3")
    clicks = started(shop, items).plan
    item = started(shop, ready(shop, "c 2", "d 3"), recipe={"experiment": {"metric": metric}})
    assert clicks is not None
    assert item.plan is not None
    assert item.plan.n_per_arm > 3 * clicks.n_per_arm
    assert item.experiment is not None
    assert item.experiment.metric == metric


def test_a_test_of_money_is_sized_by_the_spread_of_single_exposures(shop: Workspace) -> None:
    item = started(shop, ready(shop, "a 2", "b 3"), recipe={"experiment": {"metric": "revenue"}})
    p, order = 0.02 * 0.1, 5000.0
    sd = np.sqrt(
        p * (1 + 0.6**2) * order**2 - (p * order) ** 2
    )  # of an exposure: order with probability p, else 0
    assert item.plan == plan_means(p * order, 0.2, sd=float(sd), alpha=0.05, power=0.8, n_arms=2)


@pytest.mark.parametrize("metric", ["conversion", "revenue"])
def test_a_metric_that_was_not_learned_cannot_be_planned_for(shop: Workspace, metric: str) -> None:
    items = ready(shop, "a 2", "b 3")
    with pytest.raises(InfeasibleError, match="none were learned"):
        start(shop, items, model=Oracle(with_orders=False), recipe={"experiment": {"metric": metric}})


def test_the_floor_leaves_half_of_the_traffic_to_the_policy(shop: Workspace) -> None:
    items = ready(shop, *(f"text{i} {1 + i % 5}" for i in range(19)))
    item = started(shop, items, recipe={"decide": {"floor": 0.2}, "goal": {"kind": "click"}})
    shown = item.probabilities(rng=np.random.default_rng(0))
    assert sum(shown.values()) == pytest.approx(1.0)
    assert item.config.floor == pytest.approx(0.5 / 20)
    assert min(shown.values()) >= 0.5 / 20 - 1e-12
    few = started(shop, items[:2], recipe={"decide": {"floor": 0.05}})
    assert few.config.floor == 0.05


def test_each_channel_has_slices_of_its_own(shop: Workspace) -> None:
    assert started(shop, ready(shop, "a 2")).config.salt.endswith(":onsite")


# --- outcomes move the beliefs, and none counts twice ---------------------------------------------


def total(item: Launch, i: int, days: int, n: int, clicks: int) -> OutcomeTotal:
    return OutcomeTotal(
        content_id=item.contents[i].id,
        at=NOW + timedelta(days=days),
        channel="onsite",
        n_exposures=n,
        n_clicks=clicks,
    )


def counted(item: Launch) -> tuple[list[float], list[float]]:
    evidence = item.choice.beliefs.click_evidence
    assert evidence is not None
    return evidence.successes.tolist(), evidence.expected.tolist()


def test_what_the_ledger_holds_is_in_the_beliefs_of_a_new_launch(shop: Workspace) -> None:
    items = ready(shop, "a 2", "b 3")
    first = started(shop, items)
    shop.ledger.record_totals([total(first, 0, 1, 1000, 30)], "adwright")
    assert counted(started(shop, items)) == ([30.0, 0.0], [20.0, 0.0])


def test_no_outcome_counts_twice_when_the_model_is_replaced(shop: Workspace) -> None:
    """Totals before and after the new model's `trained_through`: only the later ones are in its posterior."""
    items = ready(shop, "a 2", "b 3")
    first = started(shop, items)
    lines = [total(first, 0, 1, 1000, 30), total(first, 0, 20, 500, 4), total(first, 1, 20, 200, 9)]
    shop.ledger.record_totals(lines, "adwright")
    shop.ledger.record_totals(lines, "adwright")
    old = started(shop, items)
    assert counted(old) == ([34.0, 9.0], [30.0, 6.0])
    swapped = started(
        shop, items, model=Oracle(model_version="effect@2", trained_through=NOW + timedelta(days=10))
    )
    assert counted(swapped) == ([4.0, 9.0], [10.0, 6.0])
    assert swapped.choice.beliefs.effect.model_version == "effect@2"
    # the same once more, from the running launch: nothing is added
    assert counted(swapped.after(shop.ledger.totals())) == ([4.0, 9.0], [10.0, 6.0])
    # and a model that has seen everything starts from its prior
    newest = started(shop, items, model=Oracle(trained_through=NOW + timedelta(days=20)))
    assert counted(newest) == ([0.0, 0.0], [0.0, 0.0])


def test_the_posterior_is_the_prior_and_what_was_counted(shop: Workspace) -> None:
    """Gamma(k + clicks, k + expected), by hand."""
    items = ready(shop, "a 2", "b 3")
    item = started(shop, items, recipe={"goal": {"kind": "click"}})
    shop.ledger.record_totals([total(item, 0, 1, 5000, 150), total(item, 1, 1, 5000, 150)], "adwright")
    beliefs = item.after(shop.ledger.totals()).choice.beliefs
    value = beliefs.value(item.choice.goal, rng=np.random.default_rng(0), n_draws=40_000, shared_level=False)
    for i, (mean, clicks, expected) in enumerate(((0.02, 150, 100.0), (0.03, 150, 150.0))):
        posterior = mean * (50 + clicks) / (50 + expected)
        sd = mean * np.sqrt(50 + clicks) / (50 + expected)
        assert value.mean[i] == pytest.approx(posterior, abs=5 * sd / np.sqrt(40_000))
