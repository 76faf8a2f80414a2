"""Models of a rate by name. Another package adds one with an entry point in the group `adwright.models`."""

from __future__ import annotations

from typing import cast

from adwright.predict.models.model import ModelKind
from adwright.registry import Registry

MODELS = Registry(
    "model",
    "adwright.models",
    {
        "logistic": "adwright.predict.models.logistic:Logistic",
        "linear": "adwright.predict.models.linear:Linear",
        "pairwise": "adwright.predict.models.pairwise:Pairwise",
        "gbdt": "adwright.predict.models.gbdt:Gbdt",
        "encoder": "adwright.predict.models.encoder:Encoder",
        "frozen": "adwright.predict.models.frozen_encoder:FrozenEncoder",
        "fusion": "adwright.predict.models.fusion:Fusion",
        "transfer": "adwright.predict.models.transfer:Transfer",
        "hashed": "adwright.predict.models.hashed:Hashed",
    },
)


def model_named(name: str) -> ModelKind:
    """The model of that name.

    Raises:
        NotFoundError: there is none; the message proposes the nearest name.

    >>> model_named("logistic").name
    'logistic'
    """
    return cast(ModelKind, MODELS.load(name)())
