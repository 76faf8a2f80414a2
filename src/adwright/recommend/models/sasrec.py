"""A sequential recommender: self-attention over the history in its order (Kang and McAuley 2018).

It sees what a linear model cannot: that what was bought last counts more than what was bought first, and that one
product follows another. A customer who came after the fit is read from their history like any other.

Cost: some 16 bytes x size x n_items of memory while it learns; each step compares `batch x n_places` places with
all products (or a sample of them), so an epoch grows with customers x products. It answers hundreds of customers a
second.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

import numpy as np
import numpy.typing as npt

from adwright.config import build, to_mapping
from adwright.recommend.histories import I64, Histories
from adwright.recommend.models.model import F32, Arrays, FitData, no_support
from adwright.recommend.models.next_up import most_had, next_up, some_of
from adwright.recommend.network_config import SasrecConfig
from adwright.recommend.ranking import mean_ndcg

_FIRST_TOKEN = 2


@dataclass(frozen=True, slots=True, eq=False)
class SequenceModel:
    """A fitted network.

    Args:
        weights: Of the network, by name; empty where there was nothing to learn from.
        kept: (c,) the products that take part.
        n_items: Length of the catalogue.
        n_epochs: How many it learned.
        config: Its sizes.
    """

    weights: Mapping[str, npt.NDArray[Any]]
    kept: I64
    n_items: int
    n_epochs: int
    config: SasrecConfig
    _network: list[Any] = field(default_factory=list, repr=False)

    def score(self, histories: Histories, now: datetime) -> F32:
        """(n, n_items) the probability to come next; zero for products that did not take part."""
        from adwright.recommend.networks.sequence import cut, latest

        scores = np.zeros((len(histories), self.n_items), dtype=np.float32)
        if len(self.kept):
            begin, end = latest(histories, self.config.max_history)
            scores[:, self.kept] = self._shares(cut(histories, self._tokens(), begin=begin, end=end))
        return scores

    def support(self, histories: Histories, items: I64, n: int) -> I64:
        """(n_customers, k, n) the products of the history without which the item would be less likely.

        Each is taken out of the history, and the model is asked again.
        """
        found = no_support(items, n)
        place = np.full(self.n_items, -1, dtype=np.int64)
        place[self.kept] = np.arange(len(self.kept))
        for row in range(len(histories)):
            asked = np.flatnonzero((items[row] >= 0) & (place[items[row]] >= 0))
            own = histories.items[histories.indptr[row] : histories.indptr[row + 1]][
                -self.config.max_history :
            ]
            own = np.unique(own[place[own] >= 0])
            if len(asked) and len(own):
                lost = self._lost_without(histories.take([row]), own, place[items[row, asked]])
                lost[own[:, None] == items[row, asked][None, :]] = 0.0
                order = np.argsort(-lost, axis=0, kind="stable")[:n]
                best = np.where(np.take_along_axis(lost, order, axis=0) > 0, own[order], -1)
                found[row, asked, : len(order)] = best.T
        return found

    def _lost_without(self, history: Histories, own: I64, asked: I64) -> npt.NDArray[np.float32]:
        """(h, k) how much log-probability each asked product loses without each product of the history."""
        from adwright.recommend.networks.sequence import cut, latest

        copies = history.take(np.zeros(len(own) + 1, dtype=np.int64))
        without = np.append(own, -1)[copies.rows]  # the last copy is whole
        copies = replace(copies, items=np.where(copies.items == without, self.n_items, copies.items))
        begin, end = latest(copies, self.config.max_history)
        tokens = np.append(self._tokens(), 0)
        shares = self._shares(cut(copies, tokens, begin=begin, end=end))[:, asked]
        logs = np.log(shares + np.float32(1e-30))
        lost: npt.NDArray[np.float32] = logs[-1] - logs[:-1]
        return lost

    def _tokens(self) -> I64:
        """(n_items,) the token of each product; 0 for what does not take part."""
        return tokens_of(self.kept, self.n_items)

    def _shares(self, windows: Any) -> F32:
        from adwright.recommend.networks.sequence import network_from, shares

        if not self._network:
            self._network.append(network_from(self.weights, self.config))
        return shares(self._network[0], windows)

    def pack(self) -> tuple[dict[str, Any], dict[str, npt.NDArray[Any]]]:
        """(values for JSON, arrays)."""
        values = {"n_items": self.n_items, "n_epochs": self.n_epochs, "config": to_mapping(self.config)}
        return values, {"kept": self.kept} | {f"weights/{name}": held for name, held in self.weights.items()}

    def summary(self) -> dict[str, Any]:
        """How many products took part, how many epochs tune chose, and the memory of the weights."""
        return {
            "n_items": len(self.kept),
            "n_epochs": self.n_epochs,
            "memory_mb": round(sum(held.nbytes for held in self.weights.values()) / 1e6, 1),
        }


class Sasrec:
    """The sequential model as a recommender."""

    name = "sasrec"

    def fit(self, data: FitData) -> SequenceModel:
        """Learns until `tune` is no longer gained on; half of the epochs allowed, where there is no tune."""
        if data.tune is None:
            return self._learn(data, n_epochs=(data.config.sasrec.n_epochs + 1) // 2)
        return self._learn(data, n_epochs=None)

    def refit(self, model: SequenceModel, data: FitData) -> SequenceModel:
        """As many epochs, other histories."""
        return self._learn(data, n_epochs=max(model.n_epochs, 1))

    def unpack(self, values: Mapping[str, Any], arrays: Arrays) -> SequenceModel:
        """The inverse of `SequenceModel.pack`."""
        weights = {k.removeprefix("weights/"): held for k, held in arrays.items() if k.startswith("weights/")}
        config = build(SasrecConfig, values["config"])
        return SequenceModel(weights, arrays["kept"], int(values["n_items"]), int(values["n_epochs"]), config)

    def _learn(self, data: FitData, *, n_epochs: int | None) -> SequenceModel:
        """For so many epochs, or until tune is no longer gained on."""
        import torch

        from adwright.recommend.networks.sequence import Training, weights_of

        config, histories = data.config.sasrec, data.histories
        kept = most_had(histories, config.max_items)
        ahead = next_up(histories, config.visit_minutes)
        seed = int(data.rng.integers(2**31))
        judged = None if data.tune is None or n_epochs is not None else some_of(data.tune, data.rng)
        best, reached = SequenceModel({}, kept[:0], data.n_items, 0, config), -1.0
        if not len(kept):
            return best
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(seed)
            worth = histories.faded(data.now.timestamp(), config.answer_half_life_days)
            token = tokens_of(kept, data.n_items)
            training = Training(histories, worth, kept=kept, token=token, config=config, seed=seed)
            for epoch in range(1, (n_epochs or config.n_epochs) + 1):
                loss = training.epoch(ahead)
                now = SequenceModel(weights_of(training.network), kept, data.n_items, epoch, config)
                if judged is None:
                    data.progress(f"sasrec: epoch {epoch}: loss {loss:.3f}")
                    best = now
                    continue
                quality = mean_ndcg(now, judged, k=10)
                data.progress(f"sasrec: epoch {epoch}: loss {loss:.3f}, NDCG@10 {quality:.4f} on tune")
                if quality > reached:
                    best, reached = now, quality
                elif epoch - best.n_epochs >= config.patience:
                    break
        return best


def tokens_of(kept: I64, n_items: int) -> I64:
    """(n_items,) the token of each product; 0 for what does not take part."""
    tokens = np.zeros(n_items, dtype=np.int64)
    tokens[kept] = np.arange(len(kept)) + _FIRST_TOKEN
    return tokens
