"""`adwright decide allocate`: a budget over channels and cohorts."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import typer

from adwright.cli.decide_page import LanguageOption, PageOption, messages_of, write_page
from adwright.cli.json_input import read_object
from adwright.cli.output import JsonOption, emit, progress
from adwright.config import build
from adwright.decide.allocation import SpendLimit, SpendPlan, SpendProblem, allocate
from adwright.decide.allocation.problem import STEPS
from adwright.errors import DataError
from adwright.report.decisions_page import Grid
from adwright.report.plot import BLUE, GREY, Plot, plain_layout
from adwright.report.words import Messages
from adwright.schema import F64

_N_CELLS = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class AllocationFile:
    """What the file holds."""

    channels: tuple[str, ...]
    cohorts: tuple[str, ...]
    value: tuple[tuple[float, ...], ...]
    reach_minor: tuple[tuple[float, ...], ...]
    budget_minor: float
    sd: tuple[tuple[float, ...], ...] | None = None
    limits: tuple[SpendLimit, ...] = ()
    caution: float = 0.0
    channel_correlation: float = 0.5


def allocation(
    file: Annotated[str, typer.Argument(help="JSON file of the problem, or - for standard input.")],
    *,
    page: PageOption = None,
    language: LanguageOption = "en",
    as_json: JsonOption = False,
) -> None:
    """The spend by channel and cohort that is worth most, and what each limit costs.

    The file holds {"channels": [...], "cohorts": [...], "value": [[...]], "reach_minor": [[...]],
    "budget_minor": N}, rows for channels and columns for cohorts: `value` is the predicted value of the first
    unit of spend, `reach_minor` the spend beyond which nothing is gained. Further: "sd" (of the value),
    "caution" (standard deviations taken off it), and "limits": [{"name", "channels", "cohorts",
    "at_least_minor", "at_most_minor"}]. Limits that cannot hold together are named.
    """
    messages = messages_of(language)
    wanted = build(AllocationFile, read_object(file))
    problem = SpendProblem(
        channels=wanted.channels,
        cohorts=wanted.cohorts,
        value=_cells(wanted.value, "value"),
        sd=_cells(wanted.sd, "sd") if wanted.sd is not None else np.zeros_like(_cells(wanted.value, "value")),
        reach_minor=_cells(wanted.reach_minor, "reach_minor"),
        budget_minor=wanted.budget_minor,
        limits=wanted.limits,
        caution=wanted.caution,
    )
    progress(f"allocating over {len(problem.channels)} channels and {len(problem.cohorts)} cohorts")
    plan = allocate(problem, channel_correlation=wanted.channel_correlation)
    result = {
        "channels": plan.channels,
        "cohorts": plan.cohorts,
        "spend_minor": plan.spend_minor.round(2),
        "total_minor": plan.total_minor,
        "value_minor": {
            "value": plan.value_minor,
            "low": plan.value_low_minor,
            "high": plan.value_high_minor,
        },
        "limits": [{**_use(use), "binds": use.binds} for use in plan.limits],
        "response_steps": STEPS,
        "page": page,
    }
    if page is not None:
        _write(page, messages, problem, plan, correlation=wanted.channel_correlation)
        progress(f"page: {page}")
    emit(result, _lines(plan), as_json=as_json)


def _cells(rows: tuple[tuple[float, ...], ...], name: str) -> F64:
    if len({len(row) for row in rows}) > 1:
        raise DataError("rows of different lengths", argument=name, value=[len(row) for row in rows])
    return np.array(rows, dtype=np.float64)


def _use(use: Any) -> dict[str, Any]:
    names = ("name", "bound", "bound_minor", "spend_minor", "shadow_price", "cost_minor")
    return {name: getattr(use, name) for name in names}


def _lines(plan: SpendPlan) -> str:
    lines = [
        f"spend {plan.total_minor:,.0f}  value {plan.value_minor:,.0f}"
        f" [{plan.value_low_minor:,.0f}, {plan.value_high_minor:,.0f}]"
    ]
    for channel, row in zip(plan.channels, plan.spend_minor, strict=True):
        lines.append(f"{channel:<24} {row.sum():14,.0f}")
    for use in plan.limits:
        cost = "" if use.cost_minor is None else f"  costs {use.cost_minor:,.0f}"
        bound = use.bound.replace("_", " ")
        lines.append(
            f"{use.name:<24} {bound} {use.bound_minor:,.0f}  used {use.spend_minor:,.0f}"
            f"  one more unit is worth {use.shadow_price:.4g}{cost}"
        )
    return "\n".join(lines)


def _write(
    path: Path, messages: Messages, problem: SpendProblem, plan: SpendPlan, *, correlation: float
) -> None:
    say = messages.say
    numbers = {
        "spend": f"{plan.total_minor:,.0f}",
        "budget": f"{problem.budget_minor:,.0f}",
        "value": f"{plan.value_minor:,.0f}",
        "low": f"{plan.value_low_minor:,.0f}",
        "high": f"{plan.value_high_minor:,.0f}",
    }
    write_page(
        path,
        messages,
        title=say("decisions.allocate"),
        lead=say("decisions.allocate_lead", numbers),
        method=[
            say(
                "decisions.method_allocate",
                {"caution": f"{problem.caution:g}", "correlation": f"{correlation:.0%}"},
            ),
            say("decisions.method_prices"),
        ],
        plots=[_channels_plot(messages, problem, plan)],
        grids=[_limits_grid(messages, plan), _cells_grid(messages, plan)],
    )


def _limits_grid(messages: Messages, plan: SpendPlan) -> Grid:
    say = messages.say
    heads = ("limit", "bound", "used", "price", "cost")
    return Grid(
        caption=say("decisions.limit"),
        head=tuple(say(f"decisions.{name}") for name in heads),
        rows=tuple(
            (
                use.name,
                f"{say(f'decisions.{use.bound}')} {use.bound_minor:,.0f}",
                f"{use.spend_minor:,.0f}",
                f"{use.shadow_price:.4g}",
                "–" if use.cost_minor is None else f"{use.cost_minor:,.0f}",
            )
            for use in plan.limits
        ),
    )


def _cells_grid(messages: Messages, plan: SpendPlan) -> Grid:
    order = np.argsort(-plan.spend_minor.ravel(), kind="stable")[:_N_CELLS]
    cells = [np.unravel_index(i, plan.spend_minor.shape) for i in order]
    return Grid(
        caption=messages.say("decisions.top_cells"),
        head=tuple(messages.say(f"decisions.{name}") for name in ("channel", "cohort", "used")),
        rows=tuple(
            (plan.channels[h], plan.cohorts[g], f"{plan.spend_minor[h, g]:,.0f}")
            for h, g in cells
            if plan.spend_minor[h, g] > 0
        ),
    )


def _channels_plot(messages: Messages, problem: SpendProblem, plan: SpendPlan) -> Plot:
    say = messages.say
    spend, reach = plan.spend_minor.sum(axis=1), problem.reach_minor.sum(axis=1)
    names = list(plan.channels)
    bars = [(say("decisions.spend"), spend, BLUE), (say("decisions.reach"), reach, GREY)]
    return Plot(
        id="plot-channels",
        title=say("decisions.channels"),
        alt=say("decisions.channels_alt"),
        data=[
            {"type": "bar", "name": name, "x": names, "y": values.tolist(), "marker": {"color": colour}}
            for name, values, colour in bars
        ],
        layout=plain_layout(height=360, legend=True),
        head=(say("decisions.channel"), *(name for name, _, _ in bars)),
        rows=tuple((name, f"{s:,.0f}", f"{r:,.0f}") for name, s, r in zip(names, spend, reach, strict=True)),
    )
