"""Predicted effects on real tests, beside difference logistics of TF-IDF and of frozen embeddings.

    python benchmarks/effect/run.py [ID ...] [--models DIR]

With --models, fitted models are kept in DIR and used again where they are there.

Gated: pair accuracies and their paired difference, coverage of the 90 % interval, log predictive density.
Diagnostics: AUC, calibration slope, seconds. Every interval is a 95 % bootstrap over whole tests.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import subprocess
import sys
import time
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))

import numpy as np
import polars as pl
from peers import pairs_of, peer_scores
from public_data import DATA, ROOT
from scenarios import SCENARIOS, Scenario
from scipy import stats

from adwright.predict import Predictor, PredictRecipe, read_frame
from adwright.predict.rate_model import fit_beta_binomial
from adwright.predict.recipe import Split
from adwright.predict.table import Table
from adwright.stats.bootstrap import cluster_bootstrap, ratio
from adwright.stats.rates import log_predictive

SUBSETS = (("all pairs", 0.0), ("p < .05", float(stats.norm.isf(0.025))), ("abs z > 3", 3.0))


def run(scenario: Scenario, models: Path | None) -> dict[str, Any]:
    """The figures of one scenario."""
    frame = read_frame(DATA / scenario.file)
    recipe = recipe_of(scenario)
    started = time.perf_counter()
    kept = None if models is None else models / scenario.id
    if kept is not None and (kept / "manifest.json").is_file():
        predictor = Predictor.load(kept)
    else:
        predictor = Predictor.fit(
            frame, recipe, progress=lambda line: print(f"  {line}", file=sys.stderr, flush=True)
        )
        if kept is not None:
            predictor.save(kept)
    fit_s = time.perf_counter() - started
    found = predictor.evaluate(frame)["targets"]["click"]
    table = Table.of(frame, recipe)
    blocks = table.blocks(int(predictor.card["seed"]))
    ours = predictor.score(frame).click
    assert ours is not None
    return {
        "scenario": asdict(scenario),
        "n_rows": dict(predictor.card["n_rows"]),
        "gated": {
            "pair_accuracy": compare(table, blocks, ours.mean, peer_scores(table, blocks)),
            "coverage_90": found["coverage_90"],
            "log_predictive": found["log_predictive"],
            "log_predictive_gain_over_latest_tenth": gain_over_latest(table, blocks, ours),
        },
        "diagnostics": {
            "auc": found["auc"],
            "group_auc": found["group_auc"],
            "calibration_slope": found["calibration_slope"],
            "mean_predicted": found["mean_predicted"],
            "mean_observed": found["mean_observed"],
            "model": predictor.card["metrics"]["click"],
            "fit_s": round(fit_s, 1),
        },
    }


def recipe_of(scenario: Scenario) -> PredictRecipe:
    """The scenario's recipe, with its own blocks and models."""
    recipe = PredictRecipe.read(ROOT / "recipes" / scenario.recipe)
    model = recipe.model
    if scenario.kind is not None:
        model = replace(model, kind=scenario.kind)
    if scenario.n_encoders is not None:
        model = replace(
            model, refit=False, encoder=replace(model.encoder, n_members=scenario.n_encoders, n_threads=1)
        )
    return replace(recipe, split=Split(order="time", shares=scenario.shares), model=model)


def compare(
    table: Table, blocks: np.ndarray, ours: np.ndarray, peers: dict[str, np.ndarray]
) -> dict[str, Any]:
    """The accuracies on the same pairs, and our paired difference to each peer."""
    rows = np.flatnonzero(blocks == "test")
    a = pairs_of(table, rows, ours)
    measured = {"adwright": a.correct}
    for name, scores in peers.items():
        theirs = pairs_of(table, rows, scores).correct
        measured |= {name: theirs, f"gain_over_{name}": a.correct - theirs}
    assert table.group is not None
    tests = table.group[rows][a.a]
    found = {}
    for name, least in SUBSETS:
        keep = np.abs(a.z) > least
        ones = np.ones(int(keep.sum()))
        found[name] = {
            label: asdict(
                cluster_bootstrap(
                    ratio(values[keep], ones), tests[keep], rng=np.random.default_rng(0), n_boot=2000
                )
            )
            for label, values in measured.items()
        }
    return found


