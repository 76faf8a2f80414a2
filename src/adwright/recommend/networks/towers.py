"""Two towers, one of products and one of customers, that learn to meet (Yi et al. 2019, Sampling-bias-corrected
neural modeling for large corpus item recommendations).

A step asks a batch of questions; each one's negatives are the others' answers and as many products drawn evenly from
the catalogue, so that products never sold are among them (Yang et al. 2020, Mixed negative sampling). A negative's
score is lowered by the log of how often it is expected there (Yi et al., eq. 3), else the popular would be punished.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from scipy import sparse
from torch import Tensor, nn
from torch.nn import functional

from adwright.recommend.histories import I64, Histories
from adwright.recommend.models.model import F32
from adwright.recommend.models.next_up import NextUp, history_rows
from adwright.recommend.network_config import TwoTowerConfig
from adwright.recommend.words import customer_words
from adwright.schema import F64

N_CUSTOMER_HASHES = 4_096
_BLIND = 0.15
_CLIP = 1.0
_LEAST_WORTH = 1e-30  # what weighs less is no lesson, and a batch of such has no mean
_ITEM_BLOCK = 20_000


class Towers(nn.Module):
    """The two towers.

    Args:
        n_ids: Products with a row of their own.
        config: Sizes.
    """

    def __init__(self, n_ids: int, config: TwoTowerConfig) -> None:
        super().__init__()
        size = config.size
        self.temperature = config.temperature
        self.words = nn.Embedding(config.n_hashes, size)
        self.own = nn.Embedding(n_ids + 1, size, padding_idx=0)
        self.item_wide, self.item_out = nn.Linear(size, size), nn.Linear(size, size)
        self.item_bias = nn.Linear(size, 1)
        self.known = nn.Embedding(N_CUSTOMER_HASHES, size)
        self.user_wide, self.user_out = nn.Linear(2 * size, size), nn.Linear(size, size)
        nn.init.normal_(self.words.weight, std=size**-0.5)
        nn.init.zeros_(self.own.weight)
        nn.init.normal_(self.known.weight, std=0.1 * size**-0.5)

    def items(self, words: sparse.csr_matrix, own: Tensor) -> tuple[Tensor, Tensor]:
        """((b, size) of length one, (b,) bias) of products by their words and their own rows (0: none)."""
        base = bag(words, self.words.weight) + self.own(own)
        hidden = torch.relu(self.item_wide(base))
        direction = functional.normalize(base + self.item_out(hidden), dim=1)
        return direction, self.item_bias(hidden)[:, 0]

    def users(self, mean: Tensor, known: sparse.csr_matrix) -> Tensor:
        """(b, size) of length 1 / temperature, by the mean of the history's products and what is known."""
        x = torch.cat([mean, bag(known, self.known.weight)], dim=1)
        out = mean + self.user_out(torch.relu(self.user_wide(x)))
        return functional.normalize(out, dim=1) / self.temperature


def bag(rows: sparse.csr_matrix, table: Tensor) -> Tensor:
    """(b, size) rows @ table."""
    if not rows.nnz:
        return torch.zeros(rows.shape[0], table.shape[1])
    found: Tensor = functional.embedding_bag(
        torch.from_numpy(rows.indices.astype(np.int64)),
        table,
        torch.from_numpy(rows.indptr[:-1].astype(np.int64)),
        mode="sum",
        per_sample_weights=torch.from_numpy(rows.data.astype(np.float32)),
    )
    return found


