"""Models of a rate by name. Another package adds one with an entry point in the group `adwright.models`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib.metadata import entry_points

from adwright.errors import unknown_name
from adwright.predict.models.encoder import Encoder
from adwright.predict.models.frozen_encoder import FrozenEncoder
from adwright.predict.models.fusion import Fusion
from adwright.predict.models.gbdt import Gbdt
from adwright.predict.models.hashed import Hashed
from adwright.predict.models.linear import Linear
from adwright.predict.models.logistic import Logistic
from adwright.predict.models.model import ModelKind
from adwright.predict.models.pairwise import Pairwise
from adwright.predict.models.transfer import Transfer

ENTRY_POINT_GROUP = "adwright.models"

_BUILT_IN: Mapping[str, Callable[[], ModelKind]] = {
    "logistic": Logistic,
    "linear": Linear,
    "pairwise": Pairwise,
    "gbdt": Gbdt,
    "encoder": Encoder,
    "frozen": FrozenEncoder,
    "fusion": Fusion,
    "transfer": Transfer,
    "hashed": Hashed,
}


def model_names() -> tuple[str, ...]:
    """The names of all models, built in or installed, sorted."""
    return tuple(sorted({*_BUILT_IN, *entry_points(group=ENTRY_POINT_GROUP).names}))


def model_named(name: str) -> ModelKind:
    """The model of that name.

    Raises:
        NotFoundError: there is none; the message proposes the nearest name.

    >>> model_named("logistic").name
    'logistic'
    """
    if name in _BUILT_IN:
        return _BUILT_IN[name]()
    for entry in entry_points(group=ENTRY_POINT_GROUP, name=name):
        made: ModelKind = entry.load()()
        return made
    raise unknown_name("model", name, model_names())
