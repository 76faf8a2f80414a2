"""CatBoost on the tables that `tabular.py` lays down; runs in an environment of its own."""

import sys
from pathlib import Path

import numpy as np
import polars as pl
from catboost import CatBoostClassifier, Pool

folder, seed = Path(sys.argv[1]), int(sys.argv[2])
parts = {name: pl.read_parquet(folder / f"{name}.parquet").to_pandas() for name in ("train", "stop", "test")}
labels = np.load(folder / "labels.npz")
named = [column for column in parts["train"] if parts["train"][column].dtype.kind not in "fiu"]
pools = {name: Pool(parts[name], labels[name], cat_features=named) for name in ("train", "stop")}
model = CatBoostClassifier(
    iterations=1500,
    learning_rate=0.05,
    random_seed=seed,
    thread_count=1,
    early_stopping_rounds=60,
    allow_writing_files=False,
    verbose=False,
)
model.fit(pools["train"], eval_set=pools["stop"])
np.save(folder / "scores.npy", model.predict_proba(parts["test"])[:, 1])
