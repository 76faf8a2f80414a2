"""`adwright recommend fit|evaluate|score`: products for customers; without a word after it, products for a cohort."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import polars as pl
import typer

from adwright.cli.output import JsonOption, WorkspaceOption, emit, plain, progress, write_csv
from adwright.errors import unknown_name
from adwright.pipeline.recommending import (
    STAGE,
    evaluate_for_shop,
    fit_for_shop,
    load_for_shop,
    recommend_config,
    recommend_for_shop,
)
from adwright.profile import build_cohorts
from adwright.recommend import PopularityRecommender
from adwright.schema import EVERYONE
from adwright.store.durable import write_json
from adwright.workspace import Workspace

app = typer.Typer(add_completion=False, invoke_without_command=True)

_SHOWN = ("recall@10", "ndcg@10", "hit_rate@10", "coverage@10", "novelty_bits@10")

ModelOption = Annotated[str, typer.Option("--model", help="STAGE@VERSION, or STAGE for the one in use.")]
SeedOption = Annotated[int, typer.Option("--seed", help="Of whatever is random.")]
_HERE = Path()


@app.callback()
def recommend(
    context: typer.Context,
    workspace: WorkspaceOption = _HERE,
    cohort: Annotated[
        str, typer.Option("--cohort", help="Its id, as `adwright profile` names it.")
    ] = EVERYONE,
    *,
    n: Annotated[int, typer.Option("-n", help="How many products.")] = 10,
    k: Annotated[int, typer.Option("-k", help="The fewest customers of a cohort.")] = 50,
    max_cohorts: Annotated[int, typer.Option("--max-cohorts", help="The most cohorts.")] = 12,
    json: JsonOption = False,
) -> None:
    """Rank the products in stock for a cohort. Give -k and --max-cohorts as to `adwright profile`.

    For single customers: fit, then score; evaluate says how good it is.
    """
    if context.invoked_subcommand is not None:
        return
    now = datetime.now(UTC)
    with Workspace.open(workspace) as shop:
        events, lines = shop.tables.read("events"), shop.tables.read("order_lines")
        products, customers = shop.tables.read("products"), shop.tables.read("customers")
        config = recommend_config(shop)
    cohorts = build_cohorts(events, lines, products, customers, now=now, k=k, max_cohorts=max_cohorts)
    known = {c.id for c in cohorts.cohorts} | {EVERYONE}
    if cohort not in known:
        raise unknown_name("cohort", cohort, known)
    fitted = PopularityRecommender(config).fit(events, lines, products, cohorts.membership, now)
    ranked = fitted.recommend(cohort, n)
    rows = ranked.to_dicts()
    text = [f"{r['product_id']}  {r['score']:.2%}  {r['evidence_en']}  {r['evidence_zh']}" for r in rows]
    emit({"cohort": cohort, "products": rows}, "\n".join(text) or "Nothing is in stock.", as_json=json)


@app.command()
def fit(workspace: WorkspaceOption = _HERE, *, seed: SeedOption = 0, json: JsonOption = False) -> None:
    """Fit the recommenders that the recipe names on the workspace's events, and store them."""
    with Workspace.open(workspace) as shop:
        ref, model = fit_for_shop(shop, now=datetime.now(UTC), seed=seed, progress=progress)
    card = dict(model.card)
    weights = ", ".join(f"{name} {weight:.2f}" for name, weight in card["weights"].items())
    lines = [
        f"model: {ref}",
        f"learned from {card['n_interactions']:,} interactions of {card['n_customers']:,} customers with "
        f"{card['n_products']:,} products",
        f"weights: {weights}",
        *(f"note: {note}" for note in card["notes"]),
    ]
    emit({"model": ref, **card}, "\n".join(lines), as_json=json)


@app.command()
def score(
    workspace: WorkspaceOption = _HERE,
    customer: Annotated[
        list[str] | None, typer.Option("--customer", help="A pseudonym; may be repeated. Everyone, if none.")
    ] = None,
    *,
    n: Annotated[int, typer.Option("-n", help="How many products a customer.")] = 10,
    model: ModelOption = STAGE,
    out: Annotated[Path | None, typer.Option("--out", help="Write the table there (.csv).")] = None,
    json: JsonOption = False,
) -> None:
    """Products for customers by the rules of today, with the evidence for each in English and Chinese."""
    with Workspace.open(workspace) as shop:
        fitted = load_for_shop(shop, model)
        answer = recommend_for_shop(shop, fitted, customer, now=datetime.now(UTC), n=n)
    n_customers = answer["customer_id"].n_unique()
    if out is not None:
        write_csv(out, answer.with_columns(pl.col("because_products").list.join(" ")))
        said = f"{answer.height:,} rows for {n_customers:,} customers to {out}"
        emit({"n_rows": answer.height, "n_customers": n_customers, "out": out}, said, as_json=json)
        return
    rows = answer.to_dicts()
    text = [
        f"{r['customer_id']}  {r['rank']}  {r['product_id']}  {r['evidence_en']}  {r['evidence_zh']}"
        for r in rows
    ]
    emit({"rows": rows}, "\n".join(text) or "Nothing may be recommended.", as_json=json)


@app.command("evaluate")
def evaluate_model(
    workspace: WorkspaceOption = _HERE,
    *,
    model: Annotated[
        str | None,
        typer.Option("--model", help="Judge this one on what was bought since it was fitted."),
    ] = None,
    share: Annotated[
        float, typer.Option("--share", help="Without --model: the last part of the purchases that judges.")
    ] = 0.1,
    seed: SeedOption = 0,
    json: JsonOption = False,
) -> None:
    """Recall, NDCG, coverage, novelty, by length of history and for the cold start, on purchases that came later."""
    with Workspace.open(workspace) as shop:
        found = evaluate_for_shop(
            shop, ref=model, share=share, now=datetime.now(UTC), seed=seed, progress=progress
        )
        path = shop.reports / "recommend.json"
        write_json(path, plain(found))
    emit({**found, "path": path}, "\n".join([*_lines(found), f"written to {path}"]), as_json=json)


def _lines(found: Mapping[str, Any]) -> list[str]:
    lines = [found["split"], f"{found['n_customers']:,} customers, {found['n_targets']:,} purchases"]
    lines += [f"  {name}: {_figure(found[name])}" for name in _SHOWN]
    for band, part in found["by_history"].items():
        lines.append(
            f"  {band} purchases before: {part['n_customers']:,} customers, NDCG@10 {_figure(part['ndcg@10'])}"
        )
    cold = found["cold_products"]
    lines.append(
        f"  products never sold before: {cold['n_targets']:,}, recall@20 {_figure(cold['recall@20'])}"
    )
    return lines


def _figure(value: Any) -> str:
    if isinstance(value, Mapping):
        return f"{value['mean']:.4f} [{value['low']:.4f}, {value['high']:.4f}]"
    return f"{value:.4f}"
