"""Fitting and judging on a table larger than memory.

A sample of bounded size teaches all that has to be seen at once (scales, what is strange, how much evidence counts,
tune, calibrate); the weights are learned from every training row, batch by batch, by the models that can ("hashed",
"fusion"). The others are learned from the sample, and the model's warnings say at which rate.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from adwright.errors import DataError
from adwright.predict.predictor import Predictor
from adwright.predict.recipe import PredictRecipe
from adwright.predict.stream.batches import ParquetBatches
from adwright.predict.stream.blocks import BlockRule
from adwright.predict.stream.train import SAMPLE_ROWS, TrainStream, draw_sample
from adwright.predict.table import Table

TEST_ROWS = 50_000
"""Rows that are judged, drawn at random: the error of a figure from so many is below what a bootstrap tells."""

Progress = Callable[[str], None]


def fit_stream(
    path: Path,
    recipe: PredictRecipe,
    *,
    seed: int | None = None,
    source: Predictor | None = None,
    progress: Progress,
    sample_rows: dict[str, int] | None = None,
) -> Predictor:
    """A predictor learned from a Parquet file, or a folder of them, in memory that does not grow with it.

    Args:
        path: The table.
        recipe: What its columns mean and what to learn.
        seed: Of the split, the sample and the bootstrap; the recipe's, if None.
        source: A model trained elsewhere to start from, as for `Predictor.fit`.
        progress: Takes a line a step.
        sample_rows: By block, rows held in memory; `SAMPLE_ROWS`, if None.

    Raises:
        DataError: an absent or unreadable column, a damaged file, too few rows with outcomes.
    """
    seed = recipe.seed if seed is None else seed
    data = ParquetBatches.open(path)
    if not data.n_rows:
        raise DataError("the table has no rows", argument="data", value=str(path))
    progress(f"blocks of {data.n_rows} rows")
    rule = BlockRule.learn(data, recipe, seed)
    sample = draw_sample(data, rule, rows=sample_rows or SAMPLE_ROWS, seed=seed, progress=progress)
    held = {name: int((sample.blocks == name).sum()) for name in sample.n_rows}
    stream = None
    if held["train"] < sample.n_rows["train"]:
        stream = TrainStream(data, rule, sample.n_rows["train"], sample.n_values)
    table = Table.of(sample.frame, recipe)
    predictor = Predictor.fit_blocks(
        table, sample.blocks, seed=seed, source=source, progress=progress, stream=stream
    )
    card = {
        **predictor.card,
        "n_rows": sample.n_rows,
        "data_digest": _digest(data),
        "streamed": {"n_rows_in_memory": held, "n_values": sample.n_values},
    }
    return Predictor(recipe, predictor.parts, card)


def evaluate_stream(
    predictor: Predictor, path: Path, *, by: Sequence[str] | None = None, progress: Progress
) -> dict[str, Any]:
    """How good the predictions are: on a sample of the test block of the table fitted on, or of another table.

    Args:
        predictor: That was fitted.
        path: A Parquet file or a folder of them.
        by: As for `Predictor.evaluate`.
        progress: Takes a line a step.

    Raises:
        DataError: a table that may be the one fitted on in memory, an absent column, a damaged file.
    """
    data, recipe = ParquetBatches.open(path), predictor.recipe
    same = _digest(data) == predictor.card["data_digest"]
    if "streamed" not in predictor.card and data.n_rows == sum(predictor.card["n_rows"].values()):
        raise DataError(
            "the model was fitted in memory on a table of as many rows: whether it is this one cannot be told",
            argument="data",
            value=str(path),
            hint="Judge it in memory, too: adwright predict evaluate --in-memory",
        )
    seed = int(predictor.card["seed"])
    rule = BlockRule.learn(data, recipe, seed)
    blocks = ["test"] if same else list(SAMPLE_ROWS)
    rows = {name: TEST_ROWS // len(blocks) if name in blocks else 0 for name in SAMPLE_ROWS}
    sample = draw_sample(data, rule, rows=rows, seed=seed, progress=progress, more=by or ())
    card = {key: held for key, held in predictor.card.items() if key != "streamed"}
    found = replace(predictor, card=card).evaluate(sample.frame, by=by)
    total = sum(sample.n_rows[name] for name in blocks)
    where = "test block of the fitted table" if same else "another table"
    split = f"{sample.frame.height} of {total} rows of the {where}, drawn at random"
    return found | {"split": split, "kept_back": same}


def _digest(data: ParquetBatches) -> str:
    """A digest of the files' bytes."""
    state = hashlib.blake2b(digest_size=16)
    for file in data.files:
        with file.open("rb") as held:
            while block := held.read(1 << 20):
                state.update(block)
    return state.hexdigest()
