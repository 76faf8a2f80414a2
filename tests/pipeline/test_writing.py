"""Each brief is written, and paid for, once, however often a run is killed or started again."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest

from adwright.errors import BackendError
from adwright.generate import WriteRequest
from adwright.pipeline.campaigns import Campaign, plan_campaigns, read_products
from adwright.pipeline.settings import RunSettings
from adwright.pipeline.writing import BRIEFS_A_STEP, standing_contents, write_all
from adwright.schema import EVERYONE, Cohort
from adwright.testing import NOW, ScriptedBackend, plain_words
from adwright.workspace import Workspace
from pipeline.workbench import RECIPE, approval, approve_all, quiet, run_job, statuses

MANY = RECIPE + 'n_products = 10\nchannels = ["onsite", "email"]\n'
"""Ten products in two channels: twenty briefs, three steps."""

MakeShop = Callable[..., Workspace]
WriteWith = Callable[[ScriptedBackend], ScriptedBackend]


def asked(backend: ScriptedBackend) -> Counter[tuple[str, str]]:
    return Counter((r.brief.product.id, r.brief.channel) for r in backend.asked)


def campaigns_of(shop: Workspace, settings: RunSettings) -> list[Campaign]:
    products = read_products(shop.tables.read("products"))
    everyone = Cohort(id=EVERYONE, size=0, description={"en": "All customers", "zh": "所有顾客"})
    ids = list(products)
    frame = pl.DataFrame(
        {"product_id": ids, "evidence_en": ["x"] * len(ids), "evidence_zh": ["x"] * len(ids)}
    )
    return plan_campaigns([everyone], {EVERYONE: frame}, products, settings=settings, can_value=False)


def write(shop: Workspace, settings: RunSettings | None = None) -> dict[str, list[str]]:
    chosen = settings or RunSettings.from_recipe(shop.recipe)
    found = write_all(shop, campaigns_of(shop, chosen), settings=chosen, now=NOW, progress=quiet)
    return {name: [w.content.id for w in written] for name, written in found.items()}


def test_an_interrupted_run_is_completed_and_nothing_is_paid_for_twice(
    make_shop: MakeShop, write_with: WriteWith
) -> None:
    shop = make_shop(MANY, n_products=10)
    first = write_with(ScriptedBackend(fails_at=3))
    with pytest.raises(BackendError):
        run_job(shop)
    assert sum(asked(first).values()) == 2 * BRIEFS_A_STEP
    second = write_with(ScriptedBackend())
    run_job(shop)
    together = asked(first) + asked(second)
    assert len(together) == 20
    assert set(together.values()) == {1}
    # and it ends where a run that nothing interrupted ends
    other = make_shop(MANY, n_products=10)
    write_with(ScriptedBackend())
    run_job(other)
    assert statuses(shop) == statuses(other)


def test_what_is_written_is_not_written_again_by_later_runs(shop: Workspace, write_with: WriteWith) -> None:
    backend = write_with(ScriptedBackend())
    first = write(shop)
    assert write(shop) == first
    run_job(shop)
    run_job(shop, reviewer=approve_all)
    run_job(shop)
    assert asked(backend) == {("p0", "onsite"): 1, ("p2", "onsite"): 1}  # the first, and the best rated


@pytest.mark.parametrize(
    "change",
    [
        lambda s: replace(s, generate=replace(s.generate, n_variants=2)),
        lambda s: replace(s, generate=replace(s.generate, backend="hf")),
        lambda s: replace(s, generate=replace(s.generate, tables={s.generate.backend: {"temperature": 1}})),
        lambda s: replace(s, seed=1),
    ],
)
def test_another_writer_number_or_seed_is_written_for(
    shop: Workspace, write_with: WriteWith, change: Callable[[RunSettings], RunSettings]
) -> None:
    backend = write_with(ScriptedBackend())
    settings = RunSettings.from_recipe(shop.recipe)
    write(shop, settings)
    write(shop, change(settings))
    assert backend.n_calls == 2


def test_settings_that_do_not_touch_the_writing_change_nothing(
    shop: Workspace, write_with: WriteWith
) -> None:
    backend = write_with(ScriptedBackend())
    settings = RunSettings.from_recipe(shop.recipe)
    write(shop, settings)
    write(shop, replace(settings, gate=replace(settings.gate, auto_approve=True)))
    write(shop, replace(settings, decide=replace(settings.decide, floor=0.2)))
    assert backend.n_calls == 1


def test_a_changed_product_is_another_brief(shop: Workspace, write_with: WriteWith) -> None:
    backend = write_with(ScriptedBackend())
    write(shop)
    products = shop.tables.read("products")
    dearer = products.with_columns(pl.col("price_minor") + 100)
    shop.tables.upsert("products", dearer, key="id")
    write(shop)
    assert backend.n_calls == 2


def test_a_campaign_gets_the_contents_of_its_own_brief(make_shop: MakeShop, write_with: WriteWith) -> None:
    write_with(ScriptedBackend())
    shop = make_shop(MANY, n_products=10)
    settings = RunSettings.from_recipe(shop.recipe)
    campaigns = campaigns_of(shop, settings)
    found = write_all(shop, campaigns, settings=settings, now=NOW, progress=quiet)
    for campaign in campaigns:
        for written in found[campaign.id]:
            assert campaign.product.title in written.content.text
            assert written.content.channel == campaign.channel
        assert len(found[campaign.id]) == 3


def test_what_is_read_back_is_guarded_as_things_stand_now(shop: Workspace, write_with: WriteWith) -> None:
    """A price that was right when it was written blocks once the catalogue says otherwise."""

    def priced(request: WriteRequest, number: int) -> dict[str, str]:
        price = (request.brief.product.price_minor or 0) / 100
        return {**plain_words(request, number), "description": f"Only ${price:.2f}, number {'x' * number}"}

    write_with(ScriptedBackend(priced))
    result = run_job(shop, reviewer=approve_all)
    written = [j for j in result.judged if j.content.provenance.backend == "scripted"]
    assert {j.content.status for j in written} == {"live"}
    products = shop.tables.read("products")
    shop.tables.upsert("products", products.with_columns(pl.col("price_minor") + 100), key="id")
    again = run_job(shop)
    now = {j.content.id: j for j in again.judged}
    for j in written:
        assert now[j.content.id].content.status == "retired"
        assert now[j.content.id].gate.verdict == "reject"
        assert "facts.price" in {f.rule_id for f in now[j.content.id].findings}


def test_what_a_person_edited_takes_part_like_what_was_written(
    shop: Workspace, write_with: WriteWith
) -> None:
    write_with(ScriptedBackend())
    settings = RunSettings.from_recipe(shop.recipe)
    judged = next(j for j in run_job(shop).judged if j.content.provenance.backend == "scripted")
    edited = judged.content.with_slots(
        {"headline": "In a word", "description": judged.campaign.product.title}
    )
    shop.contents.save([edited], {edited.id: ()})
    standing = standing_contents(shop, [judged.campaign], now=NOW)[judged.campaign.id]
    assert edited.id in [w.content.id for w in standing]
    shop.contents.approve(replace(approval(judged), content_id=edited.id, text=edited.text))
    result = run_job(shop)
    (launch,) = result.launches
    assert [c.id for c in launch.contents] == [edited.id]
    assert settings.generate.n_variants == 3


def test_contents_of_other_campaigns_and_refused_ones_do_not_stand(
    shop: Workspace, write_with: WriteWith
) -> None:
    write_with(ScriptedBackend())
    first = run_job(shop)
    campaign = first.judged[0].campaign
    refused = first.judged[-1]
    shop.contents.approve(approval(refused, approved=False, reason="dull"))
    elsewhere = replace(campaign, channel="email")
    standing = standing_contents(shop, [campaign, elsewhere], now=NOW)
    assert standing[elsewhere.id] == []
    ids = {w.content.id for w in standing[campaign.id]}
    assert ids == {j.content.id for j in first.judged} - {refused.content.id}


KILLED = """
import os, signal, sys
from pathlib import Path
import adwright.pipeline.writing as writing
from adwright.testing import ScriptedBackend
from adwright.workspace import Workspace
from pipeline.workbench import run_job

