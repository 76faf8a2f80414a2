"""Tuning an encoder on contrasts: the training loop.

Learning rates fall from the head downwards (Howard and Ruder 2018, ACL, section 3.2); in time they rise, then
fall to half, and the weights that count are a moving average over the steps (Polyak and Juditsky 1992, SIAM J.
Control Optim. 30), which no single noisy group can carry away.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch import nn

from adwright.backbone.adapters import orthogonality_loss
from adwright.predict.encoder_config import EncoderConfig
from adwright.predict.models.adversarial import Ball, Shifts, adversarial_backward
from adwright.predict.models.contrasts import Contrast
from adwright.predict.models.text_encoder import TextScorer
from adwright.predict.models.torch_settings import torch_settings
from adwright.schema import F64

_TEXTS_AT_ONCE = 16  # of a training step, sorted by length, so that little is padding
_WARM_UP, _LAST_SHARE = 0.2, 0.55  # of the steps; of the highest learning rate
_AVERAGED_STEPS = 100  # that the moving average reaches back, about
_MAX_NORM = 1.0


@dataclass(frozen=True, slots=True, eq=False)
class Tuned:
    """A tuned encoder.

    Args:
        base: Digest of the weights it started from.
        weights: By name, what was tuned, float16.
        n_epochs: That it was tuned for (of the search: the best).
        on_judge: (n_judged,) scores of the judged texts after those; empty without any.
        n_parameters: How many were tuned, and how many there are.
    """

    base: str
    weights: Mapping[str, npt.NDArray[Any]]
    n_epochs: int
    on_judge: F64
    n_parameters: tuple[int, int]


def tune_encoder(
    texts: Sequence[str],
    learned: Sequence[Contrast],
    config: EncoderConfig,
    *,
    seed: int,
    progress: Callable[[str], None],
    judge: tuple[Sequence[str], Sequence[Contrast]] | None = None,
    n_epochs: int | None = None,
) -> Tuned:
    """An encoder whose scores explain the contrasts.

    Args:
        texts: The distinct texts.
        learned: Contrasts of them.
        config: How to tune.
        seed: Of the head, the order, dropout and noise.
        progress: Takes a line every some steps.
        judge: Texts and contrasts that choose the number of epochs, the best of which is kept.
        n_epochs: How many; config.n_epochs, if None.
    """
    n_epochs = n_epochs or config.n_epochs
    with torch_settings(seed, config.n_threads):
        total = max(math.ceil(len(learned) / config.groups_per_step) * n_epochs, 1)
        scorer = TextScorer(config, n_steps=total)
        training = _Training(scorer, texts, learned, n_steps=total, seed=seed, progress=progress)
        best: Tuned | None = None
        lowest = np.inf
        for epoch in range(1, n_epochs + 1):
            training.epoch(epoch)
            if judge is None or (not judge[1] and epoch < n_epochs):
                continue
            with training.averaged():
                scores, weights = scorer.score(judge[0]), scorer.tuned_weights()
            loss = judged_loss(scores, judge[1])
            progress(f"epoch {epoch}: loss on tune {loss:.5f}")
            if best is None or loss < lowest:
                lowest, best = loss, Tuned(scorer.base, weights, epoch, scores, scorer.n_parameters())
        if best is not None:
            return best
        with training.averaged():
            return Tuned(scorer.base, scorer.tuned_weights(), n_epochs, np.zeros(0), scorer.n_parameters())


def judged_loss(score: F64, judged: Sequence[Contrast]) -> float:
    """The loss a contrast at the scores' best slope, so that an epoch is judged by its order, not its scale."""
    along = squares = fixed = 0.0
    for contrast in judged:
        s = score[contrast.text]
        along += float(s @ contrast.precision @ contrast.target)
        squares += float(s @ contrast.precision @ s)
        fixed += float(contrast.target @ contrast.precision @ contrast.target)
    slope = max(along / squares, 0.0) if squares > 0 else 0.0
    return (fixed - 2 * slope * along + slope**2 * squares) / 2 / max(len(judged), 1)


