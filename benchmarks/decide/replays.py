"""Upworthy: policies with and without the predictor's prior on later tests."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import numpy as np

from adwright.decide import policy_named
from adwright.decide.replay import (
    Chooser,
    PastTest,
    Replays,
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
N_REPEATS = 2
OVERCONFIDENT = 20.0
MAIN = ("uniform", "thompson", "thompson_sharp + prior")
PAIRS = (
    ("thompson", "uniform"),
    ("thompson_sharp + prior", "thompson"),
    ("thompson_sharp + prior", "uniform"),
    ("thompson_sharp + prior", "thompson_sharp"),
)
HARM = (
    ("thompson_sharp + prior", "thompson_sharp"),
    ("thompson_sharp + shuffled prior", "thompson_sharp"),
    ("thompson_sharp + sure shuffled prior", "thompson_sharp"),
    ("thompson_sharp + sure shuffled prior", "uniform"),
    ("thompson_sharp + shuffled prior", "uniform"),
)


def run() -> dict[str, Any]:
    """The figures; nothing is chosen by them."""
    frame = read_frame(FILE)
    recipe = PredictRecipe.read(ROOT / "recipes" / "upworthy.toml")
    by_ngrams = replace(recipe.model, kind=("logistic",), refit=False)  # seconds; the encoder takes minutes
    recipe = replace(recipe, split=replace(recipe.split, shares=SHARES), model=by_ngrams)
    predictor = Predictor.fit(frame, recipe, progress=print)
    found = past_tests(frame, recipe, predictor)
    assert found.priors is not None
    makers = _makers(list(found.priors))
    replays = replay_all(found.tests, makers, HORIZONS, seed=1, n_repeats=N_REPEATS, progress=print)
    return {"trained_through": str(predictor.trained_through), **figures(replays, found.priors)}


def figures(replays: Replays, priors: Sequence[Rate]) -> dict[str, Any]:
    """What is reported of the runs."""
    right = _right(replays.tests, priors)
    out: dict[str, Any] = {
        "n_tests": len(replays.tests),
        "n_repeats": N_REPEATS,
        "predicted_best_is_above_the_mean": float(right.mean()),
        "horizons": [],
    }
    main = Replays(replays.tests, replays.steps, {name: replays.runs[name] for name in MAIN})
    for horizon in HORIZONS:
        table = main.compare(horizon, (), rng=np.random.default_rng(0))
        out["horizons"].append(
            {
                "horizon": horizon,
                "reached": table.reached,
                "clicks_per_1000": {name: asdict(e) for name, e in table.clicks.items()},
                "gains": [_gain(replays, pair, horizon) for pair in PAIRS],
                "harm": [_gain(replays, pair, horizon) for pair in HARM],
                "prior_right": _gain(replays, HARM[0], horizon, right),
                "prior_wrong": _gain(replays, HARM[0], horizon, ~right),
            }
        )
    return out


def _makers(priors: list[Rate]) -> dict[str, Callable[[int], Chooser]]:
    plain, sharp = policy_named("thompson"), policy_named("thompson_sharp")
    rng = np.random.default_rng(7)
    shuffled = [replace(rate, mean=rng.permutation(rate.mean)) for rate in priors]

    def sure(rates: list[Rate]) -> list[Rate]:
        return [replace(rate, k=rate.k * OVERCONFIDENT) for rate in rates]

    def with_prior(policy: Any, rates: list[Rate]) -> Callable[[int], Chooser]:
        return lambda i: prior_chooser(policy, rates[i])

    return {
        "uniform": lambda i: flat_chooser(policy_named("uniform"), n_draws=1),
        "thompson": lambda i: flat_chooser(plain),
        "thompson_sharp": lambda i: flat_chooser(sharp),
        "thompson_sharp + prior": with_prior(sharp, priors),
        "thompson_sharp + shuffled prior": with_prior(sharp, shuffled),
        "thompson_sharp + sure shuffled prior": with_prior(sharp, sure(shuffled)),
    }


def _right(tests: Sequence[PastTest], priors: Sequence[Rate]) -> np.ndarray:
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
