"""Recommenders against their peers.

    python benchmarks/recommend/run.py SCENARIO [--peer PYTHON] [--recbole PYTHON] [--seeds N]

Scenarios are in scenarios.py. `--peer` is a Python with implicit and lightfm, `--recbole` one with RecBole. One JSON
object on standard output, progress on standard error.
"""

from __future__ import annotations

import argparse
import json
import resource
import sys
import time
from collections.abc import Mapping
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
    parser.add_argument("--recbole", help="a Python with RecBole; each seed then takes some ten minutes")
    parser.add_argument("--seeds", type=int, default=1)
    parser.add_argument("--models", help="names, comma-separated; the recipe's default, if not given")
    options = parser.parse_args()
    less: dict[str, dict[str, list[float]]] = {}
    peers = {"peer_factors.py": options.peer, "peer_recbole.py": options.recbole}
    runs = [
        one(options.scenario, seed, peers=peers, models=options.models, less=less)
        for seed in range(options.seeds)
    ]
    result = {"scenario": options.scenario, "ndcg@10: blend less, over seeds": pooled(less), "runs": runs}
    print(json.dumps(result, indent=1))


def pooled(less: dict[str, dict[str, list[float]]]) -> dict[str, Any]:
    """The paired differences over all seeds: each customer's mean over theirs, the interval over customers."""
    rng = np.random.default_rng(0)
    found = {}
    for name, of in less.items():
        own = np.array([np.nanmean(values) for values in of.values() if not np.isnan(values).all()])
        found[name] = paired_difference(own, np.zeros(len(own)), rng)
    return found


def one(
    scenario: str,
    seed: int,
    *,
    peers: Mapping[str, str | None],
    models: str | None,
    less: dict[str, dict[str, list[float]]],
) -> dict[str, Any]:
    """The figures of one seed; each customer's difference to each peer is added to `less`."""
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
    for name, ranked in _peers(asked, past, peers, result).items():
        found[name] = judge(ranked, asked.task, sold=sold, rng=rng, n_customers=len(past))
    result["figures"] = {name: dict(evaluation.figures) for name, evaluation in found.items()}
    result["ndcg@10: blend less"] = {
        name: paired_difference(found["adwright blend"].ndcg, evaluation.ndcg, rng)
        for name, evaluation in found.items()
        if name != "adwright blend"
    }
    for name, evaluation in found.items():
        if name != "adwright blend":
            of = less.setdefault(name, {})
            lost = found["adwright blend"].ndcg - evaluation.ndcg
            for customer, value in zip(asked.task.histories.customer_ids, lost, strict=True):
                of.setdefault(customer, []).append(float(value))
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


def _peers(
    asked: Asked, past: Any, peers: Mapping[str, str | None], result: dict[str, Any]
) -> dict[str, np.ndarray]:
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
    for script, python in peers.items():
        if python is None:
            continue
        for name, (own, own_s) in run_peer(python, script, past, asked.task, 20).items():
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
