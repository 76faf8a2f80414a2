"""What the main job reads from the workspace's recipe: one frozen dataclass a section."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from adwright.config import build
from adwright.decide import DecideConfig
from adwright.errors import ConfigError
from adwright.gate import GateConfig
from adwright.predict import PredictRecipe
from adwright.schema import Attribution, GoalKind, Unit
from adwright.workspace import ShopConfig

CLICK: Mapping[str, Any] = {"trials": "n_exposures", "successes": "n_clicks"}
CONVERSION: Mapping[str, Any] = {"trials": "n_clicks", "successes": "n_conversions"}
ORDER_VALUE: Mapping[str, Any] = {"sum_minor": "value_minor", "count": "n_conversions"}
COLUMNS: Mapping[str, Any] = {
    "text": ["text"],
    "categorical": ["kind", "channel", "language", "category"],
    "numeric": ["price_minor"],
    "time": "at",
    "content": "content_id",
    "group": "group",
}
"""What the effect model learns from in a workspace, where the recipe does not say otherwise."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ProfileSection:
    """`[profile]`: the fewest customers of a cohort, and the most cohorts that content is written for."""

    k: int = 50
    n_cohorts: int = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class GenerateSection:
    """`[generate]`: who writes, what, where, and how much; `[generate.BACKEND]` holds a backend's own options."""

    backend: str = "compose"
    kinds: tuple[str, ...] = ("ad_copy",)
    channels: tuple[str, ...] = ("onsite",)
    n_variants: int = 6
    n_products: int = 1
    options: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class PredictSection:
    """`[predict]`: the fewest past contents to learn from, and the recipe of the effect model."""

    min_rows: int = 200
    seed: int = 0
    recipe: PredictRecipe | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ExperimentSection:
    """`[experiment]`: what the test measures (None: the goal), and what it has to be able to see.

    Args:
        metric: click, conversion, revenue or margin. Clicks need far less traffic than money does.
        minimum_effect: Smallest relative difference worth finding, a fraction.
        alpha: Two-sided level of the whole test.
        power: Of each comparison with the control.
        max_arms: Arms of a test, the control included; the likeliest contents take part.
        unit: customer (always sees the same arm) or session (less traffic; no effect from visit to visit).
    """

    metric: GoalKind | None = "click"
    minimum_effect: float = 0.2
    alpha: float = 0.05
    power: float = 0.8
    max_arms: int = 4
    unit: Unit = "customer"


@dataclass(frozen=True, slots=True, kw_only=True)
class GoalSection:
    """`[goal]`: what counts. `auto` is margin where the cost of goods is known, else revenue, else clicks."""

    kind: Literal["auto", "click", "conversion", "revenue", "margin"] = "auto"
    margin_share: float | None = None
    offer_cost_minor: float = 0.0
    exposure_cost_minor: float = 0.0
    return_rate: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class RunSettings:
    """The recipe of the main job."""

    shop: ShopConfig = field(default_factory=ShopConfig)
    profile: ProfileSection = field(default_factory=ProfileSection)
    generate: GenerateSection = field(default_factory=GenerateSection)
    predict: PredictSection = field(default_factory=PredictSection)
    gate: GateConfig = field(default_factory=GateConfig)
    decide: DecideConfig = field(default_factory=lambda: DecideConfig(floor=0.05, test_share=0.5))
    experiment: ExperimentSection = field(default_factory=ExperimentSection)
    goal: GoalSection = field(default_factory=GoalSection)
    attribution: Attribution = field(default_factory=Attribution)
    seed: int = 0

    @classmethod
    def from_recipe(cls, recipe: Mapping[str, Any]) -> RunSettings:
        """The settings in a parsed `adwright.toml`; absent sections and keys have their defaults."""
        values = dict(recipe)
        predict = dict(values.pop("predict", {}))
        own = {key: predict.pop(key) for key in ("min_rows", "seed") if key in predict}
        generate = dict(values.pop("generate", {}))
        tables = {key: generate.pop(key) for key, value in list(generate.items()) if isinstance(value, dict)}
        generate["options"] = tables.get(generate.get("backend", "compose"), {})
        decide = {"floor": 0.05, "test_share": 0.5, **values.pop("decide", {})}
        settings = build(cls, {**values, "decide": decide, "generate": generate})
        model = PredictRecipe.of(predict, where="predict") if predict else None
        section = build(PredictSection, own, where="predict")
        filled = PredictSection(min_rows=section.min_rows, seed=section.seed, recipe=model)
        return _replaced(settings, filled)


def default_predict_recipe(*, has_conversions: bool, currency: str | None) -> PredictRecipe:
    """What is learned from a workspace's past contents where `[predict]` does not say.

    Args:
        has_conversions: The table holds conversions and values, not only clicks.
        currency: Of the values; conversions without one teach no order value.
    """
    targets: dict[str, Any] = {"click": dict(CLICK)}
    if has_conversions:
        targets["conversion"] = dict(CONVERSION)
    if has_conversions and currency is not None:
        targets["order_value"] = {**ORDER_VALUE, "currency": currency}
    return PredictRecipe.of({"columns": dict(COLUMNS), "targets": targets})


def _replaced(settings: RunSettings, predict: PredictSection) -> RunSettings:
    if not settings.generate.kinds or not settings.generate.channels:
        raise ConfigError(
            "nothing to write: kinds or channels are empty", argument="generate.kinds", value=()
        )
    values = {name: getattr(settings, name) for name in RunSettings.__dataclass_fields__}
    return RunSettings(**{**values, "predict": predict})
