"""How the level is spent over a test: the share of alpha that may be used up by each point of it.

Source: Lan and DeMets (1983), Biometrika 70; Kim and DeMets (1987) for the power family.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt
from scipy import special

from adwright.errors import UsageError
from adwright.schema import F64

Family = Literal["power", "obrien_fleming", "pocock", "open"]
_FAMILIES = ("power", "obrien_fleming", "pocock", "open")


@dataclass(frozen=True, slots=True, kw_only=True)
class Spending:
    """A spending function of the share t of the planned size.

    Args:
        family: "power": alpha t^rho. "obrien_fleming": very little early. "pocock": nearly even. "open": for a
            test without a last look, alpha t / (t + 1) with t in units of `half_size`; it never ends.
        rho: Exponent of the power family, above 0. 3 keeps most of the level for the planned end, so that a test
            that runs its full length loses some two points of power; 1 stops early more often and loses seven.
    """

    family: Family = "power"
    rho: float = 3.0

    def __post_init__(self) -> None:
        if self.family not in _FAMILIES:
            raise UsageError(
                "unknown family", argument="family", value=self.family, allowed=", ".join(_FAMILIES)
            )
        if not self.rho > 0.0:
            raise UsageError("not an exponent", argument="rho", value=self.rho, allowed="above 0")

    def spent(self, t: npt.ArrayLike, *, alpha: float = 0.05) -> F64:
        """The level used up to t, of all sides together.

        Args:
            t: Shares of the planned size, >= 0; beyond 1 nothing more is spent, except of an open test.
            alpha: The whole level.

        >>> Spending(rho=2).spent([0.5, 1.0]).round(4).tolist()
        [0.0125, 0.05]
        """
        share = np.maximum(np.asarray(t, np.float64), 0.0)
        if self.family == "open":
            return np.asarray(alpha * share / (share + 1.0))
        share = np.minimum(share, 1.0)
        if self.family == "power":
            return np.asarray(alpha * share**self.rho)
        if self.family == "pocock":
            return np.asarray(alpha * np.log1p((np.e - 1.0) * share))
        with np.errstate(divide="ignore"):
            tail = special.ndtr(special.ndtri(alpha / 4.0) / np.sqrt(share))
        return np.asarray(np.where(share > 0, 4.0 * tail, 0.0))
