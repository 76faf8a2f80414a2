"""Do intervals of conversions hold what happens? Ads of campaigns that the fit never saw, five splits by campaign.

    python benchmarks/effect/coverage.py [--catboost PYTHON] [--seeds N]

Peers give a mean and no interval: LightGBM and CatBoost with a Poisson loss on the conversions an impression,
weighted by impressions. Theirs is the Poisson interval around that mean, and beside it a negative binomial one, whose
spread is fitted to their own predictions on calibrate: what a careful user could make of them by hand.

Gated: coverage of the 90 % intervals, pooled over the splits, with a 95 % bootstrap over campaigns, and their width.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from dataclasses import asdict
from pathlib import Path
from typing import Any

import lightgbm
import numpy as np
import polars as pl
from run import DATA, ROOT, machine
from scipy import optimize, stats

from adwright.predict import Predictor, PredictRecipe
from adwright.predict.table import Table
from adwright.stats.bootstrap import cluster_bootstrap, ratio
from adwright.stats.rates import log_predictive

HERE = Path(__file__).parent
ID = "kag-conversions"
SEEDS = (0, 1, 2, 3, 4)
TAILS = (0.05, 0.95)


def run(catboost: str | None, seeds: tuple[int, ...]) -> dict[str, Any]:
    """The figures, pooled over the splits."""
    frame = pl.read_csv(DATA / "kag" / "facebook_ads.csv")
    recipe = PredictRecipe.read(ROOT / "recipes" / "kag_conversions.toml")
    table = Table.of(frame, recipe)
    counts = table.counts("conversion")
    pooled: dict[str, list[dict[str, np.ndarray]]] = {}
    for seed in seeds:
        blocks = table.blocks(seed)
        test = blocks == "test"
        y, n, group = counts.successes[test], counts.trials[test], table.group[test] + 10_000 * seed
        intervals = _ours(frame, recipe, seed, test)
        peers = {"lightgbm": _lightgbm(frame, recipe, blocks, seed)}
        if catboost is not None:
            peers["catboost"] = _catboost(frame, recipe, blocks, seed, python=catboost)
        for name, mean in peers.items():
            intervals |= _of_peer(name, mean, counts, blocks)
        for name, (mean, low, high, density) in intervals.items():
            held = {"y": y, "low": low, "high": high, "group": group, "mean": mean * n, "density": density}
            pooled.setdefault(name, []).append(held)
        print(f"  seed {seed}", file=sys.stderr, flush=True)
    return {
        "scenario": {"id": ID, "seeds": list(seeds), "split": asdict(recipe.split)},
        "gated": {name: _figures(parts) for name, parts in pooled.items()},
        "gain_in_log_density": {
            name: _gain(pooled["adwright"], parts)
            for name, parts in pooled.items()
            if not np.isnan(parts[0]["density"]).any() and name != "adwright"
        },
        "diagnostics": {"catboost": "measured" if catboost else "not installed"},
    }


Interval = tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]
"""(n,) mean rates, lower and upper counts, log probability of what happened."""


def _ours(frame: pl.DataFrame, recipe: PredictRecipe, seed: int, test: np.ndarray) -> dict[str, Interval]:
    predictor = Predictor.fit(frame, recipe, seed=seed)
    scored = predictor.score_frame(frame.filter(test))
    rate = predictor.score(frame.filter(test)).conversion
    assert rate is not None
    density = log_predictive(
        rate,
        scored["Total_Conversion"].to_numpy().astype(float),
        scored["Impressions"].to_numpy().astype(float),
    )
    mean = scored["p"].to_numpy()
    return {
        "adwright": (mean, scored["k_low"].to_numpy(), scored["k_high"].to_numpy(), density),
        "adwright, conformal": (
            mean,
            scored["k_low_conformal"].to_numpy(),
            scored["k_high_conformal"].to_numpy(),
            np.full(len(mean), np.nan),
        ),
    }


def _of_peer(name: str, mean: np.ndarray, counts: Any, blocks: np.ndarray) -> dict[str, Interval]:
    """Poisson and negative binomial intervals around the peer's rates."""
    test, calibrate = blocks == "test", blocks == "calibrate"
    y, expected = counts.successes[test], mean[test] * counts.trials[test]
    k = _concentration(counts.successes[calibrate], mean[calibrate] * counts.trials[calibrate])
    poisson, wide = stats.poisson(expected), stats.nbinom(k, k / (k + expected))
    return {
        f"{name}, Poisson": (mean[test], *(poisson.ppf(q) for q in TAILS), poisson.logpmf(y)),
        f"{name}, negative binomial": (mean[test], *(wide.ppf(q) for q in TAILS), wide.logpmf(y)),
    }


def _concentration(y: np.ndarray, expected: np.ndarray) -> float:
    """The k of the negative binomial under which the peer's errors on calibrate are most likely."""

    def loss(log_k: float) -> float:
        k = np.exp(log_k)
        return -float(stats.nbinom.logpmf(y, k, k / (k + expected)).sum())

    return float(np.exp(optimize.minimize_scalar(loss, bounds=(-3.0, 8.0), method="bounded").x))


