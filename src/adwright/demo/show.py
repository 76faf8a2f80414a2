"""The demo: draw a shop, ingest its files, run the main job, let simulated customers come, and report.

Everything that a real shop would do is done for real: its files are ingested, a model is fitted, contents are
written, guarded and approved (by a reviewer who approves what no guard blocks), decisions are logged, events
ingested and attributed. Only the customers are simulated. The truth is used to judge, at the very end.
"""

from __future__ import annotations

import hashlib
import shutil
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from importlib import resources
from pathlib import Path

import numpy as np

from adwright.demo.traffic import SimulatedTraffic, TrafficPlan
from adwright.errors import UsageError
from adwright.ingest import IngestReport, ingest_catalog, ingest_contents, ingest_customers, ingest_events
from adwright.pipeline.campaigns import Campaign
from adwright.pipeline.figures import run_figures
from adwright.pipeline.file_figures import file_figures
from adwright.pipeline.job import RunResult, Truth, run
from adwright.pipeline.judging import Judged
from adwright.pipeline.report_files import save_report
from adwright.privacy.pseudonyms import KEY_VARIABLE, Pseudonymiser
from adwright.report.figures import RunFigures
from adwright.schema import Approval, GoalKind, Language
from adwright.simulate import World
from adwright.store.faults import disk_faults
from adwright.workspace import Workspace

REVIEWER = "demo reviewer"
MARKER = ".adwright-demo"
DEMO_DAY = datetime(2026, 11, 2, tzinfo=UTC)
"""The day on which the demo's history ends and its traffic begins: fixed, so that a seed always shows the same."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoConfig:
    """What the demo shows.

    Args:
        language: Of the shop, its contents and the report.
        kind: The world: ordinary, null (text has no effect) or bait (exaggeration pays in clicks alone).
        seed: Of the world and of everything random.
        n_products: Size of the catalogue.
        n_customers: Size of the clientele.
        n_groups: Past campaigns to learn from.
        traffic: How many visits.
    """

    language: Language = "en"
    kind: str = "ordinary"
    seed: int = 7
    n_products: int = 60
    n_customers: int = 3000
    n_groups: int = 500
    traffic: TrafficPlan = field(default_factory=TrafficPlan)


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class DemoResult:
    """What the demo leaves.

    Args:
        run: What the main job did.
        truth: The true values, for judging.
        figures: What the report shows.
        report: The page; None if it was not written, as `figures_file`.
        figures_file: The figures as JSON.
        seconds: How long it took.
    """

    run: RunResult
    truth: Truth
    figures: RunFigures
    report: Path | None
    figures_file: Path | None
    seconds: float


def run_demo(
    folder: Path,
    *,
    now: datetime,
    progress: Callable[[str], None],
    config: DemoConfig | None = None,
    write_report: bool = True,
) -> DemoResult:
    """Runs the demo in `folder` and leaves a workspace, `report.html` and `figures.json` there.

    A folder that an earlier demo made is replaced; any other folder that is not empty is refused.

    Raises:
        UsageError: the folder holds something that no demo made.
    """
    settings = config or DemoConfig()
    started = time.monotonic()
    world = World.draw(
        settings.seed,
        settings.kind,  # type: ignore[arg-type]  # World checks the name
        language=settings.language,
        n_products=settings.n_products,
        n_customers=settings.n_customers,
    )
    _prepare(folder)
    recipe = resources.files("adwright.demo").joinpath(f"recipe.{settings.language}.toml").read_text("utf-8")
    pseudonymiser = Pseudonymiser.from_env({KEY_VARIABLE: _key(settings.seed)})
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
    with Workspace.init(folder / "workspace", recipe, env={}) as workspace:  # never a database of production
        progress("history: what the simulated shop hands over")
        reports = _ingest(world, workspace, pseudonymiser, settings=settings, now=midnight)
        rng = np.random.default_rng([settings.seed, 1])
        traffic = SimulatedTraffic(
            world,
            workspace,
            pseudonymiser=pseudonymiser,
            plan=settings.traffic,
            starts_at=midnight,
            rng=rng,
            progress=progress,
        )
        result = run(
            workspace,
            now=midnight,
            language=settings.language,
            progress=progress,
            reviewer=lambda waiting: _review(waiting, midnight),
            traffic=traffic,
        )
        truth = _truth(world, traffic.members(result.shop), result)
        figures = run_figures(
            result,
            workspace,
            rng=rng,
            files=[file_figures(r) for r in reports],
            truth=truth,
            traffic=traffic.figures,
        )
    report = figures_file = None
    if write_report:
        progress("report")
        files = save_report(folder, figures, settings.language)
        report, figures_file = files.page, files.figures
    return DemoResult(
        run=result,
        truth=truth,
        figures=figures,
        report=report,
        figures_file=figures_file,
        seconds=time.monotonic() - started,
    )


def _prepare(folder: Path) -> None:
    """An empty folder that is marked as the demo's."""
    if folder.exists() and not folder.is_dir():
        raise UsageError(
            "not a folder", argument="out", value=str(folder), hint="Name another one: --out DIR"
        )
    if folder.exists() and any(folder.iterdir()):
        if not (folder / MARKER).exists():
            raise UsageError(
                "the folder is not empty and no demo made it",
                argument="out",
                value=str(folder),
                hint="Name another one: --out DIR",
            )
        shutil.rmtree(folder)
    with disk_faults(folder):
        folder.mkdir(parents=True, exist_ok=True)
        (folder / MARKER).touch()


