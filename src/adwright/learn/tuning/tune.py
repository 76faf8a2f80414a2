"""Tuning, from a table and its recipe to a tuned model: a study, the last fits, and the test block, read once.

The folder of a study holds `settings.json` (what it is a study of), `study.db` (every trial), `trials.jsonl` and
`tensorboard/` (its curve), and when it is done `tuned.toml` (a recipe that `adwright predict fit` reads), `model/`
and, last, `result.json`. A folder that was begun is gone on with; one that is done gives its result again.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from adwright import __version__
from adwright.config import to_mapping, told_of, toml_text
from adwright.errors import UsageError
from adwright.learn.curves import open_curve
from adwright.learn.tuning.config import TuneConfig
from adwright.learn.tuning.objective import Objective, source_of, target_of
from adwright.learn.tuning.space import Parameter, search_space, with_values
from adwright.learn.tuning.study import StudyResult, require_optuna, run_study
from adwright.learn.tuning.verdict import Verdict, compare_on_test
from adwright.predict import Predictor, PredictRecipe
from adwright.predict.frames import as_polars, digest
from adwright.predict.table import Table
from adwright.store.durable import write_json, write_whole

SETTINGS, RESULT, RECIPE, MODEL, CURVE = "settings.json", "result.json", "tuned.toml", "model", "trials.jsonl"

Progress = Callable[[str], None]


@dataclass(frozen=True, slots=True, eq=False)
class TuneResult:
    """What tuning ended with.

    Args:
        folder: Of the study, with the tuned recipe and model.
        figures: As `result.json` holds them: trials, best, taken, gain on tune and on test, seconds.
    """

    folder: Path
    figures: Mapping[str, Any]

    @property
    def taken(self) -> bool:
        """Whether a setting other than the recipe's own was taken."""
        return bool(self.figures["taken"])

    @property
    def recipe(self) -> PredictRecipe:
        """The recipe with the setting that was taken."""
        return PredictRecipe.read(self.folder / RECIPE)

    @property
    def model(self) -> Predictor:
        """The model fitted with it."""
        return Predictor.load(self.folder / MODEL)


def tune(
    frame: Any,
    recipe: PredictRecipe,
    config: TuneConfig,
    folder: Path,
    *,
    seed: int | None = None,
    wandb_project: str | None = None,
    mlflow_experiment: str | None = None,
    progress: Progress = lambda _: None,
) -> TuneResult:
    """Looks for better settings of the recipe's models, fits with the best, and judges it once on the test block.

    Args:
        frame: polars or pandas, as for `Predictor.fit`.
        recipe: What its columns mean; its `[model]` is the setting that has to be beaten.
        config: How long to look, and where.
        folder: Of the study; gone on with where it was begun.
        seed: Of the split and of fits; the recipe's, if None.
        wandb_project: Also log to this Weights & Biases project.
        mlflow_experiment: Also log to this MLflow experiment.
        progress: Takes a line a trial.

    Raises:
        UsageError: Optuna is not installed; the folder holds another study.
        DataError: the table or its tune block cannot be used.
    """
    require_optuna()
    seed = recipe.seed if seed is None else seed
    table = Table.of(as_polars(frame), recipe)
    target = target_of(recipe, config.target)
    objective = Objective(
        table,
        target,
        n_folds=config.folds,
        first_share=config.first_share,
        source=source_of(recipe, target),
        seed=seed,
    )
    space = search_space(objective.kinds, has_text=bool(recipe.columns.text), own=config.space)
    _claim(folder, _identity(table, config, space, target, seed), config)
    if (folder / RESULT).is_file():
        progress(f"the study in {folder} is done: its result stands, the test block is not read again")
        return TuneResult(folder, json.loads((folder / RESULT).read_text(encoding="utf-8")))
    curve = open_curve(
        folder,
        name=CURVE,
        first=config.n_trials,
        wandb_project=wandb_project,
        mlflow_experiment=mlflow_experiment,
        progress=progress,
    )
    try:
        study = run_study(
            objective,
            space,
            config,
            folder,
            progress=progress,
            record=lambda step, figures: curve.add(step, **figures),
        )
    finally:
        curve.close()
    return _finish(
        folder, table, study, config=config, space=space, target=target, seed=seed, progress=progress
    )


def _finish(
    folder: Path,
    table: Table,
    study: StudyResult,
    *,
    config: TuneConfig,
    space: tuple[Parameter, ...],
    target: str,
    seed: int,
    progress: Progress,
) -> TuneResult:
    """The last fits and the test block; the result is written last, so that half of it is never trusted."""
    recipe = table.recipe
    progress("fit with the recipe's own setting")
    default = tuned = Predictor.fit(table.frame, recipe, seed=seed, progress=progress)
    chosen, values = recipe, {}
    if study.taken and study.best is not None:
        values = study.best.values
        chosen = replace(recipe, model=with_values(recipe.model, values))
        progress("fit with the setting found")
        tuned = Predictor.fit(table.frame, chosen, seed=seed, progress=progress)
    verdict = None
    if recipe.split.shares[3] > 0:
        progress("test block: read once")
        verdict = compare_on_test(default, tuned, table, seed=seed, target=target)
    figures = _figures(study, values, verdict, config=config, space=space, target=target)
    tuned.save(folder / MODEL)
    text = f"{_header(figures)}\n{toml_text(told_of(chosen))}"
    write_whole(folder / RECIPE, lambda file: file.write(text.encode()))
    write_json(folder / RESULT, figures)
    return TuneResult(folder, figures)


