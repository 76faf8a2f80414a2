"""What a calibration map is: monotone, from a model's score to the log-odds of the rate up to a shift.

The shift, the intercept, is the rate model's own: it follows time, and a map does not.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol, runtime_checkable

from adwright.predict.mixed_logistic import Evidence
from adwright.schema import F64


@runtime_checkable
class Curve(Protocol):
    """A fitted map."""

    @property
    def slope(self) -> float:
        """Platt's slope: of the log-odds on the score, on the whole."""
        ...

    def log_odds(self, score: F64) -> F64:
        """(n,) log-odds up to a shift, never falling as the score rises."""
        ...

    def to_json(self) -> dict[str, Any]:
        """Plain values."""
        ...


@runtime_checkable
class CurveKind(Protocol):
    """A way to fit one."""

    @property
    def name(self) -> str:
        """Its name in the registry."""
        ...

    def fit(self, score: F64, evidence: Evidence, *, prior_sd: float) -> Curve:
        """The map of calibrate rows.

        Args:
            score: (n,) log-odds up to a shift and a slope.
            evidence: Their counts, weights and levels; `x` is not used.
            prior_sd: Of the slopes' normal prior around 1; infinite for none.
        """
        ...

    def from_json(self, values: Mapping[str, Any]) -> Curve:
        """The inverse of `Curve.to_json`."""
        ...
