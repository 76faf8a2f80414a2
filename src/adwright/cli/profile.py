"""`adwright profile`: new behaviour into the stored profile, and that into cohorts in `reports/cohorts.json`."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from adwright.cli.output import JsonOption, WorkspaceOption, emit, plain, progress
from adwright.profile import CohortConfig, Cohorts, cohorts_of, features_of, rfm, update_profile
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
    """Turn behaviour into cohorts of at least k customers, described in Chinese and English.

    Only events that came in since the last time are read.
    """
    config = CohortConfig(k=k, max_cohorts=max_cohorts)
    now = datetime.now(UTC)
    with Workspace.open(workspace) as shop:
        progress("profile: taking in new events")
        updated = update_profile(
            shop.path / "profile", shop.tables.scan("events"), shop.tables.scan("order_lines"), now=now
        )
        features = features_of(
            updated.tallies, shop.tables.read("products"), shop.tables.read("customers"), now=now
        )
        found = cohorts_of(features, config)
        path = shop.reports / "cohorts.json"
        write_json(path, {"cohorts": plain(found.cohorts)})
    if updated.recounted:
        progress(f"all events were counted again: {updated.recounted}")
    segments = dict(rfm(features).drop_nulls("segment")["segment"].value_counts(sort=True).iter_rows())
    result = {
        "n_customers": found.membership.height,
        "n_new_events": updated.n_new,
        "n_events": updated.n_events,
        "recounted": updated.recounted,
        "segments": segments,
        "cohorts": found.cohorts,
        "path": path,
    }
    emit(result, _lines(found, segments, updated.n_new, path), as_json=json)


def _lines(found: Cohorts, segments: dict[str, int], n_new: int, path: Path) -> str:
    lines = [
        f"{found.membership.height:,} customers in {len(found.cohorts)} cohorts; written to {path}",
        f"{n_new:,} new events taken in",
    ]
    if segments:
        lines.append("buyers: " + ", ".join(f"{name} {n:,}" for name, n in segments.items()))
    for cohort in found.cohorts:
        lines += [f"  {cohort.id}: {cohort.description['en']}", f"      {cohort.description['zh']}"]
    return "\n".join(lines)