class _Training:
    """Epochs of AdamW over groups of contrasts."""

    def __init__(
        self,
        scorer: TextScorer,
        texts: Sequence[str],
        learned: Sequence[Contrast],
        *,
        n_steps: int,
        seed: int,
        progress: Callable[[str], None],
    ) -> None:
        self.scorer, self.texts, self.learned, self.config = scorer, texts, learned, scorer.config
        self.order, self.noise = np.random.default_rng(seed), np.random.default_rng([seed, 1])
        self.progress = progress
        groups = _parameter_groups(scorer, scorer.config)
        self.optimiser = torch.optim.AdamW(groups, betas=(0.9, 0.98), eps=1e-6)
        self.schedule = torch.optim.lr_scheduler.LambdaLR(self.optimiser, lambda step: _share(step, n_steps))
        self.tuned = [parameter for parameter in scorer.parameters() if parameter.requires_grad]
        self.average = [parameter.detach().clone() for parameter in self.tuned]
        self.n_steps = self.n_passes = 0

    @contextmanager
    def averaged(self) -> Iterator[None]:
        """The scorer with the averaged weights inside, with those of the last step outside."""
        last = [parameter.detach().clone() for parameter in self.tuned]
        self._put(self.average)
        try:
            yield
        finally:
            self._put(last)

    def epoch(self, number: int) -> None:
        """One pass over the contrasts in random order."""
        order, size = self.order.permutation(len(self.learned)), self.config.groups_per_step
        lost = cells = 0.0
        for place, start in enumerate(range(0, len(order), size)):
            loss, n_cells = self._step([self.learned[i] for i in order[start : start + size]])
            lost, cells = lost + loss * n_cells, cells + n_cells
            if place % 50 == 49:
                self.progress(
                    f"epoch {number}: {start + size} of {len(order)} groups, "
                    f"loss {lost / cells:.4f}, {self.n_passes} texts read"
                )

    def _step(self, batch: Sequence[Contrast]) -> tuple[float, int]:
        self.scorer.train()
        distinct, place = np.unique(np.concatenate([c.text for c in batch]), return_inverse=True)
        rows, n_cells = torch.from_numpy(place.reshape(-1)), sum(len(c.text) for c in batch)
        batches = self.scorer.batches([self.texts[i] for i in distinct], _TEXTS_AT_ONCE, self.noise)

        def loss_of(shifts: Shifts | None = None) -> torch.Tensor:
            score, start, total = self.scorer.score_batches(batches, shifts), 0, torch.zeros(())
            for contrast in batch:
                size = len(contrast.text)
                gap = score[rows[start : start + size]] - _float(contrast.target)
                total = total + gap @ _float(contrast.precision) @ gap / 2
                start += size
            if self.config.tuning == "adalora":
                total = total + n_cells * orthogonality_loss(self.scorer.encoder)
            return total / n_cells

        self.optimiser.zero_grad()
        if self.config.robust.attack == "none":
            lost = loss_of()
            lost.backward()  # type: ignore[no-untyped-call]
            loss = float(lost.detach())
        else:
            embedded = self.scorer.embedded(batches)
            ball = Ball.around(embedded, batches.mask, self.config.robust.attack_radius)
            loss = adversarial_backward(loss_of, ball, self.config.robust)
        nn.utils.clip_grad_norm_(self.scorer.parameters(), _MAX_NORM)
        self.optimiser.step()
        if self.config.tuning == "adalora":
            self.scorer.encoder.base_model.update_and_allocate(self.n_steps)
        self.schedule.step()
        self.n_passes += len(distinct)
        self.n_steps += 1
        self._average()
        return loss, n_cells

    def _average(self) -> None:
        with torch.no_grad():
            for mean, parameter in zip(self.average, self.tuned, strict=True):
                mean.lerp_(parameter, max(10 / (self.n_steps + 10), 1 / _AVERAGED_STEPS))
                if self.config.tuning == "adalora":
                    mean.masked_fill_(parameter == 0, 0.0)  # a rank that was given up stays so

    def _put(self, weights: Sequence[torch.Tensor]) -> None:
        with torch.no_grad():
            for parameter, held in zip(self.tuned, weights, strict=True):
                parameter.copy_(held)


def _parameter_groups(scorer: TextScorer, config: EncoderConfig) -> list[dict[str, Any]]:
    """Each parameter with the learning rate of its depth; no weight decay on biases and norms."""
    groups = []
    for name, parameter in scorer.named_parameters():
        if not parameter.requires_grad:
            continue
        rate = config.head_learning_rate
        if name.startswith("encoder."):
            rate = config.top_learning_rate * config.layer_decay ** _depth(name, scorer.n_layers)
        groups.append(
            {"params": [parameter], "lr": rate, "weight_decay": 0.01 if parameter.ndim > 1 else 0.0}
        )
    return groups


def _depth(name: str, n_layers: int) -> int:
    """0 for the top layer (and what stands above it), n_layers for the embeddings."""
    numbers = [int(part) for part in name.split(".") if part.isdecimal()]
    if numbers:
        return n_layers - 1 - numbers[0]
    return n_layers if "embedding" in name else 0


def _share(step: int, total: int) -> float:
    """Of the highest learning rate: a line up over the warm-up, then one down to `_LAST_SHARE`."""
    warm = max(_WARM_UP * total, 1.0)
    left = max(total - step, 0) / max(total - warm, 1.0)
    return min((step + 1) / warm, _LAST_SHARE + (1 - _LAST_SHARE) * left, 1.0)


def _float(values: F64) -> torch.Tensor:
    return torch.from_numpy(np.asarray(values, np.float32))
