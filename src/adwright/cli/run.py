"""`adwright run`: the main job on a workspace, up to its report."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from adwright.cli.output import JsonOption, WorkspaceOption, emit, progress, write_page
from adwright.schema import Language

app = typer.Typer(add_completion=False)


@app.command()
def run(
    workspace: WorkspaceOption = Path("."),
    language: Annotated[
        str | None,
        typer.Option("--language", help="zh or en, of the report; the shop's first, if not given."),
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """The main job: profile, recommend, write, guard, predict, gate, decide, plan the test, report."""
    import numpy as np

    from adwright.cli.tune import tuning_page
    from adwright.pipeline.figures import run_figures
    from adwright.pipeline.job import run as run_job
    from adwright.pipeline.report_files import save_report
    from adwright.workspace import Workspace

    spoken = None if language is None else checked_language(language)
    now = datetime.now(UTC)
    with Workspace.open(workspace) as shop:
        result = run_job(shop, now=now, language=spoken, progress=progress)
        figures = run_figures(result, shop, rng=np.random.default_rng(result.settings.seed))
        folder = _report_folder(shop.reports, now)
        files = save_report(folder, figures, result.language)
        if (tuned := result.model.retuning) is not None:
            write_page(folder / "tuning.html", tuning_page(tuned.result, result.language))
    counts = status_counts(figures.contents)
    summary = {
        "report": files.page,
        "figures": files.figures,
        "contents": counts,
        "model": result.model.version,
    }
    if tuned is not None:
        summary["tuning"] = {
            "page": folder / "tuning.html",
            "because": str(tuned.due),
            "taken": tuned.result.taken,
        }
    waiting = counts.get("draft", 0)
    lines = [f"{sum(counts.values())} contents: " + ", ".join(f"{n} {name}" for name, n in counts.items())]
    if waiting:
        lines.append(f"{waiting} wait for approval: adwright review --workspace {workspace}")
    if tuned is not None:
        lines.append(f"the effect model was tuned, because {tuned.due}: {folder / 'tuning.html'}")
    lines.append(f"report: {files.page}")
    emit(summary, "\n".join(lines), as_json=as_json)


def _report_folder(reports: Path, now: datetime) -> Path:
    """A folder for this run's report; named by time, so that earlier ones stay."""
    return reports / now.strftime("%Y-%m-%dT%H-%M-%SZ")


def checked_language(text: str) -> Language:
    """`zh` or `en`, or our error."""
    from adwright.errors import UsageError

    if text == "zh":
        return "zh"
    if text == "en":
        return "en"
    raise UsageError("unknown language", argument="--language", value=text, allowed="zh, en")


def status_counts(contents: Any) -> dict[str, int]:
    """Status -> how many contents have it."""
    counts: dict[str, int] = {}
    for item in contents:
        counts[item.content.status] = counts.get(item.content.status, 0) + 1
    return counts
