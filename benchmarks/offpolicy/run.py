"""Off-policy estimates against known truth: python benchmarks/offpolicy/run.py [--peer PYTHON] [TASK...]

Tasks: speed, coverage, choice, refusal, open-bandit. `--peer` is a Python with obp 0.5.7; without it only our
own figures are printed. One JSON object a line.
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

sys.path.insert(0, str(Path(__file__).parent))

from scenarios import CHOICE, COVERAGE, SPEED, Environment, make_world

from adwright.experiment.offpolicy import (
    Interval,
    LoggedRounds,
    UnsupportedPolicyError,
    check_support,
    choose_estimator,
    difference,
    evaluate_policy,
    logged_rounds,
    make_estimator,
    studentised,
    weighted_counts,
)
from adwright.stats.intervals import wilson

FIVE = ("dm", "ips", "snips", "dr", "sndr")
DATA = Path(os.environ.get("ADWRIGHT_DATA", Path(__file__).parents[3] / "shared" / "data"))
Log = dict[str, Any]


def rounds_of(log: Log, q_hat: Any = None) -> LoggedRounds:
    """The log as our rounds."""
    return logged_rounds(log["action"], log["reward"], propensity=log["pscore"], target=log["eval_dist"],
                         q_hat=q_hat, allow_negative=True)  # fmt: skip


def peer(python: str | None, task: str, logs: list[Log], q_hat: Any = None) -> dict[str, Any] | None:
    """What the peer says of the same logs; None without a peer."""
    if python is None:
        return None
    with tempfile.TemporaryDirectory() as folder:
        source, out = Path(folder, "in.npz"), Path(folder, "out.npz")
        keys = ("context", "action", "reward", "pscore", "eval_dist")
        stacked = {key: np.array([log[key] for log in logs]) for key in keys}
        np.savez(source, **stacked, **({} if q_hat is None else {"q_hat": q_hat}))
        script = str(Path(__file__).parent / "peer_obp.py")
        environment = {k: v for k, v in os.environ.items() if k != "PYTHONPATH"}
        subprocess.run([python, script, task, str(source), str(out)], check=True, env=environment)
        with np.load(out) as found:
            return dict(found)


def median_seconds(work: Callable[[], object], times: int) -> float:
    """The median time of a call."""
    runs = []
    for _ in range(times):
        started = time.perf_counter()
        work()
        runs.append(time.perf_counter() - started)
    return float(np.median(runs))


def speed(python: str | None) -> None:
    """Seconds for IPS and DR, checks of the input included, and for five estimators with 10,000 resamples."""
    log = make_world(SPEED, seed=1).log(np.random.default_rng(1))
    table = np.full(log["eval_dist"].shape, log["reward"].mean())

    def five() -> object:
        rounds = rounds_of(log, table)
        terms = {name: make_estimator(name).terms(rounds) for name in FIVE}
        return studentised(terms, rng=np.random.default_rng(0), n_boot=10_000)

    ours = {
        "ips": median_seconds(lambda: make_estimator("ips").terms(rounds_of(log)).value, 50),
        "dr": median_seconds(lambda: make_estimator("dr").terms(rounds_of(log, table)).value, 50),
        "intervals": median_seconds(five, 3),
    }
    found = peer(python, "speed", [log], q_hat=table[None])
    theirs = None if found is None else json.loads(str(found["seconds"]))
    show({"task": "speed", "n": SPEED.n_rounds, "n_actions": SPEED.n_actions, "ours_s": ours, "obp_s": theirs,
          "times_faster": None if theirs is None else {k: theirs[k] / ours[k] for k in ours}})  # fmt: skip


def coverage(python: str | None, n_logs: int) -> None:
    """The share of logs whose interval holds the truth, and its width over the oracle's."""
    for i, environment in enumerate(COVERAGE):
        world, rng = make_world(environment, seed=100 + i), np.random.default_rng(i)
        oracle = 2 * 1.96 * (world.variance / environment.n_rounds) ** 0.5
        kept: list[Log] = []
        ours: dict[str, list[tuple[float, float]]] = {"ips": [], "snips": [], "control_variates": []}
        for k in range(n_logs):
            log = world.log(rng)
            rounds = rounds_of(log)
            for name, found in ours.items():
                interval = weighted_counts(make_estimator(name).terms(rounds))
                found.append((interval.low, interval.high))
            if k < 100:
                kept.append(log)
        theirs = peer(python, "coverage", kept)
        out = {name: summary(np.array(found), world.value, oracle) for name, found in ours.items()}
        if theirs is not None:
            out["obp snips, percentile"] = summary(theirs["intervals"], world.value, oracle)
        show({"task": "coverage", "scenario": environment.id, "n_logs": n_logs, "truth": world.value} | out)


def summary(intervals: Any, truth: float, oracle: float) -> dict[str, float]:
    """Coverage with its standard error, and the median width over the oracle's."""
    inside = np.mean((intervals[:, 0] <= truth) & (truth <= intervals[:, 1]))
    return {
        "coverage": round(float(inside), 4),
        "se": round(float((inside * (1 - inside) / len(intervals)) ** 0.5), 4),
        "width_over_oracle": round(float(np.median(intervals[:, 1] - intervals[:, 0]) / oracle), 3),
    }


