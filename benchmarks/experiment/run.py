"""False positives under peeking, power, share of answers and speed, beside peers on the same simulated looks.

    python benchmarks/experiment/run.py [--simulations 20000] [--only ID] [--gbstats PYTHON] [--spotify PYTHON]

`--gbstats` and `--spotify` name the Python of a virtual environment that has the peer (gbstats 0.8.0 with numpy<2
and pandas<2; spotify-confidence 4.1.0). Without them the peer's columns stay empty. A test that has no answer
at a look has found nothing there. Results are written to results/peeking.json.
"""

from __future__ import annotations

import argparse
import json
import platform
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from generators import Looks, simulate
from scenarios import CASES, Case

from adwright.experiment.inference import MeanSummary, ProportionSummary, lift, t_test
from adwright.experiment.sequential import (
    Spending,
    bounds,
    count_bounds,
    count_evidence,
    has_enough,
    log_ratio_sequence,
    planned_information,
    z_statistic,
)
from adwright.experiment.sequential.counts import MIN_CONVERSIONS
from adwright.experiment.sequential.path import MOST_EXACT
from adwright.stats.intervals import wilson

HERE = Path(__file__).parent
ALPHA = 0.05
N_PEER = 400
"""Simulations that the peer reads: it takes them one by one."""
N_OPEN = 4000
"""Simulations of the open-ended design, which is offered, but not the default."""

Decisions = tuple[npt.NDArray[np.bool_], npt.NDArray[np.bool_]]
"""(simulations, looks): whether the look decides, and whether it has an answer."""