class Training:
    """The state of a training.

    Args:
        histories: To learn from.
        worth: (m,) what each interaction counts as an answer.
        words: (n_items, n_hashes) what the products are.
        own: (n_items,) each product's own row; 0 where it has none.
        config: Sizes and steps.
        seed: Of weights and draws.
    """

    def __init__(
        self,
        histories: Histories,
        worth: F64,
        *,
        words: sparse.csr_matrix,
        own: I64,
        config: TwoTowerConfig,
        seed: int,
    ) -> None:
        self.worth = worth
        self.histories, self.words, self.own, self.config = histories, words, own, config
        self.rng = np.random.default_rng(seed)
        self.towers = Towers(int(own.max(initial=0)), config)
        self.known = customer_words(histories.customers, N_CUSTOMER_HASHES)
        counts = np.bincount(histories.items, minlength=histories.n_items)
        self.share = counts / max(counts.sum(), 1)
        self.optimiser = torch.optim.AdamW(
            self.towers.parameters(), lr=config.learning_rate, weight_decay=0.01
        )

    def epoch(self, ahead: NextUp) -> float:
        """Some places of every customer, in an order of their own; the mean loss."""
        places = self._places()
        losses = [
            self._learn(places[i : i + self.config.batch], ahead)
            for i in range(0, len(places), self.config.batch)
        ]
        return float(np.mean(losses)) if losses else math.nan

    def vectors(self) -> F32:
        """(n_items, size + 1) the directions and the biases of all products."""
        found = np.empty((self.words.shape[0], self.config.size + 1), dtype=np.float32)
        with torch.no_grad():
            for start in range(0, len(found), _ITEM_BLOCK):
                part = slice(start, start + _ITEM_BLOCK)
                direction, bias = self.towers.items(self.words[part], torch.from_numpy(self.own[part]))
                found[part] = torch.cat([direction, bias[:, None]], dim=1).numpy()
        return found

    def weights(self) -> dict[str, npt.NDArray[Any]]:
        """The customers' tower, by name, a copy."""
        names = ("known.weight", "user_wide.weight", "user_wide.bias", "user_out.weight", "user_out.bias")
        held = self.towers.state_dict()
        return {name: held[name].numpy().copy() for name in names}

    def _places(self) -> I64:
        """At most `n_places` interactions of each customer, drawn at random, in random order."""
        m = len(self.histories.items)
        order = np.lexsort((self.rng.random(m), self.histories.rows))
        nth = np.arange(m) - np.repeat(self.histories.indptr[:-1], np.diff(self.histories.indptr))
        return self.rng.permutation(order[nth < self.config.n_places])

    def _learn(self, places: I64, ahead: NextUp) -> float:
        answer = ahead.draw(places, self.rng)
        told = (answer >= 0) & (self.worth[np.maximum(answer, 0)] > _LEAST_WORTH)
        places, answer = places[told], answer[told]
        if not len(places):
            return 0.0
        target = self.histories.items[answer]
        drawn = self.rng.integers(0, self.histories.n_items, len(target))
        past = self._past(places)
        used, place = np.unique(np.concatenate([past.indices, target, drawn]), return_inverse=True)
        n_past, n = len(past.indices), len(target)
        direction, bias = self._items(used)
        held = sparse.csr_matrix((past.data, place[:n_past], past.indptr), shape=(n, len(used)))
        user = self.towers.users(bag(held, direction), self.known[self.histories.rows[places]])
        loss = self._loss(user, direction, bias, place[n_past:], used)
        weight = torch.from_numpy(self.worth[answer].astype(np.float32))
        loss = (loss * weight).sum() / weight.sum()
        self.optimiser.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        nn.utils.clip_grad_norm_(self.towers.parameters(), _CLIP)
        self.optimiser.step()
        return float(loss.item())

    def _items(self, used: I64) -> tuple[Tensor, Tensor]:
        """The products, some of them without their own rows: what they are must do, as for one never sold."""
        own = np.where(self.rng.random(len(used)) < self.config.id_dropout, 0, self.own[used])
        return self.towers.items(self.words[used], torch.from_numpy(own))

    def _loss(self, user: Tensor, direction: Tensor, bias: Tensor, place: I64, used: I64) -> Tensor:
        """(b,) -log P of each target among the targets of all and the products drawn."""
        n, n_items = len(user), self.histories.n_items
        expected = n * self.share[used[place]] + n / n_items
        among = torch.from_numpy(place)
        scores = (
            user @ direction[among].T + bias[among] - torch.from_numpy(np.log(expected).astype(np.float32))
        )
        same = torch.from_numpy((place[None, :] == place[:n, None]) & ~np.eye(n, len(place), dtype=bool))
        return functional.cross_entropy(
            scores.masked_fill(same, -torch.inf), torch.arange(n), reduction="none"
        )

    def _past(self, places: I64) -> sparse.csr_matrix:
        """(b, n_items) the faded history up to each place, rows of sum one; some are left blind."""
        lengths = np.minimum(
            places - self.histories.indptr[self.histories.rows[places]] + 1, self.config.max_history
        )
        lengths = np.where(self.rng.random(len(places)) < _BLIND, 0, lengths)
        return history_rows(self.histories, places + 1, lengths, self.config.half_life_days)
