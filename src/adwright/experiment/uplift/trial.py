"""A randomised trial as uplift models need it, checked once.

*Holds when* arms were assigned at random with the propensities given (by default the shares that occur).
*Does not cover* observational data: what decided who got what is then in the effect.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from adwright.errors import DataError
from adwright.schema import F64

_FEWEST_A_ARM = 20


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Trial:
    """Customers of a trial; make it with `randomised_trial`.

    Args:
        features: (n, d) numbers known before the assignment, NaN where unknown.
        arm: (n,) 0 for the control, 1, 2, ... for the treatments.
        outcome: (n,) conversion (0 or 1) or spend.
        propensity: (n, n_arms) probability of each arm.
        arms: Names, the control first.
        categorical: Columns of `features` that are codes without an order.
    """

    features: F64
    arm: npt.NDArray[np.intp]
    outcome: F64
    propensity: F64
    arms: tuple[str, ...]
    categorical: tuple[int, ...]

    @property
    def n(self) -> int:
        """Customers."""
        return len(self.arm)

    @property
    def n_arms(self) -> int:
        """Arms with the control."""
        return len(self.arms)

    @property
    def is_binary(self) -> bool:
        """Whether every outcome is 0 or 1."""
        return bool(np.all((self.outcome == 0) | (self.outcome == 1)))

    def part(self, rows: npt.NDArray[np.bool_]) -> Trial:
        """The trial of some of the customers."""
        return Trial(
            features=self.features[rows],
            arm=self.arm[rows],
            outcome=self.outcome[rows],
            propensity=self.propensity[rows],
            arms=self.arms,
            categorical=self.categorical,
        )


def randomised_trial(
    features: npt.ArrayLike,
    *,
    arm: npt.ArrayLike,
    outcome: npt.ArrayLike,
    arms: Sequence[str] | None = None,
    propensity: npt.ArrayLike | None = None,
    categorical: Sequence[int] = (),
    unit_ids: Sequence[Hashable] | None = None,
    allow_negative: bool = False,
) -> Trial:
    """The trial, checked.

    Args:
        features: (n, d).
        arm: (n,) integers, 0 for the control.
        outcome: (n,) finite; below 0 only with `allow_negative`.
        arms: Names, the control first; "control", "treatment 1", ... by default.
        propensity: (n_arms,) or (n, n_arms), rows that sum to 1, all above 0; the shares by default.
        categorical: Columns that are codes.
        unit_ids: (n,) ids; the same customer twice is an error.
        allow_negative: Whether an outcome may be below 0 (a margin can be).

    Raises:
        DataError: which of these is broken; a single arm, or one with fewer than 20 customers.
    """
    table, taken = np.asarray(features, np.float64), np.asarray(arm)
    results = np.asarray(outcome, np.float64)
    if taken.ndim != 1 or not len(taken) or not np.issubdtype(taken.dtype, np.integer) or taken.min() < 0:
        raise DataError("not arm indices", argument="arm", value=taken[:3].tolist(), allowed="0, 1, ...")
    n = len(taken)
    if table.ndim != 2 or len(table) != n or not table.shape[1]:
        raise DataError("not one row a customer", argument="features", value=table.shape, allowed=f"({n}, d)")
    if np.isinf(table).any():
        raise DataError(
            "not finite", argument="features", value=float("inf"), allowed="numbers, NaN if unknown"
        )
    if not all(0 <= column < table.shape[1] for column in categorical):
        raise DataError("no such column", argument="categorical", value=list(categorical))
    _check_outcome(results, n, allow_negative)
    names = _names(arms, int(taken.max()) + 1)
    _check_arms(taken, names)
    if unit_ids is not None:
        _check_units(unit_ids, n)
    return Trial(
        features=table,
        arm=taken.astype(np.intp),
        outcome=results,
        propensity=_propensity(propensity, taken, len(names)),
        arms=names,
        categorical=tuple(categorical),
    )


def _check_outcome(outcome: F64, n: int, allow_negative: bool) -> None:
    if outcome.shape != (n,):
        raise DataError(
            "not one number a customer", argument="outcome", value=outcome.shape, allowed=f"({n},)"
        )
    bad = np.flatnonzero(~np.isfinite(outcome))
    if len(bad):
        raise DataError(f"not finite in row {bad[0]}", argument="outcome", value=float(outcome[bad[0]]))
    if not allow_negative and outcome.min() < 0:
        at = int(np.argmin(outcome))
        raise DataError(f"negative in row {at}", argument="outcome", value=float(outcome[at]),
                        allowed="0 or more", hint="Say so where it can be a loss: allow_negative")  # fmt: skip


def _names(arms: Sequence[str] | None, n_seen: int) -> tuple[str, ...]:
    if arms is None:
        return ("control", *(f"treatment {i}" for i in range(1, n_seen)))
    if len(arms) < n_seen or len(set(arms)) < len(arms):
        raise DataError("not one name an arm", argument="arms", value=list(arms),
                        allowed=f"{n_seen} different names")  # fmt: skip
    return tuple(arms)


def _check_arms(arm: npt.NDArray[np.intp], names: tuple[str, ...]) -> None:
    counts = np.bincount(arm, minlength=len(names))
    if np.count_nonzero(counts) < 2:
        only = names[int(np.argmax(counts))]
        raise DataError("one arm only: there is nothing to compare", argument="arm", value=only,
                        allowed="a control and at least one treatment")  # fmt: skip
    if counts.min() < _FEWEST_A_ARM:
        least = int(np.argmin(counts))
        said = "an arm without data" if counts[least] == 0 else "an arm with too few customers"
        raise DataError(said, argument=f"arm {names[least]}", value=int(counts[least]),
                        allowed=f">= {_FEWEST_A_ARM}")  # fmt: skip


def _check_units(unit_ids: Sequence[Hashable], n: int) -> None:
    if len(unit_ids) != n:
        raise DataError("lengths differ", argument="unit_ids", value=len(unit_ids), allowed=str(n))
    seen: set[Hashable] = set()
    for unit in unit_ids:
        if unit in seen:
            raise DataError("the same customer twice", argument="unit_ids", value=unit)
        seen.add(unit)


def _propensity(values: npt.ArrayLike | None, arm: npt.NDArray[np.intp], n_arms: int) -> F64:
    n = len(arm)
    out = np.bincount(arm, minlength=n_arms) / n if values is None else np.asarray(values, np.float64)
    if out.ndim == 1:
        out = np.broadcast_to(out, (n, len(out)))
    if out.shape != (n, n_arms):
        raise DataError("not one number an arm", argument="propensity", value=out.shape,
                        allowed=f"({n_arms},) or ({n}, {n_arms})")  # fmt: skip
    if not np.all((out > 0) & (out <= 1)) or np.abs(out.sum(axis=1) - 1.0).max() > 1e-6:
        at = int(np.argmax(~((out > 0) & (out <= 1)).all(axis=1) | (np.abs(out.sum(axis=1) - 1.0) > 1e-6)))
        raise DataError(f"not propensities in row {at}", argument="propensity", value=out[at].tolist(),
                        allowed="above 0, with sum 1")  # fmt: skip
    return np.asarray(out)