def main() -> None:
    """Runs the cases and prints the table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--simulations", type=int, default=20_000)
    parser.add_argument("--only", help="the id of one case")
    parser.add_argument("--gbstats", help="Python of an environment that has gbstats")
    parser.add_argument("--spotify", help="Python of an environment that has spotify-confidence")
    options = parser.parse_args()
    results = []
    for number, case in enumerate(CASES):
        if options.only in (None, case.id):
            rng = np.random.default_rng([number, 20260101])
            results.append(run_case(case, options.simulations, rng=rng, gbstats=options.gbstats))
            print(json.dumps(results[-1]), file=sys.stderr, flush=True)
    speed = run_speed(options.spotify)
    report = {"machine": _machine(), "commit": _commit(), "cases": results, "speed": speed}
    if options.only is None:
        (HERE / "results").mkdir(exist_ok=True)
        (HERE / "results" / "peeking.json").write_text(json.dumps(report, indent=1) + "\n", encoding="utf-8")
    print_report(report)


def run_case(case: Case, n: int, *, rng: np.random.Generator, gbstats: str | None) -> dict[str, Any]:
    """The share of tests that each method stops, with its standard error, answers and seconds."""
    looks = simulate(case, n, rng=rng)
    found = {}
    for name, method in METHODS.items():
        started = time.perf_counter()
        decided, answered = method(case, looks)
        found[name] = summary(decided.any(axis=1), answered) | {"seconds": time.perf_counter() - started}
    if gbstats is not None:
        found |= run_gbstats(gbstats, case, looks)
    return {"case": case.id, "why": case.why, "null": case.is_null, "n": n, "methods": found}


def summary(stopped: npt.NDArray[np.bool_], answered: npt.NDArray[np.bool_] | None = None) -> dict[str, Any]:
    """Share, standard error and 95 % interval (Wilson) of the tests that stopped, and the share of answers."""
    k, n = int(stopped.sum()), len(stopped)
    low, high = wilson(k, n)
    out: dict[str, Any] = {
        "n": n,
        "share": k / n,
        "se": float(np.sqrt(k / n * (1 - k / n) / n)),
        "low": float(low),
        "high": float(high),
    }
    if answered is not None:
        out |= {"answered": float(answered.mean()), "answered_last": float(answered[:, -1].mean())}
    return out


def group_sequential(case: Case, looks: Looks) -> Decisions:
    """The default where the largest size is known: spending alpha t^3; rates exactly up to 5,000 conversions."""
    t = np.arange(1, case.n_looks + 1) / case.n_looks
    z = z_statistic(lift(*summaries(case, looks), scale="absolute"))
    decided = np.abs(np.nan_to_num(z)) >= bounds(t).z
    answered = np.isfinite(z)
    if case.kind == "revenue":
        return decided, answered
    conversions = looks.total_a + looks.total_b
    answered = conversions >= MIN_CONVERSIONS
    exact = conversions <= MOST_EXACT
    for i in range(len(z)):
        last = int(exact[i].sum())
        if last:
            found = count_bounds(
                looks.n_a[:last], looks.total_a[i, :last], trials_b=looks.n_b[:last],
                successes_b=looks.total_b[i, :last], t=t[:last],
            )  # fmt: skip
            decided[i, :last] = (found.seen >= found.high) | (found.seen <= found.low)
    return decided & answered, answered


def anytime(case: Case, looks: Looks) -> Decisions:
    """The default where it is not: exact counts while conversions are few, else the log-ratio sequence."""
    information = planned_information(case.minimum_effect)
    if case.kind == "rate":
        share_b = case.n_b / (case.n_a + case.n_b)
        a, b = summaries(case, looks)
        log_e = count_evidence(a, b, share_b=share_b, information=information).log_e
    else:
        log_e = _log_ratio(case, looks).log_e
    answered = np.isfinite(log_e)
    return np.nan_to_num(log_e, nan=-np.inf) >= -np.log(ALPHA), answered


def log_ratio_only(case: Case, looks: Looks) -> Decisions:
    """The log-ratio sequence alone."""
    found = _log_ratio(case, looks)
    return np.nan_to_num(found.log_e, nan=-np.inf) >= -np.log(ALPHA), found.answered


def open_ended(case: Case, looks: Looks) -> Decisions:
    """Spending without a last look (half of alpha by the middle of what happens to be the last one)."""
    t = np.arange(1, case.n_looks + 1) / (case.n_looks / 2)
    rule = Spending(family="open")
    if case.kind == "revenue":
        z = z_statistic(lift(*summaries(case, looks), scale="absolute"))
        return np.abs(np.nan_to_num(z)) >= bounds(t, spending=rule).z, np.isfinite(z)
    decided = np.zeros((min(N_OPEN, len(looks.total_a)), case.n_looks), dtype=np.bool_)
    for i in range(len(decided)):
        found = count_bounds(
            looks.n_a, looks.total_a[i], trials_b=looks.n_b, successes_b=looks.total_b[i], t=t, spending=rule
        )
        decided[i] = (found.seen >= found.high) | (found.seen <= found.low)
    answered = (looks.total_a + looks.total_b >= MIN_CONVERSIONS)[: len(decided)]
    return decided & answered, answered


def fixed_horizon(case: Case, looks: Looks) -> Decisions:
    """One reading at the last look: what power could be."""
    p = t_test(lift(*summaries(case, looks), scale="absolute")).p
    last = np.arange(case.n_looks) == case.n_looks - 1
    return (np.nan_to_num(p, nan=1.0) < ALPHA) & last, np.isfinite(p)


def naive(case: Case, looks: Looks) -> Decisions:
    """A t test at every look: what is wrong."""
    p = t_test(lift(*summaries(case, looks), scale="absolute")).p
    return np.nan_to_num(p, nan=1.0) < ALPHA, np.isfinite(p)


METHODS: dict[str, Callable[[Case, Looks], Decisions]] = {
    "group-sequential": group_sequential,
    "anytime": anytime,
    "log-ratio sequence": log_ratio_only,
    "open-ended spending": open_ended,
    "fixed horizon": fixed_horizon,
    "naive peeking": naive,
}


def summaries(case: Case, looks: Looks) -> tuple[Any, Any]:
    """The summary statistics of both arms."""
    if case.kind == "rate":
        a = ProportionSummary(n=looks.n_a, successes=looks.total_a)
        return a, ProportionSummary(n=looks.n_b, successes=looks.total_b)
    a_mean = MeanSummary(n=looks.n_a, total=looks.total_a, squares=looks.squares_a)
    return a_mean, MeanSummary(n=looks.n_b, total=looks.total_b, squares=looks.squares_b)


def _log_ratio(case: Case, looks: Looks) -> Any:
    a, b = summaries(case, looks)
    information = planned_information(case.minimum_effect)
    return log_ratio_sequence(lift(a, b, scale="log"), information=information, enough=has_enough(*a.pair(b)))


def run_gbstats(python: str, case: Case, looks: Looks) -> dict[str, Any]:
    """The peer on the first `N_PEER` of the same simulations."""
    names = ("total_a", "total_b", "squares_a", "squares_b")
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "looks.npz"
        np.savez(file, n_a=looks.n_a, n_b=looks.n_b, **{k: getattr(looks, k)[:N_PEER] for k in names})
        command = [python, str(HERE / "peers" / "gbstats_peer.py"), str(file), case.kind]
        out = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    found = {}
    for name, k in out["stopped"].items():
        stopped = np.arange(out["n"]) < k
        found[f"gbstats {name}"] = summary(stopped) | {"us_per_test": out["us_per_test"][name]}
    found["gbstats t test"] = {"us_per_test": out["us_per_test"]["t"]}
    return found


def run_speed(spotify: str | None) -> dict[str, Any]:
    """Microseconds a test from summary statistics, 100,000 comparisons (metrics x arms x segments) in one call."""
    rng = np.random.default_rng(0)
    n, shape = 10_000, (50, 4, 500)
    a = ProportionSummary(n=n, successes=rng.binomial(n, 0.05, shape))
    b = ProportionSummary(n=n, successes=rng.binomial(n, 0.055, shape))
    total, squares = rng.normal(1e5, 300, (2, *shape)), rng.normal(3e6, 3e4, (2, *shape))
    means = [MeanSummary(n=n, total=t, squares=s) for t, s in zip(total, squares, strict=True)]
    work: dict[str, Callable[[], object]] = {
        "t test, proportions": lambda: t_test(lift(a, b, scale="log")),
        "t test, means": lambda: t_test(lift(means[0], means[1], scale="relative")),
        "log-ratio sequence, proportions": lambda: log_ratio_sequence(
            lift(a, b, scale="log"), information=574.0, enough=has_enough(a.moments(), b.moments())
        ),
    }
    out: dict[str, Any] = {}
    for name, call in work.items():
        times = []
        for _ in range(5):
            started = time.perf_counter()
            call()
            times.append((time.perf_counter() - started) / np.prod(shape) * 1e6)
        out[name] = {"us_per_test": float(np.median(times)), "se": float(np.std(times) / np.sqrt(5))}
    if spotify is not None:
        command = [spotify, str(HERE / "peers" / "spotify_peer.py")]
        peer = subprocess.run(command, check=True, capture_output=True, text=True).stdout
        out["spotify-confidence z test"] = json.loads(peer.strip().splitlines()[-1])
    return out


def print_report(report: dict[str, Any]) -> None:
    """The tables, for people."""
    for result in report["cases"]:
        what = "false positives" if result["null"] else "power"
        print(f"\n{result['case']} ({result['why']}): {what}, {result['n']:,} simulations")
        for name, row in result["methods"].items():
            if "share" not in row:
                continue
            line = (
                f"  {name:22} {row['share']:7.2%} +- {row['se']:.2%}  [{row['low']:.2%}, {row['high']:.2%}]"
            )
            if "answered" in row:
                line += f"  answers {row['answered']:.1%} of looks, {row['answered_last']:.1%} of last looks"
            print(line + ("" if row["n"] == result["n"] else f"  (of {row['n']:,})"))
    print("\nmicroseconds a test")
    for name, row in report["speed"].items():
        print(f"  {name:34} {row['us_per_test']:12,.3f}")
    for result in report["cases"]:
        for name, row in result["methods"].items():
            if "us_per_test" in row:
                print(f"  {name + ', ' + result['case']:34} {row['us_per_test']:12,.1f}")


def _machine() -> str:
    return f"{platform.system()} {platform.machine()}, Python {platform.python_version()}, numpy {np.__version__}"


def _commit() -> str:
    command = ["git", "-C", str(HERE), "rev-parse", "--short", "HEAD"]
    return subprocess.run(command, check=False, capture_output=True, text=True).stdout.strip()


if __name__ == "__main__":
    main()
