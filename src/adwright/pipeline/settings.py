"""What the main job reads from the workspace's recipe: one frozen dataclass a section."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from adwright.config import build
from adwright.decide import DecideConfig, assign_slice, policy_named
from adwright.errors import ConfigError
from adwright.gate import GateConfig
from adwright.generate import BACKENDS, get_kind
from adwright.generate.backends.meter import SpendingConfig
from adwright.learn.tuning import TuneConfig
from adwright.predict import PredictRecipe
from adwright.recommend import RecommendConfig
from adwright.schema import Attribution, GoalKind
from adwright.text import minor_exponent
from adwright.workspace import PolicyConfig, ShopConfig

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
    """`[generate]`: who writes, what, where, and how much; `[generate.BACKEND]` holds a backend's own options.

    Args:
        fallback: Who is asked next for what the backend could not write, in order.
        n_exemplars: So many past contents that did well are shown to a model; 0 for none.
        spending: `[generate.spending]`: the caps.
        tables: Backend -> its options.
    """

    backend: str = "compose"
    fallback: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ("ad_copy",)
    channels: tuple[str, ...] = ("onsite",)
    n_variants: int = 6
    n_products: int = 1
    n_exemplars: int = 3
    spending: SpendingConfig = field(default_factory=SpendingConfig)
    tables: dict[str, Any] = field(default_factory=dict)


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
    unit: Literal["customer", "session"] = "customer"


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
    recommend: RecommendConfig = field(default_factory=RecommendConfig)
    generate: GenerateSection = field(default_factory=GenerateSection)
    predict: PredictSection = field(default_factory=PredictSection)
    tune: TuneConfig = field(default_factory=TuneConfig)
    gate: GateConfig = field(default_factory=GateConfig)
    decide: DecideConfig = field(default_factory=lambda: DecideConfig(floor=0.05, test_share=0.5))
    experiment: ExperimentSection = field(default_factory=ExperimentSection)
    goal: GoalSection = field(default_factory=GoalSection)
    attribution: Attribution = field(default_factory=Attribution)
    policy: tuple[PolicyConfig, ...] = ()
    seed: int = 0

    @classmethod
    def from_recipe(cls, recipe: Mapping[str, Any]) -> RunSettings:
        """The settings in a parsed `adwright.toml`; absent sections and keys have their defaults.

        Raises:
            ConfigError: an unknown key, a wrong type, a value out of its range.
            NotFoundError: an unknown backend, kind, channel, policy or currency.
        """
        sections = {name: _table(recipe, name) for name in ("predict", "generate", "decide")}
        predict, generate = sections["predict"], _with_options(sections["generate"])
        own: dict[str, Any] = {key: predict.pop(key) for key in ("min_rows", "seed") if key in predict}
        decide = {"floor": 0.05, "test_share": 0.5, **sections["decide"]}
        rest = {key: value for key, value in recipe.items() if key not in sections}
        settings = build(cls, {**rest, "decide": decide, "generate": generate})
        model = PredictRecipe.of(predict, where="predict") if predict else None
        section = replace(build(PredictSection, own, where="predict"), recipe=model)
        _check(settings)
        return replace(settings, predict=section)


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


def _table(recipe: Mapping[str, Any], name: str) -> dict[str, Any]:
    """A copy of a section; empty where it is absent."""
    table = recipe.get(name, {})
    if not isinstance(table, Mapping):
        raise ConfigError("wrong type or value", argument=name, value=table, allowed="a table")
    return dict(table)


def _with_options(generate: dict[str, Any]) -> dict[str, Any]:
    """`[generate]` with the tables of the backends as `tables`; those that are not chosen stand ready."""
    known = BACKENDS.names()
    tables = {
        key: generate.pop(key)
        for key, value in list(generate.items())
        if isinstance(value, Mapping) and key != "spending"
    }
    for name in tables:
        if name not in known:
            near = difflib.get_close_matches(name, [*known, "spending"], n=1)
            raise ConfigError(
                f"unknown key 'generate.{name}'",
                allowed=f"spending, or the options of a backend in a table of its name: {', '.join(known)}",
                hint=f"Did you mean '{near[0]}'?" if near else None,
            )
    return {**generate, "tables": tables}


def _check(settings: RunSettings) -> None:
    """Raises what would otherwise be met late, after texts were paid for."""
    write = settings.generate
    for name, value, least in (
        ("shop.languages", len(settings.shop.languages), 1),
        ("profile.k", settings.profile.k, 1),
        ("profile.n_cohorts", settings.profile.n_cohorts, 1),
        ("generate.kinds", len(write.kinds), 1),
        ("generate.channels", len(write.channels), 1),
        ("generate.n_variants", write.n_variants, 1),
        ("generate.n_products", write.n_products, 1),
        ("generate.n_exemplars", write.n_exemplars, 0),
        ("experiment.max_arms", settings.experiment.max_arms, 2),
    ):
        if value < least:
            raise ConfigError("too few", argument=name, value=value, allowed=f"at least {least}")
    for name in (write.backend, *write.fallback):
        BACKENDS.load(name)
    for kind in write.kinds:
        for channel in write.channels:
            get_kind(kind).limits_of(channel, get_kind(kind).slots[0].name)
    minor_exponent(settings.shop.currency)
    _check_decide(settings.decide)


def _check_decide(decide: DecideConfig) -> None:
    policy_named(decide.policy)
    assign_slice([], test_share=decide.test_share, holdout_share=decide.holdout_share, salt=decide.salt)
    if not 0 <= decide.floor < 1:
        raise ConfigError("not a share", argument="decide.floor", value=decide.floor, allowed="0 to below 1")
