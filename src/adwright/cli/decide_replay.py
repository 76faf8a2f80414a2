"""`adwright decide replay`: policies on randomised tests of the past."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import typer

from adwright.cli.decide_page import LanguageOption, PageOption, messages_of, write_page
from adwright.cli.output import JsonOption, emit, progress
from adwright.decide import policy_named
from adwright.decide.replay import (
    Chooser,
    Comparison,
    PastTest,
    explore_then_commit,
    flat_chooser,
    prior_chooser,
    replay_all,
)
from adwright.errors import DataError, UsageError
from adwright.pipeline.past_tests import past_tests
from adwright.predict import Predictor, PredictRecipe, read_frame
from adwright.report.band_plot import Band, plot_bands
from adwright.report.decisions_page import Grid
from adwright.report.words import Messages
from adwright.schema import Rate
from adwright.stats.bootstrap import Estimate

PRIOR = " + prior"
COMMIT = "ab_then_best"
N_BOOT = 2000


def replay(
    data: Annotated[Path, typer.Option("--data", help="Table of past tests, one row a variant.")],
    recipe: Annotated[Path | None, typer.Option("--recipe", help="What its columns mean (TOML).")] = None,
    model: Annotated[
        Path | None, typer.Option("--model", help="A fitted predictor, for policies with a prior.")
    ] = None,
    *,
    policy: Annotated[
        list[str] | None,
        typer.Option(
            "--policy", help="A policy, may be given more than once; 'thompson + prior' needs a model."
        ),
    ] = None,
    horizon: Annotated[
        list[int] | None,
        typer.Option("--horizon", help="Impressions a variant; may be given more than once."),
    ] = None,
    repeats: Annotated[int, typer.Option("--repeats", help="Runs through each test.", min=1)] = 3,
    tests: Annotated[int | None, typer.Option("--tests", help="Only the first so many tests.", min=1)] = None,
    seed: Annotated[int, typer.Option("--seed", help="Of policies and urns.", min=0)] = 0,
    page: PageOption = None,
    language: LanguageOption = "en",
    as_json: JsonOption = False,
) -> None:
    """Clicks that each policy would have won, with intervals over tests.

    Impressions are drawn without replacement from what each variant really got. With a model, only tests
    after the end of its training data count. `ab_then_best` tests for half of the traffic, then shows the best.
    """
    messages = messages_of(language)
    horizons = sorted(set(horizon or (100, 250, 500, 1000, 2500)))
    if horizons[0] < 1:
        raise UsageError(
            "not an amount of traffic", argument="--horizon", value=horizons[0], allowed="1 or more"
        )
    predictor = None if model is None else Predictor.load(model)
    found = past_tests(read_frame(data), _recipe(recipe, predictor), predictor)
    chosen = found.tests[: tests or None]
    names = tuple(
        policy or (("uniform", "thompson", f"thompson{PRIOR}") if predictor else ("uniform", "thompson"))
    )
    progress(f"replay: {len(chosen)} tests, {len(names)} policies")
    makers = {name: _maker(name, found.priors, horizons[-1], chosen) for name in names}
    replays = replay_all(chosen, makers, horizons, seed=seed, n_repeats=repeats, progress=progress)
    pairs = [(b, a) for i, a in enumerate(names) for b in names[i + 1 :]]
    compared = [replays.compare(h, pairs, rng=np.random.default_rng(seed), n_boot=N_BOOT) for h in horizons]
    result: dict[str, Any] = {
        "n_tests": len(chosen),
        "trained_through": None if predictor is None else predictor.trained_through,
        "results": [_figures(c) for c in compared],
        "page": page,
    }
    if page is not None:
        _write(page, messages, compared, predictor=predictor, repeats=repeats)
        progress(f"page: {page}")
    emit(result, "\n".join(line for c in compared for line in _lines(c)), as_json=as_json)


def _recipe(path: Path | None, predictor: Predictor | None) -> PredictRecipe:
    if path is not None:
        return PredictRecipe.read(path)
    if predictor is None:
        raise UsageError(
            "no recipe", argument="--recipe", value=None, hint="Name one, or a model that knows it"
        )
    return predictor.recipe


def _maker(
    name: str, priors: Sequence[Rate] | None, horizon: int, tests: Sequence[PastTest]
) -> Callable[[int], Chooser]:
    if name == COMMIT:
        return lambda i: explore_then_commit(horizon * len(tests[i].impressions) // 2)
    policy = policy_named(name.removesuffix(PRIOR))
    if not name.endswith(PRIOR):
        return lambda i: flat_chooser(policy)
    if priors is None:
        raise UsageError(
            "a prior needs a model", argument="--policy", value=name, hint="Name one: --model DIR"
        )
    rates = priors
    if not all(np.isfinite(rate.k).all() for rate in rates):
        raise DataError(
            "the model does not know how sure it is of a single content", argument="--model", value="k"
        )
    return lambda i: prior_chooser(policy, rates[i])


def _figures(c: Comparison) -> dict[str, Any]:
    return {
        "horizon": c.horizon,
        "reached": c.reached,
        "n_tests": c.n_tests,
        "clicks_per_1000": c.clicks,
        "gain": [{"policy": a, "over": b, **_parts(e)} for (a, b), e in c.gain.items()],
    }


def _parts(e: Estimate) -> dict[str, float]:
    return {"value": e.value, "low": e.low, "high": e.high}


def _lines(c: Comparison) -> list[str]:
    lines = [f"{c.horizon} impressions a variant ({c.reached:.0%} reached, {c.n_tests} tests)"]
    lines += [f"  {name:<24} {e.value:7.3f} [{e.low:.3f}, {e.high:.3f}]" for name, e in c.clicks.items()]
    lines += [f"  {a} over {b}: {e.value:+.2%} [{e.low:+.2%}, {e.high:+.2%}]" for (a, b), e in c.gain.items()]
    return lines


def _write(
    path: Path,
    messages: Messages,
    compared: Sequence[Comparison],
    *,
    predictor: Predictor | None,
    repeats: int,
) -> None:
    say = messages.say
    names = list(compared[0].clicks)
    bands = [
        Band(
            name=name,
            x=[c.horizon for c in compared],
            mean=[c.clicks[name].value for c in compared],
            low=[c.clicks[name].low for c in compared],
            high=[c.clicks[name].high for c in compared],
        )
        for name in names
    ]
    plot = plot_bands(
        bands,
        key="clicks",
        title=say("decisions.clicks"),
        alt=say("decisions.band_alt"),
        x_title=say("decisions.traffic_axis"),
        y_title=say("decisions.clicks_axis"),
        written=lambda v: f"{v:.2f}",
        log_x=True,
    )
    grid = Grid(
        caption=say("decisions.summary"),
        head=tuple(say(f"decisions.{k}") for k in ("policy", "traffic_axis", "gain", "interval")),
        rows=tuple(
            (
                say("decisions.pair", {"a": a, "b": b}),
                f"{c.horizon:,}",
                f"{e.value:+.2%}",
                f"{e.low:+.2%} – {e.high:+.2%}",
            )
            for c in compared
            for (a, b), e in c.gain.items()
        ),
    )
    reached = f"{compared[-1].reached:.0%}"
    prior = say("decisions.method_replay_none")
    if predictor is not None:
        through = predictor.trained_through
        prior = say(
            "decisions.method_replay_model",
            {"model": predictor.version, "through": "–" if through is None else f"{through:%Y-%m-%d}"},
        )
    write_page(
        path,
        messages,
        title=say("decisions.replay"),
        lead=say("decisions.replay_lead", {"n": compared[0].n_tests}),
        method=[
            say("decisions.method_replay", {"reached": reached}),
            say("decisions.method_replay_boot", {"n": N_BOOT, "repeats": repeats}),
            prior,
        ],
        plots=[plot],
        grids=[grid],
    )
