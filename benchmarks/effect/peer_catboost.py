"""CatBoost on the tables that `tabular.py` and `coverage.py` lay down; runs in an environment of its own.

Labels are classes; with `weights.npz` beside them they are relative rates, and the loss is Poisson's.
"""

import sys
from pathlib import Path

import numpy as np
import pandas as pd
import polars as pl
from catboost import CatBoostClassifier, CatBoostRegressor, Pool


def read(path: Path) -> pd.DataFrame:
    """The table, column by column: that needs no pyarrow."""
    table = pl.read_parquet(path)
    return pd.DataFrame({column.name: column.to_list() for column in table})


folder, seed = Path(sys.argv[1]), int(sys.argv[2])
parts = {name: read(folder / f"{name}.parquet") for name in ("train", "stop", "test")}
labels = np.load(folder / "labels.npz")
counts = (folder / "weights.npz").is_file()
weights = np.load(folder / "weights.npz") if counts else dict.fromkeys(parts)
named = [column for column in parts["train"] if parts["train"][column].dtype.kind not in "fiu"]
pools = {
    name: Pool(parts[name], labels[name], cat_features=named, weight=weights[name])
    for name in ("train", "stop")
}
settings = {
    "iterations": 1500,
    "learning_rate": 0.05,
    "random_seed": seed,
    "thread_count": 1,
    "early_stopping_rounds": 60,
    "allow_writing_files": False,
    "verbose": False,
}
if counts:
    model = CatBoostRegressor(loss_function="Poisson", **settings)
    model.fit(pools["train"], eval_set=pools["stop"])
    found = np.exp(model.predict(parts["test"], prediction_type="RawFormulaVal"))
else:
    model = CatBoostClassifier(**settings)
    model.fit(pools["train"], eval_set=pools["stop"])
    found = model.predict_proba(parts["test"])[:, 1]
np.save(folder / "scores.npy", found)
