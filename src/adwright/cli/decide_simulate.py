"""`adwright decide simulate`: every policy in a simulated shop whose truth is known."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from adwright.cli.decide_page import LanguageOption, PageOption, messages_of, write_page
from adwright.cli.output import JsonOption, emit, progress
from adwright.demo.decide_compare import POLICIES, STEP_H, Runs, compare
from adwright.demo.decide_shop import ShopConfig
from adwright.report.band_plot import Band, plot_bands
from adwright.report.decisions_page import Grid
from adwright.report.plot import Plot
from adwright.report.words import Messages

_DEFAULT = (
    "uniform",
    "greedy",
    "thompson",
    "thompson, delay ignored",
    "linear_thompson",
    "logistic_thompson",
)
_POINTS = 60


def simulate(
    policy: Annotated[
        list[str] | None, typer.Option("--policy", help="A policy; may be given more than once.")
    ] = None,
    *,
    shops: Annotated[int, typer.Option("--shops", help="Simulated shops, one a seed.", min=1)] = 5,
    days: Annotated[int, typer.Option("--days", help="How long.", min=2)] = 21,
    contents: Annotated[int, typer.Option("--contents", help="Contents that compete.", min=2)] = 8,
    channel: Annotated[
        str, typer.Option("--channel", help="onsite, or email or push with consent and quiet hours.")
    ] = "onsite",
    visits: Annotated[float, typer.Option("--visits", help="Visits an hour.", min=1)] = 400.0,
    floor: Annotated[
        float, typer.Option("--floor", help="Least probability of an eligible content.")
    ] = 0.005,
    daily_budget: Annotated[
        float | None, typer.Option("--daily-budget", help="Spend a day at most, minor units, paced.")
    ] = None,
    cap: Annotated[int | None, typer.Option("--cap", help="Contacts a customer a week at most.")] = None,
    minimum_data: Annotated[
        int, typer.Option("--minimum-data", help="Exposures of each content before anything adapts.", min=0)
    ] = 0,
    seed: Annotated[int, typer.Option("--seed", help="Of the first shop.", min=0)] = 0,
    page: PageOption = None,
    language: LanguageOption = "en",
    as_json: JsonOption = False,
) -> None:
    """Regret, outcomes won, spend and use of the rules, in shops that drift and answer late.

    A policy is a name as `thompson`, or one that ignores something, as "thompson, delay ignored"; an unknown
    one is answered with the list. The page draws everything over time with 95 % intervals over shops.
    """
    messages = messages_of(language)
    config = ShopConfig(n_contents=contents, n_days=days, channel=channel, visits_per_hour=visits)
    runs = compare(
        config,
        tuple(policy or _DEFAULT),
        seeds=range(seed, seed + shops),
        floor=floor,
        daily_budget_minor=daily_budget,
        most_contacts=cap,
        minimum_data=minimum_data,
        progress=progress,
    )
    result = {
        "shops": shops,
        "days": days,
        "step_h": STEP_H,
        "rules": list(runs.rules),
        "policies": {name: _figures(runs, name) for name in runs.traces},
        "known_policies": list(POLICIES),
        "page": page,
    }
    if page is not None:
        _write(page, messages, runs, n_shops=shops)
        progress(f"page: {page}")
    emit(result, "\n".join(_line(name, f) for name, f in result["policies"].items()), as_json=as_json)  # type: ignore[attr-defined]  # a mapping, two lines up


def _figures(runs: Runs, name: str) -> dict[str, Any]:
    figures: dict[str, Any] = {"regret_share": runs.regret_share(name)}
    for what in ("regret", "won", "spend_minor"):
        mean, low, high = runs.over_time(name, what)
        figures[what] = {"value": mean[-1], "low": low[-1], "high": high[-1]}
        figures[f"{what}_by_step"] = mean.round(3)
    figures["kept_back"] = {rule: runs.kept_back(name, rule)[0].mean() for rule in runs.rules}
    return figures


def _line(name: str, figures: dict[str, Any]) -> str:
    share, won, spend = figures["regret_share"], figures["won"], figures["spend_minor"]
    return (
        f"{name:<34} regret {share.value:6.1%} [{share.low:.1%}, {share.high:.1%}]"
        f"  won {won['value']:9.1f}  spend {spend['value']:11.0f}"
    )


def _write(path: Path, messages: Messages, runs: Runs, *, n_shops: int) -> None:
    say = messages.say
    rules = messages.series(list(runs.rules)) or say("page.none")
    shares = {name: runs.regret_share(name) for name in runs.traces}
    grid = Grid(
        caption=say("decisions.summary"),
        head=(say("decisions.policy"), say("decisions.share"), say("decisions.interval")),
        rows=tuple((n, f"{e.value:.2%}", f"{e.low:.2%} – {e.high:.2%}") for n, e in shares.items()),
    )
    write_page(
        path,
        messages,
        title=say("decisions.simulate"),
        lead=say("decisions.simulate_lead", {"n": n_shops, "days": runs.config.n_days}),
        method=[
            say("decisions.method_simulate", {"n": n_shops}),
            say("decisions.method_simulate_rules", {"rules": rules}),
        ],
        plots=_plots(messages, runs),
        grids=[grid],
    )


def _plots(messages: Messages, runs: Runs) -> list[Plot]:
    say = messages.say
    wanted: list[tuple[str, str, str, Sequence[Band]]] = [
        (
            what,
            say(f"decisions.{key}"),
            say(f"decisions.{key}_axis"),
            [_band(name, *runs.over_time(name, what)) for name in runs.traces],
        )
        for what, key in (("regret", "regret"), ("won", "won"), ("spend_minor", "spend"))
    ]
    for rule in runs.rules:
        wanted.append(
            (
                rule,
                say("decisions.kept_back", {"rule": rule}),
                say("decisions.kept_back_axis"),
                [_band(name, *runs.kept_back(name, rule)) for name in runs.traces],
            )
        )
    return [
        plot_bands(
            bands,
            key=key,
            title=title,
            alt=say("decisions.band_alt"),
            x_title=say("decisions.time_axis"),
            y_title=axis,
            written=lambda v: f"{v:,.2f}",
        )
        for key, title, axis, bands in wanted
    ]


def _band(name: str, mean: Any, low: Any, high: Any) -> Band:
    step = max(1, len(mean) // _POINTS)
    kept = slice(step - 1, None, step)
    days = [round((i + 1) * STEP_H / 24, 3) for i in range(len(mean))][kept]
    return Band(
        name=name,
        x=days,
        mean=mean[kept].tolist(),
        low=low[kept].tolist(),
        high=high[kept].tolist(),
    )
