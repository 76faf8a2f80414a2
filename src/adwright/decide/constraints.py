"""Eligibility and the exploration floor, applied to a policy's probabilities before anything is drawn."""

from __future__ import annotations

import numpy as np

from adwright.errors import DataError, InfeasibleError, UsageError
from adwright.schema import F64, Bools


def constrain(probabilities: F64, *, eligible: Bools, floor: float = 0.0) -> F64:
    """The probabilities after constraints: what is drawn from, and what is logged.

    Arms that are not eligible get 0. Every eligible arm gets at least `floor`; what the policy wants above
    the floor is scaled down to make room, so the order of the arms stays as it is.

    Args:
        probabilities: (n_arms,) the policy's probabilities, summing to 1.
        eligible: (n_arms,) True where the arm may be shown.
        floor: Least probability of an eligible arm, in [0, 1 / number of eligible arms].

    Returns:
        (n_arms,) probabilities that sum to 1 to 1e-12.

    Raises:
        UsageError: shapes that do not fit, or a floor below 0.
        DataError: probabilities that are not a distribution.
        InfeasibleError: nothing is eligible, or floor x eligible arms exceeds 1.

    >>> p = constrain(np.array([0.9, 0.1, 0.0]), eligible=np.array([True, True, True]), floor=0.05)
    >>> [round(float(x), 4) for x in p]
    [0.8528, 0.0972, 0.05]
    """
    p = np.asarray(probabilities, dtype=np.float64)
    allowed = np.asarray(eligible, dtype=np.bool_)
    _check(p, allowed, floor)
    n = int(allowed.sum())
    wanted = np.where(allowed, p, 0.0)
    total = float(wanted.sum())
    wanted = wanted / total if total > 0 else allowed / n
    above = np.where(allowed, np.maximum(wanted - floor, 0.0), 0.0)
    room, spread = max(1.0 - n * floor, 0.0), float(above.sum())
    if room == 0.0 or spread == 0.0:
        return np.asarray(allowed / n, dtype=np.float64)
    return np.where(allowed, floor + above * (room / spread), 0.0)


def _check(p: F64, allowed: Bools, floor: float) -> None:
    if p.ndim != 1 or allowed.shape != p.shape:
        raise UsageError(
            "probabilities and eligible do not fit",
            argument="eligible",
            value=allowed.shape,
            allowed=str(p.shape),
        )
    if not (np.isfinite(p).all() and (p >= 0).all() and abs(float(p.sum()) - 1.0) < 1e-9):
        raise DataError("not a distribution", argument="probabilities", value=p.tolist(), allowed="sum 1")
    if not 0.0 <= floor <= 1.0:
        raise UsageError("not a probability", argument="floor", value=floor, allowed="0 to 1")
    n = int(allowed.sum())
    if n == 0:
        raise InfeasibleError("no content is eligible", argument="eligible", value=allowed.tolist())
    if n * floor > 1.0 + 1e-12:
        raise InfeasibleError(
            f"the exploration floor leaves no room for {n} arms",
            argument="floor",
            value=floor,
            allowed=f"at most {1 / n:.6g}",
            hint="Lower the floor or retire contents",
        )
