"""The recipe's `[recommend]`: which recommenders, and the options of each."""

from __future__ import annotations

from dataclasses import dataclass, field

from adwright.errors import ConfigError


@dataclass(frozen=True, slots=True, kw_only=True)
class PopularityConfig:
    """`[recommend.popularity]`.

    Args:
        half_life_days: After so many days an interaction counts half.
        prior_weight: b: how many faded interactions the overall popularity is worth to a cohort.
        stock_weight: a: how many the catalogue's own facts are worth to the overall popularity.
    """

    half_life_days: float = 30.0
    prior_weight: float = 20.0
    stock_weight: float = 1.0

    def __post_init__(self) -> None:
        _positive("recommend.popularity", self, "half_life_days", "prior_weight", "stock_weight")


@dataclass(frozen=True, slots=True, kw_only=True)
class RecommendConfig:
    """`[recommend]`.

    Args:
        models: Names of recommenders; several are blended with weights chosen on `tune`.
        view_weight: What a view counts, where a bought order line counts 1.
        add_weight: What adding to the basket counts.
        tune_share: The last part of the time, in (0, 1), that chooses the weights.
        popularity: Its options.
    """

    models: tuple[str, ...] = ("popularity",)
    view_weight: float = 0.05
    add_weight: float = 0.2
    tune_share: float = 0.1
    popularity: PopularityConfig = field(default_factory=PopularityConfig)

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


def _positive(where: str, config: object, *names: str) -> None:
    for name in names:
        if not getattr(config, name) > 0:
            raise ConfigError(
                "must be positive", argument=f"{where}.{name}", value=getattr(config, name), allowed="> 0"
            )
