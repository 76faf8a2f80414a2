"""What a fusion network learns, and by which loss: a rate, a purchase over all exposures, an order's value.

A rate                -log Binomial(successes | trials, p)
A purchase (ESMM)     that of the click, and -log Binomial(purchases | exposures, p_click p_conversion): conversions
                      are learned where nobody clicked, too, so that who clicks does not bias them
An order (ZILN)       that of the purchase, which is where a value is zero, and the log-normal density of the value

A row of c orders knows their mean only: a mean of c log-normal values is taken as log-normal with the same mean
and a c-th of the variance (Fenton 1960, IRE Transactions 8).

Source: Ma et al. 2018, SIGIR (Entire Space Multi-Task Model), eq. 2 and 3; Wang et al. 2019 (arXiv 1912.07753,
zero-inflated log-normal loss), eq. 3.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt
import torch
from scipy import special
from torch import nn

from adwright.predict.exposures import Exposures
from adwright.predict.models.fields import FieldBatch, FieldOutcomes, Fields
from adwright.predict.models.nuisance import Nuisance
from adwright.predict.rows import Rows
from adwright.schema import F64, Bools

Ids = npt.NDArray[np.int64]


class Task(Protocol):
    """Rows and their outcomes."""

    @property
    def batch(self) -> FieldBatch:
        """The rows."""
        ...

    @property
    def towers(self) -> tuple[int, ...]:
        """Outputs of each tower."""
        ...

    def loss(self, out: torch.Tensor, rows: Ids) -> torch.Tensor:
        """The mean loss of some rows from their (n, sum(towers)) outputs."""
        ...

    def judged(self, out: torch.Tensor) -> float:
        """The loss of all rows that says how good the last tower is."""
        ...


@dataclass(frozen=True, slots=True, eq=False)
class RateTask:
    """One rate, its score counted from the rows' starting scores."""

    outcomes: FieldOutcomes
    towers: tuple[int, ...] = (1,)

    @property
    def batch(self) -> FieldBatch:
        """The rows."""
        return self.outcomes.batch

    def loss(self, out: torch.Tensor, rows: Ids) -> torch.Tensor:
        """The weighted binomial loss a row."""
        held = self.outcomes
        share, weight = _tensors(out, rows, held.share, held.weight)
        found = nn.functional.binary_cross_entropy_with_logits(self.logit(out, rows), share, reduction="none")
        loss: torch.Tensor = (weight * found).mean()
        return loss

    def logit(self, out: torch.Tensor, rows: Ids) -> torch.Tensor:
        """(n,) log-odds."""
        logit: torch.Tensor = _tensors(out, rows, self.outcomes.start)[0] + out[:, 0]
        return logit

    def judged(self, out: torch.Tensor) -> float:
        """The loss."""
        return float(self.loss(out, np.arange(len(self.batch))))


@dataclass(frozen=True, slots=True, eq=False)
class PurchaseTask:
    """Click and purchase over all exposures.

    Args:
        click: The clicks.
        share: (n,) purchases over exposures.
        weight: (n,) of mean 1; 0 where purchases are not known.
        start: Log-odds of the mean conversion given click.
    """

    click: RateTask
    share: F64
    weight: F64
    start: float
    towers: tuple[int, ...] = (1, 1)

    @property
    def batch(self) -> FieldBatch:
        """The rows."""
        return self.click.batch

    def loss(self, out: torch.Tensor, rows: Ids) -> torch.Tensor:
        """Both losses."""
        return self.click.loss(out, rows) + self._purchase_loss(out, rows)

    def judged(self, out: torch.Tensor) -> float:
        """The purchases' loss."""
        return float(self._purchase_loss(out, np.arange(len(self.batch))))

    def _purchase_loss(self, out: torch.Tensor, rows: Ids) -> torch.Tensor:
        share, weight = _tensors(out, rows, self.share, self.weight)
        log_p = nn.functional.logsigmoid(self.click.logit(out, rows))
        log_p = log_p + nn.functional.logsigmoid(self.start + out[:, 1])
        missed = torch.log(-torch.expm1(log_p.clamp(max=-1e-7)))
        loss: torch.Tensor = -(weight * (share * log_p + (1 - share) * missed)).mean()
        return loss


