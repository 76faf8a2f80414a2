"""A study: settings tried one by one, each pruned or judged, kept in a database that outlives a killed process.

The sampler of a trial is seeded by the study's seed and by how many trials are finished, and knows those alone. So a
study that was killed and resumed tries the settings of one that was not; the trial it was killed in is tried again.

Source: the tree-structured Parzen estimator, Bergstra et al. 2011, NeurIPS 24; the median rule, Golovin et al. 2017,
KDD, section 3.2.1. Holds when: one process works on a study at a time (a lock sees to that).
Does not cover: trials in parallel.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from adwright.errors import DataError, StoreError, UsageError
from adwright.learn.tuning.config import TuneConfig
from adwright.learn.tuning.judging import Losses, paired_gain
from adwright.learn.tuning.objective import Objective
from adwright.learn.tuning.space import Parameter, suggest, with_values
from adwright.predict.model_config import ModelConfig

DATABASE = "study.db"
_NAME = "study"
_RANDOM_FIRST = 8  # trials before the sampler believes what it has seen
_JUDGED_FIRST = 4  # trials at a step before its median prunes
_FAILED_FIRST = 5  # trials that all fail before the study gives up
_FAILURES = (ArithmeticError, ValueError, RuntimeError, MemoryError)
"""What a setting may run into (no memory, numbers without end); anything else is a fault of ours."""

Progress = Callable[[str], None]
Record = Callable[[int, dict[str, float]], None]


@dataclass(frozen=True, slots=True)
class Trial:
    """One setting that was tried.

    Args:
        number: From 0, in order.
        values: By key under `[model]`.
        pruned: It was given up before its last step.
        loss: A trial, over all folds; of a pruned one over those that it saw, None for a cheap look alone.
        gain: How much less it loses than the recipe's own setting on the same rows; None as above.
        gain_se: Its standard error.
        seconds: Of its fits.
    """

    number: int
    values: dict[str, Any]
    pruned: bool
    loss: float | None
    gain: float | None
    gain_se: float | None
    seconds: float


@dataclass(frozen=True, slots=True, eq=False)
class StudyResult:
    """What a study found.

    Args:
        trials: In order.
        best: The one whose gain is greatest among those that went to the end; None without any.
        taken: Whether its gain is told from nothing by the recipe's measure, so that it replaces the default.
        default: The losses of the recipe's own setting.
        explained: Share of deviance explained on the folds, of the default and of the best.
        importance: How much of the spread of the losses each searched setting accounts for, summing to 1.
        seconds: Of all fits.
        stopped: Why there are not more trials: "trials" or "time".
        failed: Of each setting that could not be fitted, why.
    """

    trials: tuple[Trial, ...]
    best: Trial | None
    taken: bool
    default: Losses
    explained: tuple[float, float | None]
    importance: dict[str, float]
    seconds: float
    stopped: str
    failed: tuple[str, ...] = ()


def run_study(
    objective: Objective,
    space: tuple[Parameter, ...],
    config: TuneConfig,
    folder: Path,
    *,
    progress: Progress,
    record: Record = lambda _step, _figures: None,
) -> StudyResult:
    """Tries settings until there are enough of them or the time is up; goes on with the study in the folder.

    Args:
        objective: What is minimised.
        space: What is searched.
        config: For how long.
        folder: Holds `study.db`.
        progress: Takes a line a trial.
        record: Takes each finished trial's number and figures.

    Raises:
        UsageError: Optuna is not installed.
        DataError: none of the first settings could be fitted.
        StoreError: another process works on this study.
    """
    with _locked(folder):
        study = _open(folder)
        run = _Study(objective, space, config, study, progress=progress, record=record)
        run.give_up_what_was_killed()
        run.judge_default()
        stopped = run.try_all()
        return run.result(stopped)


def require_optuna() -> Any:
    """The package, quiet; raises `UsageError` where it is not installed."""
    try:
        import optuna
    except ModuleNotFoundError as error:
        raise UsageError(
            "tuning needs Optuna, which is not installed", hint="pip install 'adwright[tune]'"
        ) from error
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    return optuna


def _open(folder: Path) -> Any:
    optuna = require_optuna()
    return optuna.create_study(
        storage=f"sqlite:///{(folder / DATABASE).absolute()}",
        study_name=_NAME,
        direction="minimize",
        sampler=optuna.samplers.RandomSampler(seed=0),
        pruner=optuna.pruners.NopPruner(),  # the median rule below compares one step only
        load_if_exists=True,
    )


class _Study:
    """One process's work on a study."""

    def __init__(
        self,
        objective: Objective,
        space: tuple[Parameter, ...],
        config: TuneConfig,
        study: Any,
        *,
        progress: Progress,
        record: Record,
    ) -> None:
        self.objective, self.space, self.config = objective, space, config
        self.study, self.progress, self.record = study, progress, record
        self.states = require_optuna().trial.TrialState
        self.default: list[Losses] = []

    def give_up_what_was_killed(self) -> None:
        """A trial that no process works on any more counts as not tried."""
        for trial in self.study.get_trials(deepcopy=False, states=(self.states.RUNNING,)):
            self.study.tell(trial.number, state=self.states.FAIL)

    def judge_default(self) -> None:
        """The recipe's own setting at every step; what every trial is compared with."""
        held = self.study.user_attrs.get("default")
        if held is None:
            started, found = time.monotonic(), []
            for step in range(len(self.objective.steps)):
                self.progress(f"the recipe's own setting: step {step + 1} of {len(self.objective.steps)}")
                found.append(self.objective.losses(self.objective.table.recipe.model, step))
            held = {"losses": [_packed(x) for x in found], "seconds": time.monotonic() - started}
            self.study.set_user_attr("default", held)
        self.default = [_unpacked(x) for x in held["losses"]]

    def try_all(self) -> str:
        """Trials until there are enough or the time is up; which of the two."""
        while (place := len(self.finished()) + len(self.failed())) < self.config.n_trials:
            if self.seconds() >= self.config.timeout_s:
                return "time"
            self.try_one(place)
            failed = self.failed()
            if len(failed) >= _FAILED_FIRST and not self.finished():
                raise DataError(
                    f"none of the first {len(failed)} settings could be fitted; the last: {failed[-1][0]}",
                    argument="tune",
                    hint="Narrow the ranges under [tune.space]",
                )
        return "trials"

    def finished(self) -> list[Any]:
        """Trials that were judged or pruned."""
        return list(self.study.get_trials(deepcopy=False, states=(self.states.COMPLETE, self.states.PRUNED)))

    def failed(self) -> list[tuple[str, float]]:
        """Why, and after how many seconds, of the settings that could not be fitted."""
        held = self.study.get_trials(deepcopy=False, states=(self.states.FAIL,))
        return [tuple(trial.user_attrs["failed"]) for trial in held if "failed" in trial.user_attrs]

    def seconds(self) -> float:
        """Of all fits so far, of killed processes too."""
        spent = sum(trial.user_attrs["found"]["seconds"] for trial in self.finished())
        spent += sum(seconds for _, seconds in self.failed())
        return float(spent + self.study.user_attrs["default"]["seconds"])

    def try_one(self, place: int) -> None:
        """One setting, step by step, until it is pruned or judged, or cannot be fitted."""
        optuna, started = require_optuna(), time.monotonic()
        self.study.sampler = optuna.samplers.TPESampler(
            seed=self.config.seed * 1_000_003 + place, n_startup_trials=_RANDOM_FIRST
        )
        trial = self.study.ask()
        values = suggest(self.space, trial, self.objective.kinds)
        model = with_values(self.objective.table.recipe.model, values)
        try:
            seen, reported, pruned = self._steps(model)
        except _FAILURES as error:
            why = f"{type(error).__name__}: {error}"[:300]
            trial.set_user_attr("failed", [why, time.monotonic() - started])
            self.study.tell(trial.number, state=self.states.FAIL)
            self.progress(f"trial {place + 1} of {self.config.n_trials}: failed, {why} ({_shown(values)})")
            return
        folds = [_packed(x) for x in seen[self.objective.n_looks :]]
        seconds = time.monotonic() - started
        trial.set_user_attr("found", {"losses": folds, "reported": reported, "seconds": seconds})
        if pruned:
            trial.report(reported[-1], len(reported) - 1)  # the sampler ranks what was pruned by it
            self.study.tell(trial, state=self.states.PRUNED)
        else:
            self.study.tell(trial, _joined(seen[self.objective.n_looks :]).mean)
        self._tell_people(place, values, seen, pruned=pruned)

    def _steps(self, model: ModelConfig) -> tuple[list[Losses], list[float], bool]:
        """The losses of each step, what the pruner compared, and whether it pruned."""
        seen: list[Losses] = []
        reported: list[float] = []
        for step in range(len(self.objective.steps)):
            seen.append(self.objective.losses(model, step))
            reported.append(self._reported(seen))
            if not np.isfinite(reported[-1]):
                raise ArithmeticError("the loss is no number")
            if step + 1 < len(self.objective.steps) and self._hopeless(step, reported[-1]):
                return seen, reported, True
        return seen, reported, False

    def _hopeless(self, step: int, reported: float) -> bool:
        """Whether it does worse at this step than the median of the trials that came so far."""
        held = [trial.user_attrs["found"]["reported"] for trial in self.finished()]
        others = [reported[step] for reported in held if len(reported) > step]
        return self.config.prune and len(others) >= _JUDGED_FIRST and reported > float(np.median(others))

    def _reported(self, seen: list[Losses]) -> float:
        """What the pruner compares: how much more was lost than by the default, at the look or over the folds."""
        looks = self.objective.n_looks
        start = 0 if len(seen) <= looks else looks
        return -paired_gain(_joined(seen[start:]), _joined(self.default[start : len(seen)]))[0]

    def _tell_people(self, place: int, values: dict[str, Any], seen: list[Losses], *, pruned: bool) -> None:
        gain = -self._reported(seen)
        end = (
            f"pruned at step {len(seen)}"
            if pruned
            else f"loss {_joined(seen[self.objective.n_looks :]).mean:.6f}"
        )
        self.progress(
            f"trial {place + 1} of {self.config.n_trials}: {end}, gain {gain:+.6f} ({_shown(values)})"
        )
        self.record(
            place + 1, {"loss_over_default": -gain, "pruned": float(pruned), "steps": float(len(seen))}
        )

    def result(self, stopped: str) -> StudyResult:
        """What was found."""
        trials = tuple(self._trial(place, held) for place, held in enumerate(self.finished()))
        whole = [trial for trial in trials if not trial.pruned]
        best = max(whole, key=lambda trial: trial.gain or 0.0, default=None)
        default = _joined(self.default[self.objective.n_looks :])
        taken, best_explained = False, None
        if best is not None and best.gain is not None and best.gain_se is not None:
            taken = bool(best.gain > max(self.config.min_gain_se * best.gain_se, 0.0))
            best_explained = _joined(self._losses(self.finished()[best.number])).explained
        return StudyResult(
            trials=trials,
            best=best,
            taken=taken,
            default=default,
            explained=(default.explained, best_explained),
            importance=self._importance(len(whole)),
            seconds=self.seconds(),
            stopped=stopped,
            failed=tuple(why for why, _ in self.failed()),
        )

    def _trial(self, place: int, held: Any) -> Trial:
        losses = self._losses(held)
        ranges = {parameter.key: parameter for parameter in self.space}
        loss = gain = gain_se = None
        if losses:
            looks = self.objective.n_looks
            joined = _joined(losses)
            loss = joined.mean
            gain, gain_se = paired_gain(joined, _joined(self.default[looks : looks + len(losses)]))
        return Trial(
            number=place,
            values={key: ranges[key].read(value) for key, value in held.params.items()},
            pruned=held.state == self.states.PRUNED,
            loss=loss,
            gain=gain,
            gain_se=gain_se,
            seconds=float(held.user_attrs["found"]["seconds"]),
        )

    @staticmethod
    def _losses(held: Any) -> list[Losses]:
        return [_unpacked(x) for x in held.user_attrs["found"]["losses"]]

    def _importance(self, n_whole: int) -> dict[str, float]:
        """By fANOVA (Hutter, Hoos and Leyton-Brown 2014, ICML); empty where there is too little to tell."""
        shared = [set(t.params) for t in self.finished() if t.state == self.states.COMPLETE]
        if n_whole < _RANDOM_FIRST or not set.intersection(*shared):
            return {}
        optuna = require_optuna()
        found = optuna.importance.get_param_importances(
            self.study, evaluator=optuna.importance.FanovaImportanceEvaluator(seed=0)
        )
        return {key: float(value) for key, value in found.items()}


def _shown(values: dict[str, Any]) -> str:
    return ", ".join(f"{k} {v:.3g}" if isinstance(v, float) else f"{k} {v}" for k, v in values.items())


def _joined(losses: list[Losses]) -> Losses:
    whole = losses[0]
    for more in losses[1:]:
        whole = whole.joined(more)
    return whole


def _packed(losses: Losses) -> list[list[float]]:
    return [part.tolist() for part in losses.parts]


def _unpacked(parts: list[list[float]]) -> Losses:
    return Losses(*(np.asarray(part, np.float64) for part in parts))


@contextmanager
def _locked(folder: Path) -> Iterator[None]:
    """Keeps a second process out of the study; the lock goes with the process, however that ends."""
    try:
        import fcntl
    except ModuleNotFoundError:  # Windows has no flock: there the user sees to it
        yield
        return
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "lock").open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise StoreError(
                f"another process works on the study in {folder}",
                retryable=True,
                hint="Wait for it, or end it",
            ) from error
        yield
