"""Self-attention over a history (Kang and McAuley 2018, Self-attentive sequential recommendation), and its training.

The embeddings of the products are also the weights of the output (their eq. 6), with a bias each. Beside the place,
what the interaction was and how long it came after the one before are added to the input. To the output comes a
learned term for each product of the history by its age in places, for what is bought again (after Ren et al. 2019,
RepeatNet).
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn
from torch.nn import functional

from adwright.recommend.histories import I64, KINDS, Histories
from adwright.recommend.models.model import F32
from adwright.recommend.models.next_up import NextUp
from adwright.recommend.network_config import SasrecConfig
from adwright.schema import F64

GAPS_S = (1.0, 600.0, 3_600.0, 86_400.0, 7 * 86_400.0, 30 * 86_400.0, 90 * 86_400.0)
"""Bounds of the classes of time since the interaction before."""

_PAD, _START, _FIRST = 0, 1, 2
_WARM_UP = 20
_TIMES = 10.0
_CLIP = 1.0
_LEAST_WORTH = 1e-30  # what weighs less is no lesson, and a batch of such has no mean
_SCORED = 256


class SequenceNetwork(nn.Module):
    """A causal transformer over products.

    Args:
        n_items: Products that take part.
        config: Sizes.
    """

    def __init__(self, n_items: int, config: SasrecConfig) -> None:
        super().__init__()
        size = config.size
        self.item = nn.Embedding(n_items + _FIRST, size, padding_idx=_PAD)
        self.place = nn.Embedding(config.max_history + 1, size)
        self.gap = nn.Embedding(len(GAPS_S) + 1, size)
        self.kind = nn.Embedding(len(KINDS), size)
        self.bias = nn.Parameter(torch.zeros(n_items))
        self.again = nn.Parameter(torch.zeros(config.max_history + 1))
        self.dropout = nn.Dropout(config.dropout)
        self.blocks = nn.ModuleList([_Block(config) for _ in range(config.n_layers)])
        self.norm = nn.LayerNorm(size)
        for table in (self.item, self.place, self.gap, self.kind):
            nn.init.normal_(table.weight, std=size**-0.5)

    def forward(self, item: Tensor, gap: Tensor, kind: Tensor) -> Tensor:
        """(b, t, size) what is known after each place; all inputs (b, t)."""
        x = self.item(item) + self.place.weight[: item.shape[1]] + self.gap(gap) + self.kind(kind)
        x = self.dropout(x)
        for block in self.blocks:
            x = block(x)
        known: Tensor = self.norm(x)
        return known

    def logits(self, known: Tensor, past: Tensor, drawn: Tensor | None = None) -> Tensor:
        """(p, n_items) or (p, c): of all products, or of those drawn.

        Args:
            known: (p, size).
            past: (p, t) the tokens up to each place, that of the place last; `_PAD` where there are none.
            drawn: (c,) products.
        """
        weight: Tensor = self.item.weight[_FIRST:]
        bias: Tensor = self.bias
        column = torch.arange(-_FIRST, len(bias)).clamp(min=-1)  # of each token
        if drawn is not None:
            column = torch.full((len(bias) + _FIRST,), -1)
            column[drawn + _FIRST] = torch.arange(len(drawn))
            weight, bias = weight[drawn], bias[drawn]
        told = functional.linear(known, weight, bias)
        again = self.again[: past.shape[1]].flip(0).expand(past.shape)
        own = column[past]
        return told.scatter_add(1, own.clamp(min=0), again * (own >= 0))


class _Block(nn.Module):
    def __init__(self, config: SasrecConfig) -> None:
        super().__init__()
        size = config.size
        self.n_heads, self.p = config.n_heads, config.dropout
        self.norm_1, self.norm_2 = nn.LayerNorm(size), nn.LayerNorm(size)
        self.qkv, self.out = nn.Linear(size, 3 * size), nn.Linear(size, size)
        self.wide, self.narrow = nn.Linear(size, 2 * size), nn.Linear(2 * size, size)
        self.dropout = nn.Dropout(config.dropout)

    def forward(self, x: Tensor) -> Tensor:
        b, t, size = x.shape
        parts = self.qkv(self.norm_1(x)).view(b, t, 3, self.n_heads, size // self.n_heads)
        q, k, v = parts.permute(2, 0, 3, 1, 4)
        p = self.p if self.training else 0.0
        seen = functional.scaled_dot_product_attention(q, k, v, is_causal=True, dropout_p=p)
        x = x + self.dropout(self.out(seen.transpose(1, 2).reshape(b, t, size)))
        again: Tensor = x + self.dropout(self.narrow(functional.gelu(self.wide(self.norm_2(x)))))
        return again


@dataclass(frozen=True, slots=True, eq=False)
class Windows:
    """Stretches of histories, the start token before each, padded at the end.

    Args:
        item: (b, 1 + t) tokens.
        gap: (b, 1 + t) classes of `GAPS_S`.
        kind: (b, 1 + t) as `Histories.kinds`.
        source: (b, 1 + t) the interaction that each token is; -1 for the start and the padding.
        length: (b,) tokens without the padding.
    """

    item: Tensor
    gap: Tensor
    kind: Tensor
    source: I64
    length: I64


def cut(histories: Histories, token: I64, *, begin: I64, end: I64, gap: I64 | None = None) -> Windows:
    """The interactions `begin[i]` to `end[i]` - 1 of each i; what does not take part is skipped.

    Args:
        histories: Where they stand.
        token: (n_items,) the token of each product; 0 for what does not take part.
        begin: (b,) indices of interactions.
        end: (b,) indices of interactions.
        gap: What `gaps` says of the histories; found out, if None.
    """
    lengths = end - begin
    width = int(lengths.max(initial=0)) + 1
    places = begin[:, None] - 1 + np.arange(width)
    inside = (np.arange(width) >= 1) & (np.arange(width) <= lengths[:, None])
    places = np.where(inside, places, -1)
    if len(histories.items):
        inside &= token[histories.items[places]] > 0
    # those that take part move to the front, in their order
    order = np.argsort(~inside[:, 1:], axis=1, kind="stable") + 1
    places[:, 1:] = np.take_along_axis(np.where(inside, places, -1), order, axis=1)
    known = places >= 0
    length = known.sum(axis=1) + 1
    places, known = places[:, : int(length.max(initial=1))], known[:, : int(length.max(initial=1))]
    item, since, kind = (np.zeros(places.shape, dtype=np.int64) for _ in range(3))
    if len(histories.items):
        item = np.where(known, token[histories.items[places]], _PAD)
        kind = np.where(known, histories.kinds[places], 0).astype(np.int64)
        gap = gaps(histories) if gap is None else gap
        since = np.where(known, gap[places], len(GAPS_S))
    item[:, 0] = _START
    since[:, 0] = len(GAPS_S)
    return Windows(torch.from_numpy(item), torch.from_numpy(since), torch.from_numpy(kind), places, length)


def latest(histories: Histories, max_history: int) -> tuple[I64, I64]:
    """(begin, end) of the latest interactions of each customer."""
    end = histories.indptr[1:]
    return np.maximum(histories.indptr[:-1], end - max_history), end


def gaps(histories: Histories) -> I64:
    """(m,) the class of the time since the interaction before; the first of a customer is of the longest."""
    since = np.diff(histories.at_s, prepend=np.nan)
    since[histories.indptr[:-1][np.diff(histories.indptr) > 0]] = np.nan
    held = np.nan_to_num(since, nan=np.inf)
    return np.searchsorted(np.asarray(GAPS_S), held, side="right").astype(np.int64)


class Training:
    """The state of a training: the network, its optimiser, and what it learns from.

    Args:
        histories: To learn from.
        worth: (m,) what each interaction counts as an answer.
        kept: (c,) products that take part.
        token: (n_items,) their tokens.
        config: Sizes and steps.
        seed: Of weights, dropout and draws.
    """

    def __init__(
        self, histories: Histories, worth: F64, *, kept: I64, token: I64, config: SasrecConfig, seed: int
    ) -> None:
        self.histories, self.worth, self.token, self.config = histories, worth, token, config
        self.rng = np.random.default_rng(seed)
        self.gap = gaps(histories)
        self.network = SequenceNetwork(len(kept), config)
        counts = np.bincount(histories.items, weights=worth, minlength=histories.n_items)[kept]
        share = (counts + 0.5) / (counts.sum() + 0.5 * len(kept))
        with torch.no_grad():
            self.network.bias.copy_(torch.from_numpy(np.log(share)))
        terms = {"bias", "again"}  # a number each, that has far to go
        groups = [
            {
                "params": [w for name, w in self.network.named_parameters() if (name in terms) == alone],
                "times": times,
            }
            for alone, times in ((False, 1.0), (True, _TIMES))
        ]
        self.optimiser = torch.optim.AdamW(groups, lr=config.learning_rate, weight_decay=0.01)
        self.step = 0

    def epoch(self, ahead: NextUp) -> float:
        """Sees every customer once, in an order of its own; the mean loss."""
        self.network.train()
        rows = self.rng.permutation(np.flatnonzero(np.diff(self.histories.indptr) > 0))
        losses = [
            self._learn(rows[i : i + self.config.batch], ahead)
            for i in range(0, len(rows), self.config.batch)
        ]
        return float(np.mean(losses)) if losses else math.nan

    def _learn(self, rows: I64, ahead: NextUp) -> float:
        windows = self._windows(rows)
        row, place, target, weight = self._questions(windows, rows, ahead)
        if not len(target):
            return 0.0
        known = self.network(windows.item, windows.gap, windows.kind)[row, place]
        each = self._losses(
            known, past_tokens(windows.item[row], torch.from_numpy(place)), torch.from_numpy(target)
        )
        held = torch.from_numpy(weight)
        loss = (each * held).sum() / held.sum()
        self.step += 1
        for group in self.optimiser.param_groups:
            group["lr"] = group["times"] * self.config.learning_rate * min(1.0, self.step / _WARM_UP)
        self.optimiser.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        nn.utils.clip_grad_norm_(self.network.parameters(), _CLIP)
        self.optimiser.step()
        return float(loss.item())

    def _windows(self, rows: I64) -> Windows:
        """A stretch of each history; of a long one it ends anywhere."""
        first, last = self.histories.indptr[rows], self.histories.indptr[rows + 1]
        spare = np.maximum(last - first - self.config.max_history, 0)
        end = last - (self.rng.random(len(rows)) * (spare + 1)).astype(np.int64)
        begin = np.maximum(first, end - self.config.max_history)
        return cut(self.histories, self.token, begin=begin, end=end, gap=self.gap)

    def _questions(
        self, windows: Windows, rows: I64, ahead: NextUp
    ) -> tuple[I64, I64, I64, npt.NDArray[np.float32]]:
        """(row, place, product that came next, its weight) at some places of each window."""
        held = np.concatenate(
            [[-1], self.token[self.histories.items] - _FIRST]
        )  # one further: -1 is no answer
        answer = ahead.draw(np.maximum(windows.source, 0).ravel(), self.rng).reshape(windows.source.shape)
        answer = np.where(windows.source >= 0, answer, -1)
        # the start asks for what the customer began with
        opening = self.histories.indptr[rows]
        width = windows.source.shape[1]
        answer[:, 0] = np.where(windows.source[:, min(1, width - 1)] == opening, opening, -1)
        product = held[answer + 1]
        told = (product >= 0) & (self.worth[np.maximum(answer, 0)] > _LEAST_WORTH)
        chance = np.where(told, self.rng.random(product.shape), 2.0)
        order = np.argsort(chance, axis=1)[:, : self.config.n_places]
        row, column = np.nonzero(np.take_along_axis(chance, order, axis=1) < 1.0)
        place = order[row, column]
        weight = self.worth[answer[row, place]].astype(np.float32)
        return row, place, product[row, place], weight

    def _losses(self, known: Tensor, past: Tensor, target: Tensor) -> Tensor:
        """(p,) -log P of the target: over all products, or over a sample of them.

        With n of N products drawn evenly, their sum of exponentials times N / n is that over all (Bengio and Senecal
        2003, importance sampling); the targets themselves are always among the drawn, unscaled.
        """
        n_items, n = self.network.bias.shape[0], self.config.n_negatives
        if n_items <= n:
            return functional.cross_entropy(self.network.logits(known, past), target, reduction="none")
        asked, place = torch.unique(target, return_inverse=True)
        drawn = torch.from_numpy(self.rng.choice(n_items, n, replace=False))
        drawn = drawn[~torch.isin(drawn, asked)]
        told = self.network.logits(known, past, torch.cat([asked, drawn]))
        scale = torch.zeros(told.shape[1])
        scale[len(asked) :] = math.log((n_items - len(asked)) / max(len(drawn), 1))
        return functional.cross_entropy(told + scale, place, reduction="none")


def past_tokens(item: Tensor, place: Tensor) -> Tensor:
    """(p, t) the tokens of each window up to its place, moved to the end; `_PAD` before.

    Args:
        item: (p, t) tokens.
        place: (p,) the last that counts.
    """
    width = item.shape[1]
    source = place[:, None] - width + 1 + torch.arange(width)
    return torch.where(source >= 0, item.gather(1, source.clamp(min=0)), _PAD)


def weights_of(network: nn.Module) -> dict[str, npt.NDArray[np.float32]]:
    """Name -> array, a copy."""
    return {name: value.detach().numpy().copy() for name, value in network.state_dict().items()}


def network_from(weights: Mapping[str, npt.NDArray[Any]], config: SasrecConfig) -> SequenceNetwork:
    """The network with these weights, ready to be asked."""
    network = SequenceNetwork(len(weights["bias"]), config)
    network.load_state_dict({name: torch.from_numpy(np.array(value)) for name, value in weights.items()})
    network.eval()
    return network


def shares(network: SequenceNetwork, windows: Windows) -> F32:
    """(b, c) the probability of each product that takes part to come next after each window."""
    found = []
    network.eval()
    with torch.no_grad():
        for start in range(0, len(windows.length), _SCORED):
            part = slice(start, start + _SCORED)
            length = windows.length[part]
            width = int(length.max())
            known = network(windows.item[part, :width], windows.gap[part, :width], windows.kind[part, :width])
            place = torch.from_numpy(length) - 1
            past = past_tokens(windows.item[part, :width], place)
            told = network.logits(known[torch.arange(len(length)), place], past)
            found.append(torch.softmax(told, dim=1).numpy())
    n_items = network.bias.shape[0]
    return np.concatenate(found) if found else np.zeros((0, n_items), dtype=np.float32)
