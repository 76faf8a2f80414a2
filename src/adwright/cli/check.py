"""`adwright check`: the guards on any text or table of texts; exit code 1 where something blocks."""

from __future__ import annotations

import json as json_
from collections.abc import Collection, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import polars as pl
import typer

from adwright.cli.briefs import read_products, to_product
from adwright.cli.check_rows import Checker, judge_rows, print_verdicts, verdict_of
from adwright.cli.generate import check_language, finding_line, score_line
from adwright.cli.json_input import read_text
from adwright.cli.output import JsonOption, WorkspaceOption, emit
from adwright.cli.slot_tables import is_table, read_table_rows
from adwright.errors import DataError, NotFoundError
from adwright.generate import get_kind
from adwright.generate.guards import create_guards
from adwright.generate.guards.shop_rules import SHOP_RULES, ShopRules
from adwright.generate.kinds import Kind
from adwright.generate.live import LiveTexts
from adwright.schema import Product
from adwright.workspace import Workspace

app = typer.Typer(add_completion=False)


@app.command()
def check(
    file: Annotated[
        str,
        typer.Argument(
            help="The text: a slot a line, or a JSON object of slots; - for standard input. Or a table with a "
            "column a slot: .csv, .parquet, .jsonl."
        ),
    ],
    kind: Annotated[
        str, typer.Option("--kind", help="ad_copy, email, video_script ...; see the how-to page.")
    ],
    *,
    channel: Annotated[str, typer.Option("--channel", help="Where it is shown, for example email.")],
    language: Annotated[str, typer.Option("--language", help="zh or en.")],
    product: Annotated[
        list[str] | None, typer.Option("--product", help="What it speaks of; may be repeated.")
    ] = None,
    rules: Annotated[
        Path | None,
        typer.Option("--rules", help="The shop's own rules; guards.toml of the workspace otherwise."),
    ] = None,
    workspace: WorkspaceOption = Path(),
    json: JsonOption = False,
) -> None:
    """Run only the guards on a text, or on each row of a table.

    With --product the facts are held against the workspace's catalogue; the rows of a table may name their
    own in the columns product_id, channel and language. The shop's own rules are in a TOML file.
    """
    chosen = get_kind(kind)
    chosen.limits_of(channel, chosen.slots[0].name)  # an unknown channel is no fault of a row
    spoken, now = check_language(language), datetime.now(UTC)
    with ExitStack() as stack:
        catalogue = _Catalogue(stack, workspace)
        products = read_products(catalogue.shop(), product) if product else []
        guards = read_shop_rules(rules, workspace).apply(create_guards(live=catalogue.live_texts()))
        policies = catalogue.shop().policies if product else ()
        checker = Checker(
            kind=chosen, channel=channel, language=spoken, guards=guards, now=now, policies=policies
        )
        if is_table(file):
            verdicts = judge_rows(
                read_table_rows(file), checker, products=products, find_products=catalogue.find
            )
            counts = print_verdicts(verdicts, as_json=json)
            failed = bool(counts["blocked"] or counts["unreadable"])
        else:
            failed = _check_text(read_text(file), checker, products, as_json=json)
    if failed:
        raise typer.Exit(1)


def read_shop_rules(rules: Path | None, workspace: Path) -> ShopRules:
    """The rules of the file that was named, which must exist, or those of the workspace, if it has some."""
    if rules is not None and not rules.is_file():
        raise NotFoundError("no such file", argument="--rules", value=str(rules), allowed="a TOML file")
    return ShopRules.read(rules or workspace / SHOP_RULES)


def _check_text(text: str, checker: Checker, products: Sequence[Product], *, as_json: bool) -> bool:
    """Prints the verdict on one text; whether it is blocked."""
    slots = read_slots(text, checker.kind)
    written = checker.judge(slots, products)
    verdict = verdict_of(written.findings)
    scores = {"relevance": written.relevance, "plainness": written.plainness}
    told = score_line(written.relevance, written.plainness, checker.language)
    emit(
        {"verdict": verdict, "slots": slots, "findings": written.findings, **scores},
        "\n".join([verdict, told, *map(finding_line, written.findings)]),
        as_json=as_json,
    )
    return verdict == "blocked"


@dataclass(slots=True)
class _Catalogue:
    """The products of the workspace, which is opened when one is asked for: a plain text needs none."""

    stack: ExitStack
    path: Path
    _shop: Workspace | None = None

    def shop(self) -> Workspace:
        if self._shop is None:
            self._shop = self.stack.enter_context(Workspace.open(self.path))
        return self._shop

    def live_texts(self) -> LiveTexts:
        """What is approved or live, where the workspace is open."""
        if self._shop is None:
            return LiveTexts()
        return LiveTexts(self._shop.contents.by_status("approved", "live"))

    def find(self, ids: Collection[str]) -> Mapping[str, Product]:
        """Product id -> product, for those of the ids that the catalogue has."""
        if not ids:
            return {}
        table = self.shop().tables.scan("products").select(list(Product.__dataclass_fields__))
        rows = table.filter(pl.col("id").is_in(list(ids))).collect().to_dicts()
        return {row["id"]: to_product(row) for row in rows}


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
        return {name: slots.get(name, "") for name in names} | dict(slots)
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
