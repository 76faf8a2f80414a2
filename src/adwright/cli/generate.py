"""`adwright generate`: variants of content for products, guarded and saved."""

from __future__ import annotations

import json as json_
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import polars as pl
import typer

from adwright.cli.output import JsonOption, WorkspaceOption, emit, progress
from adwright.errors import NotFoundError, UsageError, unknown_name
from adwright.generate import Backend, Written, create_backend, write_contents
from adwright.generate.guards.shop_rules import shop_guards
from adwright.generate.live import LiveTexts
from adwright.generate.plainness import Plainness
from adwright.generate.relevance import Relevance
from adwright.schema import EVERYONE, Brief, Cohort, Content, Finding, Language, Product
from adwright.workspace import Workspace

app = typer.Typer(add_completion=False)

_SOME_PRODUCTS = 5


@app.command()
def generate(
    kind: Annotated[str, typer.Option("--kind", help="ad_copy, product_description.")],
    channel: Annotated[str, typer.Option("--channel", help="Where it is shown, for example email.")],
    *,
    language: Annotated[str, typer.Option("--language", help="zh or en.")],
    product: Annotated[list[str] | None, typer.Option("--product", help="Its id; may be repeated.")] = None,
    cohort: Annotated[
        str, typer.Option("--cohort", help="Its id, as `adwright profile` names it.")
    ] = EVERYONE,
    n: Annotated[int, typer.Option("-n", help="Variants a product.")] = 4,
    angle: Annotated[str | None, typer.Option("--angle", help="Only this persuasion angle.")] = None,
    tone: Annotated[str | None, typer.Option("--tone", help="Only this tone.")] = None,
    backend: Annotated[
        str | None, typer.Option("--backend", help="compose, hf, openai; else the recipe's.")
    ] = None,
    seed: Annotated[int, typer.Option("--seed", help="Of all randomness.")] = 0,
    workspace: WorkspaceOption = Path(),
    json: JsonOption = False,
) -> None:
    """Write variants for products; without --product for the first five of the catalogue."""
    spoken = check_language(language)
    with Workspace.open(workspace) as shop:
        products = read_products(shop, product)
        readers = _read_cohort(shop, cohort)
        briefs = [
            Brief(
                kind=kind,
                products=(p,),
                channel=channel,
                language=spoken,
                cohort=readers,
                angle=angle,
                tone=tone,
            )
            for p in products
        ]
        written = write_contents(
            briefs,
            backend=_backend(shop, backend),
            n=n,
            seed=seed,
            now=datetime.now(UTC),
            guards=shop_guards(shop.path),
            live=LiveTexts(shop.contents.by_status("approved", "live")),
            progress=progress,
        )
        n_new = shop.contents.save(
            [w.content for w in written], findings={w.content.id: w.findings for w in written}
        )
    emit(_result(written, n_new), _lines(written, n_new), as_json=json)


def check_language(language: str) -> Language:
    """`zh` or `en`; another one raises `UsageError`."""
    if language == "zh":
        return "zh"
    if language == "en":
        return "en"
    raise UsageError("unknown language", argument="language", value=language, allowed="zh, en")


def read_products(shop: Workspace, ids: Sequence[str] | None) -> list[Product]:
    """The products of these ids in their order, or the first few of the catalogue.

    Raises:
        NotFoundError: an id that the catalogue does not have, or an empty catalogue.
    """
    table = shop.tables.scan("products").select(list(Product.__dataclass_fields__))
    if not ids:
        rows = table.head(_SOME_PRODUCTS).collect().to_dicts()
        if not rows:
            raise NotFoundError(
                "the catalogue is empty", hint="Read it: adwright ingest catalog FILE --format F"
            )
        return [to_product(row) for row in rows]
    wanted = list(dict.fromkeys(ids))
    rows = table.filter(pl.col("id").is_in(wanted)).collect().to_dicts()
    found = {row["id"]: to_product(row) for row in rows}
    for product_id in wanted:
        if product_id not in found:
            known = table.select("id").collect()["id"].to_list()
            raise _unknown_product(product_id, known)
    return [found[product_id] for product_id in wanted]


def _unknown_product(product_id: str, known: Sequence[str]) -> NotFoundError:
    few = 20
    if len(known) <= few:
        return unknown_name("product", product_id, known)
    return NotFoundError(
        "unknown product",
        argument="product",
        value=product_id,
        allowed=f"one of the catalogue's {len(known)} ids",
    )


def to_product(row: dict[str, Any]) -> Product:
    """A row of the catalogue's table as a product."""
    values = dict(row)
    values["attributes"] = json_.loads(row["attributes"] or "{}")
    values["description"] = row["description"] or ""
    return Product(**values)


def _read_cohort(shop: Workspace, cohort_id: str) -> Cohort | None:
    """The cohort as the last `adwright profile` wrote it; None for everyone."""
    if cohort_id == EVERYONE:
        return None
    path = shop.reports / "cohorts.json"
    if not path.exists():
        raise NotFoundError(
            "no cohorts yet", argument="cohort", value=cohort_id, hint="Make them: adwright profile"
        )
    cohorts = {c["id"]: c for c in json_.loads(path.read_text(encoding="utf-8"))["cohorts"]}
    if cohort_id not in cohorts:
        raise unknown_name("cohort", cohort_id, cohorts)
    return Cohort(**{**cohorts[cohort_id], "top_categories": tuple(cohorts[cohort_id]["top_categories"])})


def _backend(shop: Workspace, name: str | None) -> Backend:
    section = shop.recipe.get("generate", {})
    chosen = name or str(section.get("backend", "compose"))
    options = section.get(chosen, {})
    return create_backend(chosen, options if isinstance(options, dict) else {})


def _result(written: Sequence[Written], n_new: int) -> dict[str, Any]:
    contents = [
        {**_content(w.content), "findings": w.findings, "relevance": w.relevance, "plainness": w.plainness}
        for w in written
    ]
    rejected = sum(w.content.status == "rejected" for w in written)
    return {"n_written": len(written), "n_new": n_new, "n_rejected": rejected, "contents": contents}


def _content(content: Content) -> dict[str, Any]:
    return {name: getattr(content, name) for name in Content.__dataclass_fields__}


def _lines(written: Sequence[Written], n_new: int) -> str:
    lines: list[str] = []
    for w in written:
        lines.append(f"{w.content.id}  {w.content.status}  {w.content.why}")
        lines += [f"    {slot}: {text}" for slot, text in w.content.slots.items()]
        lines += [score_line(w.relevance, w.plainness, w.content.language)]
        lines += [finding_line(f) for f in w.findings]
    rejected = sum(w.content.status == "rejected" for w in written)
    return "\n".join([*lines, f"{len(written)} variants, {n_new} new, {rejected} rejected by a guard"])


def score_line(relevance: Relevance | None, plainness: Plainness | None, language: Language) -> str:
    """Relevance and plainness for people, with their reasons in the content's language."""
    scores = (("relevance", relevance), ("plainness", plainness))
    parts = [f"{name} {s.score:.2f} ({s.why[language]})" for name, s in scores if s is not None]
    return "    " + "; ".join(parts)


def finding_line(finding: Finding) -> str:
    """One finding for people."""
    where = f"{finding.slot}[{finding.start}:{finding.end}]"
    return f"    {finding.severity}  {finding.rule_id}  {where} {finding.text!r}: {finding.evidence}"
