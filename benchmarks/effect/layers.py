"""Above which layer of a frozen MiniLM should a head read? Three rolling splits of Upworthy, before its last 15 %.

    python benchmarks/effect/layers.py

Each split learns from all weeks before it and is judged on whole later tests, at a few ridges. Pairs are pooled
over the splits. `nats` is by how much the scores, at their best slope, explain the judged tests' contrasts, a test.
The product chooses layer and ridge by folds of the training groups; here every choice is shown.
"""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
from peers import pairs_of
from robustness import Slices, slices
from run import machine

from adwright.predict.encoder_config import EncoderConfig
from adwright.predict.models.encoder_training import judged_loss
from adwright.predict.models.frozen import FrozenTexts
from adwright.predict.models.frozen_head import Cells, solve_head

SPLITS = ((0.40, 0.55), (0.55, 0.70), (0.70, 0.85))
RIDGES = (1000.0, 10_000.0, 30_000.0, 100_000.0)
CUTS = (0.0, 1.96, 3.0)
RESULTS = Path(__file__).parent / "results" / "layers.json"


def rows_between(data: Slices, low: float, high: float) -> np.ndarray:
    """Rows of the tests that begin after `low` and up to `high` of the rows, in order of time."""
    group, times = data.table.group, data.table.times
    assert group is not None
    assert times is not None
    begins = times.to_numpy()
    tests = np.argsort([begins[group == g].min() for g in range(group.max() + 1)], kind="stable")
    until = np.cumsum(np.bincount(group)[tests]) / len(group)
    return np.flatnonzero(np.isin(group, tests[(until > low) & (until <= high)]))


def main() -> None:
    """Reads every headline once, and writes a row a layer and ridge."""
    data = slices()
    reader = FrozenTexts(EncoderConfig(tuning="frozen", n_threads=1))
    read = sorted({int(i) for i in data.index[rows_between(data, 0.0, SPLITS[-1][1])]})
    blocks = {}
    for low, high in SPLITS:
        learned = data.contrasts(rows_between(data, 0.0, low))
        judged_rows = rows_between(data, low, high)
        blocks[low] = (learned, data.contrasts(judged_rows), judged_rows)
    found = []
    for layer in reader.layers:
        x = np.zeros((len(data.texts), reader.scorer.width))
        x[read] = reader.features([data.texts[i] for i in read], layer)
        right = {ridge: np.zeros((len(CUTS), 2)) for ridge in RIDGES}
        nats: dict[float, list[float]] = {ridge: [] for ridge in RIDGES}
        for learned, judged, rows in blocks.values():
            equations = Cells.of(x, learned).equations()
            for ridge in RIDGES:
                score = x @ solve_head(equations, ridge)
                pairs = pairs_of(data.table, rows, score[data.index])
                for place, cut in enumerate(CUTS):
                    held = np.abs(pairs.z) > cut
                    right[ridge][place] += (pairs.correct[held].sum(), held.sum())
                nats[ridge].append(judged_loss(np.zeros(len(score)), judged) - judged_loss(score, judged))
        for ridge in RIDGES:
            share = right[ridge][:, 0] / right[ridge][:, 1]
            found.append({"layer": layer, "ridge": ridge, "pairs": share.tolist(), "nats": nats[ridge]})
            print(layer, ridge, share.round(4), np.round(nats[ridge], 4), flush=True)
    figures = {"machine": machine(), "n_pairs": right[RIDGES[0]][:, 1].tolist(), "rows": found}
    RESULTS.write_text(json.dumps(figures, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
