"""`adwright decide`: probabilities now, policies on past tests and in a simulated shop, a budget allocated."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated, Any

import numpy as np
import typer

from adwright.cli.decide_allocate import allocation
from adwright.cli.decide_replay import replay
from adwright.cli.decide_simulate import simulate
from adwright.cli.json_input import read_object, read_rows
from adwright.cli.output import JsonOption, emit
from adwright.config import build
from adwright.decide import Beliefs, DecideConfig, current_probabilities
from adwright.errors import DataError
from adwright.schema import Effect, Goal, OrderValue, OutcomeTotal, Rate

app = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    help="Which content now: probabilities, replay, simulation, and a budget over channels.",
)
app.command()(replay)
app.command()(simulate)
app.command("allocate")(allocation)

_NOW = datetime(1970, 1, 1, tzinfo=UTC)  # the file holds one line a content, so any time will do


@dataclass(frozen=True, slots=True, kw_only=True)
class ArmInput:
    """One content as the file describes it: the prior of its rates, and what was seen since."""

    content_id: str
    mean: float
    k: float
    level_sd: float = 0.0
    conversion_mean: float | None = None
    conversion_k: float | None = None
    order_value_minor: float | None = None
    order_value_sd_minor: float = 0.0
    n_exposures: int = 0
    n_clicks: int = 0
    n_conversions: int = 0
    eligible: bool = True


@app.callback()
def _group() -> None:
    """Which content now: probabilities, replay, simulation, and a budget over channels."""


@app.command()
def probabilities(
    file: Annotated[str, typer.Argument(help="JSON file of the contents, or - for standard input.")],
    *,
    policy: Annotated[
        str, typer.Option("--policy", help="thompson, greedy, epsilon_greedy, ucb, top_two or uniform.")
    ] = "thompson",
    floor: Annotated[float, typer.Option("--floor", help="Least probability of an eligible content.")] = 0.01,
    channel: Annotated[
        str, typer.Option("--channel", help="In email, push and sms sending nothing is an arm, too.")
    ] = "ads",
    draws: Annotated[int, typer.Option("--draws", help="Monte-Carlo draws.", min=1)] = 20_000,
    seed: Annotated[int, typer.Option("--seed", help="Of the draws.", min=0)] = 0,
    as_json: JsonOption = False,
) -> None:
    """The probability of each content, from its prior and its results so far.

    The file holds {"goal": {"kind": "click"}, "arms": [{"content_id", "mean", "k", "n_exposures",
    "n_clicks"}]}: `mean` is the predicted click rate, `k` how sure the prediction is of this content (the
    relative effect has variance 1/k). For the goals conversion, revenue and margin each arm also has
    "conversion_mean", "conversion_k", "n_conversions" and "order_value_minor". "eligible": false takes a
    content out.
    """
    document = read_object(file)
    goal = build(Goal, document.get("goal", {"kind": "click"}), where="goal")
    arms = [build(ArmInput, row, where=f"arms[{i}]") for i, row in enumerate(read_rows(document, "arms"))]
    vector = current_probabilities(
        _beliefs(arms, channel),
        goal=goal,
        channel=channel,
        rng=np.random.default_rng(seed),
        config=DecideConfig(policy=policy, floor=floor, n_draws=draws),
        eligible=[arm.eligible for arm in arms],
    )
    result: dict[str, Any] = {
        "policy": policy,
        "floor": floor,
        "channel": channel,
        "n_draws": draws,
        "probabilities": vector,
    }
    emit(result, "\n".join(f"{name:<24} {p:8.4f}" for name, p in vector.items()), as_json=as_json)


def _beliefs(arms: Sequence[ArmInput], channel: str) -> Beliefs:
    level = np.array([arm.level_sd for arm in arms])
    click = Rate(
        mean=np.array([arm.mean for arm in arms]), k=np.array([arm.k for arm in arms]), level_sd=level
    )
    effect = Effect(
        content_ids=tuple(arm.content_id for arm in arms),
        click=click,
        conversion=_conversion(arms),
        order_value=_order_value(arms),
    )
    totals = [
        OutcomeTotal(
            content_id=arm.content_id,
            at=_NOW,
            channel=channel,
            n_exposures=arm.n_exposures,
            n_clicks=arm.n_clicks,
            n_conversions=arm.n_conversions,
        )
        for arm in arms
    ]
    return Beliefs.from_effect(effect).update(totals)


def _conversion(arms: Sequence[ArmInput]) -> Rate | None:
    means = [arm.conversion_mean for arm in arms if arm.conversion_mean is not None]
    ks = [arm.conversion_k for arm in arms if arm.conversion_k is not None]
    if not means and not ks:
        return None
    if len(means) < len(arms) or len(ks) < len(arms):
        raise DataError("conversion_mean and conversion_k stand in every arm or in none", argument="arms")
    return Rate(mean=np.array(means), k=np.array(ks), level_sd=np.zeros(len(arms)))


def _order_value(arms: Sequence[ArmInput]) -> OrderValue | None:
    values = [arm.order_value_minor for arm in arms if arm.order_value_minor is not None]
    if not values:
        return None
    if len(values) < len(arms):
        raise DataError("order_value_minor stands in every arm or in none", argument="arms")
    spread = np.array([arm.order_value_sd_minor for arm in arms])
    return OrderValue(mean_minor=np.array(values), sd_minor=spread, currency="XXX")
