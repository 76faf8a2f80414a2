"""What a content is worth per exposure: the one function that turns an `Effect` and a `Goal` into money.

    value = p_click * p_conversion * (order_value * (1 - return_rate) * margin_share - offer_cost) - exposure_cost

(without the click factor in channels that have no clicks; for the goals click and conversion it is the rate).
The content effects of click and conversion are correlated: their draws are put in the rank order of a
bivariate normal with the estimated correlation (Iman and Conover 1982), which leaves each margin as it is.

Holds when: click, conversion and order value depend on each other only through that correlation.
Does not cover: the spread between single orders (the value here is an expectation per exposure).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from adwright.errors import UsageError
from adwright.schema import F64, Effect, Goal, OrderValue, Rate
from adwright.stats.contrast import Evidence, posterior

Scope = Literal["marginal", "contrast"]


@dataclass(frozen=True, slots=True, eq=False)
class Value:
    """Value per exposure of n rows: in minor units, or a rate for the goals click and conversion.

    `draws` has shape (n_draws, n); `mean`, `p_low` and `p_high` (5 % and 95 %) have shape (n,).
    """

    mean: F64
    p_low: F64
    p_high: F64
    draws: F64


def value(
    effect: Effect,
    goal: Goal | Sequence[Goal],
    *,
    rng: np.random.Generator,
    scope: Scope = "marginal",
    click_evidence: Evidence | None = None,
    conversion_evidence: Evidence | None = None,
    shared_level: bool = False,
    n_draws: int = 4000,
) -> Value:
    """The value per exposure of each row of `effect`, as draws.

    Args:
        effect: n rows. Rows with the same content id share one draw of the content effect; evidence and
            `shared_level` need one row a content.
        goal: One goal, or n of them (products differ in their margin).
        rng: Source of the draws.
        scope: "marginal" (level and content effect: what is shown) or "contrast" (content effect alone:
            what chooses between siblings).
        click_evidence: Clicks since the model's data, one entry a row.
        conversion_evidence: Conversions since, one entry a row.
        shared_level: The rows are siblings in one test; see `stats.contrast`.
        n_draws: Number of draws.

    Raises:
        UsageError: the effect lacks a part that the goal needs, or goals differ in number from the rows.
    """
    goals = [goal] * len(effect) if isinstance(goal, Goal) else list(goal)
    if len(goals) != len(effect):
        raise UsageError(
            "one goal, or one a row", argument="goal", value=len(goals), allowed=str(len(effect))
        )
    unique = {content: i for i, content in reversed(list(enumerate(effect.content_ids)))}
    first = np.array([unique[c] for c in effect.content_ids], dtype=np.intp)
    clicks = _draw_rate(
        effect.click, click_evidence, scope=scope, shared_level=shared_level, n_draws=n_draws, rng=rng
    )
    conversions = _draw_rate(
        effect.conversion,
        conversion_evidence,
        scope=scope,
        shared_level=shared_level,
        n_draws=n_draws,
        rng=rng,
    )
    if clicks is not None and conversions is not None and effect.correlation != 0.0:
        conversions = _correlate(clicks, conversions, effect.correlation, rng)
    draws = _combine(effect, goals, clicks, conversions, first=first, rng=rng, n_draws=n_draws)
    low, high = np.quantile(draws, [0.05, 0.95], axis=0) if len(effect) else (np.empty(0), np.empty(0))
    return Value(draws.mean(axis=0), low, high, draws)


@dataclass(frozen=True, slots=True, eq=False)
class _Draws:
    """Effects (n_draws, n) with the function that turns them into rates, and the level's draws (n_draws, 1)."""

    rate: Rate
    effects: F64
    level: F64

    def rates(self, first: npt.NDArray[np.intp]) -> F64:
        shared = self.effects[:, first]
        if self.rate.family == "logistic":
            odds = np.log(np.clip(self.rate.mean, 1e-12, 1 - 1e-12)) - np.log1p(
                -np.clip(self.rate.mean, 1e-12, 1 - 1e-12)
            )
            return np.asarray(1 / (1 + np.exp(-(odds + shared + np.log(self.level)))))
        return np.minimum(self.rate.mean * shared * self.level, 1.0)


