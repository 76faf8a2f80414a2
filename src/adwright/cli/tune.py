"""`adwright tune`: better settings of the effect model, of a table and its recipe or of this workspace."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from adwright.cli.decide_page import messages_of
from adwright.cli.output import JsonOption, WorkspaceOption, emit, progress, write_page
from adwright.errors import UsageError
from adwright.learn.tuning import TuneConfig, TuneResult, tune
from adwright.predict import PredictRecipe, read_frame
from adwright.schema import Language
from adwright.workspace import RECIPE, Workspace

app = typer.Typer(add_completion=False)


@app.command("tune")
def tune_command(
    data: Annotated[
        Path | None, typer.Option("--data", help="Table; if left out, the workspace's past contents.")
    ] = None,
    recipe: Annotated[
        Path | None,
        typer.Option("--recipe", help="What its columns mean, and how to tune; else the workspace's."),
    ] = None,
    model: Annotated[
        str | None, typer.Option("--model", help="Store the model there: a folder, or NAME in the workspace.")
    ] = None,
    study: Annotated[
        Path | None,
        typer.Option("--study", help="Folder of the study, gone on with; else tuning/NAME in the workspace."),
    ] = None,
    *,
    out: Annotated[
        Path | None, typer.Option("--out", help="Write the tuned recipe (TOML) there too.")
    ] = None,
    page: Annotated[Path | None, typer.Option("--page", help="Write an HTML page with plots there.")] = None,
    language: Annotated[str, typer.Option("--language", help="Of the page: en or zh.")] = "en",
    n_trials: Annotated[int | None, typer.Option("--trials", help="Settings to try.")] = None,
    timeout_s: Annotated[float | None, typer.Option("--timeout", help="Seconds of fits, at most.")] = None,
    seed: Annotated[int | None, typer.Option("--seed", help="Of the search.")] = None,
    wandb: Annotated[str | None, typer.Option("--wandb", help="Also log to this W&B project.")] = None,
    mlflow: Annotated[
        str | None, typer.Option("--mlflow", help="Also log to this MLflow experiment.")
    ] = None,
    workspace: WorkspaceOption = Path(),
    as_json: JsonOption = False,
) -> None:
    """Try settings on the tune block, fit with the best, judge it once on the test block.

    The same command goes on where an interrupted one was. The curve is in STUDY/trials.jsonl, and in TensorBoard
    where that is installed.
    """
    spoken = messages_of(language).language
    changes = {"n_trials": n_trials, "timeout_s": timeout_s, "seed": seed}
    given = {name: value for name, value in changes.items() if value is not None}
    if data is None:
        for name, value in (("--recipe", recipe), ("--model", model), ("--study", study)):
            if value is not None:
                raise UsageError(
                    "needs a table", argument=name, value=str(value), hint="Name one: --data FILE"
                )
        result, stored = _tune_workspace(workspace, given, wandb=wandb, mlflow=mlflow)
    else:
        wanted, config = _recipe(recipe, workspace, given)
        folder = study or _study_folder(model, recipe, workspace)
        result = tune(
            read_frame(data),
            wanted,
            config,
            folder,
            wandb_project=wandb,
            mlflow_experiment=mlflow,
            progress=progress,
        )
        stored = None if model is None else _store(result, model, workspace)
    if out is not None:
        write_page(out, (result.folder / "tuned.toml").read_text(encoding="utf-8"))
    if page is not None:
        write_page(page, tuning_page(result, spoken))
    summary = {key: value for key, value in result.figures.items() if key not in ("trials", "log_scaled")}
    found = {
        "study": str(result.folder),
        "recipe": str(result.folder / "tuned.toml"),
        "model": stored,
        **summary,
    }
    emit(found, "\n".join(_lines(result, stored)), as_json=as_json)


def _tune_workspace(
    folder: Path, given: Mapping[str, Any], *, wandb: str | None, mlflow: str | None
) -> tuple[TuneResult, str | None]:
    """Tunes the effect model of the workspace and puts it into the registry."""
    from adwright.pipeline.campaigns import read_products
    from adwright.pipeline.effects import tune_effects
    from adwright.pipeline.settings import RunSettings

    with Workspace.open(folder) as shop:
        settings = RunSettings.from_recipe(shop.recipe)
        model = tune_effects(
            shop,
            read_products(shop.tables.read("products")),
            settings.predict,
            tuning=replace(settings.tune, **given),
            wandb_project=wandb,
            mlflow_experiment=mlflow,
            progress=progress,
        )
    assert model.retuning is not None
    return model.retuning.result, model.version


def _recipe(path: Path | None, workspace: Path, given: Mapping[str, Any]) -> tuple[PredictRecipe, TuneConfig]:
    place = workspace / RECIPE if path is None else path
    if path is None and not place.is_file():
        raise UsageError("no recipe", argument="--recipe", value=None, hint="Name one: --recipe FILE")
    return PredictRecipe.read(place), replace(TuneConfig.read(place), **given)


def _study_folder(model: str | None, recipe: Path | None, workspace: Path) -> Path:
    """`tuning/NAME` in the workspace, after the model or the recipe."""
    if not (workspace / RECIPE).is_file():
        raise UsageError(
            "there is no workspace to keep the study in",
            argument="--study",
            value=None,
            hint="Name a folder for it: --study DIR",
        )
    name = model if model is not None and "/" not in model else recipe.stem if recipe is not None else "table"
    return workspace / "tuning" / name


def _store(result: TuneResult, model: str, workspace: Path) -> str:
    """Saves the tuned model as `adwright predict fit` would; the registry's card says what study it is from."""
    from adwright.cli.predict import save_model

    from_study = {
        key: result.figures[key] for key in ("taken", "values", "tune", "test", "n_trials", "seconds")
    }
    return save_model(result.model, model, workspace, {"tuned": {"study": str(result.folder), **from_study}})


