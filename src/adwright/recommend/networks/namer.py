"""A causal language model that names products by their semantic ids, code by code.

The codes are words of their own beside the model's vocabulary: their vectors are learned, and so is a LoRA of the
model; its own words stay as they are, and titles are read with them. Of the softmax over words only the codes of the
level in question are computed.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn
from torch.nn import functional

from adwright.backbone.adapters import AdapterConfig, add_adapter, trained_weights
from adwright.backbone.loading import load_base_writer, load_causal_lm
from adwright.errors import BackendError, ConfigError
from adwright.recommend.histories import I64
from adwright.recommend.models.model import F32
from adwright.recommend.network_config import SemanticConfig
from adwright.recommend.semantic_ids import SemanticIds

CODES = "codes"
_SCORED = 64


@dataclass(frozen=True, slots=True)
class Row:
    """A sequence to learn from or to go on with.

    Args:
        words: Words of the model's own before the start; empty for a history.
        codes: Codes after the start, as `Namer.tokens` gives them.
        n_asked: So many of the last codes are asked for.
    """

    words: tuple[int, ...]
    codes: tuple[int, ...]
    n_asked: int = 0


class Namer(nn.Module):
    """The backbone with the codes.

    Args:
        config: Which backbone, and the LoRA's rank.
        n_codes: Different codes of each level.

    Raises:
        BackendError: the backbone cannot be loaded.
        ConfigError: it reads fewer tokens than a history has.
    """

    def __init__(self, config: SemanticConfig, n_codes: tuple[int, ...]) -> None:
        super().__init__()
        model, self.tokenizer = load_causal_lm(config.model) if config.model else load_base_writer()
        _check_length(model, config, len(n_codes))
        self.base = _digest(model)
        self.decoder = model.get_decoder()
        self.words = model.get_input_embeddings()
        add_adapter(model, AdapterConfig(method="lora", rank=config.rank, alpha=2 * config.rank), n_steps=0)
        spread = float(self.words.weight.std())
        self.codes = nn.Embedding(sum(n_codes) + 1, self.words.embedding_dim)
        nn.init.normal_(self.codes.weight, std=spread)
        self.bias = nn.Parameter(torch.zeros(sum(n_codes)))
        self.n_codes = n_codes
        self.starts = np.concatenate([[0], np.cumsum(n_codes)]).astype(np.int64)

    def tokens(self, ids: SemanticIds) -> I64:
        """(n_items, n_levels) the codes of each product, numbered over all levels."""
        return ids.codes + self.starts[:-1]

    def known(self, rows: Sequence[Row]) -> tuple[Tensor, Tensor, Tensor]:
        """((b, t, d) vectors, (b, t) mask, (b, t) places) of rows padded on the left."""
        width = max(len(row.words) + 1 + len(row.codes) for row in rows)
        word = torch.full((len(rows), width), -1)
        code = torch.full((len(rows), width), -1)
        for i, row in enumerate(rows):
            begin = width - len(row.codes) - 1
            word[i, begin - len(row.words) : begin] = torch.tensor(row.words, dtype=torch.long)
            code[i, begin] = self.codes.num_embeddings - 1
            code[i, begin + 1 :] = torch.tensor(row.codes, dtype=torch.long)
        vectors = torch.where(
            (code >= 0)[..., None], self.codes(code.clamp(min=0)), self.words(word.clamp(min=0))
        )
        mask = ((code >= 0) | (word >= 0)).long()
        return vectors, mask, (mask.cumsum(1) - 1).clamp(min=0)

    def forward(self, rows: Sequence[Row]) -> Tensor:
        """(a, d) what is known before each code that is asked for, row by row."""
        vectors, mask, places = self.known(rows)
        out = self.decoder(inputs_embeds=vectors, attention_mask=mask, position_ids=places, use_cache=False)
        hidden = out.last_hidden_state
        asked = [hidden[i, -row.n_asked - 1 : -1] for i, row in enumerate(rows) if row.n_asked]
        return torch.cat(asked)

    def logits(self, known: Tensor, level: int) -> Tensor:
        """(..., n_codes of the level)."""
        part = slice(int(self.starts[level]), int(self.starts[level + 1]))
        return functional.linear(known, self.codes.weight[part], self.bias[part])

    def loss(self, rows: Sequence[Row]) -> Tensor:
        """The mean over the codes asked for of -log P among the codes of the level."""
        known = self.forward(rows)
        target = torch.tensor([code for row in rows for code in row.codes[len(row.codes) - row.n_asked :]])
        losses = []
        for level in range(len(self.n_codes)):
            first, stop = int(self.starts[level]), int(self.starts[level + 1])
            mine = (target >= first) & (target < stop)
            if mine.any():
                losses.append(
                    functional.cross_entropy(
                        self.logits(known[mine], level), target[mine] - first, reduction="sum"
                    )
                )
        return torch.stack(losses).sum() / len(target)

    def learned(self) -> dict[str, Any]:
        """Name -> weight of all that is trained: the LoRA, the codes' vectors, their biases."""
        return dict(trained_weights(self))

    def name(self, rows: Sequence[Row], ids: SemanticIds, n_beams: int) -> F32:
        """(b, n_items) the probability of each product; sums to 1.

        The `n_beams` likeliest prefixes of each length are gone on with, within the ids that exist. The
        products of the others share their probability by how often they were had.
        """
        self.eval()
        found = []
        with torch.no_grad():
            for start in range(0, len(rows), _SCORED):
                found.append(self._name(rows[start : start + _SCORED], ids, n_beams))
        return np.concatenate(found) if found else np.zeros((0, len(ids.codes)), dtype=np.float32)

    def _name(self, rows: Sequence[Row], ids: SemanticIds, n_beams: int) -> F32:
        vectors, mask, places = self.known(rows)
        out = self.decoder(inputs_embeds=vectors, attention_mask=mask, position_ids=places, use_cache=True)
        cache, hidden, place = out.past_key_values, out.last_hidden_state[:, -1], places[:, -1:] + 1
        b, at = len(rows), ids.levels[0]
        chance = _among(self.logits(hidden, 0), ids.children(0)[[0]])[:, at.code]  # (b, n_nodes)
        shared = chance[:, at.node] * at.share
        nodes = [np.arange(len(at.code))] * b
        beams, held, parent = _next_beams(
            nodes, list(chance), [np.zeros(len(at.code), np.int64)] * b, n_beams
        )
        for level in range(1, len(ids.levels)):
            n_before = len(mask) // b
            origin = torch.from_numpy((np.arange(b)[:, None] * n_before + parent).ravel())
            cache.reorder_cache(origin)
            mask, place = mask[origin], place[origin]
            token = torch.from_numpy(ids.levels[level - 1].code[beams].ravel() + self.starts[level - 1])
            mask = torch.cat([mask, torch.ones(len(origin), 1, dtype=mask.dtype)], dim=1)
            out = self.decoder(
                inputs_embeds=self.codes(token)[:, None],
                attention_mask=mask,
                position_ids=place,
                past_key_values=cache,
                use_cache=True,
            )
            place = place + 1
            told = _among(self.logits(out.last_hidden_state[:, 0], level), ids.children(level)[beams.ravel()])
            told = told.reshape(b, -1, told.shape[1])
            beams, held, parent = _next_beams(
                *_spread(shared, ids, level, beams=beams, held=held, told=told), n_beams
            )
        scores = np.empty_like(shared)
        scores[:, ids.order] = shared
        return scores.astype(np.float32)


