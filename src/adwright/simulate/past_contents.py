"""The shop's past contents and what came of them: the table that an effect model learns from.

A group (campaign) runs 3 to 6 variants about one product in one channel from one day on. With e the
expectation of the market at that day's season and the group's level,

    exposures ~ log-normal around 1,500      clicks ~ Binomial(exposures, e.click)
    orders ~ Binomial(clicks, e.conversion)  value = sum over orders not returned

*Holds when* each exposure is a fresh visitor. The last campaigns start early enough for their returns to be
in. *Does not cover* a copywriter who learns.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

import numpy as np
import polars as pl

from adwright.schema import EVERYONE, Content, Language, Provenance, content_id
from adwright.simulate.catalogue import categories
from adwright.simulate.copywriter import Copywriter
from adwright.simulate.market import Ints, Market, draw_order_values
from adwright.simulate.traffic import CHANNELS, Times, season
from adwright.store.columns import CONTENTS

SETTLED_DAYS = 21
"""How long before the end of the history the last campaign starts."""

_CHANNEL_SHARE = (0.42, 0.28, 0.20, 0.10)
_DESCRIPTION_SHARE = 0.25
_MAX_TRIES = 20


@dataclass(frozen=True, slots=True, eq=False)
class PastContents:
    """The past contents with group index, start and exposures of each (n,)."""

    contents: list[Content]
    group: Ints
    at: Times
    n_exposures: Ints

    def group_ids(self) -> list[str]:
        """The name of each content's group."""
        return [f"camp-{g + 1:04d}" for g in self.group]


def write_past_contents(
    market: Market, *, language: Language, n_groups: int, n_days: int, now: datetime, rng: np.random.Generator
) -> PastContents:
    """What the copywriters wrote in `n_groups` campaigns over the `n_days` before `now`, in order of time."""
    writer = Copywriter(language)
    settled = min(SETTLED_DAYS, n_days / 4)
    starts = np.sort(rng.uniform(0.0, n_days - settled, n_groups))
    begin = now.astimezone(UTC).replace(tzinfo=None) - timedelta(days=n_days)
    seen: set[str] = set()
    contents, groups, exposures = [], [], []
    for g in range(n_groups):
        size = np.exp(rng.normal(np.log(1500.0), 0.5))
        for content in _write_group(market, writer, seen, rng):
            contents.append(content)
            groups.append(g)
            exposures.append(int(size * rng.uniform(0.85, 1.15)) + 50)
    group = np.array(groups, dtype=np.int64)
    minutes = np.rint(starts * 24 * 60).astype(np.int64).astype("timedelta64[m]")
    at = (np.datetime64(begin, "us") + minutes)[group] if n_groups else np.zeros(0, dtype="datetime64[us]")
    return PastContents(contents, group, at, np.array(exposures, dtype=np.int64))


def run_past_contents(market: Market, past: PastContents, *, rng: np.random.Generator) -> pl.DataFrame:
    """The past contents with their results, in the columns of `CONTENTS`."""
    texts = market.texts(past.contents)
    names = past.group_ids()
    levels = {name: market.level(name) for name in dict.fromkeys(names)}
    factor = season(past.at, market.category[texts.product]) * np.array([levels[name] for name in names])
    expected = market.expect(texts, factor=factor)
    clicks = rng.binomial(past.n_exposures, expected.click)
    orders = rng.binomial(clicks, np.minimum(expected.conversion, 1.0))
    row = np.repeat(np.arange(len(orders)), orders)
    kept = rng.random(len(row)) >= texts.returns[row]
    values = draw_order_values(market.prices()[texts.product[row]], rng=rng) * kept
    totals = np.bincount(row, weights=values, minlength=len(orders)).astype(np.int64)
    products = [market.products[j] for j in texts.product]
    return pl.DataFrame(
        {
            "content_id": [c.id for c in past.contents],
            "text": [c.text for c in past.contents],
            "kind": [c.kind for c in past.contents],
            "channel": [c.channel for c in past.contents],
            "language": [c.language for c in past.contents],
            "product_id": [p.id for p in products],
            "category": [p.product_type for p in products],
            "cohort_id": pl.Series([None] * len(products), dtype=pl.String),
            "group": names,
            "at": pl.Series(past.at).dt.replace_time_zone("UTC"),
            "n_exposures": past.n_exposures,
            "n_clicks": clicks,
            "n_conversions": orders,
            "value_minor": totals,
            "currency": [p.currency for p in products],
            "attributes": ["{}"] * len(products),
        }
    ).cast(dict(CONTENTS))  # type: ignore[arg-type]


def _write_group(
    market: Market, writer: Copywriter, seen: set[str], rng: np.random.Generator
) -> list[Content]:
    j = int(rng.integers(len(market.products)))
    channel = CHANNELS[rng.choice(len(CHANNELS), p=_CHANNEL_SHARE)]
    long = channel == "onsite" and rng.random() < _DESCRIPTION_SHARE
    product, category = market.products[j], categories()[market.category[j]]
    blank = Content(
        id="",
        kind="product_description" if long else "ad_copy",
        product_ids=(product.id,),
        cohort_id=EVERYONE,
        channel=channel,
        language=writer.language,
        slots={},
        provenance=Provenance(backend="past"),
        status="retired",
    )
    group: list[Content] = []
    n_variants = int(rng.integers(3, 7))
    for _ in range(_MAX_TRIES):
        slots = writer.write(
            product, category_key=category.key, fit=category.fit, kind=blank.kind, channel=channel, rng=rng
        )
        content = replace(blank, slots=slots)
        content = replace(content, id=content_id(content))
        if content.id not in seen:
            seen.add(content.id)
            group.append(content)
        if len(group) == n_variants:
            break
    return group
