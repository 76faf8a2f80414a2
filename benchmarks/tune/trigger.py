"""How often tuning starts by itself: where nothing changed, where settings got worse, where outcomes drifted.

    python benchmarks/tune/trigger.py [--seeds N]

Coupon responses in a random order that stands for time, a logistic regression on their columns. For each seed the
version before knows the first 60 % of the rows; now all are there, and the tune block is new. The thresholds were set
before anything was run: min_score = 0.05, max_fall = 0.05, confidence = 0.95.
"""

from __future__ import annotations

import argparse
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from run import ROOT, machine, read_table

from adwright.learn.tuning import TuneConfig
from adwright.learn.tuning.watch import due, score_on_tune
from adwright.predict import PredictRecipe
from adwright.predict.recipe import Split
from adwright.stats.intervals import wilson

WATCH = TuneConfig(min_score=0.05, max_fall=0.05, confidence=0.95)
SHARES = (0.6, 0.1, 0.15, 0.15)
CASES = ("healthy", "a worse ridge", "no learning", "a third of the outcomes random", "all outcomes random")


def recipe_with(ridge: float) -> PredictRecipe:
    """The recipe of the coupons with one ridge, split by the order of the rows."""
    recipe = PredictRecipe.read(ROOT / "recipes" / "coupon.toml")
    columns = replace(recipe.columns, time="order", time_format="ordinal")
    return replace(
        recipe,
        columns=columns,
        split=Split(order="time", shares=SHARES),
        model=replace(recipe.model, kind=("logistic",), ridges=(ridge,)),
    )


def noisy(frame: pl.DataFrame, share: float, rng: np.random.Generator) -> pl.DataFrame:
    """The outcomes of the rows after train, a share of them exchanged at random."""
    y = frame["Y"].to_numpy().copy()
    later = np.arange(len(y)) >= SHARES[0] * len(y)
    hit = np.flatnonzero(later & (rng.random(len(y)) < share))
    y[hit] = rng.permutation(y[hit])
    return frame.with_columns(Y=y)


def run_seed(table: pl.DataFrame, seed: int) -> dict[str, dict[str, Any]]:
    """By case: the score, and which rule fired."""
    rng = np.random.default_rng(seed)
    frame = table[rng.permutation(table.height)].with_columns(order=pl.int_range(pl.len()))
    first = frame.head(round(0.6 * frame.height))
    good = recipe_with(10.0)
    before = score_on_tune(first, good, WATCH, seed=seed)
    now = {
        "healthy": (frame, good),
        "a worse ridge": (frame, recipe_with(1000.0)),
        "no learning": (frame, recipe_with(1e7)),
        "a third of the outcomes random": (noisy(frame, 1 / 3, rng), good),
        "all outcomes random": (noisy(frame, 1.0, rng), good),
    }
    found = {}
    for case, (rows, recipe) in now.items():
        score = score_on_tune(rows, recipe, WATCH, seed=seed)
        fired = due(score, before, WATCH)
        found[case] = {
            "before": before.explained,
            "now": score.explained,
            "se": score.se,
            "fired": None if fired is None else fired.rule,
        }
    return found


def main() -> None:
    """Prints the rates and writes `results/trigger.json`."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--seeds", type=int, default=40)
    n = parser.parse_args().seeds
    table, _ = read_table("coupon")
    runs = [run_seed(table, seed) for seed in range(n)]
    rates = {}
    for case in CASES:
        fired = sum(run[case]["fired"] is not None for run in runs)
        low, high = (float(np.squeeze(end)) for end in wilson(fired, n))
        scores = [run[case]["now"] for run in runs]
        rates[case] = {
            "fired": fired,
            "of": n,
            "low": low,
            "high": high,
            "mean_score": float(np.mean(scores)),
        }
        print(f"{case}: fired {fired} of {n} [{low:.2f}, {high:.2f}], explained {np.mean(scores):.3f}")
    folder = Path(__file__).parent / "results"
    folder.mkdir(exist_ok=True)
    whole = {"machine": machine(), "gated": rates, "runs": runs}
    (folder / "trigger.json").write_text(json.dumps(whole, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
