"""Calibration maps by name. Another package adds one with an entry point in the group `adwright.calibrations`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib.metadata import entry_points

from adwright.errors import unknown_name
from adwright.predict.calibration.beta import Beta
from adwright.predict.calibration.curve import CurveKind
from adwright.predict.calibration.isotonic import Isotonic
from adwright.predict.calibration.platt import Platt

ENTRY_POINT_GROUP = "adwright.calibrations"

_BUILT_IN: Mapping[str, Callable[[], CurveKind]] = {"platt": Platt, "beta": Beta, "isotonic": Isotonic}


def curve_names() -> tuple[str, ...]:
    """The names of all maps, built in or installed, sorted."""
    return tuple(sorted({*_BUILT_IN, *entry_points(group=ENTRY_POINT_GROUP).names}))


def curve_named(name: str) -> CurveKind:
    """The map of that name.

    Raises:
        NotFoundError: there is none; the message proposes the nearest name.

    >>> curve_named("beta").name
    'beta'
    """
    if name in _BUILT_IN:
        return _BUILT_IN[name]()
    for entry in entry_points(group=ENTRY_POINT_GROUP, name=name):
        made: CurveKind = entry.load()()
        return made
    raise unknown_name("calibration", name, curve_names())
