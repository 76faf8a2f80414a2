"""implicit's ALS and LightFM's WARP on an npz of interactions: PYTHON peer_factors.py IN OUT

Options as found good on ML-100k by their users: 64 factors, 30 rounds.
"""

from __future__ import annotations

import json
import os
import sys
import time

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
import numpy as np
from scipy import sparse


def main() -> None:
    """Fits each, ranks for the customers asked about, and prints the seconds to fit as JSON."""
    held = np.load(sys.argv[1])
    shape = tuple(held["shape"])
    table = sparse.csr_matrix((held["data"], held["indices"], held["indptr"]), shape=shape)
    table.data = np.ones_like(table.data, dtype=np.float32)
    asked, k, may_return = held["asked"], int(held["k"]), bool(held["seen_may_return"])
    popular = np.asarray(table.sum(axis=0)).ravel().astype(np.float32)
    found, seconds = {}, {}
    for name, fit in (("implicit ALS", als), ("LightFM WARP", warp)):
        start = time.perf_counter()
        user, item = fit(table)
        seconds[name] = time.perf_counter() - start
        ranked = np.empty((len(asked), k), dtype=np.int64)
        for place, row in enumerate(asked):
            scores = popular.copy() if row < 0 else item @ user[row]  # a customer it never saw: popularity
            if row >= 0 and not may_return:
                scores[table.indices[table.indptr[row] : table.indptr[row + 1]]] = -np.inf
            ranked[place] = np.argsort(-scores, kind="stable")[:k]
        found[name] = ranked
    np.savez(sys.argv[2], **found)
    print(json.dumps(seconds))


def als(table: sparse.csr_matrix) -> tuple[np.ndarray, np.ndarray]:
    """(users, items) factors of alternating least squares."""
    from implicit.als import AlternatingLeastSquares

    model = AlternatingLeastSquares(
        factors=64, regularization=0.05, alpha=5.0, iterations=15, random_state=0, num_threads=1
    )
    model.fit(table, show_progress=False)
    return np.asarray(model.user_factors), np.asarray(model.item_factors)


def warp(table: sparse.csr_matrix) -> tuple[np.ndarray, np.ndarray]:
    """(users, items) factors with the items' biases as a last column."""
    from lightfm import LightFM

    model = LightFM(no_components=64, loss="warp", learning_rate=0.03, item_alpha=1e-6, random_state=0)
    model.fit(table.tocoo(), epochs=30, num_threads=1)
    bias, item = model.get_item_representations()
    _, user = model.get_user_representations()
    return np.c_[user, np.ones(len(user))], np.c_[item, bias]


if __name__ == "__main__":
    main()
