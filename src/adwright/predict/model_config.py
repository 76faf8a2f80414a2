"""How models are fitted: the `[model]` table of a recipe and its sub-tables, one a model that has settings."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from adwright.errors import ConfigError
from adwright.predict.encoder_config import EncoderConfig

AUTO = "auto"


@dataclass(frozen=True, slots=True, kw_only=True)
class GbdtConfig:
    """`[model.gbdt]`: gradient-boosted trees (LightGBM).

    Args:
        n_rounds: Trees at most; `tune` stops earlier.
        patience: Rounds without a gain on `tune` after which to stop.
        learning_rate: Of each tree.
        n_leaves: Of a tree.
        min_rows_in_leaf: Of a leaf.
        column_share: Columns that a tree may look at, in (0, 1].
        row_share: Rows that a tree learns from, in (0, 1].
        l2: Ridge on the leaves' values.
        category_l2: The same where a split is by category.
        n_members: Boosters, each with its own seed; their mean predicts.
    """

    n_rounds: int = 2000
    patience: int = 60
    learning_rate: float = 0.05
    n_leaves: int = 31
    min_rows_in_leaf: int = 20
    column_share: float = 0.5
    row_share: float = 0.8
    l2: float = 1.0
    category_l2: float = 20.0
    n_members: int = 3

    def __post_init__(self) -> None:
        for name in ("n_rounds", "patience", "min_rows_in_leaf"):
            if getattr(self, name) < 1:
                raise _wrong(f"gbdt.{name}", getattr(self, name), "1 or more")
        if self.n_leaves < 2 or self.n_members < 2:
            raise _wrong("gbdt.n_leaves", self.n_leaves, "n_leaves and n_members of 2 or more")
        for name in ("learning_rate", "column_share", "row_share"):
            if not 0 < getattr(self, name) <= 1:
                raise _wrong(f"gbdt.{name}", getattr(self, name), "in (0, 1]")
        for name in ("l2", "category_l2"):
            if not getattr(self, name) >= 0:
                raise _wrong(f"gbdt.{name}", getattr(self, name), "0 or more")


@dataclass(frozen=True, slots=True, kw_only=True)
class FusionConfig:
    """`[model.fusion]`: embeddings of hashed fields, crossed and mixed by a small network.

    Args:
        dimension: Of an embedding.
        n_cross: Cross layers.
        hidden: Widths of the layers beside them.
        dropout: Of those and of the embeddings, in [0, 1).
        learning_rate: Highest of the schedule.
        weight_decay: Of the embeddings, added to their gradient: what a row seldom shows is held down most.
        n_epochs: At most; `tune` chooses.
        batch_rows: Rows a step.
        n_members: Networks, each with its own seed; their mean predicts.
    """

    dimension: int = 16
    n_cross: int = 2
    hidden: tuple[int, ...] = (64, 32)
    dropout: float = 0.2
    learning_rate: float = 2e-3
    weight_decay: float = 3e-4
    n_epochs: int = 20
    batch_rows: int = 1024
    n_members: int = 3

    def __post_init__(self) -> None:
        for name, least in (("dimension", 1), ("n_epochs", 1), ("batch_rows", 1), ("n_members", 2)):
            if getattr(self, name) < least:
                raise _wrong(f"fusion.{name}", getattr(self, name), f"{least} or more")
        if self.n_cross < 0 or any(width < 1 for width in self.hidden):
            raise _wrong("fusion.hidden", self.hidden, "widths of 1 or more, n_cross of 0 or more")
        if not 0 <= self.dropout < 1 or self.learning_rate <= 0 or self.weight_decay < 0:
            raise _wrong("fusion.dropout", self.dropout, "dropout in [0, 1), positive rates")


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelConfig:
    """How the rates are fitted.

    Args:
        kind: Names of models; several are blended, with weights from `tune`. "auto" chooses by the data's size
            and columns; the model's card says what and why.
        word_ngrams: Shortest and longest run of words; every Han character counts as a word.
        char_ngrams: Shortest and longest run of characters within a word; (0, 0) for none.
        min_word_texts: Texts that a word n-gram must stand in.
        min_char_texts: The same for a character n-gram.
        max_terms: N-grams kept a text column, the most frequent.
        ridges: Candidate ridge penalties; `tune` chooses.
        n_members: Members of the linear ensembles, each fitted on its own bootstrap of the groups.
        refit: Learn the weights once more, from calibrate too, when it has given slope, level and spread: the
            latest rows are worth having where texts age. The spread then errs on the wide side.
        warm_start: A model trained elsewhere to start from: its folder, or in a workspace NAME@VERSION; "" for none.
        order_value: What expects the value of an order: "linear", or "fusion" for a log-normal learned together
            with click and purchase.
        encoder: Settings of the model "encoder".
        gbdt: Settings of the model "gbdt".
        fusion: Settings of the model "fusion".
    """

    kind: tuple[str, ...] = (AUTO,)
    word_ngrams: tuple[int, ...] = (1, 2)
    char_ngrams: tuple[int, ...] = (2, 5)
    min_word_texts: int = 2
    min_char_texts: int = 5
    max_terms: int = 200_000
    ridges: tuple[float, ...] = (3.0, 10.0, 30.0, 60.0, 120.0, 300.0, 1000.0)
    n_members: int = 4
    refit: bool = False
    warm_start: str = ""
    order_value: Literal["linear", "fusion"] = "linear"
    encoder: EncoderConfig = field(default_factory=EncoderConfig)
    gbdt: GbdtConfig = field(default_factory=GbdtConfig)
    fusion: FusionConfig = field(default_factory=FusionConfig)

    def __post_init__(self) -> None:
        for name in ("word_ngrams", "char_ngrams"):
            bounds = getattr(self, name)
            if len(bounds) != 2 or not 0 <= bounds[0] <= bounds[1] <= 8:
                raise _wrong(name, bounds, "[1, 2], say: a range of n-grams")
        if not self.ridges or min(self.ridges) <= 0:
            raise _wrong("ridges", self.ridges, "at least one, all positive")
        if self.n_members < 2 or self.max_terms < 1:
            raise _wrong("n_members", self.n_members, "n_members of 2 or more, max_terms of 1 or more")
        if (
            not self.kind
            or len(set(self.kind)) != len(self.kind)
            or (AUTO in self.kind and len(self.kind) > 1)
        ):
            raise _wrong("kind", self.kind, '["auto"], or one or more different models')
        self._check_robust()
        if self.encoder.privacy is not None:
            self._check_private()

    def _check_robust(self) -> None:
        """Raises where a switch is on and no model has it: it would be left out without a word."""
        robust = self.encoder.robust
        smooths = ("encoder", "frozen")
        for name, off, having in (
            ("attack", "none", ("encoder",)),
            ("text_noise", "none", ("encoder",)),
            ("label_smoothing", 0.0, smooths),
        ):
            value = getattr(robust, name)
            if value != off and not set(having) & set(self.kind):
                names = " or ".join(f'"{kind}"' for kind in having)
                raise _wrong(
                    f"encoder.robust.{name}",
                    value,
                    f"{off!r} where model.kind has no {names}: the other models have no such switch",
                )

    def _check_private(self) -> None:
        """Raises where something beside the encoder's head would learn from outcomes what the head must not."""
        if self.kind != ("encoder",):
            raise _wrong(
                "kind",
                self.kind,
                '["encoder"] where there is model.encoder.privacy: no other model is private',
            )
        if self.warm_start:
            raise _wrong(
                "warm_start",
                self.warm_start,
                "nothing where there is model.encoder.privacy: 'transfer' is not private",
            )
        if self.order_value != "linear":
            raise _wrong(
                "order_value",
                self.order_value,
                "linear where there is model.encoder.privacy: no network beside the encoder is private",
            )


def _wrong(name: str, value: object, allowed: str) -> ConfigError:
    return ConfigError("a setting out of range", argument=f"model.{name}", value=value, allowed=allowed)
