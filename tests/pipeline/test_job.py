"""The main job on a toy workspace, run after run."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import polars as pl
import pytest

from adwright.errors import AdwrightError, BackendError, DataError
from adwright.generate import WriteRequest
from adwright.pipeline.job import RunResult, read_shop
from adwright.pipeline.settings import RunSettings
from adwright.schema import EVERYONE
from adwright.testing import NOW, ScriptedBackend, plain_words
from adwright.workspace import Workspace
from pipeline.workbench import (
    RECIPE,
    add_events,
    approval,
    approve_all,
    decisions_for,
    events_of,
    quiet,
    run_job,
    statuses,
)

MakeShop = Callable[..., Workspace]
WriteWith = Callable[[ScriptedBackend], ScriptedBackend]


def by_text(result: RunResult) -> dict[str, str]:
    return {j.content.text: j.content.status for j in result.judged}


# --- a shop without behaviour ---------------------------------------------------------------------


def test_without_behaviour_there_is_one_cohort_and_the_best_rated_is_recommended(make_shop: MakeShop) -> None:
    shop = make_shop(n_products=10)
    result = run_job(shop)
    assert [c.id for c in result.shop.targeted] == [EVERYONE]
    assert result.shop.recommended[EVERYONE]["product_id"].to_list() == ["p9"]
    assert result.shop.n_events == 0
    assert (result.shop.first_at, result.shop.last_at) == (None, None)


def test_stock_and_rating_decide_what_is_recommended_without_sales(make_shop: MakeShop) -> None:
    shop = make_shop(RECIPE + "n_products = 10\n", n_products=10)
    products = shop.tables.read("products").with_columns(
        pl.when(pl.col("id") == "p9").then(0).otherwise("quantity").alias("quantity"),
        pl.when(pl.col("id") == "p2").then(5.0).otherwise("rating").alias("rating"),
    )
    shop.tables.upsert("products", products, key="id")
    order = run_job(shop).shop.recommended[EVERYONE]["product_id"].to_list()
    assert "p9" not in order  # out of stock
    assert order.index("p2") < order.index("p3")
    assert len(order) == 9


def test_a_first_run_writes_and_leaves_everything_to_a_person(shop: Workspace) -> None:
    result = run_job(shop)
    assert result.model.version == "prior"
    assert set(by_text(result).values()) == {"draft"}
    assert len(result.judged) == 4  # three variants, and what the catalogue says today
    assert {j.gate.verdict for j in result.judged} == {"review"}
    assert result.analyses == {}
    assert result.outcomes is None
    (item,) = result.launches
    assert not item.is_live
    assert shop.experiments.list() == []


def test_an_empty_catalogue_is_one_line(make_shop: MakeShop) -> None:
    shop = make_shop()
    empty = Workspace.init(shop.path.parent / "empty", RECIPE, env={})
    with empty, pytest.raises(DataError, match=r"the catalogue is empty.*adwright ingest catalog"):
        run_job(empty)


def test_a_catalogue_that_is_sold_out_runs_and_writes_nothing(shop: Workspace) -> None:
    products = shop.tables.read("products").with_columns(pl.lit(0, pl.Int64).alias("quantity"))
    shop.tables.upsert("products", products, key="id")
    result = run_job(shop)
    assert (result.judged, result.launches) == ((), ())


def test_the_report_speaks_the_shops_first_language_unless_told(make_shop: MakeShop) -> None:
    shop = make_shop(RECIPE.replace('["en"]', '["zh", "en"]'))
    from adwright.pipeline.job import run

    assert run(shop, now=NOW, progress=quiet).language == "zh"
    assert run(shop, now=NOW, progress=quiet, language="en").language == "en"


def test_contents_are_written_in_every_language_of_the_shop(make_shop: MakeShop) -> None:
    shop = make_shop(RECIPE.replace('["en"]', '["zh", "en"]'))
    result = run_job(shop)
    written = [j.content for j in result.judged if j.content.provenance.backend == "compose"]
    assert {c.language for c in written} == {"zh", "en"}
    for content in written:
        has_han = any("一" <= x <= "鿿" for x in content.text)
        assert has_han == (content.language == "zh")


# --- a guard blocks -------------------------------------------------------------------------------


def lying(request: WriteRequest, number: int) -> dict[str, str]:
    slots = plain_words(request, number)
    return {**slots, "description": "Pure silk, now only $1.23"} if number == 0 else slots


def test_what_a_guard_blocks_is_rejected_with_its_finding_and_never_approved(
    shop: Workspace, write_with: WriteWith
) -> None:
    write_with(ScriptedBackend(lying))
    result = run_job(shop, reviewer=approve_all)
    (bad,) = [j for j in result.judged if "silk" in j.content.text]
    assert bad.content.status == "rejected"
    assert bad.gate.verdict == "reject"
    assert {"facts.price", "facts.material"} <= {f.rule_id for f in bad.findings}
    assert all(f.rule_id in bad.gate.reason["en"] for f in bad.findings if f.severity == "block")
    assert shop.contents.findings(bad.content.id) == bad.findings
    assert all(bad.content.id != c.id for item in result.launches for c in item.contents)
    with pytest.raises(AdwrightError, match="a guard blocks this content"):
        shop.contents.approve(approval(bad))
    run_job(shop, reviewer=approve_all)
    assert shop.contents.get(bad.content.id).status == "rejected"
    assert shop.contents.approvals(bad.content.id) == ()


# --- run after run --------------------------------------------------------------------------------


def test_running_again_changes_nothing_that_a_person_decided(shop: Workspace) -> None:
    first = run_job(shop)
    yes, no, *_ = first.judged
    shop.contents.approve(approval(yes, reason="good"))
    shop.contents.approve(approval(no, approved=False, reason="dull"))
    for _ in range(2):
        result = run_job(shop)
        found = statuses(shop)
        assert found[yes.content.id] == "live"
        assert found[no.content.id] == "rejected"
        assert len(found) == len(first.judged)
        assert [a.reason for a in shop.contents.approvals(yes.content.id)] == ["good"]
        assert [a.reason for a in shop.contents.approvals(no.content.id)] == ["dull"]
        (item,) = result.launches
        assert [c.id for c in item.contents] == [yes.content.id]


def test_when_all_were_refused_nothing_is_launched(shop: Workspace) -> None:
    for j in run_job(shop).judged:
        shop.contents.approve(approval(j, approved=False, reason="dull"))
    again = run_job(shop)
    assert again.launches == ()
    assert set(by_text(again).values()) == {"rejected"}


def test_after_approvals_the_next_run_starts_the_test_and_a_third_keeps_it(shop: Workspace) -> None:
    for j in run_job(shop).judged:
        shop.contents.approve(approval(j))
    second = run_job(shop, now=NOW + timedelta(days=1))
    (experiment,) = shop.experiments.list()
    assert experiment.starts_at == NOW + timedelta(days=1)
    assert len(experiment.arms) == 4
    control = next(a.content_id for a in experiment.arms if a.is_control)
    assert shop.contents.get(control).provenance.backend == "catalogue"
    assert second.launches[0].experiment == experiment
    third = run_job(shop, now=NOW + timedelta(days=9))
    assert shop.experiments.list() == [experiment]
    assert third.launches[0].experiment == experiment
    assert set(by_text(third).values()) == {"live"}


def test_a_writer_that_never_says_the_same_twice_does_not_change_a_running_test(
    shop: Workspace, write_with: WriteWith
) -> None:
    """As a sampled language model: but for what is kept, the second run would know other texts."""
    n_calls = 0

    def moody(request: WriteRequest, number: int) -> dict[str, str]:
        nonlocal n_calls
        n_calls += 1
        slots = plain_words(request, number)
        return {**slots, "headline": f"{slots['headline']} {'again ' * n_calls}".strip()}

    write_with(ScriptedBackend(moody))
    first = run_job(shop, reviewer=approve_all)
    later = run_job(shop, now=NOW + timedelta(days=1))
    assert first.launches[0].is_live
    assert by_text(later) == by_text(first)
    assert later.launches[0].experiment == first.launches[0].experiment
    # the catalogue changes, so it is written anew; the old test goes on, what is new waits
    products = shop.tables.read("products").with_columns(pl.col("quantity") + 1)
    shop.tables.upsert("products", products, key="id")
    third = run_job(shop, now=NOW + timedelta(days=2))
    assert third.launches[0].experiment == first.launches[0].experiment
    assert by_text(third).items() >= by_text(later).items()
    assert set(by_text(third).values()) == {"live", "draft"}


def test_the_same_run_twice_decides_the_same(make_shop: MakeShop) -> None:
    results = [run_job(make_shop(n_groups=80), reviewer=approve_all) for _ in range(2)]
    one, two = ([(j.content.id, j.value, j.gate.verdict) for j in r.judged] for r in results)
    assert one == two
    assert results[0].launches[0].experiment == results[1].launches[0].experiment


def test_a_looser_gate_brings_back_what_the_gate_alone_held(make_shop: MakeShop) -> None:
    strict = make_shop(RECIPE + "[gate]\nmin_value_lower = 1e9\n", n_groups=80)
    assert set(by_text(run_job(strict)).values()) == {"rejected"}
    strict.recipe["gate"]["min_value_lower"] = 0.0
    assert set(by_text(run_job(strict)).values()) == {"draft"}


def test_what_passes_the_gate_is_approved_by_it_where_the_recipe_says_so(make_shop: MakeShop) -> None:
    recipe = RECIPE + "[gate]\nauto_approve = true\nrequire_in_domain = false\n"
    shop = make_shop(recipe, n_groups=80)
    result = run_job(shop)
    assert set(by_text(result).values()) == {"live"}
    assert {a.by for j in result.judged for a in shop.contents.approvals(j.content.id)} == {"gate"}
    # without a model the gate vouches for nothing
    unlearned = make_shop(recipe)
    assert set(by_text(run_job(unlearned)).values()) == {"draft"}


# --- outcomes come back ---------------------------------------------------------------------------


def live_shop(shop: Workspace) -> RunResult:
    result = run_job(shop, reviewer=approve_all)
    item = result.launches[0]
    decisions = decisions_for(item, 400, at=NOW + timedelta(hours=1))
    shop.ledger.record_decisions(decisions)
    best = item.contents[-1].id
    clicked = {i for i, d in enumerate(decisions) if i % (3 if d.content_id == best else 30) == 0}
    add_events(shop, events_of(decisions, lambda i: (True, i in clicked, 900 if i in clicked else None, 0)))
    return result


def test_outcomes_are_attributed_analysed_and_believed_in_the_same_run(shop: Workspace) -> None:
    first = live_shop(shop)
    result = run_job(shop, now=NOW + timedelta(days=2))
    experiment = first.launches[0].experiment
    assert experiment is not None
    assert result.outcomes is not None
    analysis = result.analyses[experiment.id]
    assert analysis.decision == "go on"
    test = result.outcomes.rows.filter(pl.col("experiment_id") == experiment.id)
    assert sum(a.n_exposures for a in analysis.arms) == test.height > 0
    evidence = result.launches[0].choice.beliefs.click_evidence
    assert evidence is not None
    assert evidence.successes.sum() == shop.ledger.totals()["n_clicks"].sum() > 0


def test_each_run_counts_the_outcomes_once(shop: Workspace) -> None:
    live_shop(shop)
    first = run_job(shop, now=NOW + timedelta(days=2))
    totals = shop.ledger.totals()
    again = run_job(shop, now=NOW + timedelta(days=2))
    assert shop.ledger.totals().equals(totals)
    one, two = (r.launches[0].choice.beliefs.click_evidence for r in (first, again))
    assert one is not None
    assert two is not None
    assert (one.successes.tolist(), one.expected.tolist()) == (two.successes.tolist(), two.expected.tolist())


def test_a_run_that_fails_half_way_is_completed_by_the_next(shop: Workspace, write_with: WriteWith) -> None:
    write_with(ScriptedBackend(fails_at=1))
    with pytest.raises(BackendError):
        run_job(shop)
    assert statuses(shop) == {}
    write_with(ScriptedBackend())
    assert len(run_job(shop).judged) == 4


def test_what_is_read_of_the_shop_covers_events_and_past_contents(make_shop: MakeShop) -> None:
    shop = make_shop(n_groups=5)
    found = read_shop(shop, RunSettings.from_recipe(shop.recipe), now=NOW)
    assert (found.first_at, found.last_at) == (NOW - timedelta(days=6), NOW - timedelta(days=2))
    assert list(found.products) == ["p0", "p1", "p2"]
