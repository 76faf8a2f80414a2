"""Uplift against known effects and on public trials: python benchmarks/uplift/run.py [--peer PYTHON] [TASK...]

Tasks: effects, qini, hillstrom, starbucks. `--peer` is a Python with econml 0.17 and lightgbm. One JSON object
a line.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

sys.path.insert(0, str(Path(__file__).parent))

from scenarios import SCENARIOS, Scenario, draw

from adwright.experiment.uplift import (
    UpliftAnalysis,
    analyse_uplift,
    fit_uplift,
    gain_curve,
    randomised_trial,
)

DATA = Path(os.environ.get("ADWRIGHT_DATA", Path(__file__).parents[3] / "shared" / "data"))


def peer(python: str | None, trial: Any, new: Any) -> dict[str, Any]:
    """The peer's predictions for the new customers, by learner."""
    if python is None:
        return {}
    with tempfile.TemporaryDirectory() as folder:
        source, out = Path(folder, "in.npz"), Path(folder, "out.npz")
        np.savez(source, features=trial.features, arm=trial.arm, outcome=trial.outcome, new=new)
        script = str(Path(__file__).parent / "peer_econml.py")
        environment = {k: v for k, v in os.environ.items() if k != "PYTHONPATH"}
        subprocess.run([python, script, str(source), str(out)], check=True, env=environment)
        with np.load(out) as found:
            return {f"econml {n}": e for n, e in zip(found["names"], found["effects"], strict=True)}


def effects(python: str | None, n_seeds: int) -> None:
    """Root mean squared error of the effect on 20,000 new customers, by scenario and over all."""
    over_best: dict[str, list[float]] = {}
    for scenario in SCENARIOS:
        errors = {}
        for seed in range(n_seeds):
            for name, error in _errors(python, scenario, 700 + seed).items():
                errors.setdefault(name, []).append(error)
        means = {name: float(np.mean(e)) for name, e in errors.items()}
        best = min(m for name, m in means.items() if name != "ours")
        for name, mean in means.items():
            over_best.setdefault(name, []).append(mean / best)
        show({
            "task": "effects",
            "scenario": scenario.id,
            "n": scenario.n,
            "n_seeds": n_seeds,
            "rmse": {name: round(mean, 4) for name, mean in means.items()},
            "se": {name: round(_standard_error(e), 4) for name, e in errors.items()},
        })  # fmt: skip
    show({"task": "effects", "scenario": "all", "geometric_mean_over_best_peer":
          {n: round(float(np.exp(np.mean(np.log(r)))), 3) for n, r in over_best.items()}})  # fmt: skip


def _standard_error(values: list[float]) -> float:
    return float(np.std(values, ddof=min(1, len(values) - 1)) / len(values) ** 0.5)


def _errors(python: str | None, scenario: Scenario, seed: int) -> dict[str, float]:
    trial, new = draw(scenario, seed=seed), draw(scenario, seed=10_000 + seed)
    made = randomised_trial(trial.features, arm=trial.arm, outcome=trial.outcome)
    fit = fit_uplift(made, rng=np.random.default_rng(seed))
    found = peer(python, trial, new.features) | {"ours": fit.model.predict(new.features)[:, 0]}
    found["mean effect"] = np.full(len(new.effect), fit.scores.mean())
    return {name: float(np.sqrt(np.mean((e - new.effect) ** 2))) for name, e in found.items()}


def qini(_: str | None) -> None:
    """How often the interval of Qini holds its true value: 400 trials of 4,000, an ordering that is given."""
    scenario = SCENARIOS[0]
    big = draw(scenario, seed=1, n=1_000_000)
    truth = gain_curve(big.effect, big.features[:, 0], n_points=2).qini.value
    inside, widths = [], []
    for seed in range(400):
        trial = draw(scenario, seed=2_000 + seed, n=4_000)
        share = trial.arm.mean()
        scores = trial.outcome * np.where(trial.arm == 1, 1 / share, -1 / (1 - share))
        found = gain_curve(scores, trial.features[:, 0], n_points=2).qini
        inside.append(found.low <= truth <= found.high)
        widths.append(found.high - found.low)
    mean = float(np.mean(inside))
    show({"task": "qini", "truth": truth, "coverage": mean, "se": (mean * (1 - mean) / 400) ** 0.5,
          "width": float(np.mean(widths))})  # fmt: skip


