"""Drift: how fast, and how often it alarms: python benchmarks/drift/run.py

The peer is the plainest there is: a stability index in numpy, quantiles of the reference and two histograms,
with the folklore limit 0.1. It computes that index alone; ours adds Kolmogorov-Smirnov, Jensen-Shannon, tests
and missing values.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

import numpy as np
import polars as pl

sys.path.insert(0, str(Path(__file__).parent))

from scenarios import ALARMS, SPEED, draw

from adwright.monitor import drift


def plain_index(before: pl.DataFrame, now: pl.DataFrame) -> list[float]:
    """The peer."""
    out = []
    for name in before.columns:
        first, last = before[name].to_numpy(), now[name].to_numpy()
        edges = np.quantile(first, np.linspace(0.0, 1.0, 11))
        edges[0], edges[-1] = -np.inf, np.inf
        p, q = (np.maximum(np.histogram(x, edges)[0] / len(x), 1e-6) for x in (first, last))
        out.append(float(np.sum((p - q) * np.log(p / q))))
    return out


def main() -> None:
    """Prints one JSON object a line."""
    before, now = draw(SPEED, seed=0)
    ours, theirs = [], []
    for _ in range(9):
        started = time.perf_counter()
        drift(before, now)
        middle = time.perf_counter()
        plain_index(before, now)
        ours.append(middle - started)
        theirs.append(time.perf_counter() - middle)
    ratio = [o / t for o, t in zip(ours, theirs, strict=True)]
    print(json.dumps({"scenario": SPEED.id, "ours_s": round(float(np.median(ours)), 3),
                      "numpy_index_s": round(float(np.median(theirs)), 3),
                      "ratio": round(float(np.median(ratio)), 2),
                      "ratio_range": [round(min(ratio), 2), round(max(ratio), 2)]}))  # fmt: skip
    for scenario in ALARMS:
        n_tables = 100 if scenario.n_rows <= 1_000 else 10
        found, tables, folklore = [], [], []
        for seed in range(n_tables):
            pair = draw(scenario, seed=1 + seed)
            columns = [c.drifted for c in drift(*pair)]
            found += columns
            tables.append(any(columns))
            folklore += [x > 0.1 for x in plain_index(*pair)]
        share = float(np.mean(found))
        print(json.dumps({"scenario": scenario.id, "columns_alarmed": share,
                          "se": round((share * (1 - share) / len(found)) ** 0.5, 4),
                          "tables_alarmed": float(np.mean(tables)),
                          "index_above_0.1": float(np.mean(folklore))}))  # fmt: skip


if __name__ == "__main__":
    main()
