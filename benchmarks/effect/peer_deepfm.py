"""A plain DeepFM in torch (Guo et al. 2017), as a peer: embeddings of integer codes, their pairs, a perceptron."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from torch import nn

from adwright.stats.ranking import auc

WIDTH = 16
PATIENCE = 2


class DeepFM(nn.Module):
    """The log-odds of rows of codes.

    Args:
        n_codes: Of all columns together; columns share no code.
        n_columns: Columns.
        hidden: Widths of the perceptron.
        dropout: After each of them.
    """

    def __init__(self, n_codes: int, n_columns: int, hidden: Sequence[int], dropout: float = 0.0) -> None:
        super().__init__()
        self.embedding, self.first = nn.Embedding(n_codes, WIDTH), nn.Embedding(n_codes, 1)
        layers: list[nn.Module] = []
        for before, after in zip([WIDTH * n_columns, *hidden], [*hidden], strict=False):
            layers += [nn.Linear(before, after), nn.ReLU(), nn.Dropout(dropout)]
        self.deep = nn.Sequential(*layers, nn.Linear(hidden[-1], 1))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """(n, n_columns) codes -> (n) log-odds."""
        held = self.embedding(x)
        pairs = 0.5 * (held.sum(1) ** 2 - (held**2).sum(1)).sum(1)
        score: torch.Tensor = self.first(x).sum((1, 2)) + pairs + self.deep(held.flatten(1)).squeeze(1)
        return score


def one_pass(model: DeepFM, optimiser: torch.optim.Optimizer, x: torch.Tensor, y: torch.Tensor) -> None:
    """One epoch in batches of 1,024."""
    for rows in torch.randperm(len(y)).split(1024):
        optimiser.zero_grad()
        nn.functional.binary_cross_entropy_with_logits(model(x[rows]), y[rows]).backward()
        optimiser.step()


def ensemble(
    parts: Sequence[np.ndarray], y: np.ndarray, stop_y: np.ndarray, *, n: int, seed: int
) -> list[np.ndarray]:
    """Probabilities on the test rows, of each of n networks; each keeps the epoch that is best on the stopping rows.

    `parts` are codes to learn from, to stop by and of the test.

    The embeddings' L2 penalty is the best of three on the stopping rows of the first network.
    """
    train, stop, test = (torch.from_numpy(part.astype(np.int64)) for part in parts)
    label, n_codes = torch.from_numpy(y.astype(np.float32)), int(max(part.max() for part in parts)) + 1

    def fitted(penalty: float, member: int) -> tuple[float, np.ndarray]:
        torch.manual_seed(100 * seed + member)
        model = DeepFM(n_codes, train.shape[1], (128, 64), dropout=0.2)
        nn.init.normal_(model.embedding.weight, std=0.01)
        nn.init.zeros_(model.first.weight)
        tables = [*model.embedding.parameters(), *model.first.parameters()]
        optimiser = torch.optim.Adam(
            [{"params": tables, "weight_decay": penalty}, {"params": model.deep.parameters()}], lr=1e-3
        )
        best, found, waited = 0.0, np.zeros(len(test)), 0
        while waited < PATIENCE:
            model.train()
            one_pass(model, optimiser, train, label)
            model.eval()
            with torch.no_grad():
                reached = auc(model(stop).numpy(), stop_y)[0]
                if reached > best:
                    best, found, waited = reached, torch.sigmoid(model(test)).numpy(), 0
                else:
                    waited += 1
        return best, found

    tried = {penalty: fitted(penalty, 0) for penalty in (1e-6, 1e-5, 1e-4)}
    chosen = max(tried, key=lambda penalty: tried[penalty][0])
    return [tried[chosen][1], *(fitted(chosen, member)[1] for member in range(1, n))]