def gain_over_latest(table: Table, blocks: np.ndarray, ours: Any) -> dict[str, Any]:
    """Log predictive density over that of a constant beta-binomial fitted on the last tenth before the test."""
    assert table.times is not None
    assert table.group is not None
    y = table.frame["clicks"].to_numpy().astype(float)
    n = table.frame["impressions"].to_numpy().astype(float)
    before, rows = np.flatnonzero(blocks != "test"), np.flatnonzero(blocks == "test")
    order = before[np.argsort(table.times.to_numpy()[before], kind="stable")]
    latest = order[-len(order) // 10 :]
    mean, total = fit_beta_binomial(y[latest], n[latest])
    flat = stats.betabinom.logpmf(y[rows], n[rows], mean * total, (1 - mean) * total)
    gain = log_predictive(ours.take(rows), y[rows], n[rows]) - flat
    rng = np.random.default_rng(0)
    return asdict(cluster_bootstrap(ratio(gain, np.ones_like(gain)), table.group[rows], rng=rng, n_boot=2000))


def machine() -> dict[str, Any]:
    """Where and of which commit."""
    commit = subprocess.run(
        ["git", "rev-parse", "--short", "HEAD"], capture_output=True, text=True, check=False, cwd=ROOT
    ).stdout.strip()
    return {
        "cores": os.cpu_count(),
        "machine": platform.machine(),
        "python": platform.python_version(),
        "numpy": np.__version__,
        "polars": pl.__version__,
        "commit": commit,
    }


def main() -> None:
    """Runs the scenarios and writes `results/<id>.json`."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("ids", nargs="*", help="scenarios; all, if none is named")
    parser.add_argument("--models", type=Path, help="keep fitted models there, and use them again")
    given = parser.parse_args()
    wanted = given.ids
    folder = Path(__file__).parent / "results"
    folder.mkdir(exist_ok=True)
    for scenario in SCENARIOS:
        if wanted and scenario.id not in wanted:
            continue
        if not (DATA / scenario.file).is_file():
            print(f"{scenario.id}: skipped, {scenario.file} is not in the data folder (ADWRIGHT_DATA)")
            continue
        figures = {"machine": machine(), **run(scenario, given.models)}
        (folder / f"{scenario.id}.json").write_text(json.dumps(figures, indent=1) + "\n", encoding="utf-8")
        show(figures)


def show(figures: dict[str, Any]) -> None:
    """Prints the gated figures."""
    print(figures["scenario"]["id"], figures["n_rows"])
    for name, row in figures["gated"]["pair_accuracy"].items():
        print(f"  {name:10}", *(f"{label} {text(value)}" for label, value in row.items()), sep="  ")
    coverage = figures["gated"]["coverage_90"]
    print("  coverage  ", text(coverage["all"]))
    for by in ("by_prediction", "by_trials"):
        print(f"  {by:14}", " ".join(f"{part['value']:.3f}" for part in coverage[by]))
    print("  gain over constant       ", text(figures["gated"]["log_predictive"]["gain"]))
    print("  gain over latest tenth   ", text(figures["gated"]["log_predictive_gain_over_latest_tenth"]))
    print("  diagnostics", {k: v for k, v in figures["diagnostics"].items() if isinstance(v, float)})


def text(estimate: dict[str, Any]) -> str:
    """`value [low, high] (n)`."""
    return f"{estimate['value']:.4f} [{estimate['low']:.4f}, {estimate['high']:.4f}] (n = {estimate['n']})"


if __name__ == "__main__":
    main()