def load_namer(
    weights: Mapping[str, npt.NDArray[Any]], config: SemanticConfig, n_codes: tuple[int, ...], base: str
) -> Namer:
    """The namer with what was learned.

    Raises:
        BackendError: the backbone is not there, or is not the one that it was learned on.
    """
    namer = Namer(config, n_codes)
    if namer.base != base:
        raise BackendError(
            f"the language model {config.model or 'that is bundled'} has changed since the recommender was fitted",
            retryable=False,
            hint="Fit the recommender again, or put the former model back",
        )
    held = {name: torch.from_numpy(np.array(value)) for name, value in weights.items()}
    namer.load_state_dict(held, strict=False)
    namer.eval()
    return namer


def _among(logits: Tensor, exists: npt.NDArray[np.bool_]) -> npt.NDArray[np.float64]:
    """(r, n_codes) the probabilities among the codes that exist; `exists` may have one row for all."""
    barred = torch.from_numpy(~exists)
    shares: npt.NDArray[np.float64] = torch.softmax(
        logits.double().masked_fill(barred, -torch.inf), 1
    ).numpy()
    return shares


def _spread(
    shared: npt.NDArray[np.float64],
    ids: SemanticIds,
    level: int,
    *,
    beams: I64,
    held: npt.NDArray[np.float64],
    told: npt.NDArray[np.float64],
) -> tuple[list[I64], list[npt.NDArray[np.float64]], list[I64]]:
    """Shares out the beams' probabilities among their children, in place; by row the children, theirs, and whose.

    Args:
        shared: (b, n_items) probabilities, in the order of the ids.
        ids: The ids.
        level: Of the children.
        beams: (b, n) prefixes of the level before.
        held: (b, n) their probabilities.
        told: (b, n, n_codes) what follows them.
    """
    before, at = ids.levels[level - 1], ids.levels[level]
    nodes, chance, parent = [], [], []
    for i, own in enumerate(beams):
        children = [np.arange(at.node[before.first[p]], at.node[before.stop[p] - 1] + 1) for p in own]
        parts = [held[i, j] * told[i, j, at.code[c]] for j, c in enumerate(children)]
        for p, c, part in zip(own, children, parts, strict=True):
            inside = slice(before.first[p], before.stop[p])
            shared[i, inside] = part[at.node[inside] - c[0]] * at.share[inside]
        nodes.append(np.concatenate(children))
        chance.append(np.concatenate(parts))
        parent.append(np.repeat(np.arange(len(own)), [len(c) for c in children]))
    return nodes, chance, parent


