"""`adwright run`: the main job on a workspace, up to its report."""

from __future__ import annotations

import json as jsonlib
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from adwright.cli.output import JsonOption, WorkspaceOption, emit, progress
from adwright.schema import Language

app = typer.Typer()


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

    from adwright.pipeline.figures import run_figures
    from adwright.pipeline.job import run as run_job
    from adwright.report import as_json as figures_json
    from adwright.report import render_report
    from adwright.workspace import Workspace

    now = datetime.now(UTC)
    with Workspace.open(workspace) as shop:
        spoken = checked_language(language) if language else shop.shop.languages[0]
        result = run_job(shop, now=now, language=spoken, progress=progress)
        figures = run_figures(result, shop, rng=np.random.default_rng(result.settings.seed))
        folder = shop.reports / now.strftime("%Y-%m-%dT%H-%M-%SZ")
        folder.mkdir(parents=True, exist_ok=True)
        page, data = folder / "report.html", folder / "figures.json"
        page.write_text(render_report(figures, spoken), encoding="utf-8")
        data.write_text(jsonlib.dumps(figures_json(figures), ensure_ascii=False), encoding="utf-8")
    counts = status_counts(figures.contents)
    summary = {"report": page, "figures": data, "contents": counts, "model": result.model.version}
    waiting = counts.get("draft", 0)
    lines = [f"{sum(counts.values())} contents: " + ", ".join(f"{n} {name}" for name, n in counts.items())]
    if waiting:
        lines.append(f"{waiting} wait for approval: adwright review --workspace {workspace}")
    lines.append(f"report: {page}")
    emit(summary, "\n".join(lines), as_json=as_json)


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
