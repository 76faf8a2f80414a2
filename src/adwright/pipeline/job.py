"""The main job on one workspace, from its tables to its report. One short function a step.

    read -> profile -> recommend -> learn effects -> write and guard -> predict and gate -> approve
         -> decide and plan the test -> (traffic) -> collect outcomes -> analyse -> report

Slow steps (learning, writing) leave their result in the workspace as they go, so an interrupted run that is
started again goes on where it was, and what was written for a brief is not written, and paid for, again.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np
import polars as pl

from adwright.errors import DataError, InfeasibleError
from adwright.experiment import Analysis, analyse
from adwright.generate import Written
from adwright.pipeline.baseline import catalogue_content
from adwright.pipeline.campaigns import Campaign, data_range, plan_campaigns, read_products
from adwright.pipeline.effects import EffectModel, learn_effects
from adwright.pipeline.judging import Judged, Reviewer, approve, judge_contents, record, refreshed
from adwright.pipeline.launch import Launch, launch
from adwright.pipeline.outcomes import Outcomes, collect_outcomes
from adwright.pipeline.platform_totals import record_platform_totals
from adwright.pipeline.settings import RunSettings
from adwright.pipeline.writing import standing_contents, write_all
from adwright.profile import Cohorts, build_cohorts
from adwright.recommend import PopularityRecommender
from adwright.schema import Cohort, GoalKind, Language, Product
from adwright.workspace import Workspace

Progress = Callable[[str], None]
Truth = Callable[[Campaign, Sequence[str], GoalKind], Mapping[str, float]]
"""Campaign, content ids and unit -> true value per exposure. Only a simulated shop has it; it only judges."""


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Shop:
    """What was read of the shop, and what follows from its behaviour.

    Args:
        products: By id.
        cohorts: All of them, and who is in which.
        targeted: Those that content is written for, the largest first.
        recommended: Cohort id -> its products, with the evidence.
        n_events: How many events there are.
        first_at: The first of them, or of the past contents; None where nothing has a time.
        last_at: The last.
    """

    products: Mapping[str, Product]
    cohorts: Cohorts
    targeted: tuple[Cohort, ...]
    recommended: Mapping[str, pl.DataFrame]
    n_events: int
    first_at: datetime | None
    last_at: datetime | None


Traffic = Callable[[Sequence[Launch], Shop], Sequence[Launch]]
"""Runs customers over the launches and returns them with what was learned; only a simulated shop has one."""


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class RunResult:
    """What a run did, as objects; `report.figures` turns it into what is shown.

    Args:
        settings: The recipe.
        language: Of the report.
        at: When the run took place.
        shop: Products, cohorts, recommendations.
        model: The effect model.
        judged: Every content of the run.
        launches: The campaigns that compete.
        analyses: Experiment id -> its analysis, where there were outcomes.
        outcomes: What became of all decisions; None before the first.
    """

    settings: RunSettings
    language: Language
    at: datetime
    shop: Shop
    model: EffectModel
    judged: tuple[Judged, ...]
    launches: tuple[Launch, ...]
    analyses: Mapping[str, Analysis]
    outcomes: Outcomes | None


def run(
    workspace: Workspace,
    *,
    now: datetime,
    language: Language | None = None,
    progress: Progress,
    reviewer: Reviewer | None = None,
    traffic: Traffic | None = None,
) -> RunResult:
    """Runs the main job.

    Args:
        workspace: With at least a catalogue.
        now: The present, aware.
        language: Of the report; the shop's first, if None.
        progress: Told what is being done.
        reviewer: Decides on what waits for approval; None leaves it waiting.
        traffic: Runs customers over the launches; None for a real shop, whose decisions and outcomes are in
            the workspace.

    Raises:
        DataError: the catalogue is empty.
        InfeasibleError: the recipe aims at what was not learned.
    """
    settings = RunSettings.from_recipe(workspace.recipe)
    rng = np.random.default_rng(settings.seed)
    progress("profile: cohorts from behaviour")
    shop = read_shop(workspace, settings, now=now)
    model = learn_effects(workspace, shop.products, settings.predict, tuning=settings.tune, progress=progress)
    record_platform_totals(workspace)
    _check_aims(settings, model)
    campaigns = plan_campaigns(
        shop.targeted, shop.recommended, shop.products, settings=settings, can_value=model.can_value
    )
    written = write_all(workspace, campaigns, settings=settings, now=now, progress=progress)
    standing = standing_contents(workspace, campaigns, now=now)
    judged: list[Judged] = []
    launches: list[Launch] = []
    for campaign in campaigns:
        control = catalogue_content(campaign, now=now)
        pool = [*([control] if control else []), *written[campaign.id], *standing[campaign.id]]
        own = judge_contents(
            campaign, _each_once(pool), model=model, products=shop.products, config=settings.gate, rng=rng
        )
        own = approve(workspace, record(workspace, own), config=settings.gate, reviewer=reviewer, now=now)
        judged += own
        started = launch(
            workspace,
            own,
            model=model,
            products=dict(shop.products),
            settings=settings,
            control_id=control.content.id if control else None,
            now=now,
            rng=rng,
        )
        launches += [started] if started else []
    progress(f"gate: {sum(j.publishable for j in judged)} of {len(judged)} contents may be published")
    if traffic is not None:
        launches = list(traffic([x for x in launches if x.is_live], shop))
    outcomes = _outcomes(workspace, settings)
    totals = workspace.ledger.totals()
    launches = [item.after(totals) for item in launches]
    return RunResult(
        settings=settings,
        language=language or settings.shop.languages[0],
        at=now,
        shop=shop,
        model=model,
        judged=tuple(refreshed(workspace, judged)),
        launches=tuple(launches),
        analyses=_analyses(launches, outcomes),
        outcomes=outcomes,
    )


def _check_aims(settings: RunSettings, model: EffectModel) -> None:
    """Raises `InfeasibleError` for a goal or a metric that is not learned, before any text is paid for."""
    goal, metric = settings.goal.kind, settings.experiment.metric
    for name, wanted in (("goal.kind", goal), ("experiment.metric", metric)):
        if wanted is not None and wanted != "auto" and not model.predicts(wanted):
            raise InfeasibleError(
                f"the effect model {model.version} does not predict it",
                argument=name,
                value=wanted,
                hint="Ingest past contents with such outcomes, or aim at what there is "
                '(goal.kind = "auto", experiment.metric = "click")',
            )


def read_shop(workspace: Workspace, settings: RunSettings, *, now: datetime) -> Shop:
    """The catalogue, the cohorts, and what is recommended to the largest of them."""
    table = workspace.tables.read("products")
    if table.is_empty():
        raise DataError(
            "the catalogue is empty",
            argument="products",
            value=0,
            hint="Ingest one first: adwright ingest catalog FILE",
        )
    events, lines = workspace.tables.read("events"), workspace.tables.read("order_lines")
    customers = workspace.tables.read("customers")
    cohorts = build_cohorts(events, lines, table, customers, now=now, k=settings.profile.k)
    recommender = PopularityRecommender().fit(events, lines, table, cohorts.membership, now)
    targeted = tuple(cohorts.cohorts[: settings.profile.n_cohorts])
    first_at, last_at = data_range([events, workspace.tables.read("contents")])
    return Shop(
        products=read_products(table),
        cohorts=cohorts,
        targeted=targeted,
        recommended={c.id: recommender.recommend(c.id, settings.generate.n_products) for c in targeted},
        n_events=events.height,
        first_at=first_at,
        last_at=last_at,
    )


def _each_once(pool: Sequence[Written]) -> list[Written]:
    return list({w.content.id: w for w in pool}.values())


def _outcomes(workspace: Workspace, settings: RunSettings) -> Outcomes | None:
    if workspace.ledger.decisions().is_empty():
        return None
    return collect_outcomes(workspace, rule=settings.attribution)


def _analyses(launches: Sequence[Launch], outcomes: Outcomes | None) -> dict[str, Analysis]:
    found: dict[str, Analysis] = {}
    for item in launches:
        if item.experiment is None or outcomes is None or not item.is_live:
            continue
        totals = outcomes.test_totals(item.experiment)
        if totals.height:
            units = outcomes.test_units(item.experiment)
            found[item.experiment.id] = analyse(item.experiment, totals, units=units)
    return found
