"""`adwright profile`: behaviour into cohorts, written to `reports/cohorts.json`."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from adwright.cli.output import JsonOption, WorkspaceOption, emit, plain
from adwright.profile import Cohorts, build_cohorts
from adwright.store.durable import write_json
from adwright.workspace import Workspace

app = typer.Typer(add_completion=False)


@app.command()
def profile(
    workspace: WorkspaceOption = Path(),
    k: Annotated[int, typer.Option("-k", help="The fewest customers of a cohort.")] = 50,
    *,
    max_cohorts: Annotated[int, typer.Option("--max-cohorts", help="The most cohorts.")] = 12,
    json: JsonOption = False,
) -> None:
    """Turn behaviour into cohorts of at least k customers, described in Chinese and English."""
    with Workspace.open(workspace) as shop:
        found = build_cohorts(
            shop.tables.read("events"),
            shop.tables.read("order_lines"),
            shop.tables.read("products"),
            shop.tables.read("customers"),
            now=datetime.now(UTC),
            k=k,
            max_cohorts=max_cohorts,
        )
        path = shop.reports / "cohorts.json"
        write_json(path, {"cohorts": plain(found.cohorts)})
    result = {"n_customers": found.membership.height, "cohorts": found.cohorts, "path": path}
    emit(result, _lines(found, path), as_json=json)


def _lines(found: Cohorts, path: Path) -> str:
    lines = [f"{found.membership.height:,} customers in {len(found.cohorts)} cohorts; written to {path}"]
    for cohort in found.cohorts:
        lines += [f"  {cohort.id}: {cohort.description['en']}", f"      {cohort.description['zh']}"]
    return "\n".join(lines)
