"""Scoring a table larger than memory: batch by batch into Parquet, in the rows' order.

Into a folder, one part a batch of rows: a run that was interrupted goes on where it stopped, as long as model and
table are the same. Into one file: written beside it and renamed at the end, so that it is never half there.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator
from pathlib import Path

import polars as pl
import pyarrow.parquet as pq  # type: ignore[import-untyped]

from adwright.errors import DataError, StoreError
from adwright.predict.predictor import Predictor
from adwright.predict.stream.batches import ParquetBatches

PART_ROWS = 524_288
_MANIFEST = "scoring.json"


def score_stream(
    predictor: Predictor, path: Path, out: Path, *, progress: Callable[[str], None]
) -> dict[str, int]:
    """Writes the scored table; returns n_rows and n_out_of_domain.

    Args:
        predictor: What scores.
        path: A Parquet file or a folder of them.
        out: A .parquet file, or a folder of parts.
        progress: Takes a line a batch.

    Raises:
        DataError: an absent column, a damaged file, a folder that holds something else.
        StoreError: the disk is full.
    """
    data = ParquetBatches.open(path)
    try:
        if out.suffix.lower() == ".parquet":
            return _into_file(predictor, data, out, progress)
        return _into_folder(predictor, data, out, progress)
    except OSError as error:
        raise StoreError(f"cannot write {out}: {error.strerror or error}", retryable=True) from error


def _into_file(
    predictor: Predictor, data: ParquetBatches, out: Path, progress: Callable[[str], None]
) -> dict[str, int]:
    beside = out.with_name(out.name + ".new")
    writer, n_rows, n_outside = None, 0, 0
    for scored in _scored(predictor, data):
        batch = scored.to_arrow()
        writer = writer or pq.ParquetWriter(beside, batch.schema)
        writer.write_table(batch.cast(writer.schema))
        n_rows += scored.height
        n_outside += int((~scored["in_domain"]).sum())
        progress(f"scored {n_rows} of {data.n_rows} rows")
    if writer is None:
        raise DataError("the table has no rows", argument="data", value=str(data.files[0]))
    writer.close()
    os.replace(beside, out)
    return {"n_rows": n_rows, "n_out_of_domain": n_outside}


def _into_folder(
    predictor: Predictor, data: ParquetBatches, out: Path, progress: Callable[[str], None]
) -> dict[str, int]:
    out.mkdir(parents=True, exist_ok=True)
    size = [file.stat().st_size for file in data.files]
    now = {
        "model": predictor.version,
        "digest": predictor.card["data_digest"],
        "n_rows": data.n_rows,
        "sizes": size,
    }
    manifest = out / _MANIFEST
    if manifest.is_file():
        if json.loads(manifest.read_text(encoding="utf-8")) != now:
            raise DataError(
                "the folder holds the scores of another model or table",
                argument="--out",
                value=str(out),
                hint="Name another folder, or delete it",
            )
    elif any(out.iterdir()):
        raise DataError("the folder is not empty", argument="--out", value=str(out))
    else:
        manifest.write_text(json.dumps(now), encoding="utf-8")
    n_rows = n_outside = 0
    for place, frame in enumerate(data.frames(n_rows=PART_ROWS)):
        part = out / f"part-{place:05d}.parquet"
        if not part.is_file():
            beside = part.with_suffix(".new")
            predictor.score_frame(frame).write_parquet(beside)
            os.replace(beside, part)
        n_rows += frame.height
        n_outside += int((~pl.read_parquet(part, columns=["in_domain"])["in_domain"]).sum())
        progress(f"scored {n_rows} of {data.n_rows} rows")
    return {"n_rows": n_rows, "n_out_of_domain": n_outside}


def _scored(predictor: Predictor, data: ParquetBatches) -> Iterator[pl.DataFrame]:
    for frame in data.frames():
        yield predictor.score_frame(frame)
