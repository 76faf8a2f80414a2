"""How many local outcomes a warm start saves: learning curves with and without a model trained elsewhere.

    python benchmarks/transfer/run.py [ID ...] [--seeds N] [--max-size M] [--source-share S]

At each size and seed, the same local rows are fitted twice, cold and from the source, and both are judged on the same
test rows. A point that is in `results/<id>.json` is not fitted again, so a run that was killed goes on. One thread is
enough: OMP_NUM_THREADS=1.

Gated: the gain in the share of deviance explained, with its interval over seeds; the local outcomes saved.
Diagnostics: AUC (within tests, where there are any), the strength that tune chose.
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
from public_data import DATA, ROOT
from scenarios import SCENARIOS, Scenario
from scipy import sparse, special, stats
from tables import Tables, tables_of

from adwright.learn.tuning.judging import judge
from adwright.predict import Predictor, PredictRecipe
from adwright.predict.models.nuisance import Nuisance
from adwright.predict.recipe import Split
from adwright.predict.table import Table
from adwright.stats.ranking import auc, group_auc

HERE = Path(__file__).parent


def recipe_of(scenario: Scenario) -> PredictRecipe:
    """The scenario's recipe: n-grams and categories, linear, few enough settings for few outcomes."""
    recipe = PredictRecipe.read(ROOT / "recipes" / scenario.recipe)
    model = replace(
        recipe.model,
        kind=("logistic",),
        refit=False,
        n_members=2,
        ridges=(3.0, 10.0, 30.0, 100.0, 300.0, 1000.0),
    )
    return replace(recipe, model=model, min_rows=10, split=Split(order="rows", shares=(0.55, 0.2, 0.25, 0.0)))


def source_of(scenario: Scenario, tables: Tables, recipe: PredictRecipe) -> Predictor:
    """The model trained elsewhere."""
    frame = drawn(tables.source, tables.unit, scenario.source_share, seed=0)
    split = Split(order="rows", shares=(0.7, 0.15, 0.15, 0.0))
    return Predictor.fit(frame, replace(recipe, split=split), seed=0)


def drawn(frame: pl.DataFrame, unit: str | None, size: float, *, seed: int) -> pl.DataFrame:
    """So many units (or, below 1, that share of them), drawn at random."""
    ids = pl.Series(np.arange(frame.height)) if unit is None else frame[unit].unique().sort()
    n = round(size * len(ids)) if size <= 1 else min(int(size), len(ids))
    kept = np.sort(np.random.default_rng(seed).choice(len(ids), n, replace=False))
    return frame[kept] if unit is None else frame.filter(pl.col(unit).is_in(ids[kept].implode()))


def judged(model: Predictor, test: pl.DataFrame) -> dict[str, float]:
    """The measures on the test rows."""
    table = Table.of(test, model.recipe)
    effect = model.score(test).click
    assert effect is not None
    rows, place = table.rows("click", np.ones(test.height, bool), sparse.csr_matrix((test.height, 1)))
    mean = effect.mean[place]
    score = np.asarray(special.logit(mean))
    nuisance = Nuisance.learn(rows, np.random.default_rng(0))
    losses = judge(
        rows, score, nuisance, clusters=rows.content if table.group is None else table.group[place]
    )
    if table.group is None:
        area = float(auc(mean, rows.successes, trials=rows.trials)[0])
    else:
        top, bottom = group_auc(mean, rows.successes, group=table.group[place], trials=rows.trials)
        area = float(top.sum() / bottom.sum())
    return {"explained": losses.explained, "auc": area}


def run_point(
    tables: Tables, recipe: PredictRecipe, source: Predictor, size: int, seed: int
) -> dict[str, Any]:
    """One size and seed: cold and warm on the same rows."""
    local = drawn(tables.pool, tables.unit, size, seed=1000 + seed)
    point: dict[str, Any] = {"size": size, "seed": seed, "n_rows": local.height}
    for name, start in (("cold", None), ("warm", source)):
        began = time.perf_counter()
        model = Predictor.fit(local, recipe, seed=seed, source=start)
        point[name] = {**judged(model, tables.test), "seconds": round(time.perf_counter() - began, 2)}
        if start is not None:
            point["strength"] = model.card["metrics"]["click"]["strength_of_the_source"]
    return point


