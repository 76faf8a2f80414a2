"""From customers, goods and texts to clicks, orders and returns: their rates, and their expectation.

For customer i, text x about product j, channel h, position k, time t and group (test, campaign, placement):

    click      1 - exp(-base_h clicking_i affinity_gj season_jt level_group bias_hk * text_click)
    conversion 1 - exp(-base affinity_gj^0.5 thrift_ij * text_conversion)
    thrift_ij  (price_j / median price) ** -price_aversion_g, between 0.5 and 1.8
    value      price_j * quantity * exp(N(-0.12^2 / 2, 0.12)), quantity = 1 + Poisson(0.15)
    level      exp(sd z - sd^2 / 2), z standard normal by group and world, so its mean is 1

affinity^0.5 and thrift are divided by their mean over customers and goods. `expect` sums over the
customers, weighted with how often they come by the channel, and over the positions; the season and the
level are 1 there unless given.

*Holds when* visits are independent given the group. *Does not cover* organic orders without a click.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from adwright.errors import UsageError, unknown_name
from adwright.schema import F64, Content, Product
from adwright.simulate.catalogue import categories
from adwright.simulate.customers import Population, Segments
from adwright.simulate.reading import Readings, read_texts
from adwright.simulate.response import Response
from adwright.simulate.traffic import CHANNELS, Positions

Ints = npt.NDArray[np.int64]

EXTRA_PIECES = 0.15
VALUE_SD = 0.12
_CHUNK = 64


@dataclass(frozen=True, slots=True, eq=False)
class Rates:
    """The world's level of everything: clicks (n_channels,), conversions given click, sd of the level."""

    click: F64
    conversion: float
    level_sd: float


@dataclass(frozen=True, slots=True, eq=False)
class Texts:
    """What n contents are to the market: product and channel index (n,), multipliers (n_segments, n), returns."""

    product: Ints
    channel: Ints
    click: F64
    conversion: F64
    returns: F64
    is_chinese: npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True, eq=False)
class Expectation:
    """What an exposure of each of n contents brings on average: conversion given click, value net of returns."""

    click: F64
    conversion: F64
    value_minor: F64


