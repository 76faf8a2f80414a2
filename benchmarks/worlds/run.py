"""How much of the achievable gain the main job finds, in worlds that it has never seen.

    python benchmarks/worlds/run.py [--only ID]

Each world is run as the demo runs it, from the shop's files to the last late order. In every campaign the
content is taken that is worth most by what is believed at the end, and judged by the world's true value:

    gain  = (ours - mean) / mean                       over the contents that could have been shown
    share = sum of gains / sum of (best - mean) / mean  over all campaigns of all worlds

The share is a ratio of sums, so that a campaign whose texts are all alike does not decide it. `prior` is the
choice by the effect model alone, before any traffic. Intervals are 95 %, by a bootstrap over worlds. Results go
to results/worlds.jsonl, one line a world as it is finished; a run that is started again goes on where it was.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
from scenarios import SCENARIOS, Scenario

from adwright.demo.show import DemoConfig, DemoResult, run_demo
from adwright.demo.traffic import TrafficPlan
from adwright.pipeline.experiment_figures import chosen
from adwright.pipeline.launch import Launch

RESULTS = Path(__file__).parent / "results" / "worlds.jsonl"
NOW = datetime(2026, 6, 1, tzinfo=UTC)


def main() -> None:
    """Runs what is not there yet and prints the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", help="the id of one scenario")
    wanted = [s for s in SCENARIOS if parser.parse_args().only in (None, s.id)]
    RESULTS.parent.mkdir(exist_ok=True)
    done = {(r["scenario"], r["seed"]) for r in _read()}
    for scenario in wanted:
        for seed in range(scenario.first_seed, scenario.first_seed + scenario.n_worlds):
            if (scenario.id, seed) not in done:
                line = json.dumps(_run(scenario, seed))
                with RESULTS.open("a", encoding="utf-8") as out:
                    out.write(line + "\n")
                print(line, file=sys.stderr, flush=True)
    for title, ids in _groups(wanted):
        _report(title, [r for r in _read() if r["scenario"] in ids])


def _run(scenario: Scenario, seed: int) -> dict[str, Any]:
    started = time.monotonic()
    config = DemoConfig(
        language=scenario.language,
        kind=scenario.kind,
        seed=seed,
        n_customers=scenario.n_customers,
        n_groups=scenario.n_groups,
        traffic=TrafficPlan(n_days=scenario.n_days, max_days=scenario.n_days, max_visits=scenario.max_visits),
    )
    with tempfile.TemporaryDirectory() as folder:
        result = run_demo(
            Path(folder) / "demo",
            now=NOW,
            progress=lambda _: None,
            config=config,
            write_report=False,
        )
    return {
        "scenario": scenario.id,
        "seed": seed,
        "campaigns": [_judge(result, launch) for launch in result.run.launches],
        "decisions": [a.decision for a in result.run.analyses.values()],
        "seconds": round(time.monotonic() - started, 1),
    }


def _judge(result: DemoResult, launch: Launch) -> dict[str, Any]:
    ids = [c.id for c in launch.contents]
    true = result.truth(launch.campaign, ids, launch.campaign.goal.kind)
    values = np.array([true[i] for i in ids])
    effect = launch.choice.beliefs.effect
    assert effect.click is not None
    assert effect.conversion is not None
    assert effect.order_value is not None
    prior = effect.click.mean * effect.conversion.mean * effect.order_value.mean_minor
    ours = ids.index(chosen(launch))
    room = values.max() - values.mean()
    return {
        "n": len(ids),
        "mean": values.mean(),
        "best": values.max(),
        "ours": values[ours],
        "prior": values[int(np.argmax(prior))],
        "has_room": bool(room > 1e-9 * values.mean()),
    }


def _groups(wanted: Sequence[Scenario]) -> list[tuple[str, set[str]]]:
    """Each scenario alone, and each kind over both languages."""
    alone = [(s.id, {s.id}) for s in wanted]
    kinds = [(k, {s.id for s in wanted if s.kind == k}) for k in dict.fromkeys(s.kind for s in wanted)]
    return alone + [(k, ids) for k, ids in kinds if len(ids) > 1]


def _report(title: str, rows: Sequence[dict[str, Any]]) -> None:
    if not rows:
        return
    print(f"\n{title}: {len(rows)} worlds, {sum(len(r['campaigns']) for r in rows)} campaigns")
    best = np.array([sum(c["best"] / c["mean"] - 1 for c in r["campaigns"]) for r in rows])
    n = np.array([len(r["campaigns"]) for r in rows])
    print(f"  best  gain  {_ratio(best, n)}")
    for name in ("ours", "prior"):
        gains = np.array([sum(c[name] / c["mean"] - 1 for c in r["campaigns"]) for r in rows])
        print(f"  {name:5} gain  {_ratio(gains, n)}")
        if best.max() > 1e-9:
            print(f"  {name:5} share {_ratio(gains, best)}")
    decisions = [d for r in rows for d in r["decisions"]]
    counts = {d: decisions.count(d) for d in sorted(set(decisions))}
    print(f"  tests {counts}; {np.mean([r['seconds'] for r in rows]):.0f} s a world")


def _ratio(top: np.ndarray, bottom: np.ndarray) -> str:
    """The ratio of sums with its bootstrap interval over worlds."""
    rng = np.random.default_rng(0)
    rows = rng.integers(0, len(top), (10_000, len(top)))
    low, high = np.quantile(top[rows].sum(axis=1) / bottom[rows].sum(axis=1), [0.025, 0.975])
    return f"{top.sum() / bottom.sum():+.3f} [{low:+.3f}, {high:+.3f}]"


def _read() -> list[dict[str, Any]]:
    if not RESULTS.exists():
        return []
    return [json.loads(line) for line in RESULTS.read_text(encoding="utf-8").splitlines()]


if __name__ == "__main__":
    main()
