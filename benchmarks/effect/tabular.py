"""Clicks and responses in tables, beside LightGBM and CatBoost on the same rows.

    python benchmarks/effect/tabular.py [ID ...] [--catboost PYTHON] [--seeds N]

--catboost names the Python of an environment that has catboost and polars; without it that peer is left out and the
result says so. --seeds takes the first N of a scenario's seeds, for a short run. Every peer learns from all rows
before the test block, stopping by those of `tune`, as ours does. Differences are paired, their intervals a 95 %
bootstrap over rows (over users, where there are any).
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))

import lightgbm
import numpy as np
import polars as pl
from peer_deepfm import ensemble
from public_data import DATA, ROOT, read_coupon, read_ml100k
from run import machine

from adwright.predict import Predictor, PredictRecipe
from adwright.predict.recipe import Split, Targets
from adwright.predict.table import Table
from adwright.stats.bootstrap import cluster_bootstrap
from adwright.stats.calibration import calibration_slope, log_loss
from adwright.stats.ranking import auc

HERE = Path(__file__).parent


@dataclass(frozen=True, slots=True, kw_only=True)
class TabularScenario:
    """One table and how it is split.

    Args:
        id: Never reused.
        read: The table.
        recipe: Below `recipes/`.
        split: Of the four blocks.
        label: Column of the outcome.
        cluster: What a bootstrap draws; None for rows.
        seeds: One fit of each model a seed, each with its own split where rows are shuffled.
        why: What it is there to show.
        kind: Models; those of the recipe, where None.
        deepfm: Whether a plain DeepFM, and five of them averaged, are peers.
    """

    id: str
    read: Callable[[], pl.DataFrame]
    recipe: str
    split: Split
    label: str
    cluster: str | None
    seeds: tuple[int, ...]
    why: str
    kind: tuple[str, ...] | None = None
    deepfm: bool = False


def read_hillstrom() -> pl.DataFrame:
    """Customers of a randomised e-mail test."""
    return pl.read_csv(DATA / "hillstrom" / "email_rct.csv", infer_schema_length=None)


SCENARIOS = (
    TabularScenario(
        id="ml100k-time",
        read=read_ml100k,
        recipe="ml100k.toml",
        split=Split(order="time", shares=(0.7, 0.1, 0.1, 0.1)),
        label="click",
        cluster="user_id",
        seeds=(0,),
        why="later ratings, most of them by users that training never saw",
    ),
    TabularScenario(
        id="ml100k-random",
        read=read_ml100k,
        recipe="ml100k.toml",
        split=Split(order="rows", shares=(0.75, 0.1, 0.05, 0.1)),
        label="click",
        cluster="user_id",
        seeds=(0, 1, 2, 3, 4),
        why="known users and films: what columns do jointly",
        kind=("gbdt", "fusion"),
        deepfm=True,
    ),
    TabularScenario(
        id="coupon-rows",
        read=read_coupon,
        recipe="coupon.toml",
        split=Split(order="rows", shares=(0.6, 0.1, 0.1, 0.2)),
        label="Y",
        cluster=None,
        seeds=(0, 1, 2, 3, 4),
        why="five splits by rows, categories alone",
    ),
    TabularScenario(
        id="hillstrom-visit",
        read=read_hillstrom,
        recipe="hillstrom.toml",
        split=Split(order="rows", shares=(0.6, 0.1, 0.1, 0.2)),
        label="visit",
        cluster=None,
        seeds=(0, 1, 2, 3, 4),
        why="a randomised mailing: weak features, 15 % visit",
    ),
)


def run(scenario: TabularScenario, catboost: str | None) -> dict[str, Any]:
    """The figures of one scenario, over its seeds."""
    frame = scenario.read()
    recipe = recipe_of(scenario)
    table = Table.of(frame, recipe)
    scores: dict[str, list[np.ndarray]] = {}
    outcomes, clusters, seconds = [], [], {}
    for seed in scenario.seeds:
        blocks = table.blocks(seed)
        test = blocks == "test"
        outcomes.append(frame[scenario.label].to_numpy()[test].astype(float))
        of_rows = (
            np.flatnonzero(test) if scenario.cluster is None else frame[scenario.cluster].to_numpy()[test]
        )
        clusters.append(of_rows)
        rivals: list[Callable[[], dict[str, np.ndarray]]] = [
            lambda test=test, seed=seed: {"adwright": _ours(frame, recipe, seed, test)},
            lambda blocks=blocks, seed=seed: {"lightgbm": _lightgbm(frame, recipe, scenario, blocks, seed)},
        ]
        if scenario.deepfm:
            rivals.append(lambda blocks=blocks, seed=seed: _deepfm(frame, recipe, scenario, blocks, seed))
        if catboost is not None:
            rivals.append(
                lambda blocks=blocks, seed=seed: {
                    "catboost": _catboost(frame, recipe, scenario, blocks, seed, python=catboost)
                }
            )
        for fit in rivals:
            started = time.process_time()
            for name, held in fit().items():
                scores.setdefault(name, []).append(held)
                seconds[name] = round(seconds.get(name, 0.0) + time.process_time() - started, 1)
                print(f"  seed {seed}: {name} {auc(held, outcomes[-1])[0]:.4f}", file=sys.stderr, flush=True)
    return {
        "scenario": {**asdict(replace(scenario, read=str)), "read": None},
        "n_test": [len(y) for y in outcomes],
        "gated": {name: _figures(held, outcomes) for name, held in scores.items()},
        "gain_in_auc": {
            name: _gain(scores["adwright"], held, outcomes, clusters)
            for name, held in scores.items()
            if name != "adwright"
        },
        "diagnostics": {
            "cpu_s_of_this_process": seconds,
            "catboost": "measured" if catboost else "not installed",
        },
    }


def recipe_of(scenario: TabularScenario) -> PredictRecipe:
    """The scenario's recipe with its split, its models and the click target alone."""
    recipe = PredictRecipe.read(ROOT / "recipes" / scenario.recipe)
    kind = recipe.model.kind if scenario.kind is None else scenario.kind
    return replace(
        recipe,
        split=scenario.split,
        targets=Targets(click=recipe.targets.click),
        model=replace(recipe.model, kind=kind),
    )