@dataclass(frozen=True, slots=True, eq=False)
class OrderTask:
    """Order values, zero where nobody bought.

    Args:
        base: Where the zeros come from.
        log_value: (n,) log of the mean value of a row's orders; 0 where there is none.
        count: (n,) orders of positive value.
        centre: Where log values are counted from.
        scale: Their unit.
    """

    base: RateTask | PurchaseTask
    log_value: F64
    count: F64
    centre: float
    scale: float

    @property
    def batch(self) -> FieldBatch:
        """The rows."""
        return self.base.batch

    @property
    def towers(self) -> tuple[int, ...]:
        """Those of the base, and one for mean and spread."""
        return (*self.base.towers, 2)

    def loss(self, out: torch.Tensor, rows: Ids) -> torch.Tensor:
        """All losses."""
        return self._value_loss(out, rows) + self.base.loss(out, rows)

    def judged(self, out: torch.Tensor) -> float:
        """The log-normal's loss an order."""
        return float(self._value_loss(out, np.arange(len(self.batch))))

    def _value_loss(self, out: torch.Tensor, rows: Ids) -> torch.Tensor:
        value, count = _tensors(out, rows, (self.log_value - self.centre) / self.scale, self.count)
        mean, log_sd = moments(out[:, -2:])
        variance = self.scale**2 * (2 * log_sd).exp()
        of_mean = torch.log1p(torch.expm1(variance) / count.clamp(min=1.0))
        gap = value - mean - (variance - of_mean) / (2 * self.scale)
        found = 0.5 * (self.scale**2 * gap**2 / of_mean + of_mean.log())
        bought = (count > 0).to(out.dtype)
        loss: torch.Tensor = (bought * found).mean() / max(float((self.count > 0).mean()), 1e-12)
        return loss


@dataclass(frozen=True, slots=True)
class Lessons:
    """How rows become a task.

    Args:
        nuisance: Of the first rate: evidence weights and levels.
        start: Log-odds of the mean conversion given click.
        centre: Mean of the log order values; None where they are not learned.
        scale: Their standard deviation.
    """

    nuisance: Nuisance
    start: float = 0.0
    centre: float | None = None
    scale: float = 1.0

    @classmethod
    def of(cls, train: Rows | Exposures, nuisance: Nuisance, *, orders: bool) -> Lessons:
        """The constants of the training rows."""
        if isinstance(train, Rows):
            return cls(nuisance)
        start, known = 0.0, train.knows_purchases
        if train.purchases is not None:
            bought, clicks = train.purchases[known].sum(), train.first.successes[known].sum()
            start = float(special.logit(min((bought + 0.5) / (clicks + 1), 1 - 1e-4)))
        if not orders:
            return cls(nuisance, start)
        kept = _positive(train)
        value, weight = np.log(train.order_value[kept]), train.orders[kept]
        centre = float(np.average(value, weights=weight))
        spread = float(np.sqrt(np.average((value - centre) ** 2, weights=weight)))
        return cls(nuisance, start, centre, max(spread, 1e-3))

    def task(self, rows: Rows | Exposures, fields: Fields) -> Task:
        """What the rows teach."""
        if isinstance(rows, Rows):
            return RateTask(FieldOutcomes.of(rows, fields, self.nuisance))
        first = rows.first
        clicks = RateTask(FieldOutcomes.of(first, fields, self.nuisance))
        base: RateTask | PurchaseTask = clicks
        if rows.purchases is not None:
            weight = self.nuisance.weight(first) * first.trials * rows.knows_purchases
            share = rows.purchases / first.trials
            weight = weight / max(float(weight.mean()), 1e-12)
            base = PurchaseTask(clicks, share, weight, self.start)
        if self.centre is None:
            return base
        kept = _positive(rows)
        value = np.log(np.where(kept, rows.order_value, 1.0))
        return OrderTask(base, value, np.where(kept, rows.orders, 0.0), self.centre, self.scale)


def _positive(rows: Exposures) -> Bools:
    """(n,) rows whose orders are worth something: a log-normal value is above 0."""
    return np.asarray((rows.orders > 0) & (rows.order_value > 0))


def moments(out: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """(mean, log standard deviation) of the log value of one order, in the task's unit, from (n, 2) outputs."""
    return out[:, 0], out[:, 1].clamp(-4.0, 1.0)


def _tensors(like: torch.Tensor, rows: Ids, *values: F64) -> Any:
    return tuple(torch.from_numpy(np.asarray(held[rows])).to(like.dtype) for held in values)
