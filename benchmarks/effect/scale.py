"""How fitting and scoring grow with the table: rows/s, latency, peak memory, from thousands to ten million rows.

    python benchmarks/effect/scale.py [ROWS ...] [--kinds hashed fusion] [--work DIR] [--out FILE]

Default: 1,000,000 and 10,000,000 rows. Every step is a process of its own, so that its peak memory is its own; its
figures are kept in DIR, and a run that was stopped goes on with the first step that has none. Then results/scale.json
(or FILE) and a picture beside it (.svg) are written. One thread a process.

Steps of a size: `data` writes the table; `fit KIND` learns in batches; `score KIND` writes every row's scores;
`latency KIND` scores 2,000 rows one by one. `torch` trains a plain DeepFM on ready-made numbers in memory, the
fastest thing that can be done with these columns in torch, for the ratio.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pyarrow.parquet as pq
from growth_plot import growth_svg

HERE = Path(__file__).parent
CHUNK = 200_000
SIZES = (1_000_000, 10_000_000)
KINDS = ("hashed", "fusion")
TORCH_ROWS = 200_000
CATEGORIES = {"item": 20_000, "brand": 800, "kind": 40, "region": 60, "device": 5, "hour": 24, "channel": 8}
COLUMNS = {"categorical": ["user", *CATEGORIES], "numeric": ["price", "age"]}


def recipe_of(kind: str) -> dict[str, Any]:
    """Ten features, one label a row, in order of time."""
    return {
        "columns": {**COLUMNS, "time": "day", "time_format": "ordinal"},
        "targets": {"click": {"label": "click"}},
        "model": {"kind": [kind], "fusion": {"n_members": 2, "n_epochs": 3, "learning_rate": 4e-3}},
    }


def chunk_of(n_rows: int, first: int, size: int) -> pl.DataFrame:
    """Consecutive rows; a user has twenty of them on average, effects add up on the log-odds."""
    rng, fixed = np.random.default_rng((n_rows, first)), np.random.default_rng(1)
    n_users = max(n_rows // 20, 100)
    codes = {"user": rng.integers(0, n_users, size)}
    logit = 0.6 * np.sin(codes["user"] * 12.9898)  # as good as drawn, and needs no table
    for name, n_values in CATEGORIES.items():
        codes[name] = np.minimum((n_values * rng.random(size) ** 2).astype(np.int64), n_values - 1)
        logit = logit + 0.4 * fixed.standard_normal(n_values)[codes[name]]
    price, age = rng.lognormal(3, 0.6, size), rng.integers(18, 80, size)
    logit = logit - 3.0 - 0.3 * np.log(price / 20)
    click = rng.random(size) < 1 / (1 + np.exp(-logit))
    frame = pl.DataFrame(codes).select(
        pl.concat_str([pl.lit(name[0]), pl.col(name).cast(pl.String)]).alias(name) for name in codes
    )
    day = np.sort(rng.random(size)) * size / n_rows * 90 + first / n_rows * 90
    return frame.with_columns(price=price, age=age, day=day, click=click.astype(np.int8))


def step_data(work: Path, n_rows: int) -> dict[str, Any]:
    """Writes the table."""
    beside, writer = work / "data.new", None
    for first in range(0, n_rows, CHUNK):
        batch = chunk_of(n_rows, first, min(CHUNK, n_rows - first)).to_arrow()
        writer = writer or pq.ParquetWriter(beside, batch.schema)
        writer.write_table(batch)
    writer.close()
    os.replace(beside, work / "data.parquet")
    return {"bytes": (work / "data.parquet").stat().st_size}


def step_fit(work: Path, n_rows: int, kind: str) -> dict[str, Any]:
    """Learns in batches; the pass over all training rows is timed by itself."""
    from adwright.predict import PredictRecipe
    from adwright.predict.stream.fit import fit_stream
    from adwright.stats.ranking import auc

    marks: list[tuple[float, str]] = []

    def progress(line: str) -> None:
        marks.append((time.perf_counter(), line))
        print(f"  {line}", file=sys.stderr, flush=True)

    started = time.perf_counter()
    recipe = PredictRecipe.of(recipe_of(kind))
    predictor = fit_stream(work / "data.parquet", recipe, progress=progress)
    seconds = time.perf_counter() - started
    peak = peak_mb()
    predictor.save(work / f"model-{kind}")
    learning = pass_seconds(kind, marks)
    n_train = predictor.card["n_rows"]["train"]
    late = pl.scan_parquet(work / "data.parquet").tail(50_000).collect()
    ranked = auc(predictor.score(late).click.mean, late["click"].to_numpy().astype(float))[0]
    return {
        "seconds": seconds,
        "rows_per_s": n_rows / seconds,
        "training_rows_per_s_of_one_pass": n_train / learning if learning else None,
        "peak_mb": peak,
        "auc_of_the_last_50000_rows": float(ranked),
        "collision_rate": predictor.card["metrics"]["click"]["hash_collision_rate"],
        "n_rows": predictor.card["n_rows"],
    }


def pass_seconds(kind: str, marks: list[tuple[float, str]]) -> float | None:
    """Of one model's pass over all training rows, read from the progress lines."""
    if kind == "hashed":
        begin = [t for t, line in marks if "passes" in line]
        end = [t for t, line in marks if line.startswith("hashed: pass 1")]
        return end[-1] - begin[-1] if begin and end else None
    networks = [t for t, line in marks if line.startswith("fusion: network")]
    epochs = [t for t, line in marks if line.startswith("fusion: epoch 1") and "loss" not in line]
    return epochs[0] - networks[0] if networks and epochs else None


