"""What a model of a rate is: rows with outcomes in, a score on the log-odds and its members' scores out.

A model orders rows; its score is known up to a shift and a slope, which `rate_model` fits on `calibrate`.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol, runtime_checkable

import numpy as np
import numpy.typing as npt
import polars as pl

from adwright.predict.exposures import Exposures
from adwright.predict.linear_source import LinearSource
from adwright.predict.model_config import ModelConfig
from adwright.predict.rows import Rows
from adwright.schema import F64

Progress = Callable[[str], None]
Arrays = Mapping[str, npt.NDArray[Any]]


@dataclass(frozen=True, slots=True, eq=False)
class Streamed:
    """Training rows of which `FitData.train` is but a sample.

    Args:
        rows: Reads them once more, in batches.
        exposures: The same with all that came of them.
        n_rows: Of those with outcomes of the rate.
        n_values: Different values of their categorical columns, estimated.
    """

    rows: Callable[[], Iterator[Rows]]
    exposures: Callable[[], Iterator[Exposures]]
    n_rows: int
    n_values: int

    def n_passes(self, n_epochs: int, n_sample: int) -> int:
        """Over all rows, such that no fewer are looked at than in so many epochs over the sample."""
        return max(1, math.ceil(n_epochs * n_sample / max(self.n_rows, 1)))


@dataclass(frozen=True, slots=True, eq=False)
class FitData:
    """What a model is fitted on.

    Args:
        train: Rows that weights are learned from.
        tune: Rows that choose; they join the training rows once everything is chosen.
        config: The recipe's `[model]`.
        roles: Feature column -> text, categorical or numeric.
        rng: Of whatever is random.
        progress: Takes a line a step.
        notes: What could not be done and why; a model appends.
        source: What a model trained elsewhere says of a row; None for a cold start.
        candidates: Sequence column -> the categorical column that its events are compared with.
        exposed: By block (train, tune, calibrate), every exposure with all that came of it, for a model that
            learns conversions given click where nobody clicked, too; None where there is nothing of the kind.
        streamed: All training rows, where they are too many for memory; a model that does not read them has
            learned from a sample.
    """

    train: Rows
    tune: Rows
    config: ModelConfig
    roles: Mapping[str, str]
    rng: np.random.Generator
    progress: Progress
    notes: list[str] = field(default_factory=list)
    source: LinearSource | None = None
    candidates: Mapping[str, str] = field(default_factory=dict)
    exposed: Mapping[str, Exposures] | None = None
    streamed: Streamed | None = None


@runtime_checkable
class FittedModel(Protocol):
    """A fitted model."""

    def score(self, x: Any, frame: pl.DataFrame) -> F64:
        """(n, 1 + n_members) scores on the log-odds: of the model, then of its members.

        The members' disagreement says how surely the model knows.

        Args:
            x: (n, p) sparse features, as `FeatureMap.transform` makes them.
            frame: (n, ...) the feature columns themselves.
        """
        ...

    def pack(self) -> tuple[dict[str, Any], dict[str, npt.NDArray[Any]]]:
        """(values for JSON, arrays)."""
        ...

    def summary(self) -> dict[str, Any]:
        """What was chosen in the fit, for the model's card."""
        ...


@dataclass(frozen=True, slots=True, eq=False)
class Fit:
    """A fitted model, and (n_tune,) the scores that it had for `tune` before it learned from it."""

    model: FittedModel
    on_tune: F64


@runtime_checkable
class ModelKind(Protocol):
    """A model that can be fitted and unpacked."""

    @property
    def name(self) -> str:
        """Its name in the registry."""
        ...

    def fit(self, data: FitData) -> Fit:
        """The model learned from the rows; raises one of our errors where it cannot be."""
        ...

    def refit(self, model: Any, rows: Rows, data: FitData) -> FittedModel:
        """The model with what it has chosen, its weights learned from other rows.

        Args:
            model: What `fit` made.
            rows: What to learn from; `data` gives the rest.
            data: As `fit` got it.
        """
        ...

    def unpack(self, values: Mapping[str, Any], arrays: Arrays) -> FittedModel:
        """The inverse of `FittedModel.pack`."""
        ...


def with_mean(members: F64) -> F64:
    """(n, 1 + n_members): the mean of the (n, n_members) scores before them."""
    return np.column_stack([members.mean(axis=1), members])
