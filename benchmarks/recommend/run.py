"""Recommenders against their peers: python benchmarks/recommend/run.py SCENARIO [--peer PYTHON] [--seeds N]

Scenarios are in scenarios.py. `--peer` is a Python with implicit and lightfm. One JSON object on standard output,
progress on standard error.
"""

from __future__ import annotations

import argparse
import json
import resource
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np

sys.path.insert(0, str(Path(__file__).parent))

from peers import run_peer, tuned_ease
from scenarios import SCENARIOS, Asked

from adwright.recommend import Recommender, RulesConfig, fit_recommender
from adwright.recommend.evaluation import counts_of, evaluate, judge, paired_difference
from adwright.recommend.fitting import tune_block
from adwright.recommend.histories import encode
from adwright.recommend.models.model import Task

FREE = RulesConfig(not_again_days=0)
N_SINGLE = 100


def main() -> None:
    """One scenario over its seeds."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("scenario", choices=sorted(SCENARIOS))
    parser.add_argument("--peer", help="a Python with implicit and lightfm")
    parser.add_argument("--seeds", type=int, default=1)
    parser.add_argument("--models", help="names, comma-separated; the recipe's default, if not given")
    options = parser.parse_args()
    runs = [
        one(options.scenario, seed, peer=options.peer, models=options.models) for seed in range(options.seeds)
    ]
    print(json.dumps({"scenario": options.scenario, "runs": runs}, indent=1))


def one(scenario: str, seed: int, *, peer: str | None, models: str | None) -> dict[str, Any]:
    """The figures of one seed."""
    asked = SCENARIOS[scenario](seed)
    config = asked.config if models is None else _with_models(asked.config, models)
    start, cpu = time.perf_counter(), time.process_time()
    model = fit_recommender(
        asked.past, asked.products, asked.customers, now=asked.task.now, config=config,
        rng=np.random.default_rng(seed), progress=lambda line: print(line, file=sys.stderr, flush=True),
    )  # fmt: skip
    result: dict[str, Any] = {
        "seed": seed,
        "fit_s": round(time.perf_counter() - start, 1),
        "fit_cpu_s": round(time.process_time() - cpu, 1),
        "peak_memory_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
        "card": dict(model.card),
    }
    past = encode(asked.past, asked.products["id"])
    sold, rng = counts_of(past), np.random.default_rng(seed)
    found = {"adwright blend": evaluate(model.blend, asked.task, sold=sold, rng=rng, n_customers=len(past))}
    for name, part in model.blend.models.items():
        found[name] = evaluate(part, asked.task, sold=sold, rng=rng, n_customers=len(past))
    for name, ranked in _peers(asked, past, peer, result).items():
        found[name] = judge(ranked, asked.task, sold=sold, rng=rng, n_customers=len(past))
    result["figures"] = {name: dict(evaluation.figures) for name, evaluation in found.items()}
    result["ndcg@10: blend less"] = {
        name: paired_difference(found["adwright blend"].ndcg, evaluation.ndcg, rng)
        for name, evaluation in found.items()
        if name != "adwright blend"
    }
    return result | speed(model, asked)


def speed(model: Recommender, asked: Asked) -> dict[str, float]:
    """Requests a second, one by one with evidence, and customers a second in batch without."""
    shelf = model.shelf(asked.products, now=asked.task.now, rules=FREE)
    histories, now = asked.task.histories, asked.task.now
    n = min(N_SINGLE, len(histories))
    latencies = []
    for row in range(n):
        start = time.perf_counter()
        own = histories.take([row])
        items, _ = model.rank(own, shelf, now=now, n=10, rules=FREE)
        model.because(own, shelf, items, now=now)
        latencies.append(time.perf_counter() - start)
    start = time.perf_counter()
    many = histories.take(np.arange(min(len(histories), 1000)))
    model.rank(many, shelf, now=now, n=10, rules=FREE)
    return {
        "requests_per_s": round(n / sum(latencies), 1),
        "request_p50_ms": round(1000 * float(np.median(latencies)), 2),
        "request_p99_ms": round(1000 * float(np.quantile(latencies, 0.99)), 2),
        "customers_per_s_in_batch": round(len(many) / (time.perf_counter() - start), 1),
    }


def _peers(asked: Asked, past: Any, peer: str | None, result: dict[str, Any]) -> dict[str, np.ndarray]:
    """Name -> (n, 20) what the peers rank; their seconds go into `result`."""
    if asked.products.height > 10_000:
        return {}  # a dense square of all products does not fit
    from adwright.recommend.ranking import rank_task

    train, tune = tune_block(asked.past, asked.products, asked.customers, config=asked.config, now=asked.task.now,
                             rng=np.random.default_rng(0), notes=[])  # fmt: skip
    assert isinstance(tune, Task)
    start = time.perf_counter()
    ease, ridge = tuned_ease(encode(train, asked.products["id"]), tune, past)
    seconds = {f"EASE as published, ridge {ridge:g}": time.perf_counter() - start}
    ranked = {"EASE as published": rank_task(ease, asked.task, 20)}
    if peer:
        for name, (own, own_s) in run_peer(peer, "peer_factors.py", past, asked.task, 20).items():
            seconds[name] = own_s
            if len(own):
                ranked[name] = own
    result["peer_fit_s"] = {name: round(s, 1) for name, s in seconds.items()}
    return ranked


def _with_models(config: Any, models: str) -> Any:
    from dataclasses import replace

    return replace(config, models=tuple(models.split(",")))


if __name__ == "__main__":
    main()