def step_score(work: Path, n_rows: int, kind: str) -> dict[str, Any]:
    """Scores every row into Parquet."""
    from adwright.predict import Predictor
    from adwright.predict.stream.score import score_stream

    predictor = Predictor.load(work / f"model-{kind}")
    started = time.perf_counter()
    out = work / "scored.parquet"
    score_stream(predictor, work / "data.parquet", out, progress=lambda _: None)
    seconds = time.perf_counter() - started
    frame = pl.read_parquet(work / "data.parquet", n_rows=50_000)
    begun = time.perf_counter()
    predictor.score(frame)
    in_memory = frame.height / (time.perf_counter() - begun)
    out.unlink()
    return {
        "seconds": seconds,
        "pairs_per_s_file_to_file": n_rows / seconds,
        "pairs_per_s_in_memory": in_memory,
        "peak_mb": peak_mb(),
    }


def step_latency(work: Path, n_rows: int, kind: str, n_calls: int = 2000) -> dict[str, Any]:
    """Single rows, each another one."""
    del n_rows
    from adwright.predict import Predictor

    predictor = Predictor.load(work / f"model-{kind}")
    frame = pl.read_parquet(work / "data.parquet", n_rows=n_calls + 50)
    taken = []
    for row in range(frame.height):
        one = frame[row]
        begun = time.perf_counter()
        predictor.score(one)
        taken.append((time.perf_counter() - begun) * 1e3)
    p50, p99 = np.quantile(taken[50:], [0.5, 0.99])
    return {"p50_ms": float(p50), "p99_ms": float(p99), "n_calls": len(taken) - 50}


def step_torch(work: Path, n_rows: int) -> dict[str, Any]:
    """A plain DeepFM, one epoch, from integer codes in memory."""
    import torch
    from peer_deepfm import DeepFM, one_pass

    torch.manual_seed(0)
    frame = pl.read_parquet(work / "data.parquet", n_rows=TORCH_ROWS)
    names = COLUMNS["categorical"]
    codes = np.stack([frame[name].cast(pl.Categorical).to_physical().to_numpy() for name in names], axis=1)
    offset = np.cumsum([0, *(int(codes[:, j].max()) + 1 for j in range(len(names)))])
    x = torch.from_numpy((codes + offset[:-1]).astype(np.int64))
    y = torch.from_numpy(frame["click"].to_numpy().astype(np.float32))
    model = DeepFM(int(offset[-1]), len(names), (64, 32))
    optimiser = torch.optim.Adam(model.parameters(), lr=1e-3)
    started = time.perf_counter()
    one_pass(model, optimiser, x, y)
    return {"training_rows_per_s": len(y) / (time.perf_counter() - started), "n_rows": len(y)}


def peak_mb() -> float:
    """The process's peak resident memory."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


STEPS: dict[str, Callable[..., dict[str, Any]]] = {
    "data": step_data,
    "fit": step_fit,
    "score": step_score,
    "latency": step_latency,
    "torch": step_torch,
}


def run_step(work: Path, n_rows: int, name: str, kind: str | None) -> dict[str, Any]:
    """The step's figures: those kept, else measured in a process of its own."""
    folder = work / str(n_rows)
    folder.mkdir(parents=True, exist_ok=True)
    kept = folder / f"{name}{'' if kind is None else '-' + kind}.json"
    if not kept.is_file():
        print(f"{n_rows} rows: {name} {kind or ''}", file=sys.stderr, flush=True)
        one = {**os.environ, "OMP_NUM_THREADS": "1", "POLARS_MAX_THREADS": "1", "MKL_NUM_THREADS": "1"}
        command = [sys.executable, __file__, "--step", name, str(n_rows), str(kept), kind or ""]
        subprocess.run(command, check=True, env=one)
    found: dict[str, Any] = json.loads(kept.read_text(encoding="utf-8"))
    return found


def one_step(name: str, n_rows: int, kept: Path, kind: str) -> None:
    """Measures a step in this process and keeps its figures."""
    found = STEPS[name](kept.parent, n_rows, *([kind] if kind else []))
    found["cpu_s_of_the_step"] = time.process_time()
    beside = kept.with_suffix(".new")
    beside.write_text(json.dumps(found), encoding="utf-8")
    os.replace(beside, kept)


def main() -> None:
    """Runs what is missing and writes the results."""
    if sys.argv[1:2] == ["--step"]:
        name, n_rows, kept, kind = sys.argv[2:6]
        one_step(name, int(n_rows), Path(kept), kind)
        return
    from run import machine

    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("rows", type=int, nargs="*", default=list(SIZES))
    parser.add_argument("--kinds", nargs="+", default=list(KINDS))
    parser.add_argument("--work", type=Path, default=Path(tempfile.gettempdir()) / "adwright-scale")
    parser.add_argument("--out", type=Path, default=HERE / "results" / "scale.json")
    wanted = parser.parse_args()
    found: dict[str, Any] = {"machine": machine(), "sizes": {}}
    for n_rows in sorted(wanted.rows):
        size: dict[str, Any] = {"data": run_step(wanted.work, n_rows, "data", None)}
        size["torch"] = run_step(wanted.work, n_rows, "torch", None)
        for kind in wanted.kinds:
            for name in ("fit", "score", "latency"):
                size.setdefault(kind, {})[name] = run_step(wanted.work, n_rows, name, kind)
        found["sizes"][str(n_rows)] = size
        wanted.out.write_text(json.dumps(found, indent=1), encoding="utf-8")
        wanted.out.with_suffix(".svg").write_text(growth_svg(found, wanted.kinds), encoding="utf-8")
    print(json.dumps(found, indent=1))


if __name__ == "__main__":
    main()
