"""Peers that score everything we ask them for: the published EASE, and what runs in an environment of its own."""

from __future__ import annotations

import json
import os
import subprocess
import tempfile
import time
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import numpy as np
from scipy import sparse

from adwright.recommend.histories import Histories
from adwright.recommend.models.model import F32, Task
from adwright.recommend.ranking import mean_ndcg

RIDGES = (100.0, 250.0, 500.0, 1000.0)


@dataclass
class PublishedEase:
    """EASE in the three lines of Steck 2019, binary, nothing faded."""

    weights: np.ndarray

    def score(self, histories: Histories, now: datetime) -> F32:
        """(n, n_items)."""
        x = histories.matrix()
        x.data[:] = 1.0
        return np.asarray(x @ self.weights, dtype=np.float32)


def published_ease(past: Histories, ridge: float) -> PublishedEase:
    """Steck 2019, algorithm 1."""
    x = past.matrix()
    x.data[:] = 1.0
    gram = (x.T @ x).toarray()
    gram[np.diag_indices_from(gram)] += ridge
    inverse = np.linalg.inv(gram)
    weights = inverse / -np.diag(inverse)
    np.fill_diagonal(weights, 0.0)
    return PublishedEase(weights)


def tuned_ease(train: Histories, tune: Task, past: Histories) -> tuple[PublishedEase, float]:
    """EASE with the ridge that is best on tune, learned from everything before the test; and the ridge."""
    best = max(RIDGES, key=lambda ridge: mean_ndcg(published_ease(train, ridge), tune, k=10))
    return published_ease(past, best), best


def run_peer(
    python: str, script: str, past: Histories, task: Task, k: int
) -> dict[str, tuple[np.ndarray, float]]:
    """Name -> ((n, k) what the peer ranks for the task's customers, seconds to fit); by a script of this folder."""
    with tempfile.TemporaryDirectory() as folder:
        source, out = Path(folder, "in.npz"), Path(folder, "out.npz")
        rows = {name: row for row, name in enumerate(past.customer_ids)}
        asked = np.array([rows.get(name, -1) for name in task.histories.customer_ids])
        table = sparse.csr_matrix(past.matrix())
        np.savez(source, data=table.data, indices=table.indices, indptr=table.indptr, shape=table.shape, asked=asked,
                 seen_may_return=task.seen_may_return, k=k)  # fmt: skip
        environment = {key: value for key, value in os.environ.items() if key != "PYTHONPATH"}
        start = time.perf_counter()
        done = subprocess.run(
            [python, str(Path(__file__).parent / script), str(source), str(out)],
            env=environment, capture_output=True, text=True, check=False,
        )  # fmt: skip
        if done.returncode:
            return {
                f"{script} failed: {done.stderr.strip().splitlines()[-1][:200]}": (np.zeros((0, k), int), 0.0)
            }
        seconds = json.loads(done.stdout.strip().splitlines()[-1])
        assert time.perf_counter() > start
        with np.load(out) as found:
            return {name: (found[name], seconds[name]) for name in found.files}