def tuning_page(result: TuneResult, language: Language) -> str:
    """The page of a study, as HTML that needs no network."""
    from adwright.report.sheet import render_sheet
    from adwright.report.tuning_sheet import tuning_sheet

    return render_sheet(tuning_sheet(result.figures, language), language, at=datetime.now(UTC))


def _lines(result: TuneResult, stored: str | None) -> list[str]:
    """The result for people."""
    figures = result.figures
    tried, why = (
        figures["n_trials"],
        "the time was up" if figures["stopped"] == "time" else "as many as asked for",
    )
    lines = [
        f"{tried} settings tried ({why}), {figures['n_pruned']} pruned, {figures['seconds']:.0f} s of fits"
    ]
    if failed := figures.get("failed"):
        lines.append(f"{len(failed)} more could not be fitted, the last for: {failed[-1]}")
    on_tune, best = figures["tune"], figures["best"]
    if best is not None:
        lines.append(
            f"best on tune: gain {on_tune['gain']:+.6f} in loss a trial over the recipe's own "
            f"(standard error {_number(on_tune['gain_se'])})"
        )
    if not figures["taken"]:
        lines.append("the recipe's own setting stands: no other was told from it")
    else:
        lines += [f"  {key} = {value}" for key, value in figures["values"].items()]
    if (test := figures["test"]) is not None:
        lines += [f"test block, read once: n = {test['n']}"]
        for name in ("loss", "log_loss", "auc"):
            gain = test["gain"][name]
            interval = "" if gain["low"] is None else f" [{_number(gain['low'])}, {_number(gain['high'])}]"
            values = (test["default"][name], test["tuned"][name], gain["value"])
            before, after, gained = (_number(value) for value in values)
            lines.append(f"  {name}: {before} -> {after}, gain {gained}{interval}")
    lines.append(f"recipe: {result.folder / 'tuned.toml'}")
    if stored is not None:
        lines.append(f"model: {stored}")
    return lines


def _number(value: float | None) -> str:
    return "unknown" if value is None else f"{value:.6f}"
