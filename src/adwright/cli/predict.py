"""`adwright predict fit|evaluate|score`: the effect model on any table that a recipe describes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Annotated, Any

import polars as pl
import typer

from adwright.cli.decide_page import LanguageOption, PageOption, messages_of
from adwright.cli.output import JsonOption, WorkspaceOption, emit, progress
from adwright.cli.predict_page import write_evaluation
from adwright.config import to_mapping
from adwright.errors import ConfigError, StoreError, UsageError
from adwright.learn.tuning import TuneConfig
from adwright.predict import Predictor, PredictRecipe, read_frame
from adwright.predict.stream.batches import streams
from adwright.predict.stream.fit import evaluate_stream, fit_stream
from adwright.predict.stream.score import score_stream
from adwright.workspace import RECIPE, Workspace

app = typer.Typer(add_completion=False, no_args_is_help=True)

DataOption = Annotated[
    Path, typer.Option("--data", help="Table: .parquet (or a folder of it), .csv, .tsv, .jsonl.")
]
RecipeOption = Annotated[
    Path | None,
    typer.Option("--recipe", help="What its columns mean (TOML); else the workspace's recipe."),
]
ModelOption = Annotated[
    str, typer.Option("--model", help="A folder, or NAME or NAME@VERSION of the workspace.")
]
OutOption = Annotated[
    Path | None, typer.Option("--out", help="Write the scored table there: .parquet, .csv, .jsonl; a folder.")
]
ByOption = Annotated[
    list[str] | None,
    typer.Option("--by", help="Judge each combination of this column's values too; may be repeated."),
]
SeedOption = Annotated[
    int | None, typer.Option("--seed", help="Of the split and the bootstrap; the recipe's, if left out.")
]
StreamOption = Annotated[
    bool | None,
    typer.Option(
        "--stream/--in-memory",
        help="Read Parquet in batches, in memory that does not grow; by itself from two million rows on, "
        "and for a folder of files.",
    ),
]


@app.callback()
def predict() -> None:
    """Fit, evaluate and score the effect model on any table."""


@app.command()
def fit(
    data: DataOption,
    model: ModelOption,
    recipe: RecipeOption = None,
    *,
    source: Annotated[
        str | None,
        typer.Option("--from", help="Start from a model trained elsewhere: a folder, or NAME@VERSION."),
    ] = None,
    seed: SeedOption = None,
    stream: StreamOption = None,
    workspace: WorkspaceOption = Path(),
    as_json: JsonOption = False,
) -> None:
    """Learn from a table with outcomes and store the model."""
    wanted = _recipe(recipe, workspace)
    start = source or wanted.model.warm_start
    held = _load(start, workspace) if start else None
    if streams(data, stream):
        predictor = fit_stream(data, wanted, seed=seed, source=held, progress=progress)
    else:
        predictor = Predictor.fit(read_frame(data), wanted, seed=seed, source=held, progress=progress)
    where = save_model(predictor, model, workspace)
    card = dict(predictor.card)
    lines = [f"model: {where}", f"trained through: {card['trained_through'] or 'unknown'}"]
    lines += [f"rows: {', '.join(f'{k} {v}' for k, v in card['n_rows'].items())} ({card['split']})"]
    lines += [f"warning: {warning}" for warning in predictor.warnings]
    emit({"model": where, **card}, "\n".join(lines), as_json=as_json)


@app.command()
def evaluate(
    data: DataOption,
    model: ModelOption,
    recipe: RecipeOption = None,
    *,
    by: ByOption = None,
    page: PageOption = None,
    language: LanguageOption = "en",
    stream: StreamOption = None,
    workspace: WorkspaceOption = Path(),
    as_json: JsonOption = False,
) -> None:
    """Judge the model: on the test block of the table it was fitted on, or on all rows of another one."""
    messages = messages_of(language)
    predictor = _load(model, workspace)
    _check_same(recipe, predictor)
    progress(f"judging {predictor.version}")
    if streams(data, stream):
        found = evaluate_stream(predictor, data, by=by, progress=progress)
    else:
        found = predictor.evaluate(read_frame(data), by=by)
    if page is not None:
        write_evaluation(page, messages, found)
        progress(f"page: {page}")
    emit(
        found, "\n".join([f"{found['model']}: {found['split']}", *_lines(found["targets"])]), as_json=as_json
    )


@app.command()
def score(
    data: DataOption,
    model: ModelOption,
    recipe: RecipeOption = None,
    *,
    out: OutOption = None,
    stream: StreamOption = None,
    workspace: WorkspaceOption = Path(),
    as_json: JsonOption = False,
) -> None:
    """Add p, p_low, p_high, alpha, beta, k_content (and k_low, k_high) to every row, in the rows' order."""
    predictor = _load(model, workspace)
    _check_same(recipe, predictor)
    for warning in predictor.warnings:
        progress(f"warning: {warning}")
    if streams(data, stream):
        if out is None:
            raise UsageError(
                "where to?", argument="--out", value=None, allowed="a .parquet file, or a folder"
            )
        found = score_stream(predictor, data, out, progress=progress)
        said = f"{found['n_rows']} rows to {out}; {found['n_out_of_domain']} unlike what the model was trained on"
        emit({"model": predictor.version, **found, "out": str(out)}, said, as_json=as_json)
        return
    scored = predictor.score_frame(read_frame(data))
    n_outside = int((~scored["in_domain"]).sum())
    summary = {"model": predictor.version, "n_rows": scored.height, "n_out_of_domain": n_outside}
    if out is not None:
        _write(scored, out)
        said = f"{scored.height} rows to {out}; {n_outside} unlike what the model was trained on"
        emit({**summary, "out": str(out)}, said, as_json=as_json)
        return
    added = [c for c in scored.columns if c in _ADDED or c.startswith(("conversion_", "order_value_"))]
    rows = scored.select(added)
    emit({**summary, "rows": rows.to_dicts()}, rows.write_csv(), as_json=as_json)


