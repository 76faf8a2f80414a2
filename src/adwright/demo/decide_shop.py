"""The simulated shop as a market for policies: contents of one product, cohorts, drift, late outcomes.

The rates are the world's own for each cohort; on top of them lie, drawn from the seed,

    rate_gc(t) = world rate_gc * level(t) * exp(walk_c(t)) * wear_c(t)

a level that all contents share (a week's rhythm), a random walk for each content, and one content, the best
one at the start, that wears out at one stroke. Outcomes come with the world's delays, times `delay_scale`.
What a predictor would say is the truth with noise: `skill` is the share of the variance between contents
that it knows, and `k` says how sure it is, rightly.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import numpy as np
import numpy.typing as npt

from adwright.decide.ageing import ArrivalCurve
from adwright.schema import CONTACT_CHANNELS, EVERYONE, F64, NO_CONTENT, Content, Customer, Provenance
from adwright.simulate import World
from adwright.simulate.catalogue import categories
from adwright.simulate.copywriter import Copywriter
from adwright.simulate.traffic import draw_order_delays

START = datetime(2026, 11, 2, tzinfo=UTC)
_ZONES = ("Europe/London", "America/New_York", "Asia/Shanghai")
_HOUR_US = 3.6e9


@dataclass(frozen=True, slots=True, kw_only=True)
class ShopConfig:
    """What the shop is like.

    Args:
        n_contents: Contents that compete.
        n_cohorts: Cohorts of customers.
        n_customers: Customers.
        visits_per_hour: On average.
        n_days: How long.
        channel: In e-mail, push and SMS sending nothing is one more arm.
        walk_sd: Standard deviation of a content's log-rate after a day of drift.
        wear: Factor on the rate of the content that wears out.
        delay_scale: Factor on the world's delays from click to order (median 5 h).
        lost: Share of outcomes that are never reported.
        skill: Share of the variance between contents that the prediction knows, in [0, 1].
        exposure_cost_minor: Cost of one exposure.
        consent_share: Share of customers who agreed to be contacted.
    """

    n_contents: int = 8
    n_cohorts: int = 4
    n_customers: int = 1500
    visits_per_hour: float = 400.0
    n_days: int = 21
    channel: str = "onsite"
    walk_sd: float = 0.06
    wear: float = 0.6
    delay_scale: float = 3.0
    lost: float = 0.1
    skill: float = 0.3
    exposure_cost_minor: float = 2.0
    consent_share: float = 0.9


class ShopMarket:
    """One shop of one seed. See `decide.simulation.Market` for what it answers.

    Args:
        seed: Of the world, the drift and the noise of the prediction.
        config: What it is like.
    """

    def __init__(self, seed: int, config: ShopConfig) -> None:
        rng = np.random.default_rng([seed, 17])
        self.config, self.channel = config, config.channel
        world = World.draw(seed, n_products=12, n_customers=config.n_customers)
        contents = _contents(world, config, rng=rng)
        self.cohort_of = rng.permutation(np.arange(config.n_customers) % config.n_cohorts)
        self.customers: Sequence[Customer] = _customers(world, config, rng=rng)
        base = _rates_by_cohort(world, contents, self.cohort_of, config, rng=rng)
        self._drift = _drift(base.mean(axis=0), config, rng=rng)
        self.content_ids = tuple(c.id for c in contents)
        self._base = base
        self.predicted, self.k = _predicted(base, config.skill, rng=rng)
        self.cost = np.full(len(contents), config.exposure_cost_minor)
        if config.channel in CONTACT_CHANNELS:
            self._add_no_content()

    def visitors(self, at: datetime, hours: float, rng: np.random.Generator) -> npt.NDArray[np.intp]:
        """See `Market.visitors`: few at night, most in the evening."""
        rhythm = 1.0 - 0.7 * np.cos(2 * np.pi * (at.hour + hours / 2 - 6) / 24)
        n = int(rng.poisson(self.config.visits_per_hour * hours * max(rhythm, 0.05)))
        return rng.integers(self.config.n_customers, size=n)

    def rates(self, at: datetime) -> F64:
        """See `Market.rates`."""
        day = min(max((at - START) / timedelta(days=1), 0.0), self.config.n_days - 1e-9)
        level = np.exp(0.25 * np.sin(2 * np.pi * day / 7))
        return np.asarray(np.clip(self._base * level * self._drift[int(day * 4)], 0.0, 0.9))

    def delays(self, n: int, rng: np.random.Generator) -> F64:
        """See `Market.delays`; a lost outcome never comes."""
        hours = draw_order_delays(n, rng=rng).astype(np.float64) / _HOUR_US * self.config.delay_scale
        return np.asarray(np.where(rng.random(n) < self.config.lost, 1e9, hours), np.float64)

    def arrival(self, rng: np.random.Generator, *, n_seen: int = 1000) -> ArrivalCurve:
        """The curve that a shop learns from delays of the past; the share lost, from its audit."""
        hours = draw_order_delays(n_seen, rng=rng).astype(np.float64) / _HOUR_US * self.config.delay_scale
        return ArrivalCurve.fit(hours, np.full(n_seen, 1e6), lost=self.config.lost)

    @property
    def features(self) -> F64:
        """(G, G) one feature a cohort, with the constant in the first place."""
        table = np.eye(self.config.n_cohorts)
        table[:, 0] = 1.0
        return table

    def _add_no_content(self) -> None:
        def with_nothing(table: F64, value: float) -> F64:
            return np.concatenate([table, np.full((*table.shape[:-1], 1), value)], axis=-1)

        self.content_ids = (*self.content_ids, NO_CONTENT)
        self._base = with_nothing(self._base, 0.0)
        self._drift = with_nothing(self._drift, 1.0)
        self.predicted = with_nothing(self.predicted, 1e-9)
        self.k, self.cost = with_nothing(self.k, 1e6), with_nothing(self.cost, 0.0)


def _contents(world: World, config: ShopConfig, *, rng: np.random.Generator) -> list[Content]:
    """Texts of the shop's copywriters about its first product."""
    product = world.products[0]
    kinds = {c.key: c for c in categories()}
    writer = Copywriter(world.language)
    key = next((k for k in kinds if k in (product.product_type or "").lower()), next(iter(kinds)))
    channel = config.channel if config.channel in ("onsite", "search_ads", "email", "push") else "onsite"
    return [
        Content(
            id=f"c{i + 1}",
            kind="ad_copy",
            product_ids=(product.id,),
            cohort_id=EVERYONE,
            channel=channel,
            language=world.language,
            slots=writer.write(
                product, category_key=key, fit=kinds[key].fit, kind="ad_copy", channel=channel, rng=rng
            ),
            provenance=Provenance(backend="past"),
        )
        for i in range(config.n_contents)
    ]


