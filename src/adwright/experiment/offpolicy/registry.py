"""Estimators by their short names."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from adwright.errors import UsageError, unknown_name
from adwright.experiment.offpolicy.control_variates import ControlVariates
from adwright.experiment.offpolicy.direct import Direct
from adwright.experiment.offpolicy.dr import DoublyRobust
from adwright.experiment.offpolicy.dr_shrinkage import ShrunkDoublyRobust
from adwright.experiment.offpolicy.ips import Ips
from adwright.experiment.offpolicy.sndr import SelfNormalisedDoublyRobust
from adwright.experiment.offpolicy.snips import SelfNormalisedIps
from adwright.experiment.offpolicy.sub_gaussian import SubGaussianDoublyRobust, SubGaussianIps
from adwright.experiment.offpolicy.switch_dr import SwitchDoublyRobust
from adwright.experiment.offpolicy.terms import Estimator

PLAIN: Mapping[str, Callable[[], Estimator]] = {
    "dm": Direct,
    "ips": Ips,
    "snips": SelfNormalisedIps,
    "dr": DoublyRobust,
    "sndr": SelfNormalisedDoublyRobust,
    "control_variates": ControlVariates,
}
"""Without a hyper-parameter."""

TUNED: Mapping[str, Callable[[float], Estimator]] = {
    "clipped_ips": Ips,
    "switch_dr": SwitchDoublyRobust,
    "dr_shrinkage": ShrunkDoublyRobust,
    "sg_ips": SubGaussianIps,
    "sg_dr": SubGaussianDoublyRobust,
}
"""With one hyper-parameter, which `tuning.tune` can choose on the data."""


def make_estimator(name: str, parameter: float | None = None) -> Estimator:
    """The estimator of that name.

    Args:
        name: One of `PLAIN` or `TUNED`.
        parameter: Its hyper-parameter; must be given for those in `TUNED`, must not for the others.

    Raises:
        NotFoundError: no such name.
        UsageError: a hyper-parameter too many, too few, or out of range.

    >>> make_estimator("switch_dr", 3.0).name
    'switch_dr(threshold=3)'
    """
    if name in PLAIN and parameter is None:
        return PLAIN[name]()
    if name in TUNED and parameter is not None:
        return TUNED[name](parameter)
    if name not in PLAIN and name not in TUNED:
        raise unknown_name("estimator", name, [*PLAIN, *TUNED])
    raise UsageError(
        "this estimator has no hyper-parameter" if name in PLAIN else "a hyper-parameter is needed",
        argument=name,
        value=parameter,
    )