_ADDED = {
    "p",
    "p_low",
    "p_high",
    "alpha",
    "beta",
    "k_content",
    "k_low",
    "k_high",
    "in_domain",
    "purchase_p",
} | {
    "k_low_conformal",
    "k_high_conformal",
}


def _recipe(path: Path | None, workspace: Path) -> PredictRecipe:
    if path is not None:
        TuneConfig.read(path)  # a wrong key is one here too, not only once somebody tunes
        return PredictRecipe.read(path)
    if not (workspace / RECIPE).is_file():
        raise UsageError("no recipe", argument="--recipe", value=None, hint="Name one: --recipe FILE")
    return PredictRecipe.read(workspace / RECIPE)


def _check_same(path: Path | None, predictor: Predictor) -> None:
    """A recipe is not needed once the model knows it; naming another one is a mistake worth an error."""
    if path is None:
        return
    given, held = to_mapping(PredictRecipe.read(path)), to_mapping(predictor.recipe)
    differing = [key for key in ("columns", "targets") if given[key] != held[key]]
    if differing:
        raise ConfigError(
            f"the model was fitted with another recipe: [{differing[0]}] differs",
            argument="--recipe",
            value=str(path),
            hint="Leave --recipe out, or fit again",
        )


def _in_registry(model: str, workspace: Path) -> bool:
    """A reference to the workspace's registry, and not a folder: there is no such folder, and no slash."""
    if "@" in model:
        return True
    return "/" not in model and not Path(model).exists() and (workspace / RECIPE).is_file()


def save_model(
    predictor: Predictor, model: str, workspace: Path, more: Mapping[str, Any] | None = None
) -> str:
    """Saves the model in a folder, or in the workspace's registry with its card and `more`; returns where."""
    if not _in_registry(model, workspace):
        predictor.save(Path(model))
        return model
    if "@" in model:
        raise UsageError(
            "a version is given by the registry", argument="--model", value=model, allowed="NAME, or a folder"
        )
    with Workspace.open(workspace) as shop:
        card = {**predictor.card, "config": to_mapping(predictor.recipe), **(more or {})}
        return shop.models.save(model, predictor.save, card)


def _load(model: str, workspace: Path) -> Predictor:
    if not _in_registry(model, workspace):
        return Predictor.load(Path(model))
    with Workspace.open(workspace) as shop:
        folder = shop.models.path(model)
        stage = model.partition("@")[0]
        return Predictor.load(folder, version=f"{stage}@{folder.name}")


def _write(frame: pl.DataFrame, path: Path) -> None:
    writers: dict[str, Callable[[Path], object]] = {
        ".parquet": frame.write_parquet,
        ".csv": frame.write_csv,
        ".jsonl": frame.write_ndjson,
        ".ndjson": frame.write_ndjson,
    }
    if path.suffix.lower() not in writers:
        raise UsageError(
            "cannot tell the file's format", argument="--out", value=str(path), allowed=", ".join(writers)
        )
    try:
        writers[path.suffix.lower()](path)
    except OSError as error:
        raise StoreError(f"cannot write {path}: {error.strerror or error}", retryable=True) from error


def _lines(measures: Mapping[str, Any], indent: str = "") -> list[str]:
    """The measures for people: one a line, with interval and n."""
    lines = []
    for name, value in measures.items():
        if isinstance(value, Mapping) and value.get("n") == 0:
            lines.append(f"{indent}{name}: no rows")
        elif isinstance(value, Mapping) and "value" in value:
            lines.append(f"{indent}{name}: {_estimate(value)}")
        elif isinstance(value, Mapping):
            lines += [f"{indent}{name}", *_lines(value, indent + "  ")]
        elif isinstance(value, list) and not all("value" in part for part in value):
            continue  # a curve is for --json
        elif isinstance(value, list):
            lines.append(f"{indent}{name}: {', '.join(_estimate(part) for part in value)}")
        else:
            lines.append(
                f"{indent}{name}: {value:.5g}" if isinstance(value, float) else f"{indent}{name}: {value}"
            )
    return lines


def _estimate(value: Mapping[str, Any]) -> str:
    if value["value"] is None:
        return "not defined"
    if value["low"] is None:
        return f"{value['value']:.4g} (n = {value['n']})"
    return f"{value['value']:.4g} [{value['low']:.4g}, {value['high']:.4g}] (n = {value['n']})"
