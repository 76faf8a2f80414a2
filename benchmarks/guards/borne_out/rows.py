"""The texts that the stage of evidence learns from, each with its features.

Labelled rows under `tests/generate/labelled/` (never the blind sets), pairs of them joined to one text, the
conformance tables beside them, and what the composer writes for the labelled goods in both languages, which is lawful
in every family.
"""

from __future__ import annotations

import json
import re
import sys
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[1]))
import labelled

from adwright.generate import get_kind, write_contents
from adwright.generate.guards.borne_out import Evidence, Features, families, stops, windows_of
from adwright.generate.guards.claims.claim import Claim, Reading
from adwright.generate.guards.facts import claims_of
from adwright.generate.guards.meaning.model import windows
from adwright.generate.guards.support import Support, support_of
from adwright.generate.kinds import CHANNELS, KINDS
from adwright.generate.kinds.limit import channel_rules
from adwright.schema import Brief, Language, Offer, Product, Review

TESTS = labelled.FOLDER.parent
FRESH = ("sixth", "seventh")
"""Sets by writers on whose rows few rules were written: what rules find weighs there what it is worth elsewhere."""
KNOWN = ("open", "second", "third", "fourth", "fifth")
TABLES = (
    "facts_conformance",
    "attributes_conformance",
    "offers_conformance",
    "circumstances_conformance",
    "worded_facts",
)
PLACES = tuple(
    (kind, channel)
    for kind in KINDS.names()
    if kind != "campaign_plan"  # not said to customers
    for channel in CHANNELS
    if channel in ("onsite", *(where for where, _ in channel_rules(kind).limits))
)
"""What the composer writes: every kind, wherever it has limits of its own."""
PLACES_A_GOOD = 3  # and language
ANY = ""
"""The family of a row that is lawful in every one."""


@dataclass(frozen=True, slots=True)
class Row:
    """A text that is to be read.

    Args:
        id: Its own.
        source: The labelled set, "joined", "praise", "tables" or "composed".
        writer: Who wrote it; writers are held out as a whole.
        family: That it was labelled for, without "facts.", or `ANY`.
        violates: The label.
        text: The text.
        language: Its language.
        evidence: Product, offer, reviews and time, as the labelled rows have them.
    """

    id: str
    source: str
    writer: str
    family: str
    violates: bool
    text: str
    language: Language
    evidence: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Read:
    """A window of a row's text with its features.

    Args:
        row: The row, without its evidence.
        features: By kind.
        stopped: The families of which a rule stops the text.
    """

    row: Row
    features: Features
    stopped: frozenset[str]


def read_rows() -> list[Read]:
    """Every text that may be learnt from, windows of longer ones apart, in the order of the files."""
    labelled_rows = list(_labelled())
    rows = [*labelled_rows, *_joined(labelled_rows), *_praise(), *_tables(), *_composed()]
    with ProcessPoolExecutor() as pool:
        return [one for found in pool.map(read_row, rows, chunksize=100) for one in found]


def read_row(row: Row) -> list[Read]:
    """The windows of a row."""
    evidence = Evidence.of(support_in(row.evidence))
    reading = Reading(row.text, row.language)
    claims = list(claims_of(reading, evidence.support))
    return [
        Read(
            replace(row, text=row.text[window.start : window.end], evidence={}),
            window.features,
            frozenset(_stopped([claims[i] for i in window.inside])),
        )
        for window in windows_of(reading, claims, evidence)
    ]


def support_in(evidence: Mapping[str, Any]) -> Support:
    """The support of a labelled row."""
    offer = evidence.get("offer")
    return support_of(
        [Product(id="p", **labelled.dated(evidence["product"]))],
        offer=None if offer is None else Offer(id="o", **labelled.dated(offer)),
        reviews=[Review(**review) for review in evidence.get("reviews", [])],
        now=datetime.fromisoformat(evidence["now"]),
    )


def _stopped(claims: Sequence[Claim]) -> Iterator[str]:
    for name, family in families().items():
        if any(c.rule_id.startswith(family.rules) and stops(c) for c in claims):
            yield name


def _labelled() -> Iterator[Row]:
    for source in (*KNOWN, *FRESH):
        for row in labelled.rows(source):
            about, _, family = row["family"].partition("facts.")
            if about:
                continue
            writer = row["id"].partition("-")[0] if source in FRESH else source
            yield Row(
                row["id"], source, writer, family, row["violation"], row["text"], row["language"],
                {name: row.get(name) for name in ("product", "offer", "reviews", "now")},
            )  # fmt: skip


def _praise() -> Iterator[Row]:
    """What describes and praises and claims nothing beyond the record, in each family."""
    for row in labelled.rows("praise"):
        writer = row["id"].partition("-")[0]
        evidence = {name: row.get(name) for name in ("product", "offer", "reviews", "now")}
        yield Row(row["id"], "praise", writer, ANY, False, row["text"], row["language"], evidence)


