"""The fusion network and its training: embeddings, cross layers beside a small perceptron, one score.

    x_0 = all embeddings and numbers side by side
    x_(l+1) = x_0 * (W_l x_l + b_l) + x_l                         cross layers
    score = w' [x_L, perceptron(x_0)] + sum of first-order weights

Source: Wang et al. 2021, WWW (DCN V2), eq. 1, with the parallel structure of its figure 1. A text is the mean
of its terms' embeddings.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch import nn

from adwright.predict.model_config import FusionConfig
from adwright.predict.models.fields import FieldBatch, FieldOutcomes, Fields
from adwright.predict.models.torch_settings import torch_settings
from adwright.schema import F64

_SCORED_AT_ONCE = 8192
_WARM_UP = 0.05
_EMBEDDING_SD = 0.01


@dataclass(frozen=True, slots=True, eq=False)
class Trained:
    """A trained network: weights by name, the epochs it took, (n_judged,) scores; empty without a judge."""

    weights: dict[str, npt.NDArray[Any]]
    n_epochs: int
    on_judge: F64


class FusionNetwork(nn.Module):
    """Fields -> scores."""

    def __init__(self, config: FusionConfig, fields: Fields) -> None:
        super().__init__()
        self.embedding = nn.EmbeddingBag(fields.n_buckets, config.dimension, mode="mean")
        self.first_order = nn.EmbeddingBag(fields.n_buckets, 1, mode="mean")
        nn.init.normal_(self.embedding.weight, std=_EMBEDDING_SD)
        nn.init.zeros_(self.first_order.weight)
        n_numbers = 2 * len(fields.numeric)
        width = config.dimension * (len(fields.categorical) + len(fields.text)) + n_numbers
        self.numbers = nn.Linear(n_numbers, 1, bias=False) if n_numbers else None
        self.cross = nn.ModuleList(nn.Linear(width, width) for _ in range(config.n_cross))
        layers: list[nn.Module] = []
        before = width
        for size in config.hidden:
            layers += [nn.Linear(before, size), nn.ReLU(), nn.Dropout(config.dropout)]
            before = size
        self.perceptron = nn.Sequential(*layers)
        self.dropout = nn.Dropout(config.dropout)
        self.out = nn.Linear(width + before, 1)
        nn.init.zeros_(self.out.weight)
        nn.init.zeros_(self.out.bias)

    def forward(self, batch: FieldBatch) -> torch.Tensor:
        """(n,) scores of the rows."""
        category = torch.from_numpy(batch.category)
        n = len(category)
        parts, first = [], torch.zeros(n)
        if category.shape[1]:
            flat = category.reshape(-1, 1)
            parts.append(self.embedding(flat).reshape(n, -1))
            first = first + self.first_order(flat).reshape(n, -1).sum(1)
        for bags in batch.texts:
            buckets, start = torch.from_numpy(bags.buckets), torch.from_numpy(bags.start)
            parts.append(self.embedding(buckets, start))
            first = first + self.first_order(buckets, start).squeeze(1)
        if self.numbers is not None:
            numeric = torch.from_numpy(batch.numeric)
            parts.append(numeric)
            first = first + self.numbers(numeric).squeeze(1)
        x0 = self.dropout(torch.cat(parts, dim=1))
        x = x0
        for layer in self.cross:
            x = x0 * layer(x) + x
        mixed = torch.cat([x, self.perceptron(x0)], dim=1)
        return first + self.out(mixed).squeeze(1)  # type: ignore[no-any-return]

    def score(self, batch: FieldBatch) -> F64:
        """(n,) scores, without gradients."""
        self.eval()
        parts = [np.zeros(0)]
        with torch.inference_mode():
            for start in range(0, len(batch), _SCORED_AT_ONCE):
                rows = np.arange(start, min(start + _SCORED_AT_ONCE, len(batch)))
                parts.append(self(batch.take(rows)).numpy().astype(np.float64))
        return np.concatenate(parts)

    def weights(self) -> dict[str, npt.NDArray[Any]]:
        """By name, float32."""
        return {name: held.detach().numpy().copy() for name, held in self.state_dict().items()}


def train_network(
    learned: FieldOutcomes,
    fields: Fields,
    config: FusionConfig,
    *,
    seed: int,
    progress: Callable[[str], None],
    judge: FieldOutcomes | None = None,
    n_epochs: int | None = None,
) -> Trained:
    """A network whose scores explain the outcomes.

    Args:
        learned: What it learns from.
        fields: How rows became fields.
        config: Its shape and how to train it.
        seed: Of its weights, the order and dropout.
        progress: Takes a line an epoch.
        judge: Rows that choose the number of epochs, the best of which is kept.
        n_epochs: How many; config.n_epochs, if None. The schedule is always that of config.n_epochs.
    """
    with torch_settings(seed):
        network = FusionNetwork(config, fields)
        steps = math.ceil(len(learned.batch) / config.batch_rows)
        optimiser = torch.optim.AdamW(_parameter_groups(network, config), lr=config.learning_rate)
        total = steps * config.n_epochs
        schedule = torch.optim.lr_scheduler.LambdaLR(optimiser, lambda step: _share(step, total))
        rng = np.random.default_rng(seed)
        best: Trained | None = None
        lowest = np.inf
        for epoch in range(1, (n_epochs or config.n_epochs) + 1):
            network.train()
            for rows in _batches(len(learned.batch), config.batch_rows, rng):
                optimiser.zero_grad()
                _loss(network(learned.batch.take(rows)), learned, rows).backward()  # type: ignore[no-untyped-call]
                optimiser.step()
                schedule.step()
            if judge is None:
                continue
            scores = network.score(judge.batch)
            loss = float(_loss(torch.from_numpy(scores), judge, np.arange(len(scores))))
            progress(f"fusion: epoch {epoch}, loss on tune {loss:.5f}")
            if loss < lowest:
                lowest, best = loss, Trained(network.weights(), epoch, scores)
            elif best is not None and epoch > best.n_epochs + 1:
                break
        return best or Trained(network.weights(), n_epochs or config.n_epochs, np.zeros(0))


def load_network(
    config: FusionConfig, fields: Fields, weights: Mapping[str, npt.NDArray[Any]]
) -> FusionNetwork:
    """The network with these weights."""
    network = FusionNetwork(config, fields)
    network.load_state_dict({name: torch.from_numpy(np.array(held)) for name, held in weights.items()})
    return network


def _loss(score: torch.Tensor, outcomes: FieldOutcomes, rows: npt.NDArray[np.int64]) -> torch.Tensor:
    """The weighted binomial loss a row, scores counted from the starting ones."""
    kind = score.dtype
    share, weight, start = (
        torch.from_numpy(np.asarray(values[rows])).to(kind)
        for values in (outcomes.share, outcomes.weight, outcomes.start)
    )
    return (
        weight * nn.functional.binary_cross_entropy_with_logits(start + score, share, reduction="none")
    ).mean()


def _parameter_groups(network: FusionNetwork, config: FusionConfig) -> list[dict[str, Any]]:
    tables = [network.embedding.weight, network.first_order.weight]
    known = {id(table) for table in tables}
    rest = [parameter for parameter in network.parameters() if id(parameter) not in known]
    return [{"params": tables, "weight_decay": config.weight_decay}, {"params": rest, "weight_decay": 1e-4}]


def _batches(n: int, size: int, rng: np.random.Generator) -> Iterator[npt.NDArray[np.int64]]:
    order = rng.permutation(n)
    for start in range(0, n, size):
        yield order[start : start + size]


def _share(step: int, total: int) -> float:
    warm = max(_WARM_UP * total, 1.0)
    return min((step + 1) / warm, max(1 - step / max(total, 1), 0.05))