def _figures(
    study: StudyResult,
    values: Mapping[str, Any],
    verdict: Verdict | None,
    *,
    config: TuneConfig,
    space: tuple[Parameter, ...],
    target: str,
) -> dict[str, Any]:
    best = study.best
    found: dict[str, Any] = _plain(
        {
            "target": target,
            "taken": study.taken,
            "values": dict(values),
            "stopped": study.stopped,
            "asked": {"n_trials": config.n_trials, "timeout_s": config.timeout_s},
            "n_trials": len(study.trials),
            "n_pruned": sum(trial.pruned for trial in study.trials),
            "failed": list(study.failed),
            "seconds": round(study.seconds, 1),
            "tune": {
                "loss_default": study.default.mean,
                "explained_default": study.explained[0],
                "explained_best": study.explained[1],
                "gain": None if best is None else best.gain,
                "gain_se": None if best is None else best.gain_se,
                "gain_needed_se": config.min_gain_se,
            },
            "test": None if verdict is None else verdict.to_json(),
            "best": None if best is None else asdict(best),
            "trials": [asdict(trial) for trial in study.trials],
            "importance": study.importance,
            "log_scaled": [parameter.key for parameter in space if parameter.log],
            "code_version": __version__,
        }
    )
    return found


def _header(figures: Mapping[str, Any]) -> str:
    """The first lines of the tuned recipe: where it comes from and what it is worth."""
    lines = [f"# A study of {figures['n_trials']} settings, {figures['seconds']:.0f} s of fits."]
    tune, test = figures["tune"], figures["test"]
    if figures["values"]:
        found = ", ".join(f"{key} = {value}" for key, value in figures["values"].items())
        lines.append(f"# Other than in the recipe: {found}.")
    if not figures["taken"]:
        lines.append("# None was told from the recipe's own on the tune block: this is the recipe's own.")
    else:
        lines.append(
            f"# Log-loss a trial on tune: {tune['gain']:.3g} less (standard error {tune['gain_se']:.2g})."
        )
    if figures["taken"] and test is not None:
        gain = test["gain"]["loss"]
        low, high = (_shown(gain[key]) for key in ("low", "high"))
        lines.append(
            f"# On the test block, read once: {gain['value']:.3g} less [{low}, {high}], n = {test['n']}."
        )
    return "\n".join(lines)


def _shown(value: float | None) -> str:
    return "unknown" if value is None else f"{value:.3g}"


def _identity(
    table: Table, config: TuneConfig, space: tuple[Parameter, ...], target: str, seed: int
) -> dict[str, Any]:
    """What a study is a study of: going on with other data, recipe or search would mix two."""
    identity: dict[str, Any] = _plain(
        {
            "data": digest(table.frame, table.recipe),
            "recipe": to_mapping(table.recipe),
            "target": target,
            "space": [asdict(parameter) for parameter in space],
            "search": {
                key: getattr(config, key) for key in ("folds", "first_share", "prune", "seed", "min_gain_se")
            },
            "seed": seed,
            "n_rows": table.frame.height,
        }
    )
    return identity


def _claim(folder: Path, identity: Mapping[str, Any], config: TuneConfig) -> None:
    """Begins the study in the folder, or goes on with it; raises `UsageError` where the folder holds another."""
    path = folder / SETTINGS
    if path.is_file():
        held = json.loads(path.read_text(encoding="utf-8"))
        differing = [key for key in identity if held.get(key) != identity[key]]
        if differing:
            raise UsageError(
                f"the study there was begun with another {differing[0]}",
                argument="study",
                value=str(folder),
                hint="Name another folder for a new study, or remove this one",
            )
        done = folder / RESULT
        asked = json.loads(done.read_text(encoding="utf-8"))["asked"] if done.is_file() else {}
        for name, most in asked.items():
            if most is not None and getattr(config, name) > most:
                raise UsageError(
                    "the study is closed: its test block was read, and reading it again after more trials would be"
                    " tuning on it",
                    argument=name,
                    value=getattr(config, name),
                    allowed=f"at most {most:g}, as was asked for",
                    hint="Name another folder for a longer study",
                )
        return
    folder.mkdir(parents=True, exist_ok=True)
    write_json(path, dict(identity))


def _plain(value: Any) -> Any:
    """As JSON gives it back: NaN and infinities as None, tuples as lists."""
    if isinstance(value, Mapping):
        return {str(key): _plain(held) for key, held in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(held) for held in value]
    if isinstance(value, float):
        return float(value) if abs(value) < float("inf") else None
    return value