def _parts(
    frame: pl.DataFrame, recipe: PredictRecipe, blocks: np.ndarray
) -> tuple[pl.DataFrame, np.ndarray, np.ndarray, float]:
    """Features, relative rates, their weights and the mean rate. Train teaches, tune stops."""
    features = frame.select(pl.col(name).cast(pl.String) for name in recipe.columns.categorical)
    n = frame["Impressions"].to_numpy().astype(float)
    y = frame["Total_Conversion"].to_numpy().astype(float)
    train = blocks == "train"
    common = float(y[train].sum() / n[train].sum())
    return features, y / n / common, n * common, common


def _lightgbm(frame: pl.DataFrame, recipe: PredictRecipe, blocks: np.ndarray, seed: int) -> np.ndarray:
    features, rate, weight, common = _parts(frame, recipe, blocks)
    train, stop = blocks == "train", blocks == "tune"
    known = {
        c: {v: i for i, v in enumerate(features[c].filter(pl.Series(train)).unique().sort())}
        for c in features.columns
    }
    table = np.column_stack(
        [
            features[c].replace_strict(known[c], default=None, return_dtype=pl.Float64).to_numpy()
            for c in features.columns
        ]
    )
    places = list(range(table.shape[1]))
    data = lightgbm.Dataset(
        table[train], rate[train], weight=weight[train], categorical_feature=places, free_raw_data=False
    )
    judged = lightgbm.Dataset(table[stop], rate[stop], weight=weight[stop], reference=data)
    settings = {
        "objective": "poisson",
        "learning_rate": 0.05,
        "verbosity": -1,
        "seed": seed,
        "num_threads": 1,
    }
    booster = lightgbm.train(
        settings, data, 2000, valid_sets=[judged], callbacks=[lightgbm.early_stopping(60, verbose=False)]
    )
    return np.asarray(booster.predict(table)) * common


def _catboost(
    frame: pl.DataFrame, recipe: PredictRecipe, blocks: np.ndarray, seed: int, *, python: str
) -> np.ndarray:
    features, rate, weight, common = _parts(frame, recipe, blocks)
    rows = {"train": blocks == "train", "stop": blocks == "tune", "test": np.ones(len(blocks), bool)}
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        for name, chosen in rows.items():
            features.filter(pl.Series(chosen)).write_parquet(place / f"{name}.parquet")
        np.savez(place / "labels.npz", **{name: rate[chosen] for name, chosen in rows.items()})
        np.savez(place / "weights.npz", **{name: weight[chosen] for name, chosen in rows.items()})
        subprocess.run([python, str(HERE / "peer_catboost.py"), folder, str(seed)], check=True)
        return np.load(place / "scores.npy") * common


def _figures(parts: list[dict[str, np.ndarray]]) -> dict[str, Any]:
    held = {key: np.concatenate([part[key] for part in parts]) for key in parts[0]}
    inside = ((held["y"] >= held["low"]) & (held["y"] <= held["high"])).astype(float)
    ones, rng = np.ones_like(inside), np.random.default_rng(0)
    busy = held["mean"] >= np.median(held["mean"])
    return {
        "coverage": asdict(cluster_bootstrap(ratio(inside, ones), held["group"], rng=rng, n_boot=1000)),
        "coverage_upper_half": asdict(
            cluster_bootstrap(ratio(inside * busy, busy.astype(float)), held["group"], rng=rng, n_boot=1000)
        ),
        "below": float(np.mean(held["y"] < held["low"])),
        "above": float(np.mean(held["y"] > held["high"])),
        "mean_width": float(np.mean(held["high"] - held["low"])),
        "log_density": None if np.isnan(held["density"]).any() else float(held["density"].mean()),
        "predicted_over_observed": float(held["mean"].sum() / held["y"].sum()),
    }


def _gain(ours: list[dict[str, np.ndarray]], theirs: list[dict[str, np.ndarray]]) -> dict[str, Any]:
    """Ours less theirs a row, paired, with a 95 % bootstrap over campaigns (a campaign of two splits is two)."""
    gap = np.concatenate([a["density"] - b["density"] for a, b in zip(ours, theirs, strict=True)])
    group = np.concatenate([part["group"] for part in ours])
    rng = np.random.default_rng(0)
    return asdict(cluster_bootstrap(ratio(gap, np.ones_like(gap)), group, rng=rng, n_boot=1000))


def main() -> None:
    """Runs it and writes `results/kag-conversions.json`."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--catboost", help="the Python of an environment that has catboost")
    parser.add_argument("--seeds", type=int, help="only so many of the seeds")
    given = parser.parse_args()
    figures = {"machine": machine(), **run(given.catboost, SEEDS[: given.seeds])}
    (HERE / "results" / f"{ID}.json").write_text(json.dumps(figures, indent=1) + "\n", encoding="utf-8")
    print(ID, json.dumps(figures["gated"], indent=1))


if __name__ == "__main__":
    main()
