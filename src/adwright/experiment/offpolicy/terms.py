"""The one form that all estimators here have, and therefore their intervals share.

value = mean(plain) + sum(correction) / D,     D = n, or the sum of the weights (self-normalised)
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np

from adwright.experiment.offpolicy.rounds import LoggedRounds
from adwright.schema import F64


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Terms:
    """What each round contributes to an estimate.

    Args:
        plain: (n,) the model's part; zeros where there is no model.
        correction: (n,) the weighted part.
        weight: (n,) the weights that `correction` was made with, after clipping, switching or shrinking.
        self_normalised: Whether the correction is divided by the sum of `weight`.
    """

    plain: F64
    correction: F64
    weight: F64
    self_normalised: bool = False

    @property
    def n(self) -> int:
        """Rounds."""
        return len(self.plain)

    @property
    def divisor(self) -> float:
        """D; NaN where no round has weight, for then the estimate is not defined."""
        if not self.self_normalised:
            return float(self.n)
        total = float(self.weight.sum())
        return total if total > 0 else float("nan")

    @property
    def value(self) -> float:
        """The estimate."""
        return float(self.plain.mean() + self.correction.sum() / self.divisor)

    def influence(self) -> F64:
        """(n,) how much each round pulls at the estimate (delta method); the mean is 0."""
        scale = self.n / self.divisor
        ratio = float(self.correction.sum()) / self.divisor
        own = self.weight * ratio if self.self_normalised else ratio / scale
        return np.asarray(self.plain - self.plain.mean() + (self.correction - own) * scale)

    def standard_error(self) -> float:
        """The standard error by the delta method."""
        return float(np.sqrt(np.sum(self.influence() ** 2))) / self.n


class Estimator(Protocol):
    """What an estimator is: a name, whether it needs an outcome model, and its terms.

    `unbiased` says whether its bias vanishes with n whatever the outcome model, given true propensities.
    """

    @property
    def name(self) -> str:
        """The short name in the registry, with its hyper-parameter where it has one."""
        ...

    @property
    def uses_model(self) -> bool:
        """Whether it needs `q_hat`."""
        ...

    @property
    def unbiased(self) -> bool:
        """Whether its bias vanishes with n."""
        ...

    def terms(self, rounds: LoggedRounds) -> Terms:
        """What each round contributes."""
        ...
