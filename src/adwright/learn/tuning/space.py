"""What is searched: for each model its settings with their ranges, or what the recipe's `[tune.space]` says."""

from __future__ import annotations

import difflib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from adwright.config import build, to_mapping
from adwright.errors import ConfigError
from adwright.predict.model_config import ModelConfig

RIDGE = "ridge"
"""In place of the candidates `ridges`, of which tune chooses: the one that is used."""

_LINEAR = ("logistic", "linear", "pairwise", "transfer")


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameter:
    """One setting and its range.

    Args:
        key: Its place under `[model]`, dotted.
        low: Least value of a number.
        high: Greatest.
        log: Searched on a logarithmic scale.
        whole: Integers only.
        choices: In place of a range.
        models: Searched only where one of these is fitted; empty for always.
        needs_text: Searched only where there is a text column.
    """

    key: str
    low: float = 0.0
    high: float = 0.0
    log: bool = False
    whole: bool = False
    choices: tuple[Any, ...] = ()
    models: tuple[str, ...] = ()
    needs_text: bool = False

    def suggest(self, trial: Any) -> Any:
        """A value that the trial proposes; choices travel as JSON, which every storage holds."""
        if self.choices:
            return json.loads(trial.suggest_categorical(self.key, [json.dumps(c) for c in self.choices]))
        if self.whole:
            return trial.suggest_int(self.key, int(self.low), int(self.high), log=self.log)
        return trial.suggest_float(self.key, self.low, self.high, log=self.log)

    def read(self, value: Any) -> Any:
        """The value of a stored trial as `suggest` gave it."""
        return json.loads(value) if self.choices else value


DEFAULT_SPACE: tuple[Parameter, ...] = (
    Parameter(key=RIDGE, low=0.3, high=3000.0, log=True, models=_LINEAR),
    Parameter(key="word_ngrams", choices=([1, 1], [1, 2], [1, 3]), models=_LINEAR, needs_text=True),
    Parameter(key="char_ngrams", choices=([0, 0], [2, 4], [2, 5], [3, 6]), models=_LINEAR, needs_text=True),
    Parameter(key="min_word_texts", low=1, high=10, log=True, whole=True, models=_LINEAR, needs_text=True),
    Parameter(key="min_char_texts", low=2, high=40, log=True, whole=True, models=_LINEAR, needs_text=True),
    Parameter(key="gbdt.learning_rate", low=0.01, high=0.2, log=True, models=("gbdt",)),
    Parameter(key="gbdt.n_leaves", low=4, high=128, log=True, whole=True, models=("gbdt",)),
    Parameter(key="gbdt.min_rows_in_leaf", low=5, high=200, log=True, whole=True, models=("gbdt",)),
    Parameter(key="gbdt.column_share", low=0.2, high=1.0, models=("gbdt",)),
    Parameter(key="gbdt.row_share", low=0.4, high=1.0, models=("gbdt",)),
    Parameter(key="gbdt.l2", low=0.01, high=100.0, log=True, models=("gbdt",)),
    Parameter(key="gbdt.category_l2", low=1.0, high=100.0, log=True, models=("gbdt",)),
    Parameter(key="encoder.learning_rate", low=1e-5, high=2e-4, log=True, models=("encoder",)),
    Parameter(key="encoder.head_learning_rate", low=2e-4, high=5e-3, log=True, models=("encoder",)),
    Parameter(key="encoder.layer_decay", low=0.6, high=1.0, models=("encoder",)),
    Parameter(key="encoder.n_epochs", low=1, high=4, whole=True, models=("encoder",)),
    Parameter(key="encoder.groups_per_step", low=4, high=32, log=True, whole=True, models=("encoder",)),
    Parameter(key="encoder.dropout", low=0.0, high=0.3, models=("encoder",)),
    Parameter(key="fusion.dimension", choices=(4, 8, 16, 32), models=("fusion",)),
    Parameter(key="fusion.n_cross", low=0, high=3, whole=True, models=("fusion",)),
    Parameter(key="fusion.hidden", choices=([], [32], [64, 32], [128, 64]), models=("fusion",)),
    Parameter(key="fusion.dropout", low=0.0, high=0.5, models=("fusion",)),
    Parameter(key="fusion.learning_rate", low=3e-4, high=1e-2, log=True, models=("fusion",)),
    Parameter(key="fusion.weight_decay", low=1e-5, high=1e-2, log=True, models=("fusion",)),
    Parameter(key="fusion.batch_rows", choices=(256, 1024, 4096), models=("fusion",)),
)
"""The settings of the built-in models."""


