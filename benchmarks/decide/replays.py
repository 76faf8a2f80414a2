"""Upworthy: policies with and without the predictor's prior on later tests."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import numpy as np

from adwright.decide import policy_named
from adwright.decide.replay import (
    Chooser,
    PastTest,
    Replays,
    explore_then_commit,
    flat_chooser,
    prior_chooser,
    replay_all,
)
from adwright.pipeline.past_tests import past_tests
from adwright.predict import Predictor, PredictRecipe, read_frame
from adwright.schema import Rate

ROOT = Path(__file__).parents[2]
DATA = Path(os.environ.get("ADWRIGHT_DATA", ROOT.parent / "shared" / "data"))
FILE = DATA / "upworthy" / "headline_tests.parquet"

SHARES = (0.6, 0.1, 0.15, 0.15)
HORIZONS = (100, 250, 500, 1000, 2500)
N_REPEATS = 4
OVERCONFIDENT = 20.0
MAIN = ("uniform", "thompson", "thompson_sharp", "thompson + prior", "thompson_sharp + prior")
PAIRS = (
    ("thompson", "uniform"),
    ("thompson + prior", "thompson"),
    ("thompson_sharp + prior", "thompson"),
    ("thompson_sharp + prior", "thompson_sharp"),
    ("thompson_sharp + prior", "thompson_sharp + equal prior"),
    ("thompson_sharp + prior", "uniform"),
)
HARM = (
    ("thompson_sharp + prior", "thompson_sharp"),
    ("thompson_sharp + sure prior", "thompson_sharp"),
    ("thompson_sharp + shuffled prior", "thompson_sharp"),
    ("thompson_sharp + sure shuffled prior", "thompson_sharp"),
    ("thompson + shuffled prior", "thompson"),
)


def run() -> dict[str, Any]:
    """The figures; nothing is chosen by them."""
    frame = read_frame(FILE)
    recipe = PredictRecipe.read(ROOT / "recipes" / "upworthy.toml")
    recipe = replace(recipe, split=replace(recipe.split, shares=SHARES))
    predictor = Predictor.fit(frame, recipe, progress=print)
    found = past_tests(frame, recipe, predictor)
    assert found.priors is not None
    tests, priors = found.tests, found.priors
    makers = _makers(priors)
    replays = replay_all(tests, makers, HORIZONS, seed=1, n_repeats=N_REPEATS, progress=print)
    right = _right(tests, priors)
    out: dict[str, Any] = {
        "n_tests": len(tests),
        "trained_through": str(predictor.trained_through),
        "n_repeats": N_REPEATS,
        "predicted_best_is_above_the_mean": float(right.mean()),
        "horizons": [],
    }
    for horizon in HORIZONS:
        main = Replays(tests, replays.steps, {name: replays.runs[name] for name in MAIN})
        table = main.compare(horizon, (), rng=np.random.default_rng(0))
        out["horizons"].append(
            {
                "horizon": horizon,
                "reached": table.reached,
                "clicks_per_1000": {name: asdict(e) for name, e in table.clicks.items()},
                "gains": [_gain(replays, pair, horizon) for pair in PAIRS],
                "harm": {
                    "all": [_gain(replays, pair, horizon) for pair in HARM],
                    "prior_right": [_gain(replays, pair, horizon, right) for pair in HARM[:2]],
                    "prior_wrong": [_gain(replays, pair, horizon, ~right) for pair in HARM[:2]],
                },
                "ab_then_best": _commit(replays, horizon),
            }
        )
    return out


def _makers(priors: list[Rate]) -> dict[str, Callable[[int], Chooser]]:
    plain, sharp = policy_named("thompson"), policy_named("thompson_sharp")
    rng = np.random.default_rng(7)
    overall = float(np.mean(np.concatenate([rate.mean for rate in priors])))
    equal = [replace(rate, mean=np.full(len(rate), overall)) for rate in priors]
    shuffled = [replace(rate, mean=rng.permutation(rate.mean)) for rate in priors]

    def sure(rates: list[Rate]) -> list[Rate]:
        return [replace(rate, k=rate.k * OVERCONFIDENT) for rate in rates]

    def with_prior(policy: Any, rates: list[Rate]) -> Callable[[int], Chooser]:
        return lambda i: prior_chooser(policy, rates[i])

    return {
        "uniform": lambda i: flat_chooser(policy_named("uniform"), n_draws=1),
        "thompson": lambda i: flat_chooser(plain),
        "thompson_sharp": lambda i: flat_chooser(sharp),
        "thompson + prior": with_prior(plain, priors),
        "thompson_sharp + prior": with_prior(sharp, priors),
        "thompson_sharp + equal prior": with_prior(sharp, equal),
        "thompson_sharp + sure prior": with_prior(sharp, sure(priors)),
        "thompson_sharp + shuffled prior": with_prior(sharp, shuffled),
        "thompson_sharp + sure shuffled prior": with_prior(sharp, sure(shuffled)),
        "thompson + shuffled prior": with_prior(plain, shuffled),
    }


def _right(tests: list[PastTest], priors: list[Rate]) -> np.ndarray:
    """(n,) whether the variant predicted best was clicked more than the test's mean, in hindsight."""
    out = []
    for test, rate in zip(tests, priors, strict=True):
        rates = test.clicks / test.impressions
        out.append(rates[int(np.argmax(rate.mean))] > rates.mean())
    return np.array(out)


def _gain(replays: Replays, pair: tuple[str, str], horizon: int, among: Any = None) -> dict[str, Any]:
    """Paired gain, at the step that these two reached."""
    two = Replays(replays.tests, replays.steps, {name: replays.runs[name] for name in pair})
    found = two.compare(horizon, [pair], rng=np.random.default_rng(0), among=among)
    return {"policy": pair[0], "over": pair[1], "reached": found.reached, **asdict(found.gain[pair])}


def _commit(replays: Replays, horizon: int) -> dict[str, Any]:
    """An A/B test of half of the traffic, then its best: against uniform and against prior + bandit."""
    name = "ab_then_best"
    makers = {name: lambda i: explore_then_commit(horizon * len(replays.tests[i].impressions) // 2)}
    own = replay_all(replays.tests, makers, HORIZONS, seed=2, n_repeats=N_REPEATS)
    runs = {**replays.runs, name: own.runs[name]}
    both = Replays(replays.tests, replays.steps, runs)
    return {
        other: _gain(both, pair, horizon)
        for other, pair in (
            ("over uniform", (name, "uniform")),
            ("thompson_sharp + prior over it", ("thompson_sharp + prior", name)),
        )
    }
