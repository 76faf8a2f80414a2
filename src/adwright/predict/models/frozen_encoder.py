"""The encoder's frozen form as a model of its own, so that it can be blended with a tuned one.

A tuned encoder leaves the features that it started from; a head on a middle layer of the untuned one errs
elsewhere, and costs one pass over the texts.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from adwright.errors import ConfigError
from adwright.predict.encoder_config import RobustConfig
from adwright.predict.model_config import ModelConfig
from adwright.predict.models.encoder import Encoder
from adwright.predict.models.model import Arrays, Fit, FitData
from adwright.predict.models.tuned_encoders import TunedEncoders
from adwright.predict.rows import Rows
from adwright.schema import F64


class FrozenEncoder:
    """A linear head on the encoder of `[model.encoder]`, whatever is tuned there; folds of train choose its layer."""

    name = "frozen"

    def obstacle(self, config: ModelConfig, texts: Sequence[str] = ()) -> str | None:
        """As the encoder's."""
        return Encoder().obstacle(config, texts)

    def fit(self, data: FitData) -> Fit:
        """As the encoder's with `tuning = "frozen"`."""
        return Encoder().fit(_frozen(data))

    def on_tune(self, data: FitData) -> F64:
        """As `Fit.on_tune`, without the members."""
        return Encoder().on_tune(_frozen(data))

    def refit(self, model: TunedEncoders, rows: Rows, data: FitData) -> TunedEncoders:
        """As the encoder's."""
        return Encoder().refit(model, rows, _frozen(data))

    def unpack(self, values: Mapping[str, Any], arrays: Arrays) -> TunedEncoders:
        """The inverse of `TunedEncoders.pack`."""
        return TunedEncoders.unpack(values, arrays)


def _frozen(data: FitData) -> FitData:
    encoder = data.config.encoder
    if encoder.privacy is not None:
        raise ConfigError("not private", argument="model.kind", value="frozen", allowed='"encoder"')
    smoothing = RobustConfig(label_smoothing=encoder.robust.label_smoothing)
    cut = replace(encoder, tuning="frozen", n_layers=0, robust=smoothing)
    return replace(data, config=replace(data.config, encoder=cut))
