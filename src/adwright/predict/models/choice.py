"""Which models are fitted: as the recipe says, or by the data's size and columns; always with a reason."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from adwright.predict.model_config import AUTO, ModelConfig
from adwright.predict.models.registry import model_named
from adwright.predict.recipe import PredictRecipe

TREES_FROM_ROWS = 5_000
"""Rows of a table without text from which trees are worth their variance."""


@dataclass(frozen=True, slots=True)
class Choice:
    """What is fitted: the models' names, why, and what stood in the way of others."""

    kinds: tuple[str, ...]
    reason: str
    notes: tuple[str, ...] = ()

    @property
    def wants_exposures(self) -> bool:
        """Whether one of them learns conversions over all exposures."""
        return any(getattr(model_named(name), "wants_exposures", False) for name in self.kinds)


def choose_models(recipe: PredictRecipe, n_train: int, *, streamed: bool = False) -> Choice:
    """The models for a table of `n_train` training rows, in memory or (`streamed`) not all of them.

    "auto" never takes minutes: an encoder is fitted only where the recipe asks for it.

    Raises:
        NotFoundError: the recipe names a model that does not exist.
    """
    wanted = recipe.model.kind
    if wanted == (AUTO,):
        return _of_stream(recipe) if streamed else _by_size(recipe, n_train)
    held, notes = _without_obstacles(wanted, recipe.model)
    if not held:
        return Choice(("logistic",), "none of the models asked for can be fitted here", tuple(notes))
    return Choice(held, "as the recipe says", tuple(notes))


def _by_size(recipe: PredictRecipe, n_train: int) -> Choice:
    if recipe.columns.text:
        return Choice(("logistic",), "there is text; an encoder may order it better and takes minutes")
    if n_train >= TREES_FROM_ROWS:
        return Choice(("gbdt",), f"no text, {n_train} training rows: trees find what columns do jointly")
    return Choice(("logistic",), f"{n_train} training rows, below {TREES_FROM_ROWS}: too few for trees")


def _of_stream(recipe: PredictRecipe) -> Choice:
    if recipe.columns.text or recipe.columns.sequence:
        return Choice(("hashed",), "more rows than memory should hold: 'hashed' reads them all, once")
    return Choice(
        ("hashed", "gbdt"),
        "more rows than memory should hold: 'hashed' reads them all, trees find what columns do jointly in a sample",
    )


def _without_obstacles(wanted: tuple[str, ...], config: ModelConfig) -> tuple[tuple[str, ...], list[str]]:
    held, notes = [], []
    for name in wanted:
        find: Callable[[ModelConfig], str | None] | None = getattr(model_named(name), "obstacle", None)
        obstacle = None if find is None else find(config)
        if obstacle is None:
            held.append(name)
        else:
            notes.append(f"'{name}' is left out: {obstacle}")
    return tuple(held), notes
