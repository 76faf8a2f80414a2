from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np
import pytest

from adwright.gate import GateConfig, GateResult, Verdict
from adwright.generate import Written
from adwright.pipeline.campaigns import Campaign
from adwright.pipeline.effects import EffectModel, learn_effects
from adwright.pipeline.judging import Judged, approve, judge_contents, record
from adwright.pipeline.settings import PredictSection
from adwright.schema import (
    EVERYONE,
    Approval,
    Cohort,
    Content,
    ContentStatus,
    Effect,
    Finding,
    Goal,
    Provenance,
    Rate,
)
from adwright.testing import NOW, toy_products
from adwright.workspace import Workspace
from pipeline.workbench import approval, approve_all, quiet

PRODUCTS = {p.id: p for p in toy_products(3)}
CAMPAIGN = Campaign(
    cohort=Cohort(id=EVERYONE, size=0, description={"en": "All", "zh": "所有"}),
    product=PRODUCTS["p0"],
    kind="ad_copy",
    channel="onsite",
    language="en",
    goal=Goal(kind="click"),
    evidence={"en": "", "zh": ""},
)
NO_MODEL = EffectModel(predictor=None, version="prior", metrics={}, n_rows=0)
BLOCK = Finding(
    rule_id="facts.price", severity="block", slot="headline", start=0, end=1, text="$", evidence="x"
)


def content(text: str) -> Content:
    made = Content(
        id="",
        kind="ad_copy",
        product_ids=("p0",),
        cohort_id=EVERYONE,
        channel="onsite",
        language="en",
        slots={"headline": text},
        provenance=Provenance(backend="test"),
    )
    return made.with_slots(made.slots)


def judged(
    text: str,
    *,
    verdict: Verdict = "publish",
    status: ContentStatus = "draft",
    findings: Sequence[Finding] = (),
) -> Judged:
    rate = Rate(mean=np.array([0.02]), k=np.array([20.0]), level_sd=np.array([0.3]))
    made = replace(content(text), status=status)
    return Judged(
        campaign=CAMPAIGN,
        content=made,
        findings=tuple(findings),
        effect=Effect(content_ids=(made.id,), click=rate, model_version="effect@1"),
        value=(0.02, 0.01, 0.04),
        click=(0.02, 0.01, 0.04),
        conversion=None,
        in_domain=True,
        gate=GateResult(verdict=verdict, reason={"en": "Because.", "zh": "因为。"}),
    )


# --- judging --------------------------------------------------------------------------------------


def test_without_a_model_a_person_decides_whatever_the_prior_says() -> None:
    found = judge_contents(
        CAMPAIGN,
        [Written(content("one"), ()), Written(content("two"), (BLOCK,))],
        model=NO_MODEL,
        products=PRODUCTS,
        config=GateConfig(min_value_lower=0.5),
        rng=np.random.default_rng(0),
    )
    assert [j.gate.verdict for j in found] == ["review", "reject"]
    assert [j.in_domain for j in found] == [None, None]
    mean, low, high = found[0].value
    assert 0 < low < mean < high < 1


@pytest.fixture(scope="module")
def learned(tmp_path_factory: pytest.TempPathFactory) -> EffectModel:
    from pipeline.workbench import open_shop

    with open_shop(tmp_path_factory.mktemp("learned") / "shop", n_groups=100) as shop:
        return learn_effects(shop, PRODUCTS, PredictSection(), progress=quiet)


def test_with_a_model_the_gate_reads_its_lower_bound_and_its_domain(learned: EffectModel) -> None:
    texts = [
        "A calm Linen Shirt\nNumber 5 of the calm ones",
        "Quantum flux capacitor overdrive zzyzx 9000!!!",
    ]
    written = [Written(content(t), ()) for t in texts]

    def verdicts(config: GateConfig) -> list[str]:
        found = judge_contents(
            CAMPAIGN, written, model=learned, products=PRODUCTS, config=config, rng=np.random.default_rng(0)
        )
        assert [j.in_domain for j in found] == [True, False]
        return [j.gate.verdict for j in found]

    assert verdicts(GateConfig()) == ["publish", "review"]
    assert verdicts(GateConfig(require_in_domain=False)) == ["publish", "publish"]
    assert verdicts(GateConfig(min_value_lower=0.9)) == ["learn", "learn"]


def test_a_strange_text_is_less_certain(learned: EffectModel) -> None:
    texts = [
        "A calm Linen Shirt\nNumber 5 of the calm ones",
        "Quantum flux capacitor overdrive zzyzx 9000!!!",
    ]
    familiar, strange = judge_contents(
        CAMPAIGN,
        [Written(content(t), ()) for t in texts],
        model=learned,
        products=PRODUCTS,
        config=GateConfig(),
        rng=np.random.default_rng(0),
    )
    assert familiar.effect.click is not None
    assert strange.effect.click is not None
    assert strange.effect.click.k[0] < familiar.effect.click.k[0]


def test_nothing_written_is_nothing_judged() -> None:
    arguments = {
        "model": NO_MODEL,
        "products": PRODUCTS,
        "config": GateConfig(),
        "rng": np.random.default_rng(0),
    }
    assert judge_contents(CAMPAIGN, [], **arguments) == []  # type: ignore[arg-type]


