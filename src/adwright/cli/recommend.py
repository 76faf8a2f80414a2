"""`adwright recommend`: the products for a cohort, with the numbers they rest on."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from adwright.cli.output import JsonOption, WorkspaceOption, emit
from adwright.errors import unknown_name
from adwright.profile import build_cohorts
from adwright.recommend import PopularityRecommender
from adwright.schema import EVERYONE
from adwright.workspace import Workspace

app = typer.Typer(add_completion=False)


@app.command()
def recommend(
    workspace: WorkspaceOption = Path(),
    cohort: Annotated[
        str, typer.Option("--cohort", help="Its id, as `adwright profile` names it.")
    ] = EVERYONE,
    *,
    n: Annotated[int, typer.Option("-n", help="How many products.")] = 10,
    k: Annotated[int, typer.Option("-k", help="The fewest customers of a cohort.")] = 50,
    max_cohorts: Annotated[int, typer.Option("--max-cohorts", help="The most cohorts.")] = 12,
    json: JsonOption = False,
) -> None:
    """Rank the products in stock for a cohort. Give -k and --max-cohorts as to `adwright profile`."""
    now = datetime.now(UTC)
    with Workspace.open(workspace) as shop:
        events, lines = shop.tables.read("events"), shop.tables.read("order_lines")
        products, customers = shop.tables.read("products"), shop.tables.read("customers")
    cohorts = build_cohorts(events, lines, products, customers, now=now, k=k, max_cohorts=max_cohorts)
    known = {c.id for c in cohorts.cohorts} | {EVERYONE}
    if cohort not in known:
        raise unknown_name("cohort", cohort, known)
    ranked = (
        PopularityRecommender().fit(events, lines, products, cohorts.membership, now).recommend(cohort, n)
    )
    rows = ranked.to_dicts()
    text = [f"{r['product_id']}  {r['score']:.2%}  {r['evidence_en']}  {r['evidence_zh']}" for r in rows]
    emit({"cohort": cohort, "products": rows}, "\n".join(text) or "Nothing is in stock.", as_json=json)
