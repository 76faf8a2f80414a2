"""The encoder with frozen features: texts are read once, and linear heads are learned from them exactly."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from adwright.predict.encoder_config import EncoderConfig
from adwright.predict.models.contrasts import Contrast
from adwright.predict.models.encoder_training import judged_loss
from adwright.predict.models.frozen_head import (
    DEFAULT_RIDGE,
    RIDGES,
    Cells,
    bootstrap_heads,
    solve_head,
)
from adwright.predict.models.model import Fit, FitData
from adwright.predict.models.nuisance import Nuisance
from adwright.predict.models.text_contrasts import joined, numbered, text_contrasts
from adwright.predict.models.text_encoder import TextScorer
from adwright.predict.models.torch_settings import torch_settings
from adwright.predict.models.tuned_encoders import TunedEncoders
from adwright.predict.rows import Rows
from adwright.schema import F64

RIDGE = "ridge_chosen_by_folds"
N_FOLDS = 5


@dataclass(slots=True, eq=False)
class FrozenTexts:
    """Reads texts with the untuned encoder, each once."""

    config: EncoderConfig
    scorer: TextScorer = field(init=False)
    _held: dict[str, npt.NDArray[np.float32]] = field(init=False, default_factory=dict)

    def __post_init__(self) -> None:
        with torch_settings(0, self.config.n_threads):
            self.scorer = TextScorer(self.config)

    @property
    def layers(self) -> tuple[int, ...]:
        """Above which a head may read: those of the recipe, or any."""
        return (self.config.n_layers,) if self.config.n_layers else tuple(range(1, self.scorer.n_layers + 1))

    def features(self, texts: Sequence[str], layer: int = 0) -> F64:
        """(n, d) what a head reads above that layer, counted from 1; above the highest one for 0."""
        new = [text for text in texts if text not in self._held]
        with torch_settings(0, self.config.n_threads):
            read = self.scorer.pooled_by_layer(new).astype(np.float32)
        self._held.update(zip(new, read, strict=True))
        at = layer - 1 if layer else self.scorer.n_layers - 1
        found = np.array([self._held[text][at] for text in texts], np.float64)
        return found.reshape(len(texts), self.scorer.width)

    def n_parameters(self) -> dict[str, int]:
        """How many are learned, and how many there are, for the card."""
        n_tuned, n_all = self.scorer.n_parameters()
        return {"n_parameters_tuned": n_tuned, "n_parameters": n_all}


def choose_head(
    reader: FrozenTexts,
    texts: Sequence[str],
    learned: Sequence[Contrast],
    rng: np.random.Generator,
    progress: Callable[[str], None],
) -> tuple[int, float]:
    """The layer and the ridge that explain left-out groups best, over five folds of the groups.

    `tune` alone is too small to choose among so many. The highest layer and a middle ridge, where there are too few
    groups for folds.
    """
    if len(learned) < 2 * N_FOLDS:
        return reader.layers[-1], DEFAULT_RIDGE
    fold = rng.permutation(len(learned)) % N_FOLDS
    parts = [[c for c, f in zip(learned, fold, strict=True) if f == k] for k in range(N_FOLDS)]
    best, lowest = (reader.layers[-1], DEFAULT_RIDGE), np.inf
    for layer in reader.layers:
        x = reader.features(texts, layer)
        equations = [Cells.of(x, part).equations() for part in parts]
        left, right = (np.sum(side, axis=0) for side in zip(*equations, strict=True))
        for ridge in RIDGES:
            loss = 0.0
            for part, (own_left, own_right) in zip(parts, equations, strict=True):
                head = solve_head((left - own_left, right - own_right), ridge)
                loss += judged_loss(x @ head, part) * len(part) / len(learned)
            if loss < lowest:
                best, lowest = (layer, ridge), loss
        progress(f"head: up to layer {layer}, loss {lowest:.5f} with layer {best[0]}, ridge {best[1]:g}")
    return best


def fit_frozen(data: FitData, config: EncoderConfig, columns: tuple[str, ...]) -> Fit:
    """The layer and the ridge by folds of train, the members' heads from train and tune."""
    nuisance = Nuisance.learn(data.train, data.rng)
    reader = FrozenTexts(config)
    layer, ridge, on_tune = _choose(data, config, columns, nuisance, reader)
    details = {RIDGE: ridge, "layers_read": layer, **reader.n_parameters()}
    cut = replace(config, n_layers=layer)
    chosen = TunedEncoders(cut, columns, reader.scorer.base, (), 0, details)
    return Fit(learn_heads(chosen, data.train.joined(data.tune), data, nuisance, reader), on_tune)


def frozen_on_tune(data: FitData, config: EncoderConfig, columns: tuple[str, ...]) -> F64:
    """(n_tune,) scores of the head learned from train, with the layer and the ridge that its folds like best."""
    nuisance = Nuisance.learn(data.train, data.rng)
    return _choose(data, config, columns, nuisance, FrozenTexts(config))[2]


def _choose(
    data: FitData, config: EncoderConfig, columns: tuple[str, ...], nuisance: Nuisance, reader: FrozenTexts
) -> tuple[int, float, F64]:
    """The layer, the ridge, and (n_tune,) scores of the head that train alone gives with those."""
    learned, texts, _ = text_contrasts(
        data.train, columns, config, level_variance=nuisance.level_variance, rng=data.rng
    )
    if learned:
        layer, ridge = choose_head(reader, texts, learned, data.rng, data.progress)
        head = solve_head(Cells.of(reader.features(texts, layer), learned).equations(), ridge)
    else:
        data.notes.append("encoder: no two texts of a group can be compared, the head says nothing")
        layer, ridge, head = reader.layers[-1], float("inf"), np.zeros(reader.scorer.width)
    tune_texts, where = numbered(joined(data.tune.frame, columns) if len(data.tune) else [])
    return layer, ridge, (reader.features(tune_texts, layer) @ head)[where]


def learn_heads(
    model: TunedEncoders, rows: Rows, data: FitData, nuisance: Nuisance, reader: FrozenTexts | None = None
) -> TunedEncoders:
    """The model with heads learned from the rows with its ridge; zeros where it is infinite."""
    config, ridge = model.config, float(model.details[RIDGE])
    reader = reader or FrozenTexts(config)
    learned, texts, _ = text_contrasts(
        rows, model.columns, config, level_variance=nuisance.level_variance, rng=data.rng
    )
    heads = [np.zeros(reader.scorer.width)] * config.n_members
    if learned and np.isfinite(ridge):
        cells = Cells.of(reader.features(texts, config.n_layers), learned)
        heads = bootstrap_heads(cells, ridge, config.n_members, data.rng)
    return replace(model, members=tuple(map(as_weights, heads)), _loaded=[])


def as_weights(head: F64) -> Mapping[str, npt.NDArray[Any]]:
    """As a tuned encoder's weights."""
    return {"head.weight": head[None].astype(np.float32), "head.bias": np.zeros(1, np.float32)}
