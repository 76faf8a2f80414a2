"""Order values from the fusion network: log-normal, zero where nobody bought, learned with click and purchase.

Orders are few; the embeddings that they are told by are learned from every exposure.

Source: Wang et al. 2019, arXiv 1912.07753 (zero-inflated log-normal). Holds when: the log of an order's value is
about normal. Does not cover: orders worth 0 or less, which are left out, and said to be.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from adwright.predict.exposures import Exposures
from adwright.predict.models.fusion import Networks, Teacher
from adwright.predict.models.model import Arrays, FitData
from adwright.schema import F64

MIN_ORDERS = 50
"""Training rows with orders below which a network learns nothing of them."""

_MIN_TUNE = 20


@dataclass(frozen=True, slots=True, eq=False)
class FusionOrders:
    """Fitted networks whose last two outputs are the log value's mean and the log of its standard deviation.

    Args:
        networks: With the rates' towers before.
        centre: Where log values are counted from.
        scale: Their unit.
    """

    networks: Networks
    centre: float
    scale: float

    def expected(self, x: Any, frame: pl.DataFrame | None) -> F64:
        """(n,) expected value of one order, minor units: exp(mu + sigma^2 / 2), the mean over members."""
        del x
        mean, sd = self._moments(frame)
        return np.asarray(np.exp(np.minimum(mean + sd**2 / 2, 60.0)).mean(axis=0))

    def log_sd(self, frame: pl.DataFrame | None) -> F64 | None:
        """(n,) standard deviation of the log of one order, the members' disagreement included."""
        mean, sd = self._moments(frame)
        return np.asarray(np.sqrt((sd**2).mean(axis=0) + mean.var(axis=0)))

    def _moments(self, frame: pl.DataFrame | None) -> tuple[F64, F64]:
        """(n_members, n) means and standard deviations of the log value."""
        assert frame is not None
        out = self.networks.outputs(frame)
        sd = self.scale * np.exp(np.clip(out[:, :, -1], -4.0, 1.0))
        return self.centre + self.scale * out[:, :, -2], sd

    def pack(self) -> tuple[dict[str, Any], dict[str, npt.NDArray[Any]]]:
        """(values for JSON, arrays)."""
        values, arrays = self.networks.pack()
        return {"centre": self.centre, "scale": self.scale, "networks": values}, arrays

    @classmethod
    def unpacked(cls, values: Mapping[str, Any], arrays: Arrays) -> FusionOrders:
        """The inverse of `pack`."""
        return cls(Networks.unpacked(values["networks"], arrays), values["centre"], values["scale"])


def fit_fusion_orders(data: FitData) -> FusionOrders | None:
    """The networks; None where orders are too few, with a note.

    Args:
        data: With the exposures of every block.
    """
    assert data.exposed is not None
    train, tune = data.exposed["train"], data.exposed["tune"]
    n_orders = int(_with_value(train).sum())
    left_out = int(((train.orders > 0) & (train.order_value <= 0)).sum())
    if left_out:
        data.notes.append(
            f"{left_out} training rows with orders worth 0 or less: the log-normal leaves them out"
        )
    if n_orders < MIN_ORDERS:
        data.notes.append(
            f"fusion: {n_orders} training rows with orders, below {MIN_ORDERS}: the order value is linear"
        )
        return None
    can_choose = int(_with_value(tune).sum()) >= _MIN_TUNE
    if not can_choose:
        data.notes.append("fusion: tune has too few orders to choose the number of epochs")
    teacher = Teacher(data, train, orders=True)
    first = teacher.first(train, tune if can_choose else None)
    networks = teacher.members(train.joined(tune), first.n_epochs)
    return FusionOrders(networks, *teacher.unit)


def _with_value(rows: Exposures) -> npt.NDArray[np.bool_]:
    return np.asarray((rows.orders > 0) & (rows.order_value > 0))
