"""The fusion network and its training: shared embeddings of everything in a row, and a tower a head.

x_0 is all embeddings, interests, pictures and numbers side by side; `fusion_towers` says what is done with them,
`fusion_tasks` what is learned. A text is the mean of its terms' embeddings. To the first output goes what any two
fields do together, sum_(i<j) <e_i, e_j> (Guo et al. 2017, IJCAI, DeepFM, eq. 2).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch import nn

from adwright.predict.model_config import FusionConfig
from adwright.predict.models.fields import FieldBatch, Fields
from adwright.predict.models.fusion_tasks import Task
from adwright.predict.models.fusion_towers import PICTURE_WIDTH, CrossTower, InterestTower, PictureTower
from adwright.predict.models.torch_settings import torch_settings
from adwright.schema import F64

_SCORED_AT_ONCE = 8192
_WARM_UP = 0.05
_EMBEDDING_SD = 0.01


@dataclass(frozen=True, slots=True, eq=False)
class Trained:
    """A trained network: weights by name, and the epochs it took."""

    weights: dict[str, npt.NDArray[Any]]
    n_epochs: int


class FusionNetwork(nn.Module):
    """Fields -> the outputs of each tower.

    Args:
        config: Its shape.
        fields: How rows become fields.
        towers: Outputs of each tower.
    """

    def __init__(self, config: FusionConfig, fields: Fields, towers: tuple[int, ...] = (1,)) -> None:
        super().__init__()
        n_out = sum(towers)
        self.embedding = nn.EmbeddingBag(fields.n_buckets, config.dimension, mode="mean")
        self.first_order = nn.EmbeddingBag(fields.n_buckets, n_out, mode="mean")
        nn.init.normal_(self.embedding.weight, std=_EMBEDDING_SD)
        nn.init.zeros_(self.first_order.weight)
        n_numbers = 2 * len(fields.numeric)
        width = config.dimension * (len(fields.categorical) + len(fields.text) + 2 * len(fields.sequence))
        width += n_numbers + PICTURE_WIDTH * len(fields.image)
        self.numbers = nn.Linear(n_numbers, n_out, bias=False) if n_numbers else None
        self.candidates = tuple(fields.sequence.values())
        self.interests = nn.ModuleList(InterestTower(config.dimension) for _ in self.candidates)
        self.pictures = nn.ModuleList(PictureTower() for _ in fields.image)
        self.towers = nn.ModuleList(CrossTower(width, n, config) for n in towers)
        self.dropout = nn.Dropout(config.dropout)

    def forward(self, batch: FieldBatch) -> torch.Tensor:
        """(n, sum of towers) outputs of the rows."""
        category = torch.from_numpy(batch.category)
        n = len(category)
        parts, first = [], torch.zeros(n, self.first_order.weight.shape[1])
        met, alone = torch.zeros(n, self.embedding.embedding_dim), torch.zeros(n)
        if category.shape[1]:
            flat = category.reshape(-1, 1)
            held = self.embedding(flat).reshape(n, category.shape[1], -1)
            parts.append(held.reshape(n, -1))
            met, alone = held.sum(1), held.square().sum((1, 2))
            first = first + self.first_order(flat).reshape(n, category.shape[1], -1).sum(1)
        for bags in batch.texts:
            buckets, start = torch.from_numpy(bags.buckets), torch.from_numpy(bags.start)
            held = self.embedding(buckets, start)
            parts.append(held)
            met, alone = met + held, alone + held.square().sum(1)
            first = first + self.first_order(buckets, start)
        for tower, events, place in zip(self.interests, batch.events, self.candidates, strict=True):
            parts.append(tower(events, category[:, place], self.embedding.weight))
        for tower, pictures in zip(self.pictures, batch.pictures, strict=True):
            parts.append(tower(pictures))
        if self.numbers is not None:
            numeric = torch.from_numpy(batch.numeric)
            parts.append(numeric)
            first = first + self.numbers(numeric)
        x0 = self.dropout(torch.cat(parts, dim=1))
        together = 0.5 * (met.square().sum(1) - alone).unsqueeze(1)
        towers = [tower(x0) for tower in self.towers]
        towers[0] = towers[0] + nn.functional.pad(together, (0, towers[0].shape[1] - 1))
        return first + torch.cat(towers, dim=1)

    def outputs(self, batch: FieldBatch) -> F64:
        """(n, sum of towers) outputs, without gradients."""
        self.eval()
        parts = [np.zeros((0, self.first_order.weight.shape[1]))]
        with torch.inference_mode():
            for start in range(0, len(batch), _SCORED_AT_ONCE):
                rows = np.arange(start, min(start + _SCORED_AT_ONCE, len(batch)))
                parts.append(self(batch.take(rows)).numpy().astype(np.float64))
        return np.concatenate(parts)

    def weights(self) -> dict[str, npt.NDArray[Any]]:
        """By name, float32."""
        return {name: held.detach().numpy().copy() for name, held in self.state_dict().items()}


def train_network(
    learned: Task,
    fields: Fields,
    config: FusionConfig,
    *,
    seed: int,
    progress: Callable[[str], None],
    judge: Task | None = None,
    n_epochs: int | None = None,
    chunks: Callable[[], Iterable[Task]] | None = None,
    n_rows: int | None = None,
) -> Trained:
    """A network whose outputs explain the outcomes.

    Args:
        learned: What it learns from.
        fields: How rows became fields.
        config: Its shape and how to train it.
        seed: Of its weights, the order and dropout.
        progress: Takes a line an epoch.
        judge: Rows that choose the number of epochs, the best of which is kept.
        n_epochs: How many; config.n_epochs, if None. The schedule is always that of config.n_epochs.
        chunks: What is learned in place of `learned`, one epoch's worth, where it does not fit into memory; the
            schedule is then that of `n_epochs`, and rows are shuffled within a chunk.
        n_rows: Of all chunks.
    """
    with torch_settings(seed):
        network = FusionNetwork(config, fields, learned.towers)
        steps = math.ceil((n_rows or len(learned.batch)) / config.batch_rows)
        optimiser = torch.optim.Adam(_parameter_groups(network, config), lr=config.learning_rate)
        total = steps * ((n_epochs if chunks else None) or config.n_epochs)
        schedule = torch.optim.lr_scheduler.LambdaLR(optimiser, lambda step: _share(step, total))
        rng = np.random.default_rng(seed)
        best: Trained | None = None
        lowest = np.inf
        for epoch in range(1, (n_epochs or config.n_epochs) + 1):
            network.train()
            for task in chunks() if chunks else [learned]:
                for rows in _batches(len(task.batch), config.batch_rows, rng):
                    optimiser.zero_grad()
                    task.loss(network(task.batch.take(rows)), rows).backward()  # type: ignore[no-untyped-call]
                    optimiser.step()
                    schedule.step()
            if judge is None:
                progress(f"fusion: epoch {epoch}")
                continue
            loss = judge.judged(torch.from_numpy(network.outputs(judge.batch)))
            progress(f"fusion: epoch {epoch}, loss on tune {loss:.5f}")
            if loss < lowest:
                lowest, best = loss, Trained(network.weights(), epoch)
            elif best is not None and epoch > best.n_epochs + 1:
                break
        return best or Trained(network.weights(), n_epochs or config.n_epochs)


def load_network(
    config: FusionConfig, fields: Fields, towers: tuple[int, ...], weights: Mapping[str, npt.NDArray[Any]]
) -> FusionNetwork:
    """The network with these weights."""
    network = FusionNetwork(config, fields, towers)
    network.load_state_dict({name: torch.from_numpy(np.array(held)) for name, held in weights.items()})
    return network


def _parameter_groups(network: FusionNetwork, config: FusionConfig) -> list[dict[str, Any]]:
    tables = [network.embedding.weight, network.first_order.weight]
    known = {id(table) for table in tables}
    rest = [parameter for parameter in network.parameters() if id(parameter) not in known]
    return [{"params": tables, "weight_decay": config.weight_decay}, {"params": rest, "weight_decay": 0.0}]


def _batches(n: int, size: int, rng: np.random.Generator) -> Iterator[npt.NDArray[np.int64]]:
    order = rng.permutation(n)
    for start in range(0, n, size):
        yield order[start : start + size]


def _share(step: int, total: int) -> float:
    warm = max(_WARM_UP * total, 1.0)
    return min((step + 1) / warm, max(1 - step / max(total, 1), 0.05))
