"""Predicted effects on real tests, beside a TF-IDF-difference logistic on the same pairs.

    python benchmarks/effect/run.py [ID ...]      # all scenarios take about two minutes on two cores

Gated: pair accuracies and their paired difference, coverage of the 90 % interval, log predictive density.
Diagnostics: AUC, calibration slope, seconds. Every interval is a 95 % bootstrap over whole tests.
"""

from __future__ import annotations

import json
import os
import platform
import subprocess
import sys
import time
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from scenarios import SCENARIOS, Scenario
from scipy import stats
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression

from adwright.predict import Predictor, PredictRecipe, read_frame
from adwright.predict.rate_model import fit_beta_binomial
from adwright.predict.recipe import Split
from adwright.predict.table import Table
from adwright.stats.bootstrap import cluster_bootstrap, ratio
from adwright.stats.ranking import Pairs, pair_accuracy
from adwright.stats.rates import log_predictive

ROOT = Path(__file__).parents[2]
DATA = Path(os.environ.get("ADWRIGHT_DATA", ROOT.parent / "shared" / "data"))
SUBSETS = (("all pairs", 0.0), ("p < .05", float(stats.norm.isf(0.025))), ("abs z > 3", 3.0))


def run(scenario: Scenario) -> dict[str, Any]:
    """The figures of one scenario."""
    frame = read_frame(DATA / scenario.file)
    recipe = replace(
        PredictRecipe.read(ROOT / "recipes" / scenario.recipe),
        split=Split(order="time", shares=scenario.shares),
    )
    started = time.perf_counter()
    predictor = Predictor.fit(frame, recipe, progress=lambda line: print(f"  {line}", file=sys.stderr))
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
            "fit_s": round(fit_s, 1),
        },
    }


def pairs_of(table: Table, rows: np.ndarray, score: np.ndarray) -> Pairs:
    """The pairs of the rows: same test and image, another headline."""
    key = table.pair_key()
    assert key is not None
    return pair_accuracy(
        score[rows],
        table.frame["clicks"].to_numpy()[rows],
        table.frame["impressions"].to_numpy()[rows],
        group=key[rows],
        distinct=table.text_key()[rows],
    )


def peer_scores(table: Table, blocks: np.ndarray) -> np.ndarray:
    """(n,) scores of a logistic regression on the difference of two headlines' TF-IDF.

    It may learn from every row before the test block, as it has nothing to calibrate; its penalty is chosen
    on the last of them.
    """
    headlines = [text or "" for text in table.frame["headline"]]

    def fit(rows: np.ndarray, penalty: float) -> np.ndarray:
        peer = TfidfVectorizer(ngram_range=(1, 2), min_df=2, sublinear_tf=True)
        peer.fit([headlines[i] for i in rows])
        x, pairs = peer.transform(headlines), pairs_of(table, rows, np.zeros(len(blocks)))
        gap = x[rows[pairs.a]] - x[rows[pairs.b]]
        model = LogisticRegression(C=penalty, fit_intercept=False, max_iter=1000).fit(gap, pairs.z > 0)
        return np.asarray(x @ model.coef_[0])

    early, late = np.flatnonzero(blocks == "train"), np.flatnonzero(np.isin(blocks, ("tune", "calibrate")))
    accuracy = {
        penalty: pairs_of(table, late, fit(early, penalty)).correct.mean() for penalty in (0.1, 0.3, 1.0, 3.0)
    }
    best = max(accuracy, key=lambda penalty: accuracy[penalty])
    return fit(np.flatnonzero(blocks != "test"), best)


def compare(table: Table, blocks: np.ndarray, ours: np.ndarray, theirs: np.ndarray) -> dict[str, Any]:
    """Both accuracies on the same pairs, and their paired difference."""
    rows = np.flatnonzero(blocks == "test")
    a, b = pairs_of(table, rows, ours), pairs_of(table, rows, theirs)
    assert table.group is not None
    tests = table.group[rows][a.a]
    found = {}
    for name, least in SUBSETS:
        keep = np.abs(a.z) > least
        ones = np.ones(int(keep.sum()))
        found[name] = {
            label: asdict(
                cluster_bootstrap(ratio(values, ones), tests[keep], rng=np.random.default_rng(0), n_boot=2000)
            )
            for label, values in (
                ("adwright", a.correct[keep]),
                ("tfidf_difference", b.correct[keep]),
                ("difference", a.correct[keep] - b.correct[keep]),
            )
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
    wanted = sys.argv[1:]
    folder = Path(__file__).parent / "results"
    folder.mkdir(exist_ok=True)
    for scenario in SCENARIOS:
        if wanted and scenario.id not in wanted:
            continue
        if not (DATA / scenario.file).is_file():
            print(f"{scenario.id}: skipped, {scenario.file} is not in the data folder (ADWRIGHT_DATA)")
            continue
        figures = {"machine": machine(), **run(scenario)}
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
