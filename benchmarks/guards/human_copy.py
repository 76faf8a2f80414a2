"""How much of human copy the facts guard flags, and a seeded sample of the flags to be read one by one.

    python benchmarks/guards/human_copy.py ../shared/data/advertisegen/dev.jsonl [--sample 50] [--seed 0]

Each row of the data is a product as attributes (`类型#裤*版型#宽松`) and the copy that a person wrote of it.
"""

from __future__ import annotations

import argparse
import json
import random
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from adwright.generate.guards.facts import FactsGuard
from adwright.schema import Content, Finding, Product, Provenance

NOW = datetime(2026, 11, 20, 8, tzinfo=UTC)


def read_rows(path: Path) -> Iterator[tuple[Product, str]]:
    """The product and the human copy of each line."""
    for i, line in enumerate(path.read_text(encoding="utf-8").splitlines()):
        row = json.loads(line)
        pairs = [part.split("#", 1) for part in row["content"].split("*") if "#" in part]
        values: dict[str, list[str]] = {}
        for name, value in pairs:
            values.setdefault(name, []).append(value)
        attributes = {name: "、".join(found) for name, found in values.items()}
        yield Product(id=str(i), title=attributes.get("类型", ""), attributes=attributes), row["summary"]


def judge(path: Path) -> list[tuple[int, Product, str, Finding]]:
    """Every finding that asks for a person or blocks, with its row, product and text."""
    guard = FactsGuard()
    found = []
    for i, (product, text) in enumerate(read_rows(path)):
        content = Content(
            id=str(i),
            kind="product_description",
            product_ids=(product.id,),
            cohort_id="everyone",
            channel="onsite",
            language="zh",
            slots={"description": text},
            provenance=Provenance(backend="human"),
        )
        for finding in guard.check(content, products=[product], offer=None, now=NOW):
            if finding.severity != "warn" and finding.exemption is None:
                found.append((i, product, text, finding))
    return found


def main() -> None:
    """Prints the share flagged, the flags by rule, and the sample."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("path", type=Path)
    parser.add_argument("--sample", type=int, default=50)
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()
    n_rows = sum(1 for _ in read_rows(arguments.path))
    found = judge(arguments.path)
    flagged = len({row for row, *_ in found})
    print(f"{flagged} of {n_rows} texts flagged ({flagged / n_rows:.1%}), {len(found)} findings")
    for rule, n in Counter(f.rule_id for *_, f in found).most_common():
        print(f"{n:5d}  {rule}")
    sample = random.Random(arguments.seed).sample(found, min(arguments.sample, len(found)))
    for number, (row, product, text, finding) in enumerate(sample, start=1):
        left, right = max(0, finding.start - 14), finding.end + 14
        near = f"{text[left : finding.start]}[{finding.text}]{text[finding.end : right]}".replace("\n", " ")
        known = "*".join(f"{k}#{v}" for k, v in product.attributes.items())
        print(f"{number:3d} row {row:3d} {finding.rule_id:22s} …{near}…  | {known}")


if __name__ == "__main__":
    main()