def search_space(kinds: Sequence[str], *, has_text: bool, own: Mapping[str, Any]) -> tuple[Parameter, ...]:
    """What is searched for these models.

    Args:
        kinds: The models that the recipe fits.
        has_text: Whether the table has a text column.
        own: `[tune.space]`; where it is not empty, it is the whole space.

    Raises:
        ConfigError: a key that `[model]` does not have, a range that is none, nothing to search.
    """
    if own:
        return tuple(_parameter(key, table) for key, table in own.items())
    found = tuple(p for p in DEFAULT_SPACE if set(p.models) & set(kinds) and (has_text or not p.needs_text))
    if not found:
        raise ConfigError(
            "no settings to search for these models",
            argument="tune.space",
            value=list(kinds),
            hint="Say what to search: [tune.space] with a key of [model] and its low and high, or choices",
        )
    return found


def suggest(space: Sequence[Parameter], trial: Any, kinds: Sequence[str]) -> dict[str, Any]:
    """A setting that the trial proposes, by key; only what the models that are fitted read.

    Where `kind` itself is searched, its value says which models those are.
    """
    values: dict[str, Any] = {}
    fitted = list(kinds)
    for parameter in sorted(space, key=lambda p: p.key != "kind"):
        if parameter.models and not set(parameter.models) & set(fitted):
            continue
        values[parameter.key] = parameter.suggest(trial)
        if parameter.key == "kind":
            fitted = list(values["kind"])
    return values


def with_values(model: ModelConfig, values: Mapping[str, Any]) -> ModelConfig:
    """The model's configuration with these settings.

    >>> with_values(ModelConfig(), {"ridge": 5.0, "gbdt.n_leaves": 7}).gbdt.n_leaves
    7
    """
    table = to_mapping(model)
    for key, value in values.items():
        if key == RIDGE:
            table["ridges"] = [value]
            continue
        section, _, name = key.rpartition(".")
        (table[section] if section else table)[name] = value
    return build(ModelConfig, table, where="model")


def _parameter(key: str, table: Any) -> Parameter:
    allowed = "{ low = ..., high = ..., log = true }, or { choices = [...] }"
    value = _present_value(key)
    if not isinstance(table, Mapping) or set(table) - {"low", "high", "log", "choices"}:
        raise _wrong(key, table, allowed)
    models = next((p.models for p in DEFAULT_SPACE if p.key == key), ())
    if "choices" in table:
        if len(table) > 1 or not isinstance(table["choices"], list) or not table["choices"]:
            raise _wrong(key, table, allowed)
        found = Parameter(key=key, choices=tuple(table["choices"]), models=models)
        for choice in found.choices:
            with_values(ModelConfig(), {key: choice})
        return found
    low: Any = table.get("low")
    high: Any = table.get("high")
    log = table.get("log", False)
    numbers = all(isinstance(x, int | float) and not isinstance(x, bool) for x in (low, high, value))
    if not numbers or not isinstance(log, bool) or not low < high or (log and low <= 0):
        raise _wrong(key, table, allowed + ", low below high, above 0 with log")
    whole = isinstance(value, int)
    if whole and not (isinstance(low, int) and isinstance(high, int)):
        raise _wrong(key, table, "whole numbers")
    for end in (low, high):
        with_values(ModelConfig(), {key: end})
    return Parameter(key=key, low=low, high=high, log=log, whole=whole, models=models)


def _present_value(key: str) -> Any:
    """The default of the key under `[model]`; raises `ConfigError` for one that is not there."""
    known: dict[str, Any] = {RIDGE: 1.0}
    for name, value in to_mapping(ModelConfig()).items():
        known |= {f"{name}.{k}": v for k, v in value.items()} if isinstance(value, dict) else {name: value}
    if key not in known:
        near = difflib.get_close_matches(key, known, n=1)
        raise ConfigError(
            f"unknown key 'tune.space.{key}'",
            allowed=f"a key of [model], or {RIDGE}",
            hint=f"Did you mean '{near[0]}'?" if near else None,
        )
    return known[key]


def _wrong(key: str, value: object, allowed: str) -> ConfigError:
    return ConfigError("no range", argument=f"tune.space.{key}", value=value, allowed=allowed)
