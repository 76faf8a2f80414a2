"""What is compared: ways to write for AdvertiseGen's held-out attributes. Ids are permanent."""

from __future__ import annotations

from dataclasses import dataclass

from adwright.backbone.adapters import AdapterConfig


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """One writer.

    Args:
        id: Permanent.
        adapter: What of the model is trained; None for a model as it is.
        by_rule: The composer writes; no model at all.
        learning_rate: The greatest, for what is trained.
    """

    id: str
    adapter: AdapterConfig | None = None
    by_rule: bool = False
    learning_rate: float = 2e-3


SCENARIOS = (
    Scenario(id="compose", by_rule=True),
    Scenario(id="none"),
    Scenario(id="lora-8", adapter=AdapterConfig(method="lora", rank=8)),
    Scenario(id="lora-8-embeddings", adapter=AdapterConfig(method="lora", rank=8, train_embeddings=True)),
    Scenario(
        id="adalora-8-embeddings", adapter=AdapterConfig(method="adalora", rank=8, train_embeddings=True)
    ),
    Scenario(
        id="bottleneck-32-embeddings",
        adapter=AdapterConfig(method="bottleneck", bottleneck_size=32, train_embeddings=True),
    ),
    Scenario(
        id="top-1-embeddings",
        adapter=AdapterConfig(method="top_layers", n_top_layers=1, train_embeddings=True),
    ),
)