def _key(seed: int) -> str:
    """A pseudonym key for customers that are simulated, so that the same seed shows the same figures."""
    return hashlib.blake2b(f"demo {seed}".encode(), digest_size=32).hexdigest()


def _ingest(
    world: World,
    workspace: Workspace,
    pseudonymiser: Pseudonymiser,
    *,
    settings: DemoConfig,
    now: datetime,
) -> list[IngestReport]:
    """The shop's files, written and ingested."""
    files = world.write_history(workspace.path / "files", now=now, n_groups=settings.n_groups)
    workspace.remember_key(pseudonymiser)
    tables, quarantine, currency = workspace.tables, workspace.quarantine, workspace.shop.currency
    return [
        ingest_catalog(tables, quarantine, [files["catalog"]], now=now, currency=currency),
        ingest_customers(tables, quarantine, [files["customers"]], pseudonymiser=pseudonymiser, now=now),
        ingest_contents(tables, quarantine, [files["contents"]], now=now, currency=currency),
        ingest_events(
            tables, quarantine, [files["events"]], pseudonymiser=pseudonymiser, now=now, currency=currency
        ),
    ]


def _review(waiting: Sequence[Judged], now: datetime) -> list[Approval]:
    """A reviewer who approves whatever no guard blocks and the gate does not hold back."""
    return [
        Approval(content_id=j.content.id, approved=True, by=REVIEWER, at=now, text=j.content.text)
        for j in waiting
        if j.publishable
    ]


def _truth(world: World, members: Mapping[str, Sequence[str]], result: RunResult) -> Truth:
    """The true value of contents for a campaign's cohort, in the unit that is asked for."""
    contents = {j.content.id: j.content for j in result.judged}

    def truth(campaign: Campaign, ids: Sequence[str], unit: GoalKind) -> dict[str, float]:
        weights = dict.fromkeys(members[campaign.cohort.id], 1.0)
        frame = world.true_value([contents[i] for i in ids], cohort_customers=weights)
        click, conversion = frame["p_click"].to_numpy(), frame["p_conversion"].to_numpy()
        revenue = frame["value_minor"].to_numpy()
        values = {
            "click": click,
            "conversion": click * conversion,
            "revenue": revenue,
            "margin": revenue * campaign.goal.margin_share,
        }[unit]
        return dict(zip(ids, values.tolist(), strict=True))

    return truth