def choice(python: str | None, n_logs: int) -> None:
    """Root mean squared error of the automatic choice over the peer's best fixed estimator in hindsight."""
    by_world, total = [], {}
    for i, environment in enumerate(CHOICE):
        errors = choice_errors(python, environment, seed=200 + i, n_logs=n_logs)
        rmse = {name: float(np.sqrt(np.mean(np.square(e)))) for name, e in errors.items()}
        fixed = {name: e for name, e in rmse.items() if name not in ("auto", "control_variates")}
        best = min(fixed, key=lambda name: fixed[name])
        by_world.append(rmse["auto"] / fixed[best])
        for name, error in rmse.items():
            total.setdefault(name, []).append(error / fixed[best])
        show({"task": "choice", "scenario": environment.id, "best_fixed": best, "over_best": by_world[-1],
              "rmse": {name: round(e, 5) for name, e in rmse.items()}})  # fmt: skip
    logs_ = np.log(by_world)
    show({
        "task": "choice",
        "scenario": "all",
        "n_worlds": len(by_world),
        "n_logs": n_logs,
        "geometric_mean_over_best_of_each_world": round(float(np.exp(logs_.mean())), 3),
        "se_of_its_log": round(float(logs_.std(ddof=1) / len(logs_) ** 0.5), 3),
        "largest": round(max(by_world), 2),
        "same_for_each_fixed": {n: round(float(np.exp(np.mean(np.log(e)))), 3) for n, e in total.items()},
        "root_mean_square_over_best": {n: round(float(np.sqrt(np.mean(np.square(e)))), 3) for n, e in total.items()},
    })  # fmt: skip


def choice_errors(
    python: str | None, environment: Environment, *, seed: int, n_logs: int
) -> dict[str, list[float]]:
    """Errors by estimator over the logs of one world; both sides use the peer's outcome model."""
    world, rng = make_world(environment, seed=seed), np.random.default_rng(seed)
    logs = [world.log(rng) for _ in range(n_logs)]
    theirs = peer(python, "choice", logs)
    errors: dict[str, list[float]] = {}
    for k, log in enumerate(logs):
        table = (
            np.tile(log["reward"].mean(), log["eval_dist"].shape) if theirs is None else theirs["q_hat"][k]
        )
        rounds = rounds_of(log, table)
        ours = {name: make_estimator(name).terms(rounds).value for name in (*FIVE, "control_variates")}
        if theirs is not None:
            ours |= {f"obp {n}": v for n, v in zip(theirs["names"], theirs["values"][k], strict=True)}
            ours = {n: v for n, v in ours.items() if n not in FIVE}
        ours["auto"] = choose_estimator(rounds, check_support(rounds)).terms.value
        for name, value in ours.items():
            errors.setdefault(name, []).append(float(value) - world.value)
    return errors


def refusal(_: str | None) -> None:
    """A policy on actions that the log never took: what IPS would have said, and that it is refused."""
    world = make_world(SPEED, seed=7)
    log = world.log(np.random.default_rng(7))
    kept = log["action"] < 20
    cut = {key: value[kept] for key, value in log.items()}
    cut["pscore"] = cut["pscore"] / cut["behavior_dist"][:, :20].sum(axis=1)
    target = np.full(34, 0.2 / 20)
    target[20:] = 0.8 / 14
    cut["eval_dist"] = np.broadcast_to(target, cut["eval_dist"].shape)
    rounds = rounds_of(cut)
    try:
        evaluate_policy(rounds, rng=np.random.default_rng(0))
        message = "not refused"
    except UnsupportedPolicyError as refused:
        message = str(refused)
    effective = rounds.weight.sum() ** 2 / (rounds.weight**2).sum() / rounds.n
    show({"task": "refusal", "effective_share": effective, "answer": message})


def open_bandit(_: str | None) -> None:
    """The small sample, campaign men: random log, bts judged; and the logged truth of bts."""
    import polars as pl

    table = DATA.parent / "vectors" / "open_bandit_men.json"
    if not table.exists() or not (DATA / "open_bandit").exists():
        show({"task": "open-bandit", "skipped": "no data"})
        return
    policy = np.array(json.loads(table.read_text())["ope_random_to_bts/men"]["action_dist_row"])
    log = pl.read_csv(DATA / "open_bandit" / "random" / "men" / "men.csv")
    truth = pl.read_csv(DATA / "open_bandit" / "bts" / "men" / "men.csv")["click"]
    place = log["position"].to_numpy() - 1
    target = policy / policy.sum(axis=1, keepdims=True)
    rounds = logged_rounds(log["item_id"].to_numpy(), log["click"].to_numpy(), target=target[place],
                           propensity=log["propensity_score"].to_numpy(), stratum=place)  # fmt: skip
    value = evaluate_policy(rounds, rng=np.random.default_rng(0))
    low, high = wilson(truth.sum(), truth.len())
    seen = Interval(low=float(low), high=float(high), kind="weighted counts")
    logged = float(truth.mean())  # type: ignore[arg-type]
    gap = difference(value.value, value.interval, other=logged, other_interval=seen)
    show({"task": "open-bandit", "estimator": value.estimator, "value": value.value,
          "interval": [value.interval.low, value.interval.high], "logged_truth": logged,
          "difference_to_truth": gap,
          "lift_over_random": [value.difference, value.difference_low, value.difference_high],
          "within_noise": value.is_within_noise})  # fmt: skip


def show(figures: dict[str, Any]) -> None:
    """One line of JSON."""
    print(json.dumps(figures), flush=True)


def main() -> None:
    """Runs the tasks, all or those named."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("tasks", nargs="*")
    parser.add_argument("--peer")
    parser.add_argument(
        "--logs", type=int, default=0, help="logs a world; 0: 1000 for coverage, 40 for choice"
    )
    asked = parser.parse_args()
    tasks: dict[str, Callable[[], None]] = {
        "speed": lambda: speed(asked.peer),
        "coverage": lambda: coverage(asked.peer, asked.logs or 1000),
        "choice": lambda: choice(asked.peer, asked.logs or 40),
        "refusal": lambda: refusal(asked.peer),
        "open-bandit": lambda: open_bandit(asked.peer),
    }
    for name in asked.tasks or tasks:
        tasks[name]()


if __name__ == "__main__":
    main()
