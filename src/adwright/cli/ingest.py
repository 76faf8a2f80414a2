"""`adwright ingest`: a shop's files into the workspace's tables."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from adwright.cli.output import JsonOption, WorkspaceOption, emit, plain, progress
from adwright.errors import UsageError

if TYPE_CHECKING:
    from adwright.ingest import IngestReport
    from adwright.privacy.pseudonyms import Pseudonymiser
    from adwright.workspace import Workspace

app = typer.Typer(add_completion=False)


class Kind(StrEnum):
    """What a file holds."""

    EVENTS = "events"
    CATALOG = "catalog"
    CUSTOMERS = "customers"
    CONTENTS = "contents"
    TOTALS = "totals"


@app.command()
def ingest(
    kind: Annotated[Kind, typer.Argument(help="What the files hold.")],
    files: Annotated[list[Path], typer.Argument(help="The files; .gz too.")],
    *,
    workspace: WorkspaceOption = Path(),
    format: Annotated[
        str | None, typer.Option("--format", help="segment, jsonl, json, csv, tsv, parquet; else by suffix.")
    ] = None,
    map: Annotated[list[str] | None, typer.Option("--map", help="OURS=THEIRS, for each such column.")] = None,
    currency: Annotated[
        str | None, typer.Option("--currency", help="ISO 4217, of amounts without one; else the recipe's.")
    ] = None,
    link_template: Annotated[
        str | None, typer.Option("--link-template", help="Of products without link: https://shop/p/{id}")
    ] = None,
    time_format: Annotated[
        str, typer.Option("--time-format", help="iso, epoch_s, epoch_ms, yearweek, isoweek or %d/%m/%Y.")
    ] = "iso",
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only look; write nothing.")] = False,
    json: JsonOption = False,
) -> None:
    """Read a shop's data. Bad rows go to quarantine with a reason; a second run adds nothing twice."""
    from adwright.workspace import Workspace

    with Workspace.open(workspace) as shop:
        report = _ingest(
            shop,
            kind,
            files,
            file_format=format,
            mapping=_mapping(map or []),
            currency=currency or shop.shop.currency,
            link_template=link_template,
            time_format=time_format,
            dry_run=dry_run,
        )
    emit(plain(report), _lines(report), as_json=json)


def _ingest(
    shop: Workspace,
    kind: Kind,
    files: Sequence[Path],
    *,
    file_format: str | None,
    mapping: Mapping[str, str],
    currency: str,
    link_template: str | None,
    time_format: str,
    dry_run: bool,
) -> IngestReport:
    from adwright import ingest as stage

    _refuse_unused(kind, link_template=link_template, time_format=time_format)
    now = datetime.now(UTC)
    if kind is Kind.CATALOG:
        return stage.ingest_catalog(
            shop.tables,
            shop.quarantine,
            files,
            now=now,
            file_format=file_format,
            currency=currency,
            link_template=link_template,
            mapping=mapping,
            dry_run=dry_run,
            progress=progress,
        )
    if kind is Kind.CUSTOMERS:
        return stage.ingest_customers(
            shop.tables,
            shop.quarantine,
            files,
            pseudonymiser=_pseudonymiser(shop, dry_run=dry_run),
            now=now,
            file_format=file_format,
            mapping=mapping,
            dry_run=dry_run,
            progress=progress,
        )
    if kind is Kind.EVENTS:
        return stage.ingest_events(
            shop.tables,
            shop.quarantine,
            files,
            pseudonymiser=_pseudonymiser(shop, dry_run=dry_run),
            now=now,
            file_format=file_format,
            currency=currency,
            mapping=mapping,
            time_format=time_format,
            dry_run=dry_run,
            progress=progress,
        )
    read = stage.ingest_contents if kind is Kind.CONTENTS else stage.ingest_totals
    return read(
        shop.tables,
        shop.quarantine,
        files,
        now=now,
        file_format=file_format,
        currency=currency,
        mapping=mapping,
        time_format=time_format,
        dry_run=dry_run,
        progress=progress,
    )


def _pseudonymiser(shop: Workspace, *, dry_run: bool) -> Pseudonymiser:
    """The shop's; a dry run does not make the workspace remember the key."""
    from adwright.privacy.pseudonyms import Pseudonymiser

    return Pseudonymiser.from_env() if dry_run else shop.pseudonymiser()


def _refuse_unused(kind: Kind, *, link_template: str | None, time_format: str) -> None:
    if link_template is not None and kind is not Kind.CATALOG:
        raise UsageError("only a catalogue has links", argument="--link-template", value=link_template)
    if time_format != "iso" and kind in (Kind.CATALOG, Kind.CUSTOMERS):
        raise UsageError(f"{kind} have no times to read", argument="--time-format", value=time_format)


def _mapping(pairs: Sequence[str]) -> dict[str, str]:
    mapping: dict[str, str] = {}
    for pair in pairs:
        ours, equals, theirs = pair.partition("=")
        if not ours or not equals or not theirs:
            raise UsageError("not a pair", argument="--map", value=pair, allowed="OURS=THEIRS")
        mapping[ours] = theirs
    return mapping


def _lines(report: IngestReport) -> str:
    would = "would be " if report.dry_run else ""
    lines = [
        f"{report.file} -> {report.table}: {report.n_read:,} rows read, {report.n_added:,} {would}added, "
        f"{report.n_changed:,} {would}changed, {report.n_duplicate:,} already there, "
        f"{report.n_quarantined:,} {'would be quarantined' if report.dry_run else 'quarantined'}, "
        f"{report.seconds:.1f} s"
    ]
    for found in report.commonest:
        lines.append(f"  {found.count:,} x {found.reason_code}: {found.reason}")
        lines.append(f"      {found.file} line {found.line}: {found.example}")
    lines += [f"  {note.kind}: {note.message}" for note in report.quality]
    if report.dry_run:
        for row in report.preview:
            shown = ", ".join(f"{name}={value}" for name, value in row.items() if value is not None)
            lines.append(f"  would be stored: {shown}")
    return "\n".join(lines)
