"""What guards say of one short text, for the tables of sentences."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from adwright.generate.guards import Guard, check
from adwright.schema import EVERYONE, Content, Finding, Offer, Product, Provenance, Review

NOW = datetime(2026, 11, 20, 8, tzinfo=UTC)
"""A Friday, between the offers of the tables."""


def findings_of(
    text: str,
    language: str,
    guards: Sequence[Guard],
    *,
    product: Mapping[str, Any],
    offer: Mapping[str, Any] | None = None,
    reviews: Sequence[Mapping[str, Any]] = (),
) -> tuple[Finding, ...]:
    """The findings on the text as the description of an advertisement on the shop's own site."""
    content = Content(
        id="c",
        kind="ad_copy",
        product_ids=("p",),
        cohort_id=EVERYONE,
        channel="onsite",
        language=language,
        slots={"headline": "", "description": text},
        provenance=Provenance(backend="compose"),
    )
    return check(
        content,
        products=[Product(id="p", **product)],
        offer=None if offer is None else Offer(id="o", **offer),
        reviews=[Review(**review) for review in reviews],
        now=NOW,
        guards=guards,
    )


def stopped(found: Sequence[Finding]) -> set[str]:
    """The rules that block or ask a person."""
    return {f.rule_id for f in found if f.severity != "warn" and f.exemption is None}


def rules_of(text: str, table: Mapping[str, Any], guards: Sequence[Guard]) -> set[str]:
    """The rules that stop a text beside what its table gives: language, product, offer, reviews."""
    return stopped(
        findings_of(
            text,
            table["language"],
            guards,
            product=table["product"],
            offer=table.get("offer"),
            reviews=table.get("reviews", ()),
        )
    )
