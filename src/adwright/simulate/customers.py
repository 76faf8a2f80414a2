"""The customers of the simulated shop: hidden segments with tastes, and the traits of each person.

A world has five segments. Segment g has an affinity to each category (mean 1; four categories it loves), a
susceptibility to each concept, an aversion to high prices and habits of channel. Customer i has

    segment g_i ~ the world's shares        activity_i ~ log-normal, visits a week
    clicking_i ~ log-normal, mean 1         responsiveness_i ~ Gamma(8, 8), how strongly texts move them

*Holds when* tastes do not change with time. *Does not cover* households, learning, or fatigue.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl

from adwright.errors import NotFoundError
from adwright.schema import F64, Bools, Language
from adwright.simulate.catalogue import categories
from adwright.simulate.lexicon import concepts

N_SEGMENTS = 5
N_CHANNELS = 4
FOREIGN_SHARE = 0.08
"""The part of the customers who do not read the shop's language well."""


@dataclass(frozen=True, slots=True, eq=False)
class Segments:
    """The hidden kinds of customer.

    Args:
        share: (n_segments,) sums to 1.
        affinity: (n_segments, n_categories) to categories, mean 1 a row.
        susceptibility: (n_segments, n_concepts) around 1, negative where a concept puts them off.
        price_aversion: (n_segments,) exponent of the price, 0 to 1.2.
        channel: (n_segments, n_channels) how much of their visits come by each channel.
    """

    share: F64
    affinity: F64
    susceptibility: F64
    price_aversion: F64
    channel: F64


@dataclass(frozen=True, slots=True, eq=False)
class Population:
    """n customers, one entry each. `channel` is (n, n_channels); `reads_chinese` says whose language it is."""

    ids: npt.NDArray[np.str_]
    segment: npt.NDArray[np.int64]
    activity: F64
    clicking: F64
    responsiveness: F64
    channel: F64
    mobile: F64
    reads_chinese: Bools
    accepts_email: Bools
    accepts_push: Bools

    def __len__(self) -> int:
        return len(self.ids)

    def index_of(self, raw_ids: Sequence[str] | pl.Series) -> npt.NDArray[np.int64]:
        """The rows of these raw ids; an unknown one raises `NotFoundError`."""
        wanted = pl.DataFrame({"id": pl.Series(raw_ids, dtype=pl.String)})
        known = pl.DataFrame({"id": self.ids.tolist(), "row": np.arange(len(self))})
        rows = wanted.join(known, on="id", how="left", maintain_order="left")
        missing = rows.filter(pl.col("row").is_null())
        if missing.height:
            raise NotFoundError(
                "no such customer in this world",
                argument="customer_id",
                value=missing["id"][0],
                allowed=f"{self.ids[0]} to {self.ids[-1]}",
            )
        return rows["row"].to_numpy().astype(np.int64)


def draw_segments(rng: np.random.Generator) -> Segments:
    """The world's segments; those with an aversion to high prices are the ones that listen to saving."""
    n_categories, n_concepts = len(categories()), len(concepts())
    affinity = np.exp(rng.normal(-0.5, 0.35, (N_SEGMENTS, n_categories)))
    order = rng.permutation(n_categories)
    for g in range(N_SEGMENTS):
        loved = order[(np.arange(4) + 3 * g) % n_categories]  # neighbours share one category
        affinity[g, loved] *= rng.uniform(3.0, 5.0, 4)
    affinity /= affinity.mean(axis=1, keepdims=True)
    susceptibility = np.clip(1.0 + 0.75 * rng.standard_normal((N_SEGMENTS, n_concepts)), -0.8, 2.8)
    price_aversion = rng.permutation(np.linspace(0.05, 1.2, N_SEGMENTS))
    saving = concepts().index("saving")
    susceptibility[:, saving] = np.clip(
        0.2 + 1.5 * price_aversion + 0.3 * rng.standard_normal(N_SEGMENTS), 0, 2.8
    )
    return Segments(
        share=rng.dirichlet(np.full(N_SEGMENTS, 12.0)),
        affinity=affinity,
        susceptibility=susceptibility,
        price_aversion=price_aversion,
        channel=rng.dirichlet(np.array([6.0, 3.0, 2.5, 1.5]), N_SEGMENTS),
    )


def draw_population(
    segments: Segments, n_customers: int, language: Language, *, rng: np.random.Generator
) -> Population:
    """`n_customers` customers; ids run from `user-000001`, and say nothing about the person."""
    n = n_customers
    segment = rng.choice(N_SEGMENTS, n, p=segments.share)
    own = segments.channel[segment] * rng.gamma(4.0, 0.25, (n, N_CHANNELS))
    accepts = rng.random((n, 2)) < np.array([0.7, 0.45])
    own[:, 2:] *= accepts  # e-mail and push reach only those who agreed to them
    foreign = rng.random(n) < FOREIGN_SHARE
    return Population(
        ids=np.array([f"user-{i + 1:06d}" for i in range(n)]),
        segment=segment,
        activity=np.exp(rng.normal(-1.75, 0.75, n)),
        clicking=np.exp(rng.normal(-0.08, 0.4, n)),
        responsiveness=rng.gamma(8.0, 1.0 / 8.0, n),
        channel=own / own.sum(axis=1, keepdims=True),
        mobile=rng.beta(3.0, 2.0, n),
        reads_chinese=foreign if language == "en" else ~foreign,
        accepts_email=accepts[:, 0],
        accepts_push=accepts[:, 1],
    )