def _tables() -> Iterator[Row]:
    for name in TABLES:
        tables = tomllib.loads((TESTS / f"{name}.toml").read_text(encoding="utf-8"))
        for heading, table in tables.items():
            evidence = {
                "product": _told(table["product"]),
                "offer": _told(table["offer"]) if "offer" in table else None,
                "reviews": table.get("reviews", []),
                "now": labelled.NOW,
            }
            for family, violates, text in _sentences(table):
                yield Row(
                    f"{name}-{heading}",
                    "tables",
                    "tables",
                    family,
                    violates,
                    text,
                    table["language"],
                    evidence,
                )


def _told(values: Mapping[str, Any]) -> dict[str, Any]:
    """The values of a table, times as the labelled rows write them."""
    return {k: v.isoformat() if isinstance(v, datetime) else v for k, v in values.items()}


def _sentences(table: Mapping[str, Any]) -> Iterator[tuple[str, bool, str]]:
    """Family, label and text of what a table catches and allows."""
    for key, texts in table.items():
        verb, _, family = key.partition("_")
        if key == "caught" and isinstance(texts, Mapping):
            for rule, caught in texts.items():
                of = next((f for f, told in families().items() if rule.startswith(told.rules)), None)
                yield from ((of, True, text) for text in caught if of is not None)
        elif verb in ("caught", "missed"):
            yield from ((family or "attribute", True, text) for text in texts)
        elif verb in ("allowed", "overdone"):
            yield from (
                (family or (ANY if "missed" not in table else "attribute"), False, text) for text in texts
            )


def _joined(rows: Sequence[Row]) -> Iterator[Row]:
    """Two texts on the same goods, one after the other, as often as there are texts: what is wrong of either is wrong
    of both. A joined text stands once for the family of each; pairs of one family, and pairs that are too long to be
    read as a whole, are left out.
    """
    rng = np.random.default_rng(2)
    of_goods: dict[tuple[str, str, str], list[Row]] = {}
    for row in rows:
        if row.source in FRESH:
            of_goods.setdefault(
                (row.writer, row.language, json.dumps(row.evidence, sort_keys=True)), []
            ).append(row)
    for same in of_goods.values():
        order = rng.permutation(len(same))
        for first, second in zip(order[::2], order[1::2], strict=False):
            one, other = same[first], same[second]
            text = one.text.rstrip() + ("" if one.language == "zh" else " ") + other.text
            if one.family == other.family or len(list(windows(Reading(text, one.language).folded))) > 1:
                continue
            for labelled_row in (one, other):
                yield replace(labelled_row, id=f"{labelled_row.id} joined", source="joined", text=text)


def _composed() -> Iterator[Row]:
    rng = np.random.default_rng(1)
    goods: dict[str, Mapping[str, Any]] = {}
    for source in ("open", "second", *FRESH):
        for row in labelled.rows(source):
            key = json.dumps(row["product"], sort_keys=True)
            goods.setdefault(
                key, {name: row.get(name) for name in ("product", "offer", "now")} | {"reviews": []}
            )
    for i, recorded in enumerate(goods.values()):
        evidence = (recorded, _sparse(recorded), _reduced(recorded, rng))[i % 3]
        product = Product(id="p", **labelled.dated(evidence["product"]))
        offer = None if evidence["offer"] is None else Offer(id="o", **labelled.dated(evidence["offer"]))
        briefs = [
            Brief(kind=kind, products=(product,), offer=offer, channel=channel, language=language)
            for language in ("zh", "en")
            for kind, channel in (PLACES[k] for k in rng.choice(len(PLACES), PLACES_A_GOOD, replace=False))
        ]
        now = datetime.fromisoformat(evidence["now"])
        written = write_contents(briefs, backend="compose", n=1, seed=i, now=now, guards=[])
        for one in written:
            said = {slot.name for slot in get_kind(one.content.kind).slots if slot.is_said}
            for slot, text in one.content.slots.items():
                if text and slot in said:
                    yield Row(
                        f"{i}-{slot}",
                        "composed",
                        f"composed{i % 4}",
                        ANY,
                        False,
                        text,
                        one.content.language,
                        evidence,
                    )


def _sparse(evidence: Mapping[str, Any]) -> Mapping[str, Any]:
    """The same goods with little on record: no attributes, no offer, one sentence."""
    product = evidence["product"]
    said = re.split(r"(?<=[.。])", product.get("description") or "")[0]
    return {**evidence, "product": {**product, "attributes": {}, "description": said}, "offer": None}


def _reduced(evidence: Mapping[str, Any], rng: np.random.Generator) -> Mapping[str, Any]:
    """The same goods at a reduced price without dates, few of them left, well or badly rated."""
    product = evidence["product"]
    sale = round(product["price_minor"] * rng.uniform(0.6, 0.95)) if product.get("price_minor") else None
    changes = {
        "sale_price_minor": sale,
        "sale_starts_at": None,
        "sale_ends_at": None,
        "quantity": int(rng.integers(1, 200)),
        "rating": round(float(rng.uniform(2.5, 5.0)), 1),
    }
    return {**evidence, "product": {**product, **changes}, "offer": None}
