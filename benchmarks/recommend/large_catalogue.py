"""A million products, without choosing weights: python benchmarks/recommend/large_catalogue.py

Seconds of the processor for the fit, milliseconds for a request with its evidence, and the peak of memory, as JSON.
"""

from __future__ import annotations

import json
import resource
import time

import numpy as np
import polars as pl
from scenarios import million_products

from adwright.recommend import EaseConfig, RecommendConfig, fit_recommender
from adwright.recommend.histories import encode

N_REQUESTS = 20


def main() -> None:
    """One fit and twenty requests, one by one."""
    asked = million_products()
    now = asked.task.now
    config = RecommendConfig(
        tune_share=1e-5,  # too few to choose weights: even ones
        ease=EaseConfig(l2=(250.0,), together=(1.0,), tags=(0.0,), max_items=2_000),
    )
    start, cpu = time.perf_counter(), time.process_time()
    model = fit_recommender(asked.past, asked.products, now=now, config=config)
    found = {"fit_s": time.perf_counter() - start, "fit_cpu_s": time.process_time() - cpu}
    shelf = model.shelf(asked.products, now=now)
    ids = asked.past["customer_id"].unique().sort().head(N_REQUESTS).to_list()
    histories = encode(asked.past, pl.Series(model.product_ids), customer_ids=ids)
    start, cpu = time.perf_counter(), time.process_time()
    for row in np.arange(N_REQUESTS):
        one = histories.take([row])
        items, _ = model.rank(one, shelf, now=now, n=10)
        model.because(one, shelf, items, now=now)
    found["request_ms"] = 1000 * (time.perf_counter() - start) / N_REQUESTS
    found["request_cpu_ms"] = 1000 * (time.process_time() - cpu) / N_REQUESTS
    found["peak_memory_mb"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({name: round(value, 1) for name, value in found.items()}))


if __name__ == "__main__":
    main()