@dataclass(frozen=True, slots=True, eq=False)
class Market:
    """Everything that decides what happens when a text is shown. Hidden from every stage."""

    seed: int
    products: Sequence[Product]
    category: Ints
    segments: Segments
    population: Population
    positions: Positions
    rates: Rates
    response: Response

    def texts(self, contents: Sequence[Content], *, channel: Ints | None = None) -> Texts:
        """The contents as the market sees them, in their own channel or in the given ones (n,)."""
        product = self.product_index(contents)
        goods = [self.products[j] for j in product]
        readings: Readings = read_texts(contents, goods)
        fit = np.stack([c.fit for c in categories()])[self.category[product]]
        click, conversion = self.response.multipliers(readings, fit)
        own = np.array([channel_index(c.channel) for c in contents]) if channel is None else channel
        return Texts(product, own, click, conversion, self.response.returns(readings), readings.is_chinese)

    def product_index(self, contents: Sequence[Content]) -> Ints:
        """The index of the first product of each content; an unknown one raises `NotFoundError`."""
        rows = {p.id: j for j, p in enumerate(self.products)}
        for content in contents:
            if not content.product_ids:
                raise UsageError("a content without a product", argument="product_ids", value=content.id)
            if content.product_ids[0] not in rows:
                raise unknown_name("product", content.product_ids[0], list(rows)[:50])
        return np.array([rows[c.product_ids[0]] for c in contents], dtype=np.int64)

    def click_probability(self, customer: Ints, texts: Texts, row: Ints, *, factor: F64) -> F64:
        """P(click) for pairs of customer and row of `texts`; `factor` is position bias, season and level."""
        people = self.population
        segment = people.segment[customer]
        text = self.response.personal(
            texts.click[segment, row],
            responsiveness=people.responsiveness[customer],
            foreign=people.reads_chinese[customer] != texts.is_chinese[row],
        )
        liking = self.segments.affinity[segment, self.category[texts.product[row]]]
        base = self.rates.click[texts.channel[row]] * people.clicking[customer] * liking
        return np.asarray(-np.expm1(-base * factor * text), dtype=np.float64)

    def conversion_probability(self, customer: Ints, texts: Texts, row: Ints) -> F64:
        """P(order given click) for pairs of customer and row of `texts`."""
        people = self.population
        segment = people.segment[customer]
        text = self.response.personal(
            texts.conversion[segment, row],
            responsiveness=people.responsiveness[customer],
            foreign=np.zeros(np.shape(customer), dtype=np.bool_),
        )
        willing = self._willingness()[segment, texts.product[row]]
        return np.asarray(-np.expm1(-self.rates.conversion * willing * text), dtype=np.float64)

    def expect(
        self, texts: Texts, *, weight: F64 | None = None, factor: F64 | None = None, click_only: bool = False
    ) -> Expectation:
        """The expectation per exposure of each text.

        Args:
            texts: n contents in their channels.
            weight: (n_customers,) multiplies how often each customer comes; None for all alike.
            factor: (n,) season and level of each content; None for 1.
            click_only: Leave conversion and value at NaN, for speed.
        """
        n = len(texts.product)
        click, order, value = np.zeros(n), np.full(n, np.nan), np.full(n, np.nan)
        scale = np.ones(n) if factor is None else factor
        for start in range(0, n, _CHUNK):
            rows = np.arange(start, min(start + _CHUNK, n))
            who, share = self._visitors_of(texts.channel[rows], weight)
            clicks = np.zeros((len(rows), len(who)))
            for k in range(self.positions.bias.shape[1]):
                seen = self.positions.share[texts.channel[rows], k][:, None]
                if not seen.any():
                    continue
                bias = self.positions.bias[texts.channel[rows], k] * scale[rows]
                clicks += seen * self.click_probability(
                    who[None, :], texts, rows[:, None], factor=bias[:, None]
                )
            click[rows] = (clicks * share).sum(axis=1)
            if not click_only:
                orders = clicks * self.conversion_probability(who[None, :], texts, rows[:, None])
                order[rows] = (orders * share).sum(axis=1)
        price = self.prices()[texts.product] * (1.0 + EXTRA_PIECES)
        value = order * price * (1.0 - texts.returns)
        return Expectation(click, order / np.maximum(click, 1e-300), value)

    def level(self, group: str) -> float:
        """The level that everything in this group shares; the same whenever it is asked for."""
        digest = hashlib.blake2b(f"{self.seed}\x1f{group}".encode(), digest_size=8).digest()
        z = np.random.default_rng(int.from_bytes(digest, "big")).standard_normal()
        sd = self.rates.level_sd
        return float(np.exp(sd * z - sd * sd / 2.0))

    def prices(self) -> F64:
        """The price of each product in minor units, (n_products,)."""
        return np.array([float(p.price_minor or 0) for p in self.products])

    def _willingness(self) -> F64:
        """affinity^0.5 and thrift together, (n_segments, n_products), mean 1 over customers and goods."""
        prices = self.prices()
        thrift = (prices / np.median(prices))[None, :] ** -self.segments.price_aversion[:, None]
        raw = np.sqrt(self.segments.affinity[:, self.category]) * np.clip(thrift, 0.5, 1.8)
        return np.asarray(raw / (self.segments.share @ raw).mean(), dtype=np.float64)

    def _visitors_of(self, channel: Ints, weight: F64 | None) -> tuple[Ints, F64]:
        """The customers of positive weight, and for each text how its exposures spread over them (n, n_who)."""
        who = np.arange(len(self.population)) if weight is None else np.flatnonzero(weight > 0)
        visits = visit_rates(self.population)[who][:, channel].T
        share = visits if weight is None else visits * weight[who]
        if not len(who) or np.any(share.sum(axis=1) <= 0):
            raise UsageError(
                "none of these customers comes by the content's channel", argument="cohort_customers"
            )
        return who, share / share.sum(axis=1, keepdims=True)


def visit_rates(population: Population) -> F64:
    """How often each customer comes by each channel, (n_customers, n_channels), visits a week."""
    return np.asarray(population.activity[:, None] * population.channel, dtype=np.float64)


def channel_index(channel: str) -> int:
    """The place of a channel in `CHANNELS`; an unknown one raises `NotFoundError`."""
    if channel not in CHANNELS:
        raise unknown_name("channel", channel, CHANNELS)
    return CHANNELS.index(channel)


def draw_rates(rng: np.random.Generator) -> Rates:
    """Baselines of a world: clicks 1.5 to 4.5 % onsite, conversions 2 to 6 %, level sd 0.2 to 0.3."""
    click = float(np.exp(rng.uniform(np.log(0.015), np.log(0.045))))
    by_channel = np.array([1.0, 1.15, 0.9, 0.75]) * rng.uniform(0.85, 1.15, len(CHANNELS))
    conversion = float(np.exp(rng.uniform(np.log(0.02), np.log(0.06))))
    return Rates(click * by_channel, conversion, float(rng.uniform(0.2, 0.3)))


def draw_order_values(price_minor: F64, *, rng: np.random.Generator) -> Ints:
    """The value of an order of each price, minor units, at least 1."""
    pieces = 1.0 + rng.poisson(EXTRA_PIECES, len(price_minor))
    noise = np.exp(rng.normal(-(VALUE_SD**2) / 2.0, VALUE_SD, len(price_minor)))
    values: Ints = np.maximum(1, np.rint(price_minor * pieces * noise)).astype(np.int64)
    return values
