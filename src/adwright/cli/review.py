"""`adwright review`: what waits for approval as a page, CSV or XLSX, and the sheet read back."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import fields
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Literal, cast, get_args

import typer

from adwright import __version__
from adwright.cli.output import JsonOption, WorkspaceOption, emit
from adwright.errors import DataError, StoreError, UsageError
from adwright.generate import check
from adwright.generate.evidence import evidence_for
from adwright.generate.guards import Guard
from adwright.generate.guards.shop_rules import shop_guards
from adwright.report.edition import Edition
from adwright.report.figures import ContentFigures, RunFigures, Words
from adwright.report.words import Messages
from adwright.review import (
    apply_review,
    describe,
    read_table,
    render_review,
    waiting_contents,
    write_table,
)
from adwright.schema import Content, Finding, Language, Product, ShopPolicy
from adwright.workspace import Workspace

app = typer.Typer(add_completion=False)

Format = Literal["html", "csv", "xlsx"]
_PRODUCT_FIELDS = tuple(Product.__dataclass_fields__)


@app.command()
def review(
    workspace: WorkspaceOption = Path(),
    *,
    out: Annotated[
        Path | None, typer.Option("--out", help="Write to this file; its ending chooses the form.")
    ] = None,
    form: Annotated[
        Format | None, typer.Option("--format", help="html (a page), csv or xlsx (a sheet).")
    ] = None,
    sheet: Annotated[
        Path | None, typer.Option("--read", help="Read this sheet back.", metavar="FILE")
    ] = None,
    by: Annotated[str, typer.Option("--by", help="Who decided; needed with --read.")] = "",
    language: Annotated[
        Language | None, typer.Option("--language", help="Of page and sheet; the shop's first.")
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """What waits for approval, as a page or a sheet; with --read, its edits, approvals and rejections."""
    if sheet is not None and (out is not None or form is not None):
        raise UsageError(
            "--read stands alone", argument="--read", value=str(sheet), hint="Leave out --out and --format"
        )
    with Workspace.open(workspace) as shop:
        messages = Messages(language or shop.shop.languages[0])
        if sheet is None:
            _export(shop, messages, out=out, form=form, as_json=as_json)
        else:
            _read(shop, messages, sheet=sheet, by=by, as_json=as_json)


def _export(
    shop: Workspace, messages: Messages, *, out: Path | None, form: Format | None, as_json: bool
) -> None:
    if form is not None and out is not None and out.suffix.lower() != f".{form}":
        raise UsageError(
            "--format and the file's ending differ", argument="--out", value=str(out), allowed=f".{form}"
        )
    form = form or _form_of(out)
    path = out or shop.reports / f"review.{form}"
    items = waiting_contents(shop.contents, products=_products(shop), cohorts=_cohorts(shop))
    edition = Edition.of(_figures(shop, items), messages.language)
    if form == "html":
        try:
            path.write_text(render_review(edition), encoding="utf-8")
        except OSError as error:
            raise StoreError(f"cannot write {path}: {error.strerror}", retryable=False) from error
    else:
        write_table(path, items, edition=edition)
    lines = messages.say("review.lead", {"n": len(items)}) if items else messages.say("review.nothing")
    emit({"waiting": len(items), "path": path, "format": form}, f"{lines}\n{path}", as_json=as_json)


def _read(shop: Workspace, messages: Messages, *, sheet: Path, by: str, as_json: bool) -> None:
    now = datetime.now(UTC)
    guard = _guard(_products(shop), shop.policies, shop_guards(shop.path), now)
    result = apply_review(read_table(sheet), contents=shop.contents, guard=guard, by=by, now=now)
    told = [describe(problem, messages) for problem in result.problems]
    found = {f.name: getattr(result, f.name) for f in fields(result)}
    counts = {name: len(items) for name, items in found.items()}
    problems = [
        {"line": p.line, "content_id": p.content_id, "code": p.code, "message": message}
        for p, message in zip(result.problems, told, strict=True)
    ]
    lines = "\n".join([messages.say("review.result", counts), *told])
    emit(found | {"problems": problems}, lines, as_json=as_json)


def _form_of(out: Path | None) -> Format:
    suffix = ".html" if out is None else out.suffix.lower()
    for form in get_args(Format):
        if suffix == f".{form}":
            return cast(Format, form)
    raise UsageError(
        "not a form of the review", argument="--out", value=str(out), allowed=".html, .csv, .xlsx"
    )


def _figures(shop: Workspace, items: tuple[ContentFigures, ...]) -> RunFigures:
    return RunFigures(
        shop=shop.shop.name,
        at=datetime.now(UTC),
        currency=shop.shop.currency,
        contents=items,
        version=__version__,
    )


def _guard(
    products: Mapping[str, Product], policies: Sequence[ShopPolicy], guards: Sequence[Guard], now: datetime
) -> Callable[[Content], tuple[Finding, ...]]:
    """These guards on a content and its products, as they stand now."""

    def guard(content: Content) -> tuple[Finding, ...]:
        own = [products[i] for i in content.product_ids if i in products]
        known = evidence_for(content.kind, own, policies)
        return check(content, products=known, now=now, guards=guards)

    return guard


def _products(shop: Workspace) -> dict[str, Product]:
    products = {}
    for row in shop.tables.read("products").select(_PRODUCT_FIELDS).to_dicts():
        row["attributes"] = json.loads(row["attributes"] or "{}")
        row["description"] = row["description"] or ""
        products[row["id"]] = Product(**row)
    return products


def _cohorts(shop: Workspace) -> dict[str, Words]:
    """Cohort id -> description, where `adwright profile` has written them."""
    path = shop.reports / "cohorts.json"
    if not path.is_file():
        return {}
    try:
        written = json.loads(path.read_text(encoding="utf-8"))
        return {cohort["id"]: cohort["description"] for cohort in written["cohorts"]}
    except (ValueError, KeyError, TypeError) as error:
        hint = "Write it again: adwright profile"
        raise DataError("cannot read the cohorts", argument="file", value=str(path), hint=hint) from error
