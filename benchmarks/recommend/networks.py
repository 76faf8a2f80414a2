"""Every recommender by itself, and their blends without and with the networks:

python benchmarks/recommend/networks.py SCENARIO [--models a,b,...] [--seed N]

`run.py` measures what the blend keeps; here those that lose are in the table, too, and what each costs. Every
model is fitted before the tune block, which stops its learning, fitted again on all of the past, and asked about the
test block once. One JSON object on standard output, progress on standard error.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

sys.path.insert(0, str(Path(__file__).parent))

from scenarios import SCENARIOS, Asked

from adwright.recommend import RecommendConfig
from adwright.recommend.blend import Blend, choose_weights
from adwright.recommend.evaluation import Evaluation, counts_of, evaluate, paired_difference
from adwright.recommend.fitting import tune_block
from adwright.recommend.histories import encode
from adwright.recommend.models.model import FitData, FittedRecommender, Task
from adwright.recommend.models.registry import recommender_named
from adwright.recommend.network_config import SasrecConfig, SemanticConfig, TwoTowerConfig
from adwright.recommend.ranking import rank_task

NETWORKS = ("two_tower", "sasrec", "semantic")
MODELS = ("popularity", "repeat", "item_knn", "ease", *NETWORKS)
SMALL: dict[str, Any] = {
    "sasrec": SasrecConfig(n_epochs=3, patience=2),
    "two_tower": TwoTowerConfig(n_epochs=4, patience=2),
    "semantic": SemanticConfig(n_steps=60, judge_every=30, batch=16, max_history=6, n_beams=12),
}
"""Budgets of a minute or two of one core; with more epochs sasrec still gains (docs/experiments.md)."""


def main() -> None:
    """One scenario."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("scenario", choices=sorted(SCENARIOS))
    parser.add_argument("--models", default=",".join(MODELS))
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    asked = SCENARIOS[options.scenario](options.seed)
    found = measure(asked, options.models.split(","), options.seed)
    print(json.dumps({"scenario": options.scenario, "seed": options.seed, **found}, indent=1))


def measure(asked: Asked, names: list[str], seed: int) -> dict[str, Any]:
    """The figures of each model and of the blends."""
    config = replace(asked.config, **SMALL)
    notes: list[str] = []
    before, tune = tune_block(
        asked.past, asked.products, asked.customers, config=config, now=asked.task.now,
        rng=np.random.default_rng(seed), notes=notes,
    )  # fmt: skip
    assert isinstance(tune, Task), notes
    whole = _data(asked, asked.past, config, seed)
    first = replace(_data(asked, before, config, seed), now=tune.now, tune=tune)
    sold, rng = counts_of(whole.histories), np.random.default_rng(seed)
    tried: dict[str, FittedRecommender] = {}
    models: dict[str, FittedRecommender] = {}
    judged: dict[str, Evaluation] = {}
    cost: dict[str, Any] = {}
    for name in names:
        kind, start = recommender_named(name), time.process_time()
        tried[name] = kind.fit(replace(first, rng=np.random.default_rng(seed)))
        middle = time.process_time()
        models[name] = kind.refit(tried[name], replace(whole, rng=np.random.default_rng(seed)))
        fitted = time.process_time()
        judged[name] = evaluate(
            models[name], asked.task, sold=sold, rng=rng, n_customers=len(whole.histories)
        )
        cost[name] = {
            "fit_cpu_s": round(middle - start, 1),
            "refit_cpu_s": round(fitted - middle, 1),
            "customers_per_cpu_s": round(_speed(models[name], asked.task), 1),
            "summary": models[name].summary(),
        }
        _tell(f"{name}: {judged[name].figures['ndcg@10']} {cost[name]}")
    blends = {}
    for title, own in (
        ("blend without networks", set(names) - set(NETWORKS)),
        ("blend with networks", set(names)),
    ):
        weights, on_tune = choose_weights({n: tried[n] for n in names if n in own}, tune, progress=_tell)
        blend = Blend(models, weights)
        judged[title] = evaluate(blend, asked.task, sold=sold, rng=rng, n_customers=len(whole.histories))
        blends[title] = {"weights": weights, "ndcg@10 on tune": on_tune}
        _tell(f"{title}: {judged[title].figures['ndcg@10']} {weights}")
    return {
        "cost": cost,
        "blends": blends,
        "figures": {name: dict(own.figures) for name, own in judged.items()},
        "ndcg@10 less ease": _less(judged, "ease", rng),
        "ndcg@10 less the blend without networks": _less(judged, "blend without networks", rng),
    }


def _data(asked: Asked, past: Any, config: RecommendConfig, seed: int) -> FitData:
    return FitData(
        histories=encode(past, asked.products["id"], customers=asked.customers),
        products=asked.products,
        now=asked.task.now,
        config=config,
        rng=np.random.default_rng(seed),
        progress=_tell,
    )


def _less(judged: dict[str, Evaluation], base: str, rng: np.random.Generator) -> dict[str, Any]:
    if base not in judged:
        return {}
    return {n: paired_difference(e.ndcg, judged[base].ndcg, rng) for n, e in judged.items() if n != base}


def _speed(model: FittedRecommender, task: Task) -> float:
    some = task.histories.take(np.arange(min(len(task.histories), 200)))
    part = Task(histories=some, targets=task.targets[: len(some)], now=task.now)
    start = time.process_time()
    rank_task(model, part, 10)
    return len(some) / max(time.process_time() - start, 1e-9)


def _tell(line: str) -> None:
    print(f"{time.process_time():.0f} s: {line}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
