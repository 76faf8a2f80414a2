"""How far a text claims more than the evidence bears out: a linear model over `features`, an output a family.

Source: logistic regression with an L2 penalty (Hastie, Tibshirani, Friedman 2009, 4.4). Trained by
`benchmarks/guards/borne_out/train.py`, mostly on labelled texts by writers on whose rows few rules were written, so
that what the rules find weighs what it is worth on texts that they do not know.
"""

from __future__ import annotations

import base64
import functools
import json
from collections.abc import Mapping, Set
from dataclasses import dataclass
from importlib.resources import files
from typing import Any

import numpy as np
from numpy.typing import NDArray

from adwright.errors import DataError
from adwright.generate.guards.borne_out.features import KINDS, Features
from adwright.generate.guards.meaning.model import share


@dataclass(frozen=True)
class EvidenceModel:
    """The weights.

    Args:
        families: Of the outputs.
        index: Kind -> feature -> row.
        weights: (n_features, n_families), float32.
        bias: (n_families,).
        asks: At or above it a person has to look though no rule has spoken.
        lets: Below it what a rule found is told and does not stop the text.
    """

    families: tuple[str, ...]
    index: Mapping[str, Mapping[str, int]]
    weights: NDArray[np.float32]
    bias: NDArray[np.float32]
    asks: float
    lets: float

    @classmethod
    def read(cls, text: str) -> EvidenceModel:
        """The model of a JSON text, as `train.py` writes it.

        Raises:
            DataError: Its features are of other kinds than `KINDS`.
        """
        data: dict[str, Any] = json.loads(text)
        families: dict[str, dict[str, float]] = data["families"]
        raw = np.frombuffer(base64.b64decode(data["weights"]), dtype=np.int8)
        steps = np.array([f["step"] for f in families.values()], dtype=np.float32)
        if set(data["features"]) != set(KINDS):
            raise DataError(
                "weights of other kinds of features than the code reads; train them again",
                value=", ".join(sorted(set(data["features"]) ^ set(KINDS))),
            )
        index: dict[str, dict[str, int]] = {}
        n = 0
        for kind, names in data["features"].items():
            index[kind] = {name: n + i for i, name in enumerate(names)}
            n += len(names)
        return cls(
            families=tuple(families),
            index=index,
            weights=raw.reshape(-1, len(families)).astype(np.float32) * steps,
            bias=np.array([f["bias"] for f in families.values()], dtype=np.float32),
            asks=data["asks"],
            lets=data["lets"],
        )

    def scores(self, found: Features) -> NDArray[np.float32]:
        """(n_families,): the scores of a text."""
        rows: list[int] = []
        shares: list[float] = []
        for kind, scale in KINDS.items():
            known = [row for row in map(self.index[kind].get, found[kind]) if row is not None]
            rows += known
            shares += [share(len(known), scale)] * len(known)
        total = self.bias + np.array(shares, dtype=np.float32) @ self.weights.take(rows, axis=0)
        return total.astype(np.float32)

    def weight_of_words(self, words: Set[str], new: Set[str], family: int) -> float:
        """What words, and those of them that the evidence does not say, speak for a family by themselves."""
        rows = [
            table[name]
            for table, names in ((self.index["word"], words), (self.index["new"], new))
            for name in names & table.keys()
        ]
        return float(self.weights[rows, family].sum() / max(1, len(rows)) ** 0.5)


@functools.cache
def evidence_model() -> EvidenceModel:
    """The model that comes with the package, read once."""
    return EvidenceModel.read(
        (files("adwright.generate.guards.borne_out") / "weights.json").read_text("utf-8")
    )
