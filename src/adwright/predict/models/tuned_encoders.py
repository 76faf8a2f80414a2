"""Fitted encoders: what was tuned, by member, and their scores."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from adwright.backbone.encoders import MINILM, WRITER
from adwright.config import build, to_mapping
from adwright.predict.encoder_config import EncoderConfig, RobustConfig
from adwright.predict.models.model import Arrays, with_mean
from adwright.predict.models.text_contrasts import joined, numbered
from adwright.schema import F64

READS = {MINILM: "MiniLM (English)", WRITER: "the bundled writer (Chinese and English)"}


@dataclass(frozen=True, slots=True, eq=False)
class TunedEncoders:
    """Fine-tuned encoders.

    Args:
        config: How they were tuned; its path is "" for the MiniLM, else what was read.
        columns: Text columns, joined in this order.
        base: Digest of the untuned weights; a model is only ever put on the base that it was tuned from.
        members: By member, the tuned weights.
        n_epochs: That tune chose; 0 where heads alone were learned.
        details: For the card: parameters, the head's ridge, what privacy was spent.
    """

    config: EncoderConfig
    columns: tuple[str, ...]
    base: str
    members: tuple[Mapping[str, npt.NDArray[Any]], ...]
    n_epochs: int
    details: Mapping[str, Any] = field(default_factory=dict)
    _loaded: list[Any] = field(default_factory=list, repr=False)

    def score(self, x: Any, frame: pl.DataFrame) -> F64:
        """(n, 1 + n_members) scores; each distinct text is read once; the sparse features are not needed."""
        del x
        texts, index = numbered(joined(frame, self.columns))
        if not texts:
            return np.zeros((0, 1 + len(self.members)))
        return with_mean(self._scores(texts))[index]

    def pack(self) -> tuple[dict[str, Any], dict[str, npt.NDArray[Any]]]:
        """(values for JSON, arrays)."""
        values = {
            "config": to_mapping(self.config),
            "columns": list(self.columns),
            "base": self.base,
            "n_members": len(self.members),
            "n_epochs": self.n_epochs,
            "details": dict(self.details),
        }
        arrays = {f"member{i}/{k}": a for i, held in enumerate(self.members) for k, a in held.items()}
        return values, arrays

    def summary(self) -> dict[str, Any]:
        """What it is, what tune chose, how much of it was tuned."""
        chosen = {} if self.config.tuning == "frozen" else {"epochs_chosen_on_tune": self.n_epochs}
        return {
            "base": self.base,
            "encoder": READS.get(self.config.path or MINILM, self.config.path),
            "tuning": self.config.tuning,
            **chosen,
            **({} if self.config.robust == RobustConfig() else {"robust": to_mapping(self.config.robust)}),
            "n_encoders": len(self.members),
            **{key: None if held == float("inf") else held for key, held in self.details.items()},
        }

    def _scores(self, texts: Sequence[str]) -> F64:
        """(n_texts, n_members)."""
        if self.config.tuning == "frozen":
            return self._frozen_scores(texts)
        if not self._loaded:
            from adwright.predict.models.text_encoder import load_tuned

            self._loaded.extend(load_tuned(self.config, self.base, held) for held in self.members)
        return np.column_stack([encoder.score(texts) for encoder in self._loaded])

    def _frozen_scores(self, texts: Sequence[str]) -> F64:
        """As `_scores`: every member's head reads the same features."""
        if not self._loaded:
            from adwright.predict.models.text_encoder import load_tuned

            self._loaded.append(load_tuned(self.config, self.base, self.members[0]))
        heads = np.array([np.asarray(held["head.weight"], np.float64)[0] for held in self.members])
        return np.asarray(self._loaded[0].pooled(texts) @ heads.T)

    @classmethod
    def unpack(cls, values: Mapping[str, Any], arrays: Arrays) -> TunedEncoders:
        """The inverse of `pack`."""
        members: list[dict[str, npt.NDArray[Any]]] = [{} for _ in range(values["n_members"])]
        for key, array in arrays.items():
            member, _, name = key.partition("/")
            members[int(member.removeprefix("member"))][name] = array
        return cls(
            build(EncoderConfig, values["config"]),
            tuple(values["columns"]),
            values["base"],
            tuple(members),
            int(values["n_epochs"]),
            values.get("details", {}),
        )