def _customers(world: World, config: ShopConfig, *, rng: np.random.Generator) -> list[Customer]:
    agreed = rng.random(config.n_customers) < config.consent_share
    zones = rng.choice(_ZONES, config.n_customers)
    return [
        Customer(
            id=customer,
            attributes={"time_zone": str(zone)},
            consent=frozenset({f"marketing:{config.channel}"} if yes else ()),
        )
        for customer, zone, yes in zip(world.customer_ids, zones, agreed, strict=True)
    ]


def _rates_by_cohort(
    world: World,
    contents: Sequence[Content],
    cohort_of: npt.NDArray[np.intp],
    config: ShopConfig,
    *,
    rng: np.random.Generator,
) -> F64:
    """(G, n_contents) clicks per exposure by cohort, with a taste of its own for each cohort and content."""
    ids = np.array(world.customer_ids)
    rows = []
    for g in range(config.n_cohorts):
        weights = dict.fromkeys(ids[cohort_of == g].tolist(), 1.0)
        rows.append(world.true_value(contents, cohort_customers=weights)["p_click"].to_numpy())
    taste = np.exp(0.15 * rng.standard_normal((config.n_cohorts, len(contents))))
    return np.array(rows) * taste


def _drift(start: F64, config: ShopConfig, *, rng: np.random.Generator) -> F64:
    """(4 n_days, n_contents) factors, one row each quarter of a day."""
    n = 4 * config.n_days
    walk = np.cumsum(rng.normal(0.0, config.walk_sd / 2, (n, len(start))), axis=0)
    out = np.exp(walk)
    moment = int(n * rng.uniform(0.35, 0.6))
    best = int(np.argmax(start * out[moment]))
    out[moment:, best] *= config.wear
    return out


def _predicted(base: F64, skill: float, *, rng: np.random.Generator) -> tuple[F64, F64]:
    """Predicted rates (G, n_contents) that know a share of the contents' log-variance, and k (n_contents,)."""
    log = np.log(base.mean(axis=0))
    centred = log - log.mean()
    sd = float(centred.std()) or 0.1
    guess = skill * centred + np.sqrt(skill * (1 - skill)) * sd * rng.standard_normal(len(log))
    left = max(sd**2 * (1 - skill), 1e-3)
    mean = np.exp(log.mean() + guess) * base.mean(axis=1, keepdims=True) / base.mean()
    return np.clip(mean, 1e-6, 0.9), np.full(len(log), 1.0 / left)
