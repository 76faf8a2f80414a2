"""The network of the encoder: mean pooling over a text encoder, and one linear head.

The word embeddings stay as they are: a shop's texts are too few to move thirty thousand of them. What is kept
of a tuned encoder is what was tuned, in half precision; it loads only onto the base that it came from.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch import nn

from adwright.backbone.adapters import AdapterConfig, Method, add_adapter
from adwright.backbone.encoders import MINILM, WRITER, cut_layers, load_encoder
from adwright.errors import DataError
from adwright.predict.encoder_config import EncoderConfig
from adwright.predict.models.token_noise import with_noise
from adwright.schema import F64

_SCORED_AT_ONCE = 64
_HEAD_SCALES = {WRITER: 1.0}
_HEAD_SCALE = 4.0  # a BERT's pooled components are small; the head starts where its gradient matters
_METHODS: Mapping[str, Method] = {
    "lora": "lora",
    "adalora": "adalora",
    "adapter": "bottleneck",
    "top_layers": "top_layers",
}


def multiplies_bfloat16() -> bool:
    """Whether this CPU has instructions for bfloat16 products; without them they are slower than float32's."""
    known: dict[str, Any] = getattr(torch.cpu, "get_capabilities", dict)()
    return any(bool(known.get(name)) for name in ("avx512_bf16", "amx_bf16", "bf16"))


@dataclass(frozen=True, slots=True, eq=False)
class Batches:
    """n texts as tokens, in batches of like length.

    Args:
        ids: By batch, (b, length) tokens, 0 beyond a text's end.
        mask: By batch, (b, length): 1 where there is a token, else 0.
        back: (n,) where each text stands in the batches' order.
    """

    ids: list[torch.Tensor]
    mask: list[torch.Tensor]
    back: torch.Tensor


