"""The parts of the fusion network: a deep and cross tower a head, attention over past events, a small eye.

Cross tower:  x_(l+1) = x_0 * (W_l x_l + b_l) + x_l,   head = w' [x_L, perceptron(x_0)] + first-order weights
Attention:    v_U(A) = sum_j a(e_j, v_A) e_j           a: a perceptron, not normalised

Source: Wang et al. 2021, WWW (DCN V2), eq. 1 and the parallel structure of figure 1; Zhou et al. 2018, KDD (Deep
Interest Network), eq. 3, with ReLU in place of Dice, and with the age of the event and whether it is the
candidate itself among the inputs of a.
"""

from __future__ import annotations

import numpy as np
import torch
from torch import nn

from adwright.predict.model_config import FusionConfig
from adwright.predict.models.events import N_AGES, Events
from adwright.predict.models.pictures import Pictures

PICTURE_WIDTH = 16
_ATTENTION_WIDTH = 16
_FIRST_SIZE, _SIZE_STEP = 0.01, 0.1  # that of embeddings before training; the share of a batch in the average


class CrossTower(nn.Module):
    """(n, width) -> (n, n_out): cross layers beside a perceptron."""

    def __init__(self, width: int, n_out: int, config: FusionConfig) -> None:
        super().__init__()
        self.cross = nn.ModuleList(nn.Linear(width, width) for _ in range(config.n_cross))
        layers: list[nn.Module] = []
        before = width
        for size in config.hidden:
            layers += [nn.Linear(before, size), nn.ReLU(), nn.Dropout(config.dropout)]
            before = size
        self.perceptron = nn.Sequential(*layers)
        self.out = nn.Linear(width + before, n_out)
        nn.init.zeros_(self.out.weight)
        nn.init.zeros_(self.out.bias)

    def forward(self, x0: torch.Tensor) -> torch.Tensor:
        """(n, n_out)."""
        x = x0
        for layer in self.cross:
            x = x0 * layer(x) + x
        mixed: torch.Tensor = self.out(torch.cat([x, self.perceptron(x0)], dim=1))
        return mixed


class InterestTower(nn.Module):
    """Past events and a candidate -> (n, 2 d): the events that the candidate calls to mind, and their mean."""

    size: torch.Tensor

    def __init__(self, dimension: int) -> None:
        super().__init__()
        self.age = nn.Embedding(N_AGES, dimension)
        nn.init.zeros_(self.age.weight)
        self.register_buffer("size", torch.tensor(_FIRST_SIZE))
        self.attention = nn.Sequential(
            nn.Linear(4 * dimension + 1, _ATTENTION_WIDTH), nn.ReLU(), nn.Linear(_ATTENTION_WIDTH, 1)
        )

    def forward(self, events: Events, candidate: torch.Tensor, table: torch.Tensor) -> torch.Tensor:
        """The interest of each row.

        Args:
            events: (n, l) buckets and ages.
            candidate: (n,) buckets of the candidates.
            table: (n_buckets, d) embeddings, shared by events and candidates.
        """
        bucket = torch.from_numpy(events.bucket)
        there = (bucket >= 0).to(table.dtype).unsqueeze(2)
        kind = nn.functional.embedding(bucket.clamp(min=0), table)
        event = (kind + self.age(torch.from_numpy(events.age))) * there
        wanted = nn.functional.embedding(candidate, table).unsqueeze(1).expand_as(event)
        same = (bucket == candidate.unsqueeze(1)).to(table.dtype).unsqueeze(2)
        # products and differences of small embeddings vanish beside `same`: their scale is taken out, as training
        # had it, so that a row's score hangs on no other row
        if self.training:
            self._learn_size(kind.detach()[bucket >= 0])
        scale = self.size
        compared = torch.cat(
            [event / scale, wanted / scale, (event - wanted) / scale, event * wanted / scale**2, same], dim=2
        )
        weight = self.attention(compared) * there
        count = there.sum(1).clamp(min=1.0)
        return torch.cat([(weight * event).sum(1), event.sum(1) / count], dim=1)

    def _learn_size(self, kinds: torch.Tensor) -> None:
        """A moving average of the root mean square of (m, d) events' embeddings."""
        if len(kinds):
            self.size.lerp_(kinds.pow(2).mean().sqrt().clamp(min=1e-6), _SIZE_STEP)


class PictureTower(nn.Module):
    """Thumbnails -> (n, PICTURE_WIDTH): two convolutions, each halving the sides, and the mean of each quarter."""

    def __init__(self) -> None:
        super().__init__()
        self.layers = nn.Sequential(
            nn.Conv2d(3, 8, 5, stride=2, padding=2),
            nn.ReLU(),
            nn.Conv2d(8, PICTURE_WIDTH, 3, stride=2, padding=1),
            nn.ReLU(),
            nn.AdaptiveAvgPool2d(2),
            nn.Flatten(),
            nn.Linear(4 * PICTURE_WIDTH, PICTURE_WIDTH),
        )

    def forward(self, pictures: Pictures) -> torch.Tensor:
        """(n, PICTURE_WIDTH); zeros for a row without a picture. Each different picture is looked at once."""
        held, place = np.unique(pictures.place, return_inverse=True)
        out = torch.zeros(len(held), PICTURE_WIDTH)
        seen = held >= 0
        if seen.any():
            pixels = torch.from_numpy(pictures.thumbnails[held[seen]]).float() / 127.5 - 1
            out = torch.cat([out[: int((~seen).sum())], self.layers(pixels)])
        return out[torch.from_numpy(place.reshape(-1))]
