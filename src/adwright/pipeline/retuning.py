"""Tuning of the workspace's effect model: with `adwright tune`, or by itself where the tune block falls short.

`tuning/effect/N/` holds the studies, `tuning/effect/state.json` what came of the last one: the values that were taken
for a recipe. They hold as long as that recipe stands; remove the file, and the recipe's own settings are used again.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import polars as pl

from adwright.config import to_mapping
from adwright.learn.tuning import TuneConfig, TuneResult, tune
from adwright.learn.tuning.space import with_values
from adwright.learn.tuning.tune import RESULT
from adwright.learn.tuning.watch import Due, TuneScore, due, score_on_tune
from adwright.predict import PredictRecipe
from adwright.store.durable import write_json
from adwright.workspace import Workspace

_STATE = "state.json"

Progress = Callable[[str], None]


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Retuning:
    """What tuning did in a run.

    Args:
        due: Why it started; None where somebody asked for it.
        result: Of the study.
    """

    due: Due | None
    result: TuneResult


class EffectTuning:
    """Tuning of one workspace's effect model.

    Args:
        workspace: The shop.
        recipe: As the workspace's recipe has it.
        config: Its `[tune]`.
        seed: Of the split and of fits.
    """

    def __init__(self, workspace: Workspace, recipe: PredictRecipe, config: TuneConfig, *, seed: int) -> None:
        self._folder = workspace.path / "tuning" / "effect"
        self._workspace, self._own, self._config, self._seed = workspace, recipe, config, seed

    @property
    def recipe(self) -> PredictRecipe:
        """The recipe with the values that the last study took for it."""
        state = self._state
        if state is None or not state["values"] or state["recipe"] != to_mapping_json(self._own):
            return self._own
        return replace(self._own, model=with_values(self._own.model, state["values"]))

    def score(self, frame: pl.DataFrame) -> TuneScore | None:
        """The score of the present setting on tune; None where nothing watches it."""
        if not self._config.watches:
            return None
        return score_on_tune(frame, self.recipe, self._config, seed=self._seed)

    def start_if_due(
        self,
        frame: pl.DataFrame,
        score: TuneScore | None,
        earlier: TuneScore | None,
        *,
        progress: Progress,
    ) -> Retuning | None:
        """A study, where the tune block says that one is due; None otherwise, and where Optuna is not installed."""
        reason = self.due(score, earlier, frame.height)
        if reason is None:
            return None
        if find_spec("optuna") is None:
            progress(f"tuning is due ({reason}), but Optuna is not installed: pip install 'adwright[tune]'")
            return None
        progress(f"tuning starts by itself: {reason}")
        return self.study(frame, reason=reason, progress=progress)

    def due(self, score: TuneScore | None, earlier: TuneScore | None, n_rows: int) -> Due | None:
        """Why tuning is due; None also where the last study is of this recipe and the table has hardly grown since.

        Args:
            score: Now.
            earlier: Of the version before.
            n_rows: Of the table now.
        """
        if score is None:
            return None
        found, state = due(score, earlier, self._config), self._state
        if found is None or state is None or state["recipe"] != to_mapping_json(self._own):
            return found
        grown = n_rows >= (1 + self._config.min_growth) * state["n_rows"]
        return found if grown else None

    def study(
        self,
        frame: pl.DataFrame,
        *,
        reason: Due | None,
        wandb_project: str | None = None,
        mlflow_experiment: str | None = None,
        progress: Progress,
    ) -> Retuning:
        """A study of the recipe's own setting on this table; one that was interrupted is gone on with.

        Args:
            frame: The past contents.
            reason: Why it starts.
            wandb_project: Also log to this Weights & Biases project.
            mlflow_experiment: Also log to this MLflow experiment.
            progress: Takes a line a trial.

        Raises:
            UsageError: Optuna is not installed.
        """
        result = tune(
            frame,
            self._own,
            self._config,
            self._open_folder(frame),
            seed=self._seed,
            wandb_project=wandb_project,
            mlflow_experiment=mlflow_experiment,
            progress=progress,
        )
        state = {
            "recipe": to_mapping_json(self._own),
            "n_rows": frame.height,
            "values": dict(result.figures["values"]) if result.taken else {},
            "study": result.folder.name,
        }
        write_json(self._folder / _STATE, state)
        return Retuning(due=reason, result=result)

    def _open_folder(self, frame: pl.DataFrame) -> Path:
        """The unfinished study of this table, if the last one is that; else a new number."""
        numbers = sorted(int(path.name) for path in self._folder.glob("[0-9]*") if path.name.isdecimal())
        if numbers:
            last = self._folder / str(numbers[-1])
            if not (last / RESULT).is_file() and (last / "rows.json").is_file():
                held = json.loads((last / "rows.json").read_text(encoding="utf-8"))
                if held == self._begun_with(frame):
                    return last
        folder = self._folder / str(numbers[-1] + 1 if numbers else 1)
        folder.mkdir(parents=True)
        write_json(folder / "rows.json", self._begun_with(frame))
        return folder

    def _begun_with(self, frame: pl.DataFrame) -> dict[str, Any]:
        rows = int(frame.hash_rows(seed=1).sum()) % 2**64
        config = {
            k: v for k, v in to_mapping_json(self._config).items() if k not in ("n_trials", "timeout_s")
        }
        return {"rows": rows, "recipe": to_mapping_json(self._own), "tune": config}

    @property
    def _state(self) -> Mapping[str, Any] | None:
        path = self._folder / _STATE
        return json.loads(path.read_text(encoding="utf-8")) if path.is_file() else None


def to_mapping_json(config: Any) -> Any:
    """`to_mapping` as JSON gives it back."""
    return json.loads(json.dumps(to_mapping(config)))
