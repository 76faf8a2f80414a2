"""The search itself, on an objective whose best is known."""

import math
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from adwright.errors import DataError, StoreError, UsageError
from adwright.learn.tuning import TuneConfig
from adwright.learn.tuning.judging import Losses
from adwright.learn.tuning.space import search_space
from adwright.learn.tuning.study import run_study
from adwright.predict.model_config import ModelConfig

SPACE = search_space(("logistic",), has_text=False, own={"ridge": {"low": 1.0, "high": 1000.0, "log": True}})


@dataclass
class Bowl:
    """Losses that are least at ridge = 30, with noise that is the same for every setting."""

    steps: tuple = (0, 1, 2)
    n_looks: int = 1
    kinds: tuple = ("logistic",)
    default_ridge: float = 900.0
    killed_after: int | None = None
    asked: list = field(default_factory=list)

    @property
    def table(self):
        return SimpleNamespace(recipe=SimpleNamespace(model=ModelConfig(ridges=(self.default_ridge,))))

    def losses(self, model, step):
        if self.killed_after is not None and len(self.asked) == self.killed_after:
            raise KeyboardInterrupt
        self.asked.append((model.ridges[0], step))
        away = math.log(model.ridges[0] / 30) ** 2 / 100
        noise = 0.02 * np.random.default_rng(step).normal(size=40)
        return Losses(10 * (0.5 + away + noise), np.full(40, 6.0), np.full(40, 10.0))


def study(objective, folder: Path, told=None, **changes):
    progress = (lambda line: None) if told is None else told.append
    return run_study(objective, SPACE, TuneConfig(**{"n_trials": 14, **changes}), folder, progress=progress)


def test_it_finds_the_best_setting_and_says_by_how_much(tmp_path: Path) -> None:
    found = study(Bowl(), tmp_path)
    assert found.best is not None
    assert found.best.values["ridge"] == pytest.approx(30, rel=0.7)
    truth = (math.log(900 / 30) ** 2 - math.log(found.best.values["ridge"] / 30) ** 2) / 100
    assert found.best.gain == pytest.approx(truth, rel=1e-6)
    assert found.taken
    assert found.stopped == "trials"
    assert found.explained[1] > found.explained[0]


def test_a_default_that_is_best_stays(tmp_path: Path) -> None:
    found = study(Bowl(default_ridge=30.0), tmp_path)
    assert found.best is not None
    assert not found.taken


def test_a_gain_within_its_noise_does_not_replace_the_default(tmp_path: Path) -> None:
    class Noisy(Bowl):
        def losses(self, model, step):
            held = super().losses(model, step)
            wild = np.random.default_rng(int(model.ridges[0] * 1000) + step).normal(size=40)
            return Losses(held.loss + 2.0 * wild, held.null, held.weight)

    found = study(Noisy(default_ridge=33.0), tmp_path, n_trials=6, min_gain_se=3.0)
    assert found.best is not None
    assert not found.taken


def test_what_does_worse_than_the_median_is_given_up_early(tmp_path: Path) -> None:
    objective = Bowl()
    found = study(objective, tmp_path)
    pruned = [t for t in found.trials if t.pruned]
    assert pruned
    assert len(objective.asked) < 3 * (1 + 14)
    whole = [t for t in found.trials if not t.pruned]
    assert np.mean([abs(math.log(t.values["ridge"] / 30)) for t in pruned]) > np.mean(
        [abs(math.log(t.values["ridge"] / 30)) for t in whole]
    )
    without = study(Bowl(), tmp_path / "whole", prune=False)
    assert not any(t.pruned for t in without.trials)


def test_a_study_that_was_interrupted_tries_what_one_that_was_not_tries(tmp_path: Path) -> None:
    whole = study(Bowl(), tmp_path / "whole")
    for killed_after in (2, 20):
        folder = tmp_path / str(killed_after)
        with pytest.raises(KeyboardInterrupt):
            study(Bowl(killed_after=killed_after), folder)
        resumed = study(Bowl(), folder)
        assert [(t.values, t.pruned, t.loss) for t in resumed.trials] == [
            (t.values, t.pruned, t.loss) for t in whole.trials
        ]
        assert resumed.best.values == whole.best.values


@dataclass
class Fragile(Bowl):
    """Cannot be fitted with a ridge below 20, and has no finite loss above 600."""

    def losses(self, model, step):
        found = super().losses(model, step)
        if model.ridges[0] < 20:
            raise RuntimeError("not enough memory")
        is_finite = model.ridges[0] < 600 or model.ridges[0] == self.default_ridge
        return found if is_finite else Losses(found.loss * math.nan, found.null, found.weight)


def test_a_setting_that_cannot_be_fitted_is_told_and_the_study_goes_on(tmp_path: Path) -> None:
    told: list[str] = []
    found = study(Fragile(), tmp_path / "one", told)
    assert len(found.trials) + len(found.failed) == 14
    assert set(found.failed) == {
        "RuntimeError: not enough memory",
        "ArithmeticError: the loss is no number",
    }
    assert found.best is not None
    assert 20 <= found.best.values["ridge"] < 600
    assert sum("failed" in line for line in told) == len(found.failed)
    with pytest.raises(KeyboardInterrupt):
        study(Fragile(killed_after=20), tmp_path / "two")
    again = study(Fragile(), tmp_path / "two")
    assert [t.values for t in again.trials] == [t.values for t in found.trials]
    assert again.failed == found.failed


def test_a_study_of_which_nothing_can_be_fitted_says_why(tmp_path: Path) -> None:
    class Hopeless(Bowl):
        def losses(self, model, step):
            if model.ridges[0] != self.default_ridge:
                raise RuntimeError("not enough memory")
            return super().losses(model, step)

    with pytest.raises(
        DataError, match="first 5 settings could be fitted; the last: RuntimeError: not enough"
    ):
        study(Hopeless(), tmp_path)


def test_the_time_limit_counts_the_seconds_of_all_parts(tmp_path: Path) -> None:
    found = study(Bowl(), tmp_path, timeout_s=1e-6)
    assert found.stopped == "time"
    assert found.trials == ()
    assert found.best is None
    assert not found.taken


def test_another_seed_searches_elsewhere(tmp_path: Path) -> None:
    one = study(Bowl(), tmp_path / "a", n_trials=3)
    two = study(Bowl(), tmp_path / "b", n_trials=3, seed=1)
    assert [t.values for t in one.trials] != [t.values for t in two.trials]


def test_two_processes_cannot_work_on_one_study(tmp_path: Path) -> None:
    fcntl = pytest.importorskip("fcntl")
    with (tmp_path / "lock").open("w") as other:
        fcntl.flock(other, fcntl.LOCK_EX)
        with pytest.raises(StoreError, match="another process"):
            study(Bowl(), tmp_path)


def test_a_line_a_trial_says_how_it_went(tmp_path: Path) -> None:
    told: list[str] = []
    study(Bowl(), tmp_path, told, n_trials=8)
    lines = [line for line in told if line.startswith("trial ")]
    assert len(lines) == 8
    assert lines[0].startswith("trial 1 of 8: ")
    assert "ridge" in lines[0]


def test_without_optuna_it_says_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "optuna", None)
    with pytest.raises(UsageError, match=r"pip install 'adwright\[tune\]'"):
        study(Bowl(), tmp_path)