class TextScorer(nn.Module):
    """Texts -> scores.

    Args:
        config: Which base, and what of it is tuned.
        n_steps: How many steps of training will follow; adalora plans its ranks by them.
    """

    def __init__(self, config: EncoderConfig, *, n_steps: int = 0) -> None:
        super().__init__()
        self.config = config
        self.in_bfloat16 = config.bfloat16 and multiplies_bfloat16()
        self.tokenizer, self.encoder = load_encoder(config.path or MINILM)
        self.base = _digest(self.encoder)
        if config.n_layers:
            cut_layers(self.encoder, config.n_layers)
        self.n_layers = int(self.encoder.config.num_hidden_layers)
        self.width = int(self.encoder.config.hidden_size)
        self.dropout = nn.Dropout(config.dropout)
        self.head = nn.Linear(self.width, 1)
        nn.init.normal_(self.head.weight, std=0.02)
        nn.init.zeros_(self.head.bias)
        for module in self.encoder.modules():
            if isinstance(module, nn.Dropout):
                module.p = config.dropout
        for parameter in self.encoder.get_input_embeddings().parameters():
            parameter.requires_grad_(False)
        self._adapt(n_steps)
        self._tokens: dict[str, list[int]] = {}
        self._special = frozenset(self.tokenizer.all_special_ids)

    def forward(self, texts: Sequence[str], at_once: int) -> torch.Tensor:
        """(n,) scores of the texts, with gradients."""
        return self.score_batches(self.batches(texts, at_once))

    def batches(
        self, texts: Sequence[str], at_once: int, noise: np.random.Generator | None = None
    ) -> Batches:
        """The texts as tokens, sorted by length, `at_once` a batch, so that little is padding.

        Args:
            texts: To be read.
            at_once: Of a batch.
            noise: Draws the configuration's text noise; None for none.
        """
        tokens = [self._token_ids(text) for text in texts]
        robust = self.config.robust
        if noise is not None and robust.text_noise != "none":
            kind, share = robust.text_noise, robust.noise_share
            tokens = [with_noise(ids, kind, share, fixed=self._special, rng=noise) for ids in tokens]
        order = sorted(range(len(texts)), key=lambda i: len(tokens[i]))
        padded = [
            _padded([tokens[i] for i in order[start : start + at_once]])
            for start in range(0, len(order), at_once)
        ]
        back = torch.empty(len(order), dtype=torch.long)
        back[torch.tensor(order)] = torch.arange(len(order))
        return Batches([ids for ids, _ in padded], [mask for _, mask in padded], back)

    def embedded(self, batches: Batches) -> list[torch.Tensor]:
        """By batch, (b, length, width) the word embeddings."""
        return [self.encoder.get_input_embeddings()(ids) for ids in batches.ids]

    def score_batches(self, batches: Batches, shifts: Sequence[torch.Tensor] | None = None) -> torch.Tensor:
        """(n,) scores, with gradients.

        Args:
            batches: The texts.
            shifts: By batch, (b, length, width) to be added to the word embeddings.
        """
        scores = []
        for place, (ids, mask) in enumerate(zip(batches.ids, batches.mask, strict=True)):
            pooled = self._pool(ids, mask, None if shifts is None else shifts[place])
            scores.append(self.head(self.dropout(pooled)).squeeze(1))
        return torch.cat(scores)[batches.back]

    def score(self, texts: Sequence[str]) -> F64:
        """(n,) scores of the texts."""
        return self._read(texts, self.score_batches, np.zeros(0))

    def pooled(self, texts: Sequence[str]) -> F64:
        """(n, width) what the head reads."""
        return self._read(texts, lambda held: self._pooled(held, self._pool), np.zeros((0, self.width)))

    def pooled_by_layer(self, texts: Sequence[str]) -> F64:
        """(n, n_layers, width) what a head would read above each layer, the lowest first."""
        nothing = np.zeros((0, self.n_layers, self.width))
        return self._read(texts, lambda held: self._pooled(held, self._pool_layers), nothing)

    def n_parameters(self) -> tuple[int, int]:
        """How many are tuned, and how many there are."""
        held = list(self.parameters())
        return sum(p.numel() for p in held if p.requires_grad), sum(p.numel() for p in held)

    def tuned_weights(self) -> dict[str, npt.NDArray[Any]]:
        """By name, what training may change, float16."""
        tuned = [(name, held) for name, held in self.named_parameters() if held.requires_grad]
        return {name: held.detach().numpy().astype(np.float16) for name, held in tuned}

    def restore(self, weights: Mapping[str, npt.NDArray[Any]]) -> None:
        """Takes over what `tuned_weights` gave; raises `DataError` where other weights are tuned here."""
        places = {name for name, held in self.named_parameters() if held.requires_grad}
        if odd := sorted(places ^ weights.keys()):
            raise DataError(
                "the model is damaged: weights without a place, or a place without",
                argument="model",
                value=odd[0],
            )
        state = {name: torch.from_numpy(np.asarray(held, np.float32)) for name, held in weights.items()}
        self.load_state_dict(state, strict=False)

    def _adapt(self, n_steps: int) -> None:
        config = self.config
        if config.tuning == "frozen":
            self.encoder.requires_grad_(False)
        elif config.tuning != "full":
            adapter = AdapterConfig(
                method=_METHODS[config.tuning],
                rank=config.rank,
                alpha=config.alpha,
                bottleneck_size=config.bottleneck_size,
                n_top_layers=config.n_top_layers,
            )
            self.encoder = add_adapter(self.encoder, adapter, n_steps=n_steps, task="FEATURE_EXTRACTION")

    def _read(self, texts: Sequence[str], read: Callable[[Batches], torch.Tensor], nothing: F64) -> F64:
        self.eval()
        with torch.inference_mode():
            parts = [
                read(self.batches(texts[start : start + 1024], _SCORED_AT_ONCE)).numpy().astype(np.float64)
                for start in range(0, len(texts), 1024)
            ]
        self._tokens.clear()
        return np.concatenate(parts) if parts else nothing

    def _pooled(
        self, batches: Batches, pool: Callable[[torch.Tensor, torch.Tensor], torch.Tensor]
    ) -> torch.Tensor:
        pairs = zip(batches.ids, batches.mask, strict=True)
        return torch.cat([pool(ids, mask) for ids, mask in pairs])[batches.back]

    def _token_ids(self, text: str) -> list[int]:
        if text not in self._tokens:
            cut = text[: 40 * self.config.max_tokens]  # a megabyte would be tokenised to be thrown away
            ids = self.tokenizer(cut, truncation=True, max_length=self.config.max_tokens)["input_ids"]
            self._tokens[text] = list(ids)
        return self._tokens[text]

    def _pool(self, ids: torch.Tensor, mask: torch.Tensor, shift: torch.Tensor | None = None) -> torch.Tensor:
        with torch.autocast("cpu", dtype=torch.bfloat16, enabled=self.in_bfloat16):
            if shift is None:
                out = self.encoder(input_ids=ids, attention_mask=mask)
            else:
                moved = self.encoder.get_input_embeddings()(ids) + shift
                out = self.encoder(inputs_embeds=moved, attention_mask=mask)
        return self._mean(out.last_hidden_state, mask)

    def _pool_layers(self, ids: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
        with torch.autocast("cpu", dtype=torch.bfloat16, enabled=self.in_bfloat16):
            states = self.encoder(input_ids=ids, attention_mask=mask, output_hidden_states=True).hidden_states
            norm = getattr(self.encoder, "norm", None)  # that a causal model puts above its last layer
            below = [held if norm is None else norm(held) for held in states[1:-1]]
        return torch.stack([self._mean(held, mask) for held in (*below, states[-1])], 1)

    def _mean(self, states: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
        pooled = (states.float() * mask[..., None]).sum(1) / mask.sum(1, keepdim=True)
        return _HEAD_SCALES.get(self.config.path, _HEAD_SCALE) * pooled


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
            value=config.path or MINILM,
            hint="Restore the encoder, or fit the model again",
        )
    scorer.restore(weights)
    return scorer


def _padded(tokens: Sequence[Sequence[int]]) -> tuple[torch.Tensor, torch.Tensor]:
    longest = max(1, *(len(ids) for ids in tokens)) if tokens else 1
    padded = torch.zeros(len(tokens), longest, dtype=torch.long)
    mask = torch.zeros(len(tokens), longest)
    for row, ids in enumerate(tokens):
        padded[row, : len(ids)] = torch.tensor(ids, dtype=torch.long)
        mask[row, : max(len(ids), 1)] = 1  # an empty text of a tokenizer without a start token reads one pad
    return padded, mask


def _digest(encoder: nn.Module) -> str:
    """Of every weight, so that another base with the same shapes is told apart."""
    state = hashlib.blake2b(digest_size=12)
    for name, held in sorted(encoder.state_dict().items()):
        state.update(name.encode())
        state.update(np.ascontiguousarray(held.detach().float().numpy()).tobytes())
    return state.hexdigest()
