"""Which models are fitted: as the recipe says, or by the data's size and columns; always with a reason."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from adwright.errors import ConfigError
from adwright.predict.model_config import AUTO, ModelConfig
from adwright.predict.models.registry import model_named
from adwright.predict.recipe import PredictRecipe

HASHED_FROM_ROWS = 500_000
"""Rows of a table with text from which n-grams are hashed: their exact vocabulary takes minutes and gigabytes."""

ATTENTION_FROM_ROWS = 20_000
"""Rows of a table with sequences from which attention to the candidate can be learned."""

TREES_FROM_ROWS = 5_000
"""Rows of a table without text from which trees are worth their variance."""


LINEAR = ("logistic", "linear", "pairwise", "transfer")
"""Models whose score is linear in the features: what a warm start can carry over."""


@dataclass(frozen=True, slots=True)
class Choice:
    """What is fitted: the models' names, why, and what stood in the way of others."""

    kinds: tuple[str, ...]
    reason: str
    notes: tuple[str, ...] = ()

    @property
    def wants_exposures(self) -> bool:
        """Whether one of them learns conversions over all exposures."""
        return any(wants_exposures(name) for name in self.kinds)


def wants_exposures(name: str) -> bool:
    """Whether the model of that name learns conversions over all exposures."""
    return bool(getattr(model_named(name), "wants_exposures", False))


def choose_models(
    recipe: PredictRecipe, n_train: int, texts: Sequence[str] = (), *, streamed: bool = False
) -> Choice:
    """The models for a table of `n_train` training rows, in memory or (`streamed`) not all of them.

    "auto" takes no model whose fit may take an hour: an encoder is fitted only where the recipe asks for it.

    Args:
        recipe: What is asked for.
        n_train: How many rows there are to learn from.
        texts: Some of their texts, whose language decides which encoder is read.

    Raises:
        NotFoundError: the recipe names a model that does not exist.
        ConfigError: privacy is asked for, and the model that has it cannot be fitted here.
    """
    wanted = recipe.model.kind
    if wanted == (AUTO,):
        return _of_stream(recipe) if streamed else _by_size(recipe, n_train)
    held, notes = _without_obstacles(wanted, recipe.model, texts)
    if not held:
        return Choice(("logistic",), "none of the models asked for can be fitted here", tuple(notes))
    return Choice(held, "as the recipe says", tuple(notes))


def _by_size(recipe: PredictRecipe, n_train: int) -> Choice:
    if recipe.columns.text:
        if n_train >= HASHED_FROM_ROWS:
            return Choice(("hashed",), f"there is text, {n_train} training rows: its words are hashed")
        return Choice(("logistic",), "there is text; an encoder may order it better and takes minutes")
    if n_train < TREES_FROM_ROWS:
        return Choice(("logistic",), f"{n_train} training rows, below {TREES_FROM_ROWS}: too few for trees")
    if recipe.columns.sequence and n_train >= ATTENTION_FROM_ROWS:
        return Choice(
            ("fusion", "gbdt"),
            f"past behaviour, {n_train} training rows: enough to learn which events a candidate calls to mind",
        )
    return Choice(("gbdt",), f"no text, {n_train} training rows: trees find what columns do jointly")


def _of_stream(recipe: PredictRecipe) -> Choice:
    if recipe.columns.text:
        return Choice(("hashed",), "more rows than memory should hold: 'hashed' reads them all")
    if recipe.columns.sequence:
        return Choice(
            ("fusion",), "past behaviour, more rows than memory should hold: 'fusion' reads them all"
        )
    return Choice(
        ("hashed", "gbdt"),
        "more rows than memory should hold: 'hashed' reads them all, trees find what columns do jointly in a sample",
    )


def _without_obstacles(
    wanted: tuple[str, ...], config: ModelConfig, texts: Sequence[str]
) -> tuple[tuple[str, ...], list[str]]:
    held, notes = [], []
    for name in wanted:
        find: Callable[[ModelConfig, Sequence[str]], str | None] | None
        find = getattr(model_named(name), "obstacle", None)
        obstacle = None if find is None else find(config, texts)
        if obstacle is None:
            held.append(name)
        else:
            if config.encoder.privacy is not None:
                raise ConfigError(
                    f"no private model can be fitted: {obstacle}", argument="model.kind", value=name
                )
            notes.append(f"'{name}' is left out: {obstacle}")
    return tuple(held), notes


def warm_kinds(kinds: tuple[str, ...]) -> tuple[str, ...]:
    """The models of a warm-started fit: `transfer` in the place of the linear ones, or beside the others.

    >>> warm_kinds(("encoder", "logistic")), warm_kinds(("gbdt",))
    (('encoder', 'transfer'), ('gbdt', 'transfer'))
    """
    return (*(kind for kind in kinds if kind not in LINEAR), "transfer")
