"""`adwright check`: the guards on any text; exit code 1 where something blocks."""

from __future__ import annotations

import json as json_
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from adwright.cli.generate import check_language, finding_line, read_products
from adwright.cli.json_input import read_text
from adwright.cli.output import JsonOption, WorkspaceOption, emit
from adwright.errors import DataError
from adwright.generate import check as run_guards
from adwright.generate import get_kind, is_blocked
from adwright.generate.kinds import Kind
from adwright.schema import EVERYONE, Content, Language, Product, Provenance
from adwright.workspace import Workspace

app = typer.Typer(add_completion=False)


@app.command()
def check(
    file: Annotated[
        str, typer.Argument(help="The text: a slot a line, or a JSON object of slots; - for standard input.")
    ],
    kind: Annotated[str, typer.Option("--kind", help="ad_copy, product_description.")],
    *,
    channel: Annotated[str, typer.Option("--channel", help="Where it is shown, for example email.")],
    language: Annotated[str, typer.Option("--language", help="zh or en.")],
    product: Annotated[
        list[str] | None, typer.Option("--product", help="What it speaks of; may be repeated.")
    ] = None,
    workspace: WorkspaceOption = Path(),
    json: JsonOption = False,
) -> None:
    """Run only the guards on a text. With --product its facts are held against the workspace's catalogue."""
    slots = read_slots(read_text(file), get_kind(kind))
    content = _content(slots, kind=kind, channel=channel, language=check_language(language))
    products: list[Product] = []
    if product:
        with Workspace.open(workspace) as shop:
            products = read_products(shop, product)
    findings = run_guards(content, products=products, now=datetime.now(UTC))
    blocked = is_blocked(findings)
    verdict = "blocked" if blocked else "for review" if findings else "clean"
    emit(
        {"verdict": verdict, "slots": slots, "findings": findings},
        "\n".join([verdict, *map(finding_line, findings)]),
        as_json=json,
    )
    if blocked:
        raise typer.Exit(1)


def read_slots(text: str, kind: Kind) -> dict[str, str]:
    """The slots of a text: a JSON object, or the first line for the first slot and so on, the rest for the last.

    Raises:
        DataError: an object that does not hold strings.
        UsageError: slots that the kind does not have.
    """
    names = [slot.name for slot in kind.slots]
    if text.lstrip().startswith("{"):
        slots = _object(text)
        kind.check_slots({**dict.fromkeys(names, ""), **slots})
        return {name: slots.get(name, "") for name in names}
    lines = text.strip("\n").split("\n", maxsplit=len(names) - 1)
    return {name: lines[i] if i < len(lines) else "" for i, name in enumerate(names)}


def _object(text: str) -> Mapping[str, str]:
    try:
        value: Any = json_.loads(text)
    except (json_.JSONDecodeError, RecursionError) as error:
        raise DataError(f"not JSON: {error}", argument="file", value=text) from error
    if not isinstance(value, dict) or not all(isinstance(v, str) for v in value.values()):
        raise DataError(
            "not an object of strings", argument="file", value=value, allowed='{"headline": "..."}'
        )
    return value


def _content(slots: Mapping[str, str], *, kind: str, channel: str, language: Language) -> Content:
    return Content(
        id="c_check",
        kind=kind,
        product_ids=(),
        cohort_id=EVERYONE,
        channel=channel,
        language=language,
        slots=slots,
        provenance=Provenance(backend="none"),
    )
