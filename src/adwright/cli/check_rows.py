"""One verdict a row of a table of texts, printed as it is reached, so that memory does not grow."""

from __future__ import annotations

import json
import sys
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Any

from adwright.cli.generate import check_language, finding_line, score_line
from adwright.cli.output import plain
from adwright.cli.slot_tables import TableRow
from adwright.errors import UsageError
from adwright.generate import Written, is_blocked
from adwright.generate import check as run_guards
from adwright.generate.evidence import evidence_for
from adwright.generate.guards import Guard
from adwright.generate.kinds import Kind
from adwright.generate.plainness import plainness
from adwright.generate.relevance import relevance
from adwright.schema import EVERYONE, Content, Finding, Language, Product, Provenance, ShopPolicy

VERDICTS = ("blocked", "for review", "warned", "clean", "unreadable")

_BATCH = 500  # rows whose products are looked up at once


@dataclass(frozen=True, slots=True)
class Checker:
    """Judges texts of one kind as they come: the guards, relevance and plainness.

    Args:
        kind: Its slots.
        channel, language: Where a text is shown and in which language, unless its row says otherwise.
        guards: Made once, so that what they keep serves every text.
        now: Aware.
        policies: What the shop promises, for the kinds that may speak of it.
    """

    kind: Kind
    channel: str
    language: Language
    guards: tuple[Guard, ...]
    now: datetime
    policies: tuple[ShopPolicy, ...] = ()

    def judge(
        self, slots: Mapping[str, str], products: Sequence[Product], fields: Mapping[str, str] | None = None
    ) -> Written:
        """The text with its findings and scores; without a product nobody can say how relevant it is.

        An unknown channel or language raises `UsageError`.
        """
        said = fields or {}
        content = Content(
            id=said.get("id") or "c_check",
            kind=self.kind.name,
            product_ids=tuple(p.id for p in products),
            cohort_id=EVERYONE,
            channel=said.get("channel") or self.channel,
            language=check_language(said["language"]) if "language" in said else self.language,
            slots=dict(slots),
            provenance=Provenance(backend="none"),
        )
        evidence = evidence_for(self.kind.name, products, self.policies)
        findings = run_guards(content, products=evidence, now=self.now, guards=self.guards)
        fits = relevance(content, products=products) if products else None
        return Written(content, findings, fits, plainness(content.text))


@dataclass(frozen=True, slots=True)
class RowVerdict:
    """What the guards say of one row; `reason` says why a row could not be read."""

    row: int
    id: str | None
    verdict: str
    written: Written | None = None
    reason: str | None = None


def verdict_of(findings: Iterable[Finding]) -> str:
    """`blocked`, `for review`, `warned` (nobody has to look) or `clean`."""
    found = tuple(findings)
    if is_blocked(found):
        return "blocked"
    if any(f.severity == "review" and f.exemption is None for f in found):
        return "for review"
    return "warned" if found else "clean"


def judge_rows(
    rows: Iterable[TableRow],
    checker: Checker,
    *,
    products: Sequence[Product],
    find_products: Callable[[Collection[str]], Mapping[str, Product]],
) -> Iterator[RowVerdict]:
    """A verdict for each row, in order.

    Args:
        rows: Columns named as the slots of the kind; `id`, `product_id`, `channel` and `language` are read too.
        checker: Judges each.
        products: What every row speaks of that names no product of its own.
        find_products: Product id -> product, for those of the ids that there are.
    """
    rows = iter(rows)
    while batch := list(islice(rows, _BATCH)):
        known = find_products({r.fields["product_id"] for r in batch if "product_id" in r.fields})
        for row in batch:
            yield _judge_row(row, checker, products, known)


def _judge_row(
    row: TableRow, checker: Checker, products: Sequence[Product], known: Mapping[str, Product]
) -> RowVerdict:
    names = [slot.name for slot in (*checker.kind.slots, *checker.kind.extras)]
    slots = {name: row.fields[name] for name in names if name in row.fields}
    own_id, product_id = row.fields.get("id"), row.fields.get("product_id")
    problem = row.problem
    if problem is None and not slots:
        problem = f"none of the columns {', '.join(names)}"
    if problem is None and product_id is not None and product_id not in known:
        problem = f"unknown product {product_id}"
    if problem is not None:
        return RowVerdict(row.number, own_id, "unreadable", reason=problem)
    own = products if product_id is None else (known[product_id],)
    try:
        written = checker.judge(slots, own, row.fields)
    except UsageError as error:  # an unknown channel or language is a fault of this row alone
        return RowVerdict(row.number, own_id, "unreadable", reason=str(error))
    return RowVerdict(row.number, own_id, verdict_of(written.findings), written)


def print_verdicts(verdicts: Iterable[RowVerdict], *, as_json: bool) -> Counter[str]:
    """Prints each verdict as it comes, as one JSON object in all or as lines; returns how many of each."""
    counts: Counter[str] = Counter()
    rules: Counter[str] = Counter()
    opening = '{"rows": ['
    for n, verdict in enumerate(verdicts):
        counts[verdict.verdict] += 1
        rules.update({f.rule_id for f in verdict.written.findings} if verdict.written else ())
        if as_json:
            sys.stdout.write(
                (",\n" if n else f"{opening}\n") + json.dumps(plain(_object(verdict)), ensure_ascii=False)
            )
        elif verdict.verdict != "clean":
            sys.stdout.write("\n".join(_lines(verdict)) + "\n")
    total = {"n_rows": counts.total(), "verdicts": {name: counts[name] for name in VERDICTS}}
    total["rules"] = dict(rules.most_common())
    if as_json:
        sys.stdout.write("" if counts else opening)
        sys.stdout.write("],\n" + json.dumps(total, ensure_ascii=False)[1:] + "\n")
    else:
        told = ", ".join(f"{counts[name]} {name}" for name in VERDICTS)
        sys.stdout.write(f"{counts.total()} rows: {told}\n")
    return counts


def _object(verdict: RowVerdict) -> dict[str, Any]:
    found: dict[str, Any] = {"row": verdict.row, "id": verdict.id, "verdict": verdict.verdict}
    if verdict.written is None:
        return found | {"reason": verdict.reason}
    written = verdict.written
    return found | {
        "findings": written.findings,
        "relevance": written.relevance,
        "plainness": written.plainness,
    }


def _lines(verdict: RowVerdict) -> Iterator[str]:
    named = f" ({verdict.id})" if verdict.id else ""
    yield f"row {verdict.row}{named}: {verdict.verdict}{f': {verdict.reason}' if verdict.reason else ''}"
    if verdict.written is not None:
        yield score_line(
            verdict.written.relevance, verdict.written.plainness, verdict.written.content.language
        )
        yield from map(finding_line, verdict.written.findings)