def _next_beams(
    nodes: Sequence[I64], chance: Sequence[npt.NDArray[np.float64]], parent: Sequence[I64], n: int
) -> tuple[I64, npt.NDArray[np.float64], I64]:
    """((b, n) the likeliest nodes, their probabilities, whose children they are); a row with few repeats its last."""
    width = min(n, max(len(own) for own in nodes))
    beams, held, origin = [], [], []
    for own, part, whose in zip(nodes, chance, parent, strict=True):
        order = np.argsort(-part, kind="stable")[:width]
        order = np.concatenate([order, np.repeat(order[-1:], width - len(order))])
        beams.append(own[order])
        held.append(part[order])
        origin.append(whose[order])
    return np.stack(beams), np.stack(held), np.stack(origin)


def _check_length(model: Any, config: SemanticConfig, n_levels: int) -> None:
    """Raises ConfigError where a history and what is asked after it are longer than what the model can read."""
    longest = getattr(model.config, "max_position_embeddings", None)
    if longest and (config.max_history + config.n_ahead) * n_levels + 1 > longest:
        raise ConfigError(
            f"the language model reads {longest} tokens, a product takes {n_levels}",
            argument="recommend.semantic.max_history",
            value=config.max_history,
            allowed=f"up to {(longest - 1) // n_levels - config.n_ahead}",
        )


def _digest(model: Any) -> str:
    """Of the model's words: enough to tell one backbone from another."""
    words = model.get_input_embeddings().weight.detach().cpu().float().contiguous().numpy()
    return hashlib.blake2b(words.tobytes(), digest_size=8).hexdigest()
