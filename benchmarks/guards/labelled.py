"""Precision and recall of the guards, rule family by rule family, on the labelled sentences.

    python benchmarks/guards/labelled.py [SET ...] [--wrong]

SET is blind, blind2 to blind8, open, second, third, fourth, fifth, sixth or seventh; several are also told together.

A row counts as flagged when a finding of its family's rules, without an exemption, blocks or asks for a person.
Intervals are Wilson's, 95 %. `--wrong` lists the rows that were missed or flagged in error: none of
the blind sets, which nobody who writes rules may look into, and of `fifth` and `sixth` only those with an odd id.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np

from adwright.generate import check, get_kind
from adwright.generate.guards import create_guards
from adwright.schema import EVERYONE, Content, Finding, Offer, Product, Provenance, Review
from adwright.stats.intervals import wilson

FOLDER = Path(__file__).parents[2] / "tests" / "generate" / "labelled"
HALF_CLOSED = ("fifth", "sixth")
"""Sets of which the rows with an even id only measure."""
NOW = "2026-11-20T08:00:00+00:00"
URGENCY = ("law.urgency", "facts.time", "facts.stock", "facts.date", "facts.deadline")
FAMILIES: Mapping[str, tuple[str, ...]] = {
    "facts.price": (
        "facts.price",
        "facts.discount",
        "facts.sale_over",
        "facts.currency",
        "facts.saving",
        "facts.shipping",
        "facts.percent",
        "facts.offer",
    ),
    "facts.number": ("facts.number", "facts.measure", "facts.percent", "facts.composition", "facts.count"),
    "facts.attribute": (
        "facts.attribute",
        "facts.material",
        "facts.colour",
        "facts.pattern",
        "facts.origin",
        "facts.feature",
        "facts.certification",
        "facts.brand",
        "facts.name",
        "facts.style",
        "facts.scent",
        "facts.composition",
    ),
    "facts.time_stock": URGENCY,
    "facts.social_proof": (
        "facts.social_proof",
        "facts.rating",
        "facts.review",
        "facts.sales",
        "facts.number",
    ),
    "law.absolute": ("law.absolute",),
    "law.health": ("law.health",),
    "law.finance": ("law.finance",),
    "law.minors": ("law.minors",),
    "law.comparison": ("law.comparison",),
    "law.urgency": URGENCY,
    "safety.personal_data": ("safety.personal_data",),
    "safety.profanity": ("safety.profanity",),
    "safety.discrimination": ("safety.discrimination",),
    "safety.injection": ("safety.injection",),
    "language.mixing": ("language.",),
}
"""Family -> the rules (by prefix) that may speak for it."""


def rows(half: str) -> Iterator[dict[str, Any]]:
    """The labelled sentences of one half."""
    if (FOLDER / half).is_dir():
        yield from _rows_of_goods(FOLDER / half)
        return
    for line in (FOLDER / f"{half}.jsonl").read_text(encoding="utf-8").splitlines():
        yield json.loads(line)


def _rows_of_goods(folder: Path) -> Iterator[dict[str, Any]]:
    """Files in which each product stands once, before the rows that name it."""
    for path in sorted(folder.glob("*.jsonl")):
        goods: dict[str, dict[str, Any]] = {}
        for line in path.read_text(encoding="utf-8").splitlines():
            row = json.loads(line)
            good = row.pop("good")
            if "product" in row:
                goods[good] = row
            else:
                yield {**row, **goods[good], "now": NOW}


def findings(row: Mapping[str, Any], guards: Any) -> tuple[Finding, ...]:
    """What the guards say of the row's text, shown as the last slot of its kind."""
    kind = get_kind(row["kind"])
    slots = {slot.name: "" for slot in kind.slots}
    slots[kind.slots[-1].name] = row["text"]
    content = Content(
        id=row["id"],
        kind=row["kind"],
        product_ids=("p",),
        cohort_id=EVERYONE,
        channel=row["channel"],
        language=row["language"],
        slots=slots,
        provenance=Provenance(backend="compose"),
    )
    offer = None if row.get("offer") is None else Offer(id="o", **dated(row["offer"]))
    return check(
        content,
        products=[Product(id="p", **dated(row["product"]))],
        offer=offer,
        reviews=[Review(**review) for review in row.get("reviews", [])],
        now=datetime.fromisoformat(row["now"]),
        guards=guards,
    )


def is_flagged(row: Mapping[str, Any], found: tuple[Finding, ...]) -> bool:
    """Whether a rule of the row's family stops the text or asks for a person."""
    rules = FAMILIES[row["family"]]
    return any(
        f.rule_id.startswith(rules) and f.severity in ("block", "review") and f.exemption is None
        for f in found
    )


def measure(half: str) -> dict[str, dict[str, int]]:
    """Family -> true and false positives and negatives; `all` adds them up."""
    guards = create_guards()
    table: dict[str, dict[str, int]] = {}
    for row in rows(half):
        flagged = is_flagged(row, findings(row, guards))
        cell = ("t" if flagged == row["violation"] else "f") + ("p" if flagged else "n")
        for name in (row["family"], "all"):
            table.setdefault(name, dict.fromkeys(("tp", "fp", "fn", "tn"), 0))[cell] += 1
    return table


def main() -> None:
    """Prints a table for each set, and one for all of them."""
    halves = [a for a in sys.argv[1:] if not a.startswith("-")] or ["open"]
    together: dict[str, dict[str, int]] = {}
    for half in halves:
        if "--wrong" in sys.argv:
            _show_wrong(half)
        table = measure(half)
        _show(half, table)
        for name, cells in table.items():
            into = together.setdefault(name, dict.fromkeys(cells, 0))
            for cell, n in cells.items():
                into[cell] += n
    if len(halves) > 1:
        _show("together", together)


def _show(title: str, table: Mapping[str, Mapping[str, int]]) -> None:
    print(f"{title}: {sum(table['all'].values())} sentences")
    for name in (*FAMILIES, "all"):
        if name in table:
            t = table[name]
            recall = _share(t["tp"], t["tp"] + t["fn"])
            print(f"  {name:22} recall {recall}  precision {_share(t['tp'], t['tp'] + t['fp'])}", flush=True)


def _show_wrong(half: str) -> None:
    if half.startswith("blind"):
        sys.exit("the blind sets are not to be looked into; use --wrong with an open one")
    guards = create_guards()
    for row in rows(half):
        if half in HALF_CLOSED and int(row["id"][-1]) % 2 == 0:
            continue
        found = findings(row, guards)
        if is_flagged(row, found) != row["violation"]:
            kind = "missed " if row["violation"] else "in error"
            ids = [f"{f.rule_id}:{f.text}" for f in found]
            print(f"{kind} {row['id']} {row['text']!r} [{row['span']}] {row['exemption']} -> {ids}")


def _share(k: int, n: int) -> str:
    if n == 0:
        return "   -            "
    low, high = wilson(np.array([float(k)]), np.array([float(n)]), level=0.95)
    return f"{k / n:.3f} [{low[0]:.2f}, {high[0]:.2f}] of {n:3}"


def dated(values: Mapping[str, Any]) -> dict[str, Any]:
    """The values with their times as times; unknown times stay, other unknown values are left out."""
    names = ("sale_starts_at", "sale_ends_at", "starts_at", "ends_at")
    return {
        k: datetime.fromisoformat(v) if k in names and v is not None else v
        for k, v in values.items()
        if v is not None or k in names
    }


if __name__ == "__main__":
    main()