def _ours(frame: pl.DataFrame, recipe: PredictRecipe, seed: int, test: np.ndarray) -> np.ndarray:
    predictor = Predictor.fit(frame, recipe, seed=seed)
    click = predictor.score(frame.filter(test)).click
    assert click is not None
    return click.mean


def _parts(frame: pl.DataFrame, recipe: PredictRecipe, blocks: np.ndarray) -> tuple[pl.DataFrame, ...]:
    """Features of train, tune and calibrate together without the stopping rows, of those, and of test."""
    features = frame.select(
        *(pl.col(name).cast(pl.String).fill_null("missing") for name in recipe.columns.categorical),
        *(pl.col(name).cast(pl.Float64) for name in recipe.columns.numeric),
        *(pl.col(name).cast(pl.String).fill_null("missing") for name in recipe.columns.text),
    )
    stopping = blocks == "tune"
    return tuple(
        features.filter(pl.Series(rows))
        for rows in (~stopping & (blocks != "test"), stopping, blocks == "test")
    )


def _labels(frame: pl.DataFrame, label: str, blocks: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    y = frame[label].to_numpy().astype(float)
    return y[(blocks != "tune") & (blocks != "test")], y[blocks == "tune"]


def _lightgbm(
    frame: pl.DataFrame, recipe: PredictRecipe, scenario: TabularScenario, blocks: np.ndarray, seed: int
) -> np.ndarray:
    parts = _parts(frame, recipe, blocks)
    named = [*recipe.columns.categorical, *recipe.columns.text]
    known = {name: {v: i for i, v in enumerate(parts[0][name].unique().sort())} for name in named}

    def table(part: pl.DataFrame) -> np.ndarray:
        columns = [part[n].replace_strict(known[n], default=None, return_dtype=pl.Float64) for n in named]
        return np.column_stack([c.to_numpy() for c in [*columns, *(part[n] for n in recipe.columns.numeric)]])

    y, y_stop = _labels(frame, scenario.label, blocks)
    places = list(range(len(named)))
    data = lightgbm.Dataset(table(parts[0]), y, categorical_feature=places, free_raw_data=False)
    stop = lightgbm.Dataset(table(parts[1]), y_stop, reference=data, free_raw_data=False)
    settings = {"objective": "binary", "learning_rate": 0.05, "verbosity": -1, "seed": seed, "num_threads": 1}
    booster = lightgbm.train(
        settings, data, 2000, valid_sets=[stop], callbacks=[lightgbm.early_stopping(60, verbose=False)]
    )
    return np.asarray(booster.predict(table(parts[2])))


def _deepfm(
    frame: pl.DataFrame, recipe: PredictRecipe, scenario: TabularScenario, blocks: np.ndarray, seed: int
) -> dict[str, np.ndarray]:
    """One network, and five of them averaged; numbers go in as twentieths, unseen values as one code a column."""
    parts = _parts(frame, recipe, blocks)
    codes, used = [[] for _ in parts], 1
    for name in parts[0].columns:
        column = [part[name] for part in parts]
        if name in recipe.columns.numeric:
            cuts = np.unique(np.nanquantile(column[0].to_numpy(), np.linspace(0.05, 0.95, 19)))
            of = [np.searchsorted(cuts, np.nan_to_num(c.to_numpy())) + 1 for c in column]
            n = len(cuts) + 2
        else:
            known = {value: i for i, value in enumerate(column[0].unique().sort(), 1)}
            of = [c.replace_strict(known, default=0, return_dtype=pl.Int64).to_numpy() for c in column]
            n = len(known) + 1
        for held, own in zip(codes, of, strict=True):
            held.append(own + used)
        used += n
    tables = [np.column_stack(held) for held in codes]
    y, y_stop = _labels(frame, scenario.label, blocks)
    found = ensemble(tables, y, y_stop, n=5, seed=seed)
    return {"deepfm": found[0], "five deepfm": np.mean(found, axis=0)}


def _catboost(
    frame: pl.DataFrame,
    recipe: PredictRecipe,
    scenario: TabularScenario,
    blocks: np.ndarray,
    seed: int,
    *,
    python: str | None,
) -> np.ndarray:
    assert python is not None
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        for name, part in zip(("train", "stop", "test"), _parts(frame, recipe, blocks), strict=True):
            part.write_parquet(place / f"{name}.parquet")
        y, y_stop = _labels(frame, scenario.label, blocks)
        np.savez(place / "labels.npz", train=y, stop=y_stop)
        subprocess.run([python, str(HERE / "peer_catboost.py"), folder, str(seed)], check=True)
        return np.load(place / "scores.npy")


def _figures(scores: Sequence[np.ndarray], outcomes: Sequence[np.ndarray]) -> dict[str, Any]:
    pairs = list(zip(scores, outcomes, strict=True))
    return {
        "auc": [round(float(auc(p, y)[0]), 5) for p, y in pairs],
        "log_loss": [round(float(log_loss(p, y).mean()), 5) for p, y in pairs],
        "calibration_slope": [round(float(calibration_slope(p, y)[0][0]), 4) for p, y in pairs],
    }


def _gain(
    ours: Sequence[np.ndarray],
    theirs: Sequence[np.ndarray],
    outcomes: Sequence[np.ndarray],
    clusters: Sequence[np.ndarray],
) -> dict[str, Any]:
    """The paired gain of each seed with its interval, and the mean over seeds with its standard error."""
    each = []
    for a, b, y, cluster in zip(ours, theirs, outcomes, clusters, strict=True):

        def gap(w: np.ndarray, a: np.ndarray = a, b: np.ndarray = b, y: np.ndarray = y) -> np.ndarray:
            return auc(a, y, weights=w) - auc(b, y, weights=w)

        each.append(asdict(cluster_bootstrap(gap, cluster, rng=np.random.default_rng(0), n_boot=500)))
    values = np.array([found["value"] for found in each])
    error = float(values.std(ddof=1) / np.sqrt(len(values))) if len(values) > 1 else None
    return {"mean": float(values.mean()), "standard_error_over_seeds": error, "by_seed": each}


def main() -> None:
    """Runs the scenarios and writes `results/<id>.json`."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("ids", nargs="*")
    parser.add_argument("--catboost", help="the Python of an environment that has catboost")
    parser.add_argument("--seeds", type=int, help="only so many of the seeds")
    given = parser.parse_args()
    for scenario in SCENARIOS:
        if given.ids and scenario.id not in given.ids:
            continue
        short = replace(scenario, seeds=scenario.seeds[: given.seeds])
        figures = {"machine": machine(), **run(short, given.catboost)}
        (HERE / "results" / f"{scenario.id}.json").write_text(
            json.dumps(figures, indent=1) + "\n", encoding="utf-8"
        )
        print(
            scenario.id, json.dumps(figures["gated"], indent=1), json.dumps(figures["gain_in_auc"], indent=1)
        )


if __name__ == "__main__":
    main()
