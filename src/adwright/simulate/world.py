"""A synthetic shop whose true response is known. The way in to the simulator.

    world = World.draw(7)                          # or kind="null", kind="bait", language="zh"
    world.write_history(folder, now=now)           # the files that a real shop would hand over
    visitors = world.visitors(10_000, day=now, rng=rng)
    outcomes = world.respond(visitors, contents, shown, rng=rng, group="test-1")
    truth = world.true_value(contents)

Every part of a world is drawn from a prior by its seed: the same seed gives the same world, and the same
hidden response in either language. The truth stays in memory; no file holds any of it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from pathlib import Path

import numpy as np
import numpy.typing as npt
import polars as pl

from adwright.errors import DataError, UsageError, unknown_name
from adwright.schema import EVERYONE, F64, Content, Language, Product, Provenance
from adwright.simulate.catalogue import categories, draw_catalogue
from adwright.simulate.copywriter import Copywriter
from adwright.simulate.customers import draw_population, draw_segments
from adwright.simulate.history import HistorySize, write_history
from adwright.simulate.lexicon import LANGUAGES
from adwright.simulate.market import Market, channel_index, draw_order_values, draw_rates, visit_rates
from adwright.simulate.reading import read_texts
from adwright.simulate.response import KINDS, Kind, draw_response
from adwright.simulate.traffic import (
    CHANNELS,
    Times,
    draw_order_delays,
    draw_positions,
    draw_return_delays,
    draw_times_of_day,
    later,
    season,
)

_N_YARDSTICKS = 5
_TRUTH = {
    "content_id": pl.String,
    "p_click": pl.Float64,
    "p_conversion": pl.Float64,
    "value_minor": pl.Float64,
}


class World:
    """One simulated shop.

    Args:
        market: What decides the outcomes; hidden.
        kind: ordinary, null or bait.
        language: The shop's language, of its goods and its past contents.

    Attributes:
        products: The catalogue, with costs.
    """

    def __init__(self, market: Market, *, kind: Kind, language: Language) -> None:
        self.kind = kind
        self.language = language
        self.products: list[Product] = list(market.products)
        self._market = market

    @classmethod
    def draw(
        cls,
        seed: int,
        kind: Kind = "ordinary",
        *,
        language: Language = "en",
        n_products: int = 60,
        n_customers: int = 3000,
    ) -> World:
        """The world of this seed.

        Args:
            seed: Any integer from 0. It decides catalogue, customers, tastes, rates and response.
            kind: `ordinary`; `null`, where text has no effect on anything; `bait`, where exaggeration lifts
                clicks and lowers purchases.
            language: `en` (prices in USD) or `zh` (CNY).
            n_products: How many goods, 1 to about 900.
            n_customers: How many customers, at least 1.

        >>> len(World.draw(0, n_products=20, n_customers=50).products)
        20
        """
        if kind not in KINDS:
            raise unknown_name("kind", kind, KINDS)
        if language not in LANGUAGES:
            raise unknown_name("language", language, LANGUAGES)
        if n_customers < 1:
            raise UsageError(
                "a shop has customers", argument="n_customers", value=n_customers, allowed="1 or more"
            )
        streams = [np.random.default_rng([seed, i]) for i in range(6)]
        products, category = draw_catalogue(language, n_products, rng=streams[0])
        segments = draw_segments(streams[1])
        contents, product = _yardsticks(products, category, language, streams[3])
        response = draw_response(
            kind,
            taste=segments.susceptibility,
            share=segments.share,
            readings=read_texts(contents, [products[j] for j in product]),
            fit=np.stack([c.fit for c in categories()])[category[product]],
            product=product,
            rng=streams[4],
        )
        market = Market(
            seed=seed,
            products=tuple(products),
            category=category,
            segments=segments,
            population=draw_population(segments, n_customers, language, rng=streams[2]),
            positions=draw_positions(streams[5]),
            rates=draw_rates(streams[5]),
            response=response,
        )
        return cls(market, kind=kind, language=language)

    @property
    def customer_ids(self) -> list[str]:
        """The raw ids of all customers."""
        return [str(i) for i in self._market.population.ids]

    def true_value(
        self, contents: Sequence[Content], *, cohort_customers: Mapping[str, float] | None = None
    ) -> pl.DataFrame:
        """What each content truly brings per exposure in its own channel, season and level aside.

        Args:
            contents: n contents about products of this shop.
            cohort_customers: Raw customer id -> weight, which multiplies how often they come; None for all.
                With weights of 1 this is the expectation of `respond` on `visitors(raw_ids=these)`.

        Returns:
            Columns content_id, p_click, p_conversion (given click) and value_minor (revenue kept after
            returns, per exposure), one row a content in the order given.
        """
        if not contents:
            return pl.DataFrame(schema=_TRUTH)
        weight = None if cohort_customers is None else self._weights(cohort_customers)
        expected = self._market.expect(self._market.texts(contents), weight=weight)
        return pl.DataFrame(
            {
                "content_id": [c.id for c in contents],
                "p_click": expected.click,
                "p_conversion": expected.conversion,
                "value_minor": expected.value_minor,
            }
        )

    def visitors(
        self,
        n: int,
        *,
        day: date | datetime,
        rng: np.random.Generator,
        raw_ids: Sequence[str] | None = None,
        channel: str | None = None,
    ) -> pl.DataFrame:
        """`n` visits on one UTC day, in order of time.

        Args:
            n: How many visits.
            day: The day.
            rng: Decides who comes when.
            raw_ids: Only these customers, each as often as they like to come; None for all.
            channel: Only by this channel; None for all channels, as customers prefer.

        Returns:
            Columns customer_id (raw), at, channel, position (1 is the top) and device.
        """
        people = self._market.population
        pool = np.arange(len(people)) if raw_ids is None else np.unique(people.index_of(raw_ids))
        rates = visit_rates(people)[pool]
        if channel is not None:
            rates = rates * (np.arange(len(CHANNELS)) == channel_index(channel))
        if not rates.sum() > 0:
            raise UsageError(
                "none of these customers comes by this channel", argument="channel", value=channel
            )
        cell = rng.choice(rates.size, n, p=rates.ravel() / rates.sum()) if n else np.zeros(0, dtype=np.int64)
        customer, h = pool[cell // len(CHANNELS)], cell % len(CHANNELS)
        cumulative = self._market.positions.share.cumsum(axis=1)[h]
        position = (rng.random(n)[:, None] > cumulative).sum(axis=1) + 1
        frame = pl.DataFrame(
            {
                "customer_id": people.ids[customer].tolist(),
                "at": draw_times_of_day(day, n, rng=rng),
                "channel": np.array(CHANNELS)[h].tolist(),
                "position": np.minimum(position, (self._market.positions.share > 0).sum(axis=1)[h]),
                "device": np.where(rng.random(n) < people.mobile[customer], "mobile", "desktop").tolist(),
            },
            schema_overrides={"customer_id": pl.String, "channel": pl.String, "device": pl.String},
        )
        return frame.with_columns(pl.col("at").dt.replace_time_zone("UTC")).sort("at", maintain_order=True)

    def respond(
        self,
        visitors: pl.DataFrame,
        contents: Sequence[Content],
        shown: npt.NDArray[np.integer],
        *,
        rng: np.random.Generator,
        group: str,
    ) -> pl.DataFrame:
        """What the visitors do with what they are shown.

        Args:
            visitors: n rows as from `visitors`.
            contents: What may be shown; each distinct text is read once.
            shown: (n,) index into `contents`, or -1 for nothing, which brings nothing.
            rng: Decides each outcome.
            group: The test, campaign or placement, whose level all these exposures share.

        Returns:
            n rows in the order of `visitors`: clicked, converted, converted_at, value_minor (gross),
            refunded_minor, refunded_at. Times are later than `at` and null where nothing happened.
        """
        n = visitors.height
        row = np.asarray(shown, dtype=np.int64)
        if row.shape != (n,) or (n and not (row.min() >= -1 and row.max() < len(contents))):
            raise DataError(
                "shown does not fit the visitors and contents",
                argument="shown",
                value=row.shape,
                allowed=f"({n},) of -1 to {len(contents) - 1}",
            )
        active = np.flatnonzero(row >= 0)
        clicked, converted = np.zeros(n, dtype=np.bool_), np.zeros(n, dtype=np.bool_)
        returned = np.zeros(n, dtype=np.bool_)
        value = np.zeros(n, dtype=np.int64)
        at = visitors["at"].to_numpy().astype("datetime64[us]")
        if len(active):
            click, order, back, price = self._chances(
                visitors[active], contents, row[active], at[active], group
            )
            clicked[active] = rng.random(len(active)) < click
            converted[active] = clicked[active] & (rng.random(len(active)) < order)
            returned[active] = converted[active] & (rng.random(len(active)) < back)
            value[active] = draw_order_values(price, rng=rng) * converted[active]
        converted_at = later(at, draw_order_delays(n, rng=rng))
        refunded_at = later(converted_at, draw_return_delays(n, rng=rng))
        return pl.DataFrame(
            {
                "clicked": clicked,
                "converted": converted,
                "converted_at": _times_where(converted_at, converted),
                "value_minor": value,
                "refunded_minor": value * returned,
                "refunded_at": _times_where(refunded_at, returned),
            }
        )

    def write_history(
        self,
        folder: Path,
        *,
        now: datetime,
        n_days: int = 180,
        n_customers: int | None = None,
        n_groups: int = 500,
        n_bad: int = 6,
        rng: np.random.Generator | None = None,
    ) -> Mapping[str, Path]:
        """The files that this shop hands over: its past until `now`, and nothing of the truth.

        Args:
            folder: Where; made if it does not exist.
            now: The end of the history, aware.
            n_days: How far it goes back.
            n_customers: The first so many customers; None for all.
            n_groups: How many past campaigns, of 3 to 6 contents each.
            n_bad: How many malformed rows stand among the events.
            rng: Decides the history; None for one that the seed decides.

        Returns:
            `events` (JSON Lines as Segment sends them), `catalog` (JSON in Merchant's names), `customers`
            (CSV) and `contents` (Parquet: past contents with their results).
        """
        size = HistorySize(
            n_days=n_days,
            n_customers=len(self._market.population) if n_customers is None else n_customers,
            n_groups=n_groups,
            n_bad=n_bad,
        )
        source = np.random.default_rng([self._market.seed, 99]) if rng is None else rng
        return write_history(self._market, folder, language=self.language, size=size, now=now, rng=source)

    def _weights(self, cohort_customers: Mapping[str, float]) -> F64:
        weight = np.zeros(len(self._market.population))
        weight[self._market.population.index_of(list(cohort_customers))] = list(cohort_customers.values())
        if np.any(weight < 0):
            raise UsageError("a weight is negative", argument="cohort_customers", value=float(weight.min()))
        return weight

    def _chances(
        self,
        visitors: pl.DataFrame,
        contents: Sequence[Content],
        row: npt.NDArray[np.int64],
        at: Times,
        group: str,
    ) -> tuple[F64, F64, F64, F64]:
        """P(click), P(order given click), P(return given order) and price of each exposure."""
        market = self._market
        customer = market.population.index_of(visitors["customer_id"])
        codes = {name: channel_index(name) for name in visitors["channel"].unique().to_list()}
        channel = visitors["channel"].replace_strict(codes, return_dtype=pl.Int64).to_numpy()
        position = visitors["position"].to_numpy().astype(np.int64) - 1
        pair, where = np.unique(row * len(CHANNELS) + channel, return_inverse=True)
        texts = market.texts([contents[i] for i in pair // len(CHANNELS)], channel=pair % len(CHANNELS))
        top = market.positions.bias.shape[1] - 1
        factor = market.positions.bias[channel, np.clip(position, 0, top)] * market.level(group)
        factor = factor * season(at, market.category[texts.product[where]])
        click = market.click_probability(customer, texts, where, factor=factor)
        order = market.conversion_probability(customer, texts, where)
        return click, order, texts.returns[where], market.prices()[texts.product[where]]


def _yardsticks(
    products: list[Product], category: npt.NDArray[np.int64], language: Language, rng: np.random.Generator
) -> tuple[list[Content], npt.NDArray[np.int64]]:
    """Texts of the shop's copywriters about each product: what the strength of the response is set on."""
    writer = Copywriter(language)
    contents, rows = [], []
    for j, product in enumerate(products):
        kind = categories()[category[j]]
        for i in range(_N_YARDSTICKS):
            channel = CHANNELS[(i + j) % 2]
            slots = writer.write(
                product, category_key=kind.key, fit=kind.fit, kind="ad_copy", channel=channel, rng=rng
            )
            contents.append(
                Content(
                    id=f"y{j}-{i}",
                    kind="ad_copy",
                    product_ids=(product.id,),
                    cohort_id=EVERYONE,
                    channel=channel,
                    language=language,
                    slots=slots,
                    provenance=Provenance(backend="past"),
                )
            )
            rows.append(j)
    return contents, np.array(rows, dtype=np.int64)


def _times_where(times: Times, mask: npt.NDArray[np.bool_]) -> pl.Series:
    missing = np.where(mask, times, np.datetime64("NaT", "us"))
    return pl.Series(missing, dtype=pl.Datetime("us")).dt.replace_time_zone("UTC")
