"""The recipe's `[recommend]`: which recommenders, and the options of each."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from adwright.errors import ConfigError
from adwright.recommend.network_config import SasrecConfig, SemanticConfig, TwoTowerConfig
from adwright.recommend.rules import RulesConfig


@dataclass(frozen=True, slots=True, kw_only=True)
class PopularityConfig:
    """`[recommend.popularity]`.

    Args:
        half_life_days: After so many days an interaction counts half; of several the best on `tune` is taken.
        prior_weight: b: how many faded interactions the overall popularity is worth to a cohort.
        stock_weight: a: how many the catalogue's own facts are worth to the overall popularity.
    """

    half_life_days: tuple[float, ...] = (30.0, 10.0, 90.0)
    prior_weight: float = 20.0
    stock_weight: float = 1.0

    def __post_init__(self) -> None:
        _positive("recommend.popularity", self, "prior_weight", "stock_weight")
        _all_positive("recommend.popularity.half_life_days", self.half_life_days)


@dataclass(frozen=True, slots=True, kw_only=True)
class EaseConfig:
    """`[recommend.ease]`. Of several values the best on `tune` is taken.

    Args:
        l2: The ridge.
        together: c: how much more a pair counts that was bought in one visit; 0 is EASE as published.
        tags: a: how much a shared category, brand or attribute counts; 0 leaves the catalogue out.
        together_minutes: How long a visit is.
        half_life_days: Of the history's fading when it is scored.
        max_items: The most products that take part. Memory is some 28 bytes times its square while it is
            fitted, so 0.7 GB at 5,000, and the time grows with its cube (some ten seconds a value on one core).
    """

    l2: tuple[float, ...] = (250.0, 100.0, 500.0)
    together: tuple[float, ...] = (1.0, 0.0)
    tags: tuple[float, ...] = (3.0, 0.0)
    together_minutes: float = 15.0
    half_life_days: float = 365.0
    max_items: int = 5_000

    def __post_init__(self) -> None:
        _positive("recommend.ease", self, "together_minutes", "half_life_days", "max_items")
        _all_positive("recommend.ease.l2", self.l2)
        for name in ("together", "tags"):
            values = getattr(self, name)
            if not values or min(values) < 0:
                raise ConfigError("must not be negative", argument=f"recommend.ease.{name}", value=values)


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemKnnConfig:
    """`[recommend.item_knn]`.

    Args:
        n_neighbours: Neighbours kept a product.
        shrinkage: Added to the cosine's denominator, in customers.
        half_life_days: Of the history's fading when it is scored.
        max_history: Only so many of the latest interactions of a customer make pairs.
    """

    n_neighbours: int = 200
    shrinkage: float = 10.0
    half_life_days: float = 365.0
    max_history: int = 1_000

    def __post_init__(self) -> None:
        _positive("recommend.item_knn", self, "n_neighbours", "half_life_days", "max_history")
        if self.shrinkage < 0:
            raise ConfigError(
                "must not be negative", argument="recommend.item_knn.shrinkage", value=self.shrinkage
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class RepeatConfig:
    """`[recommend.repeat]`. Of several half-lives the best on `tune` is taken.

    Args:
        half_life_days: Of the fading of a customer's own purchases.
    """

    half_life_days: tuple[float, ...] = (180.0, 60.0, 20.0, 720.0)

    def __post_init__(self) -> None:
        _all_positive("recommend.repeat.half_life_days", self.half_life_days)


@dataclass(frozen=True, slots=True, kw_only=True)
class RecommendConfig:
    """`[recommend]`.

    Args:
        models: Names of recommenders; several are blended with weights chosen on `tune`.
        view_weight: What a view counts, where a bought order line counts 1.
        add_weight: What adding to the basket counts.
        tune_share: The last part of the purchases in time, in (0, 1), that chooses the weights.
        split: How the tune block is taken: the last part of the time, or rows at random (which flatters: the
            future tells of the past).
        target: What is asked for: all that a customer buys in the block, or the next basket alone.
        repeats: Whether what a customer had may be recommended again; `auto` looks whether customers do buy
            the same again, and says no where the tune block has too few customers to tell.
        rules: What may be recommended.
        popularity: Its options; so for the others.
    """

    models: tuple[str, ...] = ("popularity", "item_knn", "ease", "repeat")
    view_weight: float = 0.05
    add_weight: float = 0.2
    tune_share: float = 0.1
    split: Literal["time", "rows"] = "time"
    target: Literal["all", "next_basket"] = "all"
    repeats: Literal["auto", "yes", "no"] = "auto"
    rules: RulesConfig = field(default_factory=RulesConfig)
    popularity: PopularityConfig = field(default_factory=PopularityConfig)
    item_knn: ItemKnnConfig = field(default_factory=ItemKnnConfig)
    ease: EaseConfig = field(default_factory=EaseConfig)
    repeat: RepeatConfig = field(default_factory=RepeatConfig)
    sasrec: SasrecConfig = field(default_factory=SasrecConfig)
    two_tower: TwoTowerConfig = field(default_factory=TwoTowerConfig)
    semantic: SemanticConfig = field(default_factory=SemanticConfig)

    def __post_init__(self) -> None:
        if not self.models:
            raise ConfigError("no recommender named", argument="recommend.models", value=self.models)
        for name in ("view_weight", "add_weight"):
            if getattr(self, name) < 0:
                raise ConfigError(
                    "must not be negative", argument=f"recommend.{name}", value=getattr(self, name)
                )
        if not 0 < self.tune_share < 1:
            raise ConfigError(
                "not a share", argument="recommend.tune_share", value=self.tune_share, allowed="in (0, 1)"
            )
        if self.split == "rows" and (self.target != "all" or self.repeats == "yes"):
            raise ConfigError(
                "rows drawn at random have no next basket, and ask for nothing twice",
                argument="recommend.split",
                value=self.split,
                allowed='with target = "next_basket" or repeats = "yes": time',
            )


def _positive(where: str, config: object, *names: str) -> None:
    for name in names:
        if not getattr(config, name) > 0:
            raise ConfigError(
                "must be positive", argument=f"{where}.{name}", value=getattr(config, name), allowed="> 0"
            )


def _all_positive(argument: str, values: tuple[float, ...]) -> None:
    if not values or min(values) <= 0:
        raise ConfigError("must be positive", argument=argument, value=values, allowed="one or more, > 0")