def hillstrom(_: str | None) -> None:
    """The e-mail trial, three arms: visit and spend."""
    path = DATA / "hillstrom" / "email_rct.csv"
    if not path.exists():
        show({"task": "hillstrom", "skipped": "no data"})
        return
    table = pl.read_csv(path)
    arms = ["No E-Mail", "Mens E-Mail", "Womens E-Mail"]
    features = ["recency", "history", "mens", "womens", "newbie", "zip_code", "channel"]
    columns = [table[f] if table[f].dtype.is_numeric() else table[f].rank("dense") for f in features]
    for outcome in ("visit", "conversion", "spend"):
        trial = randomised_trial(np.column_stack(columns), arm=np.array([arms.index(s) for s in table["segment"]]),
                                 outcome=table[outcome].to_numpy(), arms=arms, categorical=(5, 6))  # fmt: skip
        report(f"hillstrom {outcome}", trial)


def starbucks(_: str | None) -> None:
    """The promotion trial; a promotion costs 0.15 and a purchase is worth 10, as its task states."""
    path = DATA / "starbucks" / "promotion_rct.csv"
    if not path.exists():
        show({"task": "starbucks", "skipped": "no data"})
        return
    table = pl.read_csv(path)
    trial = randomised_trial(table.select(pl.col("^V[0-9]$")).to_numpy(), outcome=table["purchase"].to_numpy(),
                             arm=(table["Promotion"] == "Yes").cast(pl.Int64).to_numpy(),
                             unit_ids=table["ID"].to_list(), arms=["none", "promotion"])  # fmt: skip
    report("starbucks purchase", trial, value=10.0, cost=0.15)


def report(name: str, trial: Any, *, value: float = 1.0, cost: float = 0.0) -> None:
    """The analysis in figures."""
    started = time.perf_counter()
    found: UpliftAnalysis = analyse_uplift(trial, rng=np.random.default_rng(0), value=value, cost=cost)

    def three(b: Any) -> list[float]:
        return [float(f"{x:.3g}") for x in (b.value, b.low, b.high)]

    show({
        "task": name,
        "n": trial.n,
        "learner": found.fit.learner,
        "believed": [round(float(s), 2) for s in found.fit.slope],
        "effect": {a: three(c.effect) for a, c in found.curves.items()},
        "qini": {a: three(c.qini) for a, c in found.curves.items()},
        "auuc": {a: three(c.auuc) for a, c in found.curves.items()},
        "sent": [round(s, 3) for s in found.earning.sent],
        "earning": three(found.earning.value),
        "gain_over_simple": three(found.earning.gain),
        "findings": found.findings["en"],
        "seconds": round(time.perf_counter() - started, 1),
    })  # fmt: skip


def show(figures: dict[str, Any]) -> None:
    """One line of JSON."""
    print(json.dumps(figures), flush=True)


def main() -> None:
    """Runs the tasks, all or those named."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("tasks", nargs="*")
    parser.add_argument("--peer")
    parser.add_argument("--seeds", type=int, default=5)
    asked = parser.parse_args()
    tasks: dict[str, Callable[[], None]] = {
        "effects": lambda: effects(asked.peer, asked.seeds),
        "qini": lambda: qini(asked.peer),
        "hillstrom": lambda: hillstrom(asked.peer),
        "starbucks": lambda: starbucks(asked.peer),
    }
    for name in asked.tasks or tasks:
        tasks[name]()


if __name__ == "__main__":
    main()
