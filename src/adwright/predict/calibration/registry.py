"""Calibration maps by name. Another package adds one with an entry point in the group `adwright.calibrations`."""

from __future__ import annotations

from typing import cast

from adwright.predict.calibration.curve import CurveKind
from adwright.registry import Registry

CURVES = Registry(
    "calibration",
    "adwright.calibrations",
    {
        "platt": "adwright.predict.calibration.platt:Platt",
        "beta": "adwright.predict.calibration.beta:Beta",
        "isotonic": "adwright.predict.calibration.isotonic:Isotonic",
    },
)


def curve_named(name: str) -> CurveKind:
    """The map of that name.

    Raises:
        NotFoundError: there is none; the message proposes the nearest name.

    >>> curve_named("beta").name
    'beta'
    """
    return cast(CurveKind, CURVES.load(name)())
