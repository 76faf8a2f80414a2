"""A campaign: one cohort, one product, one channel, one kind of content, in one language.

The contents of a campaign are siblings: they compete for the same customers and share one level.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import polars as pl

from adwright.pipeline.settings import RunSettings
from adwright.schema import Brief, Cohort, Goal, GoalKind, Language, Product

PRODUCT_FIELDS = tuple(Product.__dataclass_fields__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Campaign:
    """What contents are written for.

    Args:
        cohort: For whom.
        product: About what.
        kind: What kind of content.
        channel: Where it is shown.
        language: In which language.
        goal: What counts.
        evidence: Why this product was recommended to this cohort.
        companions: Products that the same customers bought with it.
    """

    cohort: Cohort
    product: Product
    kind: str
    channel: str
    language: Language
    goal: Goal
    evidence: Mapping[Language, str]
    companions: tuple[Product, ...] = ()

    @property
    def id(self) -> str:
        """A digest of what makes it this campaign."""
        parts = (self.cohort.id, self.product.id, self.kind, self.channel, self.language)
        return "k_" + hashlib.blake2b("\x1f".join(parts).encode(), digest_size=8).hexdigest()

    @property
    def brief(self) -> Brief:
        """What the writer is asked for; the line under a recommendation is told why it was recommended."""
        is_reason = self.kind == "recommendation"
        return Brief(
            kind=self.kind,
            products=(self.product,),
            channel=self.channel,
            language=self.language,
            cohort=self.cohort,
            goal=self.goal.kind,
            because=self.evidence.get(self.language, "") if is_reason else "",
            companions=self.companions if is_reason else (),
        )

    @property
    def title(self) -> Mapping[Language, str]:
        """A heading for people."""
        name = self.cohort.name
        return {"en": f"{self.product.title} · {name['en']}", "zh": f"{self.product.title} · {name['zh']}"}


def plan_campaigns(
    cohorts: Sequence[Cohort],
    recommended: Mapping[str, pl.DataFrame],
    products: Mapping[str, Product],
    *,
    settings: RunSettings,
    can_value: bool,
) -> list[Campaign]:
    """Every cohort's recommended products, in every kind, channel and language of the recipe.

    Args:
        cohorts: For whom, largest first.
        recommended: Cohort id -> frame of product_id, evidence_en, evidence_zh and companions, best first.
        products: By id.
        settings: The recipe.
        can_value: The effect model predicts conversions and order values, so that money can be the goal.
    """
    write = settings.generate
    return [
        Campaign(
            cohort=cohort,
            product=products[row["product_id"]],
            kind=kind,
            channel=channel,
            language=language,
            goal=goal_for(products[row["product_id"]], settings=settings, can_value=can_value),
            evidence={"en": row["evidence_en"], "zh": row["evidence_zh"]},
            companions=tuple(products[i] for i in row.get("companions", ()) if i in products),
        )
        for cohort in cohorts
        for row in recommended[cohort.id].head(write.n_products).to_dicts()
        for kind in write.kinds
        for channel in write.channels
        for language in settings.shop.languages
    ]


def goal_for(product: Product, *, settings: RunSettings, can_value: bool) -> Goal:
    """The goal of the recipe, its margin share from the product's cost where it is known."""
    section = settings.goal
    cost, price = product.cost_minor, product.price_minor
    share = section.margin_share
    if share is None and cost is not None and price:
        share = min(max(1 - cost / price, 0.0), 1.0)
    kind: GoalKind = "click"
    if section.kind != "auto":
        kind = section.kind
    elif can_value:
        kind = "margin" if share is not None else "revenue"
    return Goal(
        kind=kind,
        margin_share=1.0 if share is None else share,
        offer_cost_minor=section.offer_cost_minor,
        exposure_cost_minor=section.exposure_cost_minor,
        return_rate=section.return_rate,
    )


def read_products(table: pl.DataFrame) -> dict[str, Product]:
    """The catalogue as objects, by id, in the table's order."""
    products = {}
    for row in table.select(PRODUCT_FIELDS).to_dicts():
        row["attributes"] = json.loads(row["attributes"] or "{}")
        row["description"] = row["description"] or ""
        products[row["id"]] = Product(**row)
    return products


def data_range(tables: Sequence[pl.DataFrame]) -> tuple[datetime | None, datetime | None]:
    """The first and the last `at` over the tables; None where there is no time at all."""
    times = [t["at"] for t in tables if "at" in t.columns and t["at"].drop_nulls().len()]
    if not times:
        return None, None
    first: list[datetime] = [t.min() for t in times]  # type: ignore[misc]
    last: list[datetime] = [t.max() for t in times]  # type: ignore[misc]
    return min(first), max(last)
