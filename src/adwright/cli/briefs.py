"""What `adwright generate` is to write: briefs from the workspace's catalogue, cohorts, results and policies."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import polars as pl

from adwright.errors import NotFoundError, UsageError, unknown_name
from adwright.generate import ExemplarConfig, find_exemplars, get_kind
from adwright.generate.plan_figures import PlanScope, plan_figures
from adwright.profile import customer_features, customer_profile
from adwright.schema import EVERYONE, Brief, Cohort, Customer, Figure, Language, Product, Profile
from adwright.store.columns import CONTENTS, CUSTOMERS
from adwright.workspace import Workspace

_SOME_PRODUCTS = 5
_PLAN_DAYS = 14


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What the command line asks for.

    Args:
        kind, channel, language, angle, tone: As in `Brief`.
        products: Ids; empty for some of the catalogue.
        all_products: The whole catalogue.
        cohort: Its id.
        customer: The raw id of one customer, for a text of their own.
        message: What a service reply answers.
        channels, budget_minor, starts_on, ends_on: Of a campaign plan.
        n_exemplars: So many past contents that did well are shown to a model.
    """

    kind: str
    channel: str
    language: Language
    products: tuple[str, ...] = ()
    all_products: bool = False
    cohort: str = EVERYONE
    customer: str | None = None
    angle: str | None = None
    tone: str | None = None
    message: str = ""
    channels: tuple[str, ...] = ()
    budget_minor: int | None = None
    starts_on: date | None = None
    ends_on: date | None = None
    n_exemplars: int = 0


def make_briefs(shop: Workspace, wish: Wish, *, now: datetime) -> list[Brief]:
    """One brief a product; one without products where the kind needs none and none is named.

    Raises:
        NotFoundError: an unknown product, cohort or customer, or an empty catalogue.
        UsageError: a customer without consent to personalisation on this channel.
    """
    kind = get_kind(wish.kind)
    alone = not kind.needs_product and not wish.products and not wish.all_products
    products = [] if alone else read_products(shop, wish.products, everything=wish.all_products)
    brief = Brief(
        kind=wish.kind,
        products=(),
        channel=wish.channel,
        language=wish.language,
        cohort=read_cohort(shop, wish.cohort),
        angle=wish.angle,
        tone=wish.tone,
        reader=None if wish.customer is None else _reader(shop, wish.customer, wish.channel, now),
        policies=shop.policies,
        message=wish.message,
    )
    if wish.kind == "campaign_plan":
        brief = replace(brief, figures=_figures(shop, wish, brief.cohort, now))
        return [replace(brief, products=tuple(products))]
    briefs = [brief] if alone else [replace(brief, products=(product,)) for product in products]
    return _with_exemplars(shop, briefs, n=wish.n_exemplars) if wish.n_exemplars else briefs


def read_products(shop: Workspace, ids: Sequence[str] | None, *, everything: bool = False) -> list[Product]:
    """The products of these ids in their order, or the first few of the catalogue, or all of it.

    Raises:
        NotFoundError: an id that the catalogue does not have, or an empty catalogue.
    """
    table = shop.tables.scan("products").select(list(Product.__dataclass_fields__))
    if not ids:
        rows = (table if everything else table.head(_SOME_PRODUCTS)).collect().to_dicts()
        if not rows:
            raise NotFoundError(
                "the catalogue is empty", hint="Read it: adwright ingest catalog FILE --format F"
            )
        return [to_product(row) for row in rows]
    wanted = list(dict.fromkeys(ids))
    rows = table.filter(pl.col("id").is_in(wanted)).collect().to_dicts()
    found = {row["id"]: to_product(row) for row in rows}
    for product_id in wanted:
        if product_id not in found:
            known = table.select("id").collect()["id"].to_list()
            raise _unknown_product(product_id, known)
    return [found[product_id] for product_id in wanted]


def _unknown_product(product_id: str, known: Sequence[str]) -> NotFoundError:
    few = 20
    if len(known) <= few:
        return unknown_name("product", product_id, known)
    return NotFoundError(
        "unknown product",
        argument="product",
        value=product_id,
        allowed=f"one of the catalogue's {len(known)} ids",
    )


def to_product(row: dict[str, Any]) -> Product:
    """A row of the catalogue's table as a product."""
    values = dict(row)
    values["attributes"] = json.loads(row["attributes"] or "{}")
    values["description"] = row["description"] or ""
    return Product(**values)


def read_cohort(shop: Workspace, cohort_id: str) -> Cohort | None:
    """The cohort as the last `adwright profile` wrote it; None for everyone."""
    if cohort_id == EVERYONE:
        return None
    path = shop.reports / "cohorts.json"
    if not path.exists():
        raise NotFoundError(
            "no cohorts yet", argument="cohort", value=cohort_id, hint="Make them: adwright profile"
        )
    cohorts = {c["id"]: c for c in json.loads(path.read_text(encoding="utf-8"))["cohorts"]}
    if cohort_id not in cohorts:
        raise unknown_name("cohort", cohort_id, cohorts)
    return Cohort(**{**cohorts[cohort_id], "top_categories": tuple(cohorts[cohort_id]["top_categories"])})


def _reader(shop: Workspace, raw_id: str, channel: str, now: datetime) -> Profile:
    """The profile of one customer; the raw id is turned into its pseudonym here and goes no further."""
    pseudonym = shop.pseudonymiser().of(raw_id)
    customers = shop.tables.read("customers").filter(pl.col("id") == pseudonym)
    consent = customers["consent"].to_list()
    given = frozenset((consent[0] or "").split()) if consent else frozenset[str]()
    customer = Customer(id=pseudonym, consent=given)
    own = pl.col("customer_id") == pseudonym
    features = customer_features(
        shop.tables.read("events").filter(own),
        shop.tables.read("order_lines").filter(own),
        shop.tables.read("products"),
        customers.select(list(CUSTOMERS)),
        now=now,
    )
    return customer_profile(features, customer, channel=channel)


def _figures(shop: Workspace, wish: Wish, cohort: Cohort | None, now: datetime) -> tuple[Figure, ...]:
    first = wish.starts_on or (now.astimezone(UTC).date() + timedelta(days=1))
    scope = PlanScope(
        channels=wish.channels or (wish.channel,),
        starts_on=first,
        ends_on=wish.ends_on or first + timedelta(days=_PLAN_DAYS - 1),
        budget_minor=wish.budget_minor,
        currency=shop.shop.currency,
    )
    orders = shop.tables.read("events").filter(pl.col("event") == "Order Completed").select("at")
    return plan_figures(scope, totals=shop.tables.read("totals"), orders=orders, cohort=cohort)


def _with_exemplars(shop: Workspace, briefs: Sequence[Brief], *, n: int) -> list[Brief]:
    if n < 0:
        raise UsageError("fewer than none", argument="exemplars", value=n, allowed="0 or more")
    past = shop.tables.read("contents").select(list(CONTENTS))
    products = {p.id: p for p in (to_product(row) for row in _catalogue(shop).to_dicts())}
    config = ExemplarConfig(n=n)
    return [
        replace(brief, exemplars=find_exemplars(brief, past, products=products, config=config))
        for brief in briefs
    ]


def _catalogue(shop: Workspace) -> pl.DataFrame:
    return shop.tables.read("products").select(list(Product.__dataclass_fields__))