def _draw_rate(
    rate: Rate | None,
    evidence: Evidence | None,
    *,
    scope: Scope,
    shared_level: bool,
    n_draws: int,
    rng: np.random.Generator,
) -> _Draws | None:
    if rate is None:
        return None
    effects = posterior(rate, evidence, shared_level=shared_level).sample(n_draws, rng=rng)
    level = np.ones((n_draws, 1))
    if scope == "marginal":
        sd = np.nan_to_num(rate.level_sd)
        drift = sd**2 / 2 if rate.family == "gamma" else np.zeros_like(sd)
        level = np.exp(rng.standard_normal((n_draws, 1)) * sd - drift)
    return _Draws(rate, effects, level)


def _correlate(clicks: _Draws, conversions: _Draws, correlation: float, rng: np.random.Generator) -> _Draws:
    """The conversion draws, column by column in the rank order that gives the wanted correlation."""
    n_draws, n = clicks.effects.shape
    rank = np.argsort(np.argsort(clicks.effects, axis=0), axis=0)
    normal = np.sort(rng.standard_normal((n_draws, n)), axis=0)
    partner = correlation * np.take_along_axis(normal, rank, axis=0)
    partner += np.sqrt(1 - correlation**2) * rng.standard_normal((n_draws, n))
    order = np.argsort(np.argsort(partner, axis=0), axis=0)
    effects = np.take_along_axis(np.sort(conversions.effects, axis=0), order, axis=0)
    return _Draws(conversions.rate, effects, conversions.level)


def _combine(
    effect: Effect,
    goals: Sequence[Goal],
    clicks: _Draws | None,
    conversions: _Draws | None,
    *,
    first: npt.NDArray[np.intp],
    rng: np.random.Generator,
    n_draws: int,
) -> F64:
    kinds = {g.kind for g in goals}
    if not goals:
        return np.empty((n_draws, 0))
    p_click = np.ones((n_draws, len(effect))) if clicks is None else clicks.rates(first)
    if kinds == {"click"}:
        _need(clicks is not None, "click", "a click part")
        return p_click
    _need(conversions is not None, str(sorted(kinds)), "a conversion part")
    assert conversions is not None
    p_conversion = p_click * conversions.rates(first)
    if kinds == {"conversion"}:
        return p_conversion
    _need(kinds <= {"revenue", "margin"}, str(sorted(kinds)), "goals in one unit")
    _need(effect.order_value is not None, str(sorted(kinds)), "an order value")
    assert effect.order_value is not None
    order = _draw_orders(effect.order_value, n_draws, rng)[:, first]
    kept = np.array([(1 - g.return_rate) * (g.margin_share if g.kind == "margin" else 1.0) for g in goals])
    offer = np.array([g.offer_cost_minor for g in goals])
    exposure = np.array([g.exposure_cost_minor for g in goals])
    return np.asarray(p_conversion * (order * kept - offer) - exposure)


def _draw_orders(orders: OrderValue, n_draws: int, rng: np.random.Generator) -> F64:
    """(n_draws, n) expected order values: gamma, since after returns an order is worth nothing at the least."""
    mean = np.maximum(orders.mean_minor, 1e-9)
    shape = np.clip((mean / np.maximum(orders.sd_minor, 1e-9)) ** 2, 1e-3, 1e12)
    return np.asarray(rng.standard_gamma(shape, (n_draws, len(mean))) * (mean / shape))


def _need(present: bool, goal: str, what: str) -> None:
    if not present:
        raise UsageError(
            f"the goal needs {what}, which the effect does not have", argument="goal", value=goal
        )
