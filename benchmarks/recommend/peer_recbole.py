"""RecBole's recommenders on an npz of interactions: PYTHON peer_recbole.py IN OUT

PYTHON has recbole 1.2.1 with numpy 1.26, pandas below 3 and scipy below 1.14. Each model is fitted twice: on nine
tenths of the interactions, to find by NDCG@10 of the last tenth how many rounds it needs, then on all for that many.
A customer whom it never saw gets popularity. Options are RecBole's own defaults, at most 100 rounds.
"""

from __future__ import annotations

import contextlib
import json
import os
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
import numpy as np
import torch
from scipy import sparse

MODELS = ("EASE", "MultiVAE", "LightGCN", "BPR")


def main() -> None:
    """Fits each, ranks for the customers asked about, and prints the seconds to fit as JSON."""
    held = np.load(sys.argv[1])
    table = sparse.csr_matrix((held["data"], held["indices"], held["indptr"]), shape=tuple(held["shape"]))
    asked, k, may_return = held["asked"], int(held["k"]), bool(held["seen_may_return"])
    popular = np.asarray((table > 0).sum(axis=0)).ravel().astype(np.float32)
    found, seconds = {}, {}
    torch.set_num_threads(1)
    # RecBole 1.2.1's LightGCN calls a private method that scipy 1.13 no longer has
    sparse.dok_matrix._update = lambda self, entries: self._dict.update(entries)  # type: ignore[attr-defined]
    for name in MODELS:
        start = time.perf_counter()
        with tempfile.TemporaryDirectory() as folder, contextlib.redirect_stdout(sys.stderr):
            scores = fit(name, table, Path(folder))
        seconds[f"RecBole {name}"] = time.perf_counter() - start
        ranked = np.empty((len(asked), k), dtype=np.int64)
        for place, row in enumerate(asked):
            own = popular.copy() if row < 0 else scores[row].copy()
            if row >= 0 and not may_return:
                own[table.indices[table.indptr[row] : table.indptr[row + 1]]] = -np.inf
            ranked[place] = np.argsort(-own, kind="stable")[:k]
        found[f"RecBole {name}"] = ranked
    np.savez(sys.argv[2], **found)
    print(json.dumps(seconds))


def fit(name: str, table: sparse.csr_matrix, folder: Path) -> np.ndarray:
    """(customers, products) scores."""
    rows, columns = table.nonzero()
    kept = np.random.default_rng(0).random(len(rows)) < 0.9
    best = 1  # EASE is solved, not trained
    if name != "EASE":
        _, _, trainer = train(name, rows, columns, kept, folder / "first", rounds=100)
        best = best_round(trainer)
    model, data, _ = train(name, rows, columns, np.ones_like(kept), folder / "all", rounds=best)
    return score_all(model, data, table.shape)


def best_round(trainer: Any) -> int:
    """How many rounds it took to the best NDCG of the held-out tenth."""
    held = torch.load(trainer.saved_model_file, map_location="cpu", weights_only=False)
    return int(held["epoch"]) + 1


def train(
    name: str, rows: np.ndarray, columns: np.ndarray, kept: np.ndarray, folder: Path, *, rounds: int
) -> tuple[Any, Any, Any]:
    """(model, its data, its trainer); stops by the interactions that are not kept, where there are any."""
    from recbole.config import Config
    from recbole.data import create_dataset, data_preparation
    from recbole.utils import get_model, get_trainer, init_seed

    write(folder / "shop", rows, columns, kept)
    config = Config(model=name, dataset="shop", config_dict={
        "data_path": str(folder), "checkpoint_dir": str(folder / "saved"),
        "benchmark_filename": ["train", "valid", "test"],
        "USER_ID_FIELD": "user", "ITEM_ID_FIELD": "item", "load_col": {"inter": ["user", "item"]}, "epochs": rounds,
        "stopping_step": 5, "eval_step": 2, "valid_metric": "NDCG@10", "metrics": ["NDCG"], "topk": [10],
        "eval_args": {"order": "RO", "group_by": "user", "mode": "full"}, "use_gpu": False, "show_progress": False,
        "state": "ERROR", "seed": 0, "reproducibility": True,
        **({"train_neg_sample_args": None} if name in ("MultiVAE", "EASE") else {}),
    })  # fmt: skip
    init_seed(0, True)
    dataset = create_dataset(config)
    train_data, valid_data, _ = data_preparation(config, dataset)
    model = get_model(name)(config, train_data.dataset)
    trainer = get_trainer(config["MODEL_TYPE"], name)(config, model)
    stops = not kept.all()
    trainer.fit(train_data, valid_data if stops else None, saved=stops, show_progress=False, verbose=False)
    return model, train_data, trainer


def write(folder: Path, rows: np.ndarray, columns: np.ndarray, kept: np.ndarray) -> None:
    """RecBole's atomic files; a part must not be empty, so what stops nothing repeats the first rows."""
    folder.mkdir(parents=True)
    held = ~kept if not kept.all() else np.arange(len(rows)) < 10
    for part, chosen in (("train", kept), ("valid", held), ("test", held)):
        lines = (f"u{row}\ti{column}" for row, column in zip(rows[chosen], columns[chosen], strict=True))
        (folder / f"shop.{part}.inter").write_text("user:token\titem:token\n" + "\n".join(lines) + "\n")


def score_all(model: Any, data: Any, shape: tuple[int, int]) -> np.ndarray:
    """The model's scores in our own numbering; products that it never saw get the lowest."""
    from recbole.data.interaction import Interaction

    users, items = data.dataset.field2token_id["user"], data.dataset.field2token_id["item"]
    places = [(int(name[1:]), place) for name, place in items.items() if name != "[PAD]"]
    own = np.array([column for column, _ in places])
    theirs = np.array([place for _, place in places])
    scores = np.full(shape, -np.inf, dtype=np.float32)
    model.eval()
    with torch.no_grad():
        for name, place in users.items():
            if name == "[PAD]":
                continue
            batch = Interaction({"user": torch.tensor([place])}).to("cpu")
            scores[int(name[1:]), own] = model.full_sort_predict(batch).view(-1).numpy()[theirs]
    return scores


if __name__ == "__main__":
    main()
