"""False positives under peeking, power, share of answers and speed, beside peers on the same simulated looks.

    python benchmarks/experiment/run.py [--simulations 20000] [--only ID] [--resume]
                                        [--gbstats PYTHON] [--spotify PYTHON]

`--gbstats` and `--spotify` name the Python of a virtual environment that has the peer (gbstats 0.8.0 with numpy<2
and pandas<2; spotify-confidence 4.1.0). Without them the peer's columns stay empty. A test that has no answer
at a look has found nothing there. Results are written to results/peeking.json after each case; `--resume` keeps the
cases that are there with as many simulations.
"""

from __future__ import annotations

import argparse
import json
import platform
import subprocess
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from generators import Looks, simulate
from scenarios import CASES, Case

from adwright.experiment.inference import MeanSummary, ProportionSummary, cautious_lift, lift, t_test
from adwright.experiment.sequential import (
    Spending,
    bounds,
    count_bounds,
    count_evidence,
    count_z,
    has_enough,
    log_ratio_sequence,
    planned_information,
    z_statistic,
)
from adwright.experiment.sequential.counts import MIN_CONVERSIONS
from adwright.experiment.sequential.path import MOST_EXACT
from adwright.stats.intervals import wilson

HERE = Path(__file__).parent
RESULTS = HERE / "results" / "peeking.json"
ALPHA = 0.05
N_PEER = 300
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
    parser.add_argument("--resume", action="store_true", help="keep the cases that the results have already")
    options = parser.parse_args()
    report: dict[str, Any] = {"machine": _machine(), "commit": _commit(), "cases": [], "speed": {}}
    done = {r["case"]: r for r in _read() if options.resume and r["n"] == options.simulations}
    for number, case in enumerate(CASES):
        if options.only in (None, case.id):
            rng = np.random.default_rng([number, 20260101])
            have = done.get(case.id, {}).get("methods", {})
            report["cases"].append(
                run_case(case, options.simulations, rng=rng, gbstats=options.gbstats, have=have)
            )
            _write(report, options.only)
    report["speed"] = run_speed(options.spotify)
    _write(report, options.only)
    print_report(report)


def _read() -> list[dict[str, Any]]:
    """The cases of an earlier run."""
    if not RESULTS.exists():
        return []
    cases: list[dict[str, Any]] = json.loads(RESULTS.read_text(encoding="utf-8"))["cases"]
    return cases


def _write(report: dict[str, Any], only: str | None) -> None:
    if only is None:
        RESULTS.parent.mkdir(exist_ok=True)
        RESULTS.write_text(json.dumps(report, indent=1) + "\n", encoding="utf-8")


def run_case(
    case: Case, n: int, *, rng: np.random.Generator, gbstats: str | None, have: dict[str, Any]
) -> dict[str, Any]:
    """The share of tests that each method stops, with its standard error, answers and seconds.

    Methods that `have` holds from an earlier run of the same simulations are kept.
    """
    looks = simulate(case, n, rng=rng)
    found = {name: have[name] for name in (*METHODS, *PEER_NAMES) if name in have}
    for name, method in METHODS.items():
        if name in found:
            continue
        started = time.perf_counter()
        decided, answered = method(case, looks)
        found[name] = summary(decided.any(axis=1), answered) | {"seconds": time.perf_counter() - started}
    if gbstats is not None and PEER_NAMES[0] not in found:
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
    a, b = summaries(case, looks)
    z = count_z(a, b) if case.kind == "rate" else z_statistic(cautious_lift(a, b))
    decided = np.abs(np.nan_to_num(z)) >= bounds(t).z
    if case.kind == "revenue":
        return decided, np.isfinite(z)
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


def classic_group_sequential(case: Case, looks: Looks) -> Decisions:
    """What spotify-confidence does: normal bounds with alpha t^2, here from our solver."""
    t = np.arange(1, case.n_looks + 1) / case.n_looks
    a, b = summaries(case, looks)
    z = count_z(a, b, corrected=False) if case.kind == "rate" else z_statistic(lift(a, b, scale="absolute"))
    return np.abs(np.nan_to_num(z)) >= bounds(t, spending=Spending(rho=2.0)).z, np.isfinite(z)


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
        z = z_statistic(cautious_lift(*summaries(case, looks)))
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
    "normal bounds, alpha t^2": classic_group_sequential,
    "anytime": anytime,
    "log-ratio sequence": log_ratio_only,
    "open-ended spending": open_ended,
    "fixed horizon": fixed_horizon,
    "naive peeking": naive,
}


PEER_NAMES = ("gbstats relative", "gbstats absolute", "gbstats bayes", "gbstats t test")


def summaries(case: Case, looks: Looks) -> tuple[Any, Any]:
    """The summary statistics of both arms."""
    if case.kind == "rate":
        a = ProportionSummary(n=looks.n_a, successes=looks.total_a)
        return a, ProportionSummary(n=looks.n_b, successes=looks.total_b)
    a_mean = MeanSummary(n=looks.n_a, total=looks.total_a, squares=looks.squares_a)
    return a_mean, MeanSummary(n=looks.n_b, total=looks.total_b, squares=looks.squares_b)


def _log_ratio(case: Case, looks: Looks) -> Any:
    a, b = summaries(case, looks)
    read = lift if case.kind == "rate" else cautious_lift
    information = planned_information(case.minimum_effect)
    return log_ratio_sequence(read(a, b, scale="log"), information=information, enough=has_enough(*a.pair(b)))


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
        stopped = np.arange(out["n_bayes"] if name == "bayes" else out["n"]) < k
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
