"""The options of the recommenders that are networks: `[recommend.sasrec]`, `.two_tower`, `.semantic`."""

from __future__ import annotations

from dataclasses import dataclass

from adwright.errors import ConfigError


@dataclass(frozen=True, slots=True, kw_only=True)
class SasrecConfig:
    """`[recommend.sasrec]`.

    Args:
        size: Of an embedding.
        n_layers, n_heads: Of the transformer; the heads share `size`.
        dropout: Part of the activations dropped while it learns.
        max_history: Only so many of the latest interactions are looked at.
        visit_minutes: A visit ends where a customer does nothing for so long; what is asked for is the next one.
        answer_half_life_days: After so many days what came next counts half as a lesson: seasons pass.
        n_epochs: At most; an epoch sees every customer once.
        patience: Epochs without a gain on `tune` before it stops.
        batch: Customers a step.
        n_places: Places of each history that ask for what comes next, in a step.
        learning_rate: Of AdamW, after 20 steps of warm-up.
        max_items: The most products that take part; memory is some 16 bytes x size x max_items while it learns.
        n_negatives: With more products than that the softmax runs over so many of them, drawn anew a step.
    """

    size: int = 64
    n_layers: int = 2
    n_heads: int = 2
    dropout: float = 0.2
    max_history: int = 64
    visit_minutes: float = 60.0
    answer_half_life_days: float = 30.0
    n_epochs: int = 30
    patience: int = 3
    batch: int = 64
    n_places: int = 16
    learning_rate: float = 3e-3
    max_items: int = 50_000
    n_negatives: int = 8_192

    def __post_init__(self) -> None:
        _check("recommend.sasrec", self, exempt=("dropout",))
        _share("recommend.sasrec.dropout", self.dropout)
        if self.size % self.n_heads:
            raise ConfigError(
                "the heads do not share the size evenly",
                argument="recommend.sasrec.n_heads",
                value=self.n_heads,
                allowed=f"a divisor of {self.size}",
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class TwoTowerConfig:
    """`[recommend.two_tower]`.

    Args:
        size: Of a vector of a product or a customer.
        n_hashes: Rows of the table that words, n-grams and attributes are hashed into.
        id_dropout: How often a sold product is learned from what it is alone, without its own row; 1 gives no
            product a row of its own.
        max_history: Only so many of the latest interactions are looked at.
        visit_minutes, answer_half_life_days: As for sasrec.
        n_epochs: At most; in an epoch every customer asks at most `n_places` times.
        patience: Epochs without a gain on `tune` before it stops.
        batch: Questions a step; the others' answers are each one's negatives.
        n_places: Places of each history that ask for what comes next, in an epoch.
        learning_rate: Of AdamW.
        temperature: What the cosine of the two vectors is divided by.
        half_life_days: Of the history's fading.
    """

    size: int = 64
    n_hashes: int = 32_768
    id_dropout: float = 0.5
    max_history: int = 32
    visit_minutes: float = 60.0
    answer_half_life_days: float = 30.0
    n_epochs: int = 30
    patience: int = 3
    batch: int = 512
    n_places: int = 8
    learning_rate: float = 5e-3
    temperature: float = 0.1
    half_life_days: float = 180.0

    def __post_init__(self) -> None:
        _check("recommend.two_tower", self, exempt=("id_dropout",))
        if not 0 <= self.id_dropout <= 1:
            raise ConfigError(
                "not a share",
                argument="recommend.two_tower.id_dropout",
                value=self.id_dropout,
                allowed="[0, 1]",
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class SemanticConfig:
    """`[recommend.semantic]`.

    Args:
        model: A folder or id of a causal language model; empty for the bundled writer.
        n_levels: Codes of a product's id, before the one that tells products of like ids apart.
        n_codes: Different codes a level.
        rank: Of the LoRA that is trained, beside the vectors of the codes.
        max_history: Only so many of the latest interactions are looked at.
        visit_minutes, answer_half_life_days: As for sasrec.
        n_steps: At most, and no more than would see every customer `n_epochs` times.
        n_epochs: See `n_steps`.
        judge_every: Steps from one look at `tune` to the next.
        patience: Looks without a gain before it stops.
        batch: Rows a step.
        n_ahead: Products that are asked for after a history, one visit after the other.
        title_share: Part of the rows that ask for the id of a title, so that products never sold are named too.
        title_tokens: Tokens of a title that are read.
        learning_rate: Of AdamW.
        n_beams: Branches of the ids that are followed to the next level.
    """

    model: str = ""
    n_levels: int = 2
    n_codes: int = 64
    rank: int = 8
    max_history: int = 8
    visit_minutes: float = 60.0
    answer_half_life_days: float = 30.0
    n_steps: int = 400
    n_epochs: int = 10
    judge_every: int = 100
    patience: int = 2
    batch: int = 32
    n_ahead: int = 4
    title_share: float = 0.25
    title_tokens: int = 16
    learning_rate: float = 2e-3
    n_beams: int = 24

    def __post_init__(self) -> None:
        _check("recommend.semantic", self, exempt=("model", "title_share"))
        _share("recommend.semantic.title_share", self.title_share)


def _check(where: str, config: object, *, exempt: tuple[str, ...]) -> None:
    for name in getattr(config, "__dataclass_fields__", {}):
        if name not in exempt and not getattr(config, name) > 0:
            raise ConfigError(
                "must be positive", argument=f"{where}.{name}", value=getattr(config, name), allowed="> 0"
            )


def _share(argument: str, value: float) -> None:
    if not 0 <= value < 1:
        raise ConfigError("not a share", argument=argument, value=value, allowed="[0, 1)")