# --- what the verdict does to a content ---------------------------------------------------------


@pytest.mark.parametrize(
    ("before", "decided", "verdict", "after"),
    [
        ("draft", None, "publish", "draft"),
        ("draft", None, "review", "draft"),
        ("draft", None, "learn", "rejected"),
        ("draft", None, "reject", "rejected"),
        # what a person decided stays, unless a guard blocks what is public
        ("approved", True, "publish", "approved"),
        ("approved", True, "review", "approved"),
        ("approved", True, "learn", "approved"),
        ("approved", True, "reject", "retired"),
        ("live", True, "learn", "live"),
        ("live", True, "reject", "retired"),
        ("rejected", False, "publish", "rejected"),
        ("rejected", False, "review", "rejected"),
        ("retired", True, "publish", "retired"),
        # what only an earlier gate held back comes up again
        ("rejected", None, "publish", "draft"),
        ("rejected", None, "review", "draft"),
        ("rejected", None, "learn", "rejected"),
        ("rejected", None, "reject", "rejected"),
    ],
)
def test_the_status_after_a_verdict(
    shop: Workspace, before: ContentStatus, decided: bool | None, verdict: Verdict, after: ContentStatus
) -> None:
    item = judged("one", verdict=verdict)
    shop.contents.save([item.content])
    if decided is not None:
        shop.contents.approve(approval(item, approved=decided))
    if shop.contents.get(item.content.id).status != before:
        shop.contents.set_status(item.content.id, before)
    (found,) = record(shop, [item])
    assert found.content.status == shop.contents.get(item.content.id).status == after


@pytest.mark.parametrize(
    ("status", "verdict", "publishable"),
    [
        ("draft", "publish", True),
        ("draft", "review", True),
        ("approved", "review", True),
        ("live", "publish", True),
        ("draft", "learn", False),
        ("draft", "reject", False),
        ("rejected", "publish", False),
        ("retired", "review", False),
    ],
)
def test_what_a_person_refused_is_not_publishable(
    status: ContentStatus, verdict: Verdict, publishable: bool
) -> None:
    assert judged("one", status=status, verdict=verdict).publishable is publishable


def test_findings_and_effect_are_kept_beside_the_content(shop: Workspace) -> None:
    item = replace(judged("one", findings=[BLOCK], verdict="reject"), conversion=(0.1, float("nan"), 0.3))
    record(shop, [item])
    assert shop.contents.findings(item.content.id) == (BLOCK,)
    kept = shop.contents.effects([item.content.id])[item.content.id]
    assert kept == {
        "model_version": "effect@1",
        "goal": "click",
        "value": [0.02, 0.01, 0.04],
        "click": [0.02, 0.01, 0.04],
        "conversion": [0.1, None, 0.3],
        "in_domain": True,
        "gate": "reject",
        "gate_reason": {"en": "Because.", "zh": "因为。"},
    }
    json.dumps(kept, allow_nan=False)


# --- approvals ------------------------------------------------------------------------------------


Reviewer = Callable[[Sequence[Judged]], Sequence[Approval]]


def approved_ids(
    shop: Workspace, items: Sequence[Judged], *, auto: bool, reviewer: Reviewer | None
) -> list[str]:
    kept = record(shop, items)
    found = approve(shop, kept, config=GateConfig(auto_approve=auto), reviewer=reviewer, now=NOW)
    assert [j.content.id for j in found] == [j.content.id for j in items]
    return [j.content.slots["headline"] for j in found if j.content.status == "approved"]


def all_sorts() -> list[Judged]:
    return [
        judged("publish me"),
        judged("look at me", verdict="review"),
        judged("too weak", verdict="learn"),
        judged("forbidden", verdict="reject", findings=[BLOCK]),
    ]


def test_without_a_reviewer_everything_waits(shop: Workspace) -> None:
    assert approved_ids(shop, all_sorts(), auto=False, reviewer=None) == []


def test_the_gate_approves_what_passes_it_where_the_recipe_lets_it(shop: Workspace) -> None:
    items = all_sorts()
    assert approved_ids(shop, items, auto=True, reviewer=None) == ["publish me"]
    (kept,) = shop.contents.approvals(items[0].content.id)
    assert (kept.by, kept.text, kept.reason) == ("gate", items[0].content.text, "Because.")


def test_a_reviewer_is_asked_for_what_waits_and_no_more(shop: Workspace) -> None:
    asked: list[list[str]] = []

    def reviewer(waiting: Sequence[Judged]) -> list[Approval]:
        asked.append([j.content.slots["headline"] for j in waiting])
        return approve_all(waiting)

    assert approved_ids(shop, all_sorts(), auto=True, reviewer=reviewer) == ["publish me", "look at me"]
    assert asked == [["look at me"]]


def test_an_approval_of_other_words_is_refused(shop: Workspace) -> None:
    items = record(shop, [judged("one")])
    forged = replace(approval(items[0]), text="two")
    with pytest.raises(ValueError, match="not the text"):
        approve(shop, items, config=GateConfig(), reviewer=lambda waiting: [forged], now=NOW)
    assert shop.contents.get(items[0].content.id).status == "draft"