def summarise(scenario: Scenario, points: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """A row a size: means over seeds, the paired gain with its 95 % interval, the outcomes saved."""
    found = []
    curve = []
    for size in sorted({point["size"] for point in points}):
        here = [point for point in points if point["size"] == size]
        row: dict[str, Any] = {"size": size, "n_seeds": len(here)}
        row["strength"] = float(np.mean([point["strength"] for point in here]))
        for name in scenario.measures:
            gains = np.array([point["warm"][name] - point["cold"][name] for point in here])
            half = (
                float(stats.t.ppf(0.975, len(gains) - 1) * gains.std(ddof=1) / len(gains) ** 0.5)
                if len(gains) > 1
                else float("nan")
            )
            row[name] = {
                "cold": float(np.mean([point["cold"][name] for point in here])),
                "warm": float(np.mean([point["warm"][name] for point in here])),
                "gain": float(gains.mean()),
                "low": float(gains.mean()) - half,
                "high": float(gains.mean()) + half,
            }
        curve.append((size, row[scenario.measures[0]]["cold"]))
        found.append(row)
    for row in found:
        row["cold_needs"] = needed(curve, row[scenario.measures[0]]["warm"])
    return found


def needed(curve: list[tuple[int, float]], level: float) -> float | None:
    """Local units at which the cold curve reaches the level, on a line between its points; None beyond its end."""
    best = -np.inf
    for (size, value), (before, lower) in zip(curve, [(0, -np.inf), *curve], strict=False):
        best = max(best, value)
        if value >= level:
            if not np.isfinite(lower) or value == lower:
                return float(size)
            share = (level - lower) / (value - lower)
            return float(np.exp(np.log(before) + share * (np.log(size) - np.log(before))))
    return None


def machine() -> dict[str, Any]:
    """Where and of which commit."""
    commit = subprocess.run(
        ["git", "rev-parse", "--short", "HEAD"], capture_output=True, text=True, check=False, cwd=ROOT
    ).stdout.strip()
    return {"cores": os.cpu_count(), "machine": platform.machine(), "commit": commit}


def run(scenario: Scenario) -> None:
    """Every point that is not there yet; the file is written after each."""
    path = HERE / "results" / f"{scenario.id}.json"
    points: list[dict[str, Any]] = json.loads(path.read_text())["points"] if path.is_file() else []
    recipe = recipe_of(scenario)
    tables = source = None
    for seed in scenario.seeds:
        wanted = [s for s in scenario.sizes if not any(p["size"] == s and p["seed"] == seed for p in points)]
        if not wanted:
            continue
        if (
            tables is None or source is None or scenario.table != "upworthy"
        ):  # whose blocks are by time, not seed
            tables = tables_of(scenario.id, seed=seed)
            source = source_of(scenario, tables, recipe)
        for size in wanted:
            point = run_point(tables, recipe, source, size, seed)
            gain = point["warm"]["explained"] - point["cold"]["explained"]
            print(f"  {scenario.id} size {size} seed {seed}: {gain:+.4f}", file=sys.stderr, flush=True)
            points.append(point)
            whole = {"machine": machine(), "scenario": asdict(scenario), "gated": summarise(scenario, points)}
            path.write_text(json.dumps({**whole, "points": points}, indent=1) + "\n", encoding="utf-8")
    show(scenario, summarise(scenario, points))


def show(scenario: Scenario, rows: list[dict[str, Any]]) -> None:
    """Prints the gated figures."""
    print(f"{scenario.id}: {scenario.source} -> {scenario.target}")
    for row in rows:
        e, a = (row[name] for name in scenario.measures)
        needs = "more than the curve has" if row["cold_needs"] is None else f"{row['cold_needs']:.0f}"
        print(
            f"  {row['size']:>5} {scenario.unit}: explained {e['cold']:.4f} -> {e['warm']:.4f} "
            f"({e['gain']:+.4f} [{e['low']:+.4f}, {e['high']:+.4f}]), auc {a['cold']:.3f} -> {a['warm']:.3f} "
            f"[{a['low']:+.3f}, {a['high']:+.3f}], strength {row['strength']:.2f}; cold needs {needs}"
        )


def main() -> None:
    """Runs the scenarios that are named, or all."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("ids", nargs="*", help="scenarios; all, if none is named")
    parser.add_argument("--seeds", type=int, help="only so many of the seeds")
    parser.add_argument("--max-size", type=int, help="only sizes up to this")
    parser.add_argument("--source-share", type=float, help="share of the source's units to learn from")
    given = parser.parse_args()
    (HERE / "results").mkdir(exist_ok=True)
    for scenario in SCENARIOS:
        if given.ids and scenario.id not in given.ids:
            continue
        if not (DATA / scenario.table).is_dir():
            print(f"{scenario.id}: skipped, {scenario.table} is not in the data folder (ADWRIGHT_DATA)")
            continue
        smaller = replace(
            scenario,
            seeds=scenario.seeds[: given.seeds],
            sizes=tuple(s for s in scenario.sizes if s <= (given.max_size or s)),
            source_share=given.source_share or scenario.source_share,
        )
        run(smaller)


if __name__ == "__main__":
    main()
