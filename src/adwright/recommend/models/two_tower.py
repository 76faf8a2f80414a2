"""A recommender for products and customers never seen: two towers that read what they are (Yi et al. 2019).

A product is its words, category, brand, attributes and price level, hashed; one that was sold also has a row of
its own, which is dropped now and then while it learns, so that words must do (Volkovs et al. 2017, DropoutNet). A
customer is the faded mean of their history's products and what is known of them. A score is an inner product:

    score(u, j) = cos(u, v_j) / temperature + b_j

Cost: 4 x (size + 1) bytes a product, so 260 MB for a million, and one product of matrices a request. It needs no
torch to answer.

Holds when: products are described. Does not cover: what sells for reasons that no description tells; EASE and sasrec
know more of products with sales.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np
import numpy.typing as npt

from adwright.config import build, to_mapping
from adwright.recommend.histories import I64, Histories
from adwright.recommend.models.linear import strongest_support
from adwright.recommend.models.model import F32, Arrays, FitData
from adwright.recommend.models.next_up import history_rows, next_up, some_of
from adwright.recommend.network_config import TwoTowerConfig
from adwright.recommend.ranking import mean_ndcg
from adwright.recommend.words import customer_words, product_words
from adwright.schema import F64


@dataclass(frozen=True, slots=True, eq=False)
class TwoTowers:
    """The fitted towers.

    Args:
        vectors: (n_items, size + 1) direction and bias of each product.
        tower: The customers' tower, by name.
        n_epochs: How many it learned.
        config: Its sizes.
    """

    vectors: F32
    tower: Mapping[str, npt.NDArray[Any]]
    n_epochs: int
    config: TwoTowerConfig

    def score(self, histories: Histories, now: datetime) -> F32:
        """(n, n_items); `now` changes nothing, for a history fades from its last interaction on."""
        scores: F32 = self.customers(histories) @ self.vectors.T
        return scores

    def customers(self, histories: Histories) -> F32:
        """(n, size + 1) the customers' vectors, the last entry 1 for the products' bias."""
        lengths = np.minimum(np.diff(histories.indptr), self.config.max_history)
        past = history_rows(histories, histories.indptr[1:], lengths, self.config.half_life_days)
        mean = np.asarray(past.astype(np.float32) @ self.vectors[:, :-1])
        held = customer_words(histories.customers, len(self.tower["known.weight"]))
        known = np.asarray(held @ self.tower["known.weight"])
        wide = np.concatenate([mean, known], axis=1) @ self.tower["user_wide.weight"].T
        hidden = np.maximum(wide + self.tower["user_wide.bias"], 0)
        out = mean + hidden @ self.tower["user_out.weight"].T + self.tower["user_out.bias"]
        length = np.maximum(np.linalg.norm(out, axis=1, keepdims=True), 1e-12)
        found = np.ones((len(histories), out.shape[1] + 1), dtype=np.float32)
        found[:, :-1] = out / length / self.config.temperature
        return found

    def support(self, histories: Histories, items: I64, n: int) -> I64:
        """(n_customers, k, n) the products of the history whose vectors are nearest to each item's."""

        def weights(own: I64, asked: I64) -> F64:
            alike: F64 = (self.vectors[own, :-1] @ self.vectors[asked, :-1].T).astype(np.float64)
            return alike

        return strongest_support(histories, items, n, weights)

    def pack(self) -> tuple[dict[str, Any], dict[str, npt.NDArray[Any]]]:
        """(values for JSON, arrays)."""
        values = {"n_epochs": self.n_epochs, "config": to_mapping(self.config)}
        return values, {"vectors": self.vectors} | {
            f"tower/{name}": held for name, held in self.tower.items()
        }

    def summary(self) -> dict[str, Any]:
        """How many products have vectors, how many epochs tune chose, and the memory of the vectors."""
        return {
            "n_items": len(self.vectors),
            "n_epochs": self.n_epochs,
            "memory_mb": round(self.vectors.nbytes / 1e6, 1),
        }


class TwoTower:
    """The two towers as a recommender."""

    name = "two_tower"

    def fit(self, data: FitData) -> TwoTowers:
        """Learns until `tune` is no longer gained on; half of the epochs allowed, where there is no tune."""
        if data.tune is None:
            return self._learn(data, n_epochs=(data.config.two_tower.n_epochs + 1) // 2)
        return self._learn(data, n_epochs=None)

    def refit(self, model: TwoTowers, data: FitData) -> TwoTowers:
        """As many epochs, other histories."""
        return self._learn(data, n_epochs=max(model.n_epochs, 1))

    def unpack(self, values: Mapping[str, Any], arrays: Arrays) -> TwoTowers:
        """The inverse of `TwoTowers.pack`."""
        tower = {k.removeprefix("tower/"): held for k, held in arrays.items() if k.startswith("tower/")}
        return TwoTowers(
            arrays["vectors"], tower, int(values["n_epochs"]), build(TwoTowerConfig, values["config"])
        )

    def _learn(self, data: FitData, *, n_epochs: int | None) -> TwoTowers:
        """For so many epochs, or until tune is no longer gained on."""
        import torch

        from adwright.recommend.networks.towers import Training

        config, histories = data.config.two_tower, data.histories
        ahead = next_up(histories, config.visit_minutes)
        seed = int(data.rng.integers(2**31))
        judged = None if data.tune is None or n_epochs is not None else some_of(data.tune, data.rng)
        sold = np.bincount(histories.items, minlength=data.n_items) > 0
        own = np.where(sold & (config.id_dropout < 1), np.cumsum(sold), 0).astype(np.int64)
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(seed)
            words = product_words(data.products, config.n_hashes)
            worth = histories.faded(data.now.timestamp(), config.answer_half_life_days)
            training = Training(histories, worth, words=words, own=own, config=config, seed=seed)
            best = TwoTowers(training.vectors(), training.weights(), 0, config)
            reached = -1.0
            for epoch in range(1, (n_epochs or config.n_epochs) + 1 if len(histories.items) else 1):
                loss = training.epoch(ahead)
                line = f"two_tower: epoch {epoch}: loss {loss:.3f}"
                if judged is None:
                    data.progress(line)
                    best = TwoTowers(training.vectors(), training.weights(), epoch, config)
                    continue
                now = TwoTowers(training.vectors(), training.weights(), epoch, config)
                quality = mean_ndcg(now, judged, k=10)
                data.progress(f"{line}, NDCG@10 {quality:.4f} on tune")
                if quality > reached:
                    best, reached = now, quality
                elif epoch - best.n_epochs >= config.patience:
                    break
        return best
