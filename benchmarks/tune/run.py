"""What tuning gains on a test block that no choice has seen, and how long it takes.

    python benchmarks/tune/run.py [ID ...] [--studies DIR]

Without ids: the three full scenarios. Studies are kept in DIR (a folder beside the results), so a run that was killed
goes on where it was. One thread is enough: OMP_NUM_THREADS=1.

Gated: the gain on the test block, with its interval over seeds. Diagnostics: the gain on tune (which the choice has
seen), each seed's own interval, seconds.
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
from public_data import DATA, ROOT, read_coupon, read_ml100k, read_upworthy
from scenarios import SCENARIOS, Scenario
from scipy import stats

from adwright.learn.tuning import TuneConfig, tune
from adwright.predict import PredictRecipe
from adwright.predict.recipe import Split

HERE = Path(__file__).parent
MEASURES = ("loss", "log_loss", "auc")


def read_table(name: str) -> tuple[pl.DataFrame, str | None]:
    """The table, and the column of what is kept or left out together."""
    if name == "coupon":
        return read_coupon(), None
    return (read_upworthy(), "test_id") if name == "upworthy" else (read_ml100k(), "user_id")


def run_seed(scenario: Scenario, seed: int, studies: Path) -> dict[str, Any]:
    """One study."""
    frame, unit = read_table(scenario.table)
    if unit is not None and scenario.share_of_groups < 1:
        units = frame[unit].unique().sort()
        rng = np.random.default_rng(seed)
        kept = rng.choice(len(units), round(scenario.share_of_groups * len(units)), replace=False)
        frame = frame.filter(pl.col(unit).is_in(units[np.sort(kept)].implode()))
    recipe = PredictRecipe.read(ROOT / "recipes" / scenario.recipe)
    recipe = replace(recipe, seed=seed, model=replace(recipe.model, kind=scenario.kind))
    if scenario.shares is not None:
        recipe = replace(recipe, split=Split(order=recipe.split.order, shares=scenario.shares))
    config = TuneConfig(n_trials=scenario.n_trials, folds=scenario.folds, timeout_s=1e9, seed=seed)
    started = time.perf_counter()
    found = tune(frame, recipe, config, studies / scenario.id / str(seed), progress=tell)
    figures = {key: value for key, value in found.figures.items() if key not in ("trials", "log_scaled")}
    return {"seed": seed, "wall_s": round(time.perf_counter() - started, 1), **figures}


def summarise(runs: list[dict[str, Any]]) -> dict[str, Any]:
    """Mean gains with 95 % intervals over seeds (Student's t)."""
    found: dict[str, Any] = {}
    for name in MEASURES:
        found[name] = interval([run["test"]["gain"][name]["value"] for run in runs])
        found[name]["default"] = float(np.mean([run["test"]["default"][name] for run in runs]))
    found["gain_on_tune"] = interval([run["tune"]["gain"] for run in runs])
    found["taken"] = sum(run["taken"] for run in runs)
    found["seconds_of_fits"] = float(np.mean([run["seconds"] for run in runs]))
    return found


def interval(values: list[float]) -> dict[str, Any]:
    """Mean and 95 % interval over seeds."""
    mean, n = float(np.mean(values)), len(values)
    if n < 2:
        return {"value": mean, "low": None, "high": None, "n": n}
    half = float(stats.t.ppf(0.975, n - 1) * np.std(values, ddof=1) / n**0.5)
    return {"value": mean, "low": mean - half, "high": mean + half, "n": n}


def machine() -> dict[str, Any]:
    """Where and of which commit."""
    commit = subprocess.run(
        ["git", "rev-parse", "--short", "HEAD"], capture_output=True, text=True, check=False, cwd=ROOT
    ).stdout.strip()
    return {
        "cores": os.cpu_count(),
        "threads": os.environ.get("OMP_NUM_THREADS"),
        "machine": platform.machine(),
        "python": platform.python_version(),
        "commit": commit,
    }


def tell(line: str) -> None:
    """Progress."""
    print(f"  {line}", file=sys.stderr, flush=True)


def main() -> None:
    """Runs the scenarios and writes `results/<id>.json` after every seed."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("ids", nargs="*", help="scenarios; the three full ones, if none is named")
    parser.add_argument("--studies", type=Path, default=HERE / "studies", help="where studies are kept")
    given = parser.parse_args()
    (HERE / "results").mkdir(exist_ok=True)
    for scenario in SCENARIOS:
        if scenario.id not in given.ids if given.ids else scenario.id.endswith("-small"):
            continue
        if not (DATA / scenario.table).is_dir():
            print(f"{scenario.id}: skipped, {scenario.table} is not in the data folder (ADWRIGHT_DATA)")
            continue
        runs = []
        for seed in scenario.seeds:
            tell(f"{scenario.id}, seed {seed}")
            runs.append(run_seed(scenario, seed, given.studies))
            whole = {
                "machine": machine(),
                "scenario": asdict(scenario),
                "gated": summarise(runs),
                "runs": runs,
            }
            path = HERE / "results" / f"{scenario.id}.json"
            path.write_text(json.dumps(whole, indent=1) + "\n", encoding="utf-8")
        show(scenario, summarise(runs))


def show(scenario: Scenario, found: dict[str, Any]) -> None:
    """Prints the gated figures."""
    print(
        f"{scenario.id}: {found['taken']} of {len(scenario.seeds)} taken, {found['seconds_of_fits']:.0f} s a study"
    )
    for name in (*MEASURES, "gain_on_tune"):
        held = found[name]
        spread = "" if held["low"] is None else f" [{held['low']:+.5f}, {held['high']:+.5f}]"
        print(f"  {name}: {held['value']:+.5f}{spread}")


if __name__ == "__main__":
    main()
