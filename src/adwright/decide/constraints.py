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
        probabilities: (n_arms,) or (n, n_arms) the policy's probabilities, summing to 1 over the arms.
        eligible: (n_arms,) or (n, n_arms), True where the arm may be shown.
        floor: Least probability of an eligible arm, in [0, 1 / number of eligible arms].

    Returns:
        Probabilities of the same shape that sum to 1 to 1e-12.

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
    n = allowed.sum(axis=-1, keepdims=True)
    wanted = np.where(allowed, p, 0.0)
    total = wanted.sum(axis=-1, keepdims=True)
    wanted = np.where(total > 0, wanted / np.where(total > 0, total, 1.0), allowed / n)
    above = np.where(allowed, np.maximum(wanted - floor, 0.0), 0.0)
    room, spread = np.maximum(1.0 - n * floor, 0.0), above.sum(axis=-1, keepdims=True)
    flat = (room == 0.0) | (spread == 0.0)
    scaled = floor + above * (room / np.where(spread > 0, spread, 1.0))
    return np.asarray(np.where(allowed, np.where(flat, 1.0 / n, scaled), 0.0))


def _check(p: F64, allowed: Bools, floor: float) -> None:
    if p.ndim not in (1, 2) or allowed.shape not in (p.shape, p.shape[-1:]):
        raise UsageError(
            "probabilities and eligible do not fit",
            argument="eligible",
            value=allowed.shape,
            allowed=str(p.shape),
        )
    if not (np.isfinite(p).all() and (p >= 0).all() and (abs(p.sum(axis=-1) - 1.0) < 1e-9).all()):
        raise DataError("not a distribution", argument="probabilities", value=p.tolist(), allowed="sum 1")
    if not 0.0 <= floor <= 1.0:
        raise UsageError("not a probability", argument="floor", value=floor, allowed="0 to 1")
    n = allowed.sum(axis=-1)
    if np.any(n == 0):
        raise InfeasibleError("no content is eligible", argument="eligible", value=allowed.tolist())
    most = int(n.max())
    if most * floor > 1.0 + 1e-12:
        raise InfeasibleError(
            f"the exploration floor leaves no room for {most} arms",
            argument="floor",
            value=floor,
            allowed=f"at most {1 / most:.6g}",
            hint="Lower the floor or retire contents",
        )