log = Path(sys.argv[2])

class Mortal(ScriptedBackend):
    def write(self, requests):
        with log.open("a") as out:
            out.writelines(f"{r.brief.product.id} {r.brief.channel}\\n" for r in requests)
        if sys.argv[3] == "inside" and self.n_calls == 1:
            os.kill(os.getpid(), signal.SIGKILL)
        return super().write(requests)

writing.create_writer = lambda name, tables, fallback, meter: Mortal()
if sys.argv[3] == "after":
    save = writing.write_contents
    calls = []
    def write_contents(*arguments, **options):
        calls.append(1)
        if len(calls) == 3:
            os.kill(os.getpid(), signal.SIGKILL)
        return save(*arguments, **options)
    writing.write_contents = write_contents
with Workspace.open(sys.argv[1], env={}) as shop:
    run_job(shop)
"""


@pytest.mark.parametrize(("where", "n_again"), [("inside", BRIEFS_A_STEP), ("after", 0)])
def test_a_killed_process_loses_one_step_at_most(
    make_shop: MakeShop, write_with: WriteWith, where: str, n_again: int
) -> None:
    shop = make_shop(MANY, n_products=10)
    path, log = shop.path, shop.path.parent / "asked.txt"
    shop.close()
    killed = subprocess.run(
        [sys.executable, "-c", KILLED, str(path), str(log), where],
        env={**os.environ, "PYTHONPATH": os.pathsep.join([str(Path(__file__).parents[1]), *sys.path])},
        check=False,
        capture_output=True,
    )
    assert killed.returncode == -signal.SIGKILL, killed.stderr
    paid = Counter(tuple(line.split()) for line in log.read_text().splitlines())
    backend = write_with(ScriptedBackend())
    with Workspace.open(path, env={}) as again:
        run_job(again)
        found = statuses(again)
    paid += asked(backend)
    assert len(paid) == 20
    assert paid.total() == 20 + n_again
    assert len(found) == 20 * 4  # three variants and the catalogue's own words
    assert set(found.values()) == {"draft"}


def test_the_writing_of_an_empty_list_is_nothing(shop: Workspace) -> None:
    settings = RunSettings.from_recipe(shop.recipe)
    nothing: Sequence[Campaign] = []
    assert write_all(shop, nothing, settings=settings, now=NOW, progress=quiet) == {}
