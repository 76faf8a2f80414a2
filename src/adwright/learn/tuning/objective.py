"""What a study minimises: the log-loss of models with a setting, on outcomes they did not learn from, step by step.

A step is one fit: first a cheap one on a share of the training groups, which only prunes, then one a fold.

Where successes come late or contents stand in positions, trials count as far as a success would have been seen, as in
the fit. How far that is, the recipe's own setting says, once a step: so the outcomes are the same for every setting.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

import numpy as np

from adwright.errors import ConfigError, DataError, NotFoundError
from adwright.learn.tuning.folds import Fold, make_folds
from adwright.learn.tuning.judging import Losses, judge
from adwright.predict.exposures import Exposures, learns_over_exposures, read_exposures
from adwright.predict.features import FeatureMap
from adwright.predict.fitting import with_effective_trials
from adwright.predict.linear_source import LinearSource
from adwright.predict.model_config import ModelConfig
from adwright.predict.models.blend import blend_on_tune
from adwright.predict.models.choice import choose_models, wants_exposures, warm_kinds
from adwright.predict.models.model import FitData
from adwright.predict.models.nuisance import Nuisance
from adwright.predict.models.text_contrasts import some_texts
from adwright.predict.predictor import Predictor
from adwright.predict.recipe import PredictRecipe
from adwright.predict.rows import Index, Rows
from adwright.predict.table import Table
from adwright.predict.warm_start import linear_sources

SMALL = 2_000
"""Training rows below which a cheap first look is not cheaper enough to be worth it."""

_FEATURE_SETTINGS = ("word_ngrams", "char_ngrams", "min_word_texts", "min_char_texts", "max_terms")
_HELD_FEATURES = 2  # settings of n-grams whose matrices are kept: some 100 MB a fold with 20,000 texts


@dataclass(frozen=True, eq=False)
class Objective:
    """The losses of settings on one table.

    Args:
        table: The data.
        target: The rate that is judged.
        n_folds: Slices.
        first_share: Of the training groups in the first step; 1 for no such step.
        source: What a model trained elsewhere says of a row; None for a cold start.
        seed: Of the split, of fits, and of the thinning; the same for every setting, so that they are paired.
    """

    table: Table
    target: str
    n_folds: int = 3
    first_share: float = 0.3
    source: LinearSource | None = None
    seed: int = 0
    _features: dict[Any, tuple[Rows, Rows]] = field(default_factory=dict, repr=False)
    _tables: dict[int, Table] = field(default_factory=dict, repr=False)

    def __post_init__(self) -> None:
        if self.table.recipe.model.encoder.privacy is not None:
            raise ConfigError(
                "tuning learns from the outcomes again and again, which no privacy budget counts",
                argument="model.encoder.privacy",
                allowed="a recipe without it",
                hint="Choose settings on data that may be read, and leave [tune] out here",
            )

    @cached_property
    def folds(self) -> tuple[Fold, ...]:
        """The slices, the tune block first."""
        return make_folds(self.table, self.n_folds, seed=self.seed)

    @cached_property
    def steps(self) -> tuple[Fold, ...]:
        """The fits of a setting, in order: the cheap look, if there is one, then the folds."""
        whole = self.folds[0]
        if self.first_share >= 1 or int(whole.learned.sum()) < SMALL:
            return self.folds
        return (whole.thinned(self._units, self.first_share), *self.folds)

    @property
    def n_looks(self) -> int:
        """Steps that only prune: 0 or 1."""
        return len(self.steps) - len(self.folds)

    @cached_property
    def kinds(self) -> tuple[str, ...]:
        """The models that the recipe fits on this table."""
        return self._kinds(self.table.recipe, int(self.folds[0].learned.sum()))

    def losses(
        self, model: ModelConfig, step: int, *, progress: Callable[[str], None] = lambda _: None
    ) -> Losses:
        """The losses of that setting at that step.

        Args:
            model: The setting.
            step: Place in `steps`.
            progress: Takes the lines of the fit.

        Raises:
            DataError: the fold has no outcomes of the target.
        """
        recipe = replace(self.table.recipe, model=model)
        learned, judged = self._rows(recipe, step)
        nuisance = Nuisance.learn(learned, np.random.default_rng(self.seed))
        kinds = self._kinds(recipe, len(learned))
        data = FitData(
            train=learned,
            tune=judged,
            config=model,
            roles=recipe.roles,
            rng=np.random.default_rng(self.seed),
            progress=progress,
            source=self.source,
            candidates=recipe.candidates,
            exposed=self._exposed(step) if any(wants_exposures(name) for name in kinds) else None,
        )
        score = blend_on_tune(kinds, data)
        clusters = judged.content if self.table.group is None or judged.group is None else judged.group
        return judge(judged, score, nuisance, clusters=clusters)

    def _kinds(self, recipe: PredictRecipe, n_train: int) -> tuple[str, ...]:
        texts = some_texts(self.table.frame.filter(self.folds[0].learned), recipe.columns.text)
        kinds = choose_models(recipe, n_train, texts).kinds
        return kinds if self.source is None else warm_kinds(kinds)

    def _rows(self, recipe: PredictRecipe, step: int) -> tuple[Rows, Rows]:
        """Teaching and judging rows with their features, of the last few feature settings."""
        key = (step, *(getattr(recipe.model, name) for name in _FEATURE_SETTINGS))
        if key not in self._features:
            while len(self._features) >= _HELD_FEATURES * len(self.steps):
                self._features.pop(next(iter(self._features)))
            fold = self.steps[step]
            features = FeatureMap.learn(self.table.frame.filter(fold.learned), recipe)
            rows = []
            for mask in (fold.learned, fold.judged):
                found, _ = self._observed(step).rows(
                    self.target, mask, features.transform(self.table.frame.filter(mask))
                )
                if not len(found):
                    raise DataError(
                        f"no outcomes of '{self.target}' in a slice of the tune block or before it",
                        argument="tune.folds",
                        value=self.n_folds,
                        hint="Use fewer folds, or another target",
                    )
                rows.append(found)
            self._features[key] = (rows[0], rows[1])
        return self._features[key]

    def _observed(self, step: int) -> Table:
        """The table with the trials of the step's rows counted as far as a success would have been seen."""
        recipe = self.table.recipe
        if recipe.position is None and all(rate.delay is None for rate in recipe.rates.values()):
            return self.table
        if step not in self._tables:
            fold = self.steps[step]
            features = FeatureMap.learn(self.table.frame.filter(fold.learned), recipe)
            masks = {"learned": fold.learned, "judged": fold.judged}
            x = {name: features.transform(self.table.frame.filter(mask)) for name, mask in masks.items()}
            self._tables[step], _ = with_effective_trials(self.table, masks, x, lambda _: None)
        return self._tables[step]

    def _exposed(self, step: int) -> dict[str, Exposures] | None:
        """The exposures of teaching and judging rows, where conversions are learned from them."""
        if self.target != "conversion" or not learns_over_exposures(self.table.recipe):
            return None
        fold = self.steps[step]
        return {
            name: read_exposures(self.table, mask)
            for name, mask in (("train", fold.learned), ("tune", fold.judged))
        }

    @cached_property
    def _units(self) -> Index:
        return self.table.content if self.table.group is None else self.table.group


def source_of(recipe: PredictRecipe, target: str) -> LinearSource | None:
    """What the recipe's `model.warm_start` says of that rate; None where it names no model."""
    if not recipe.model.warm_start:
        return None
    held = Predictor.load(recipe.model.warm_start)
    return linear_sources(held.parts, held.recipe, recipe).get(target)


def target_of(recipe: PredictRecipe, wanted: str | None) -> str:
    """The rate that is judged: as wanted, else the recipe's first.

    Raises:
        NotFoundError: the recipe has no such rate, or none at all.
    """
    rates = tuple(recipe.rates)
    if wanted is None and rates:
        return rates[0]
    if wanted not in rates:
        raise NotFoundError(
            "not a rate of the recipe", argument="tune.target", value=wanted, allowed=", ".join(rates)
        )
    return wanted
