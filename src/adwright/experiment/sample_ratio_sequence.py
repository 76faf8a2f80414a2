"""The sample-ratio check that may be read at every look, and the one by dimension.

Source: Lindon and Malek (2022), "Anytime-valid inference for multinomial count data", NeurIPS.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from scipy import special

from adwright.errors import UsageError
from adwright.experiment.multiple import adjust
from adwright.experiment.sample_ratio import SampleRatio, check_shares
from adwright.schema import F64

CONCENTRATIONS = (100.0, 1_000.0, 10_000.0)
"""How close to the planned split a wrong one is thought to be: large ones find small faults, small ones large faults
soon. The mean of their e-values is an e-value."""
SUSPICIOUS = 0.01
"""Below it a split that is checked at every look, or in many parts, is called broken."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SampleRatioSequence:
    """The check at this look.

    Args:
        log_e: Logarithm of the evidence against the planned split.
        p: min(1, 1 / e), valid at every look.
    """

    log_e: float
    p: float

    @property
    def broken(self) -> bool:
        """Whether the split does not fit the shares."""
        return self.p < SUSPICIOUS


def watch_shares(
    counts: Sequence[float], shares: Sequence[float], *, concentrations: Sequence[float] = CONCENTRATIONS
) -> SampleRatioSequence:
    """Counts so far against fixed shares; may be called as often as one likes.

    Args:
        counts: Units by arm, >= 0.
        shares: Shares by arm; only their proportions matter.
        concentrations: Of the Dirichlet mixtures, above 0.

    Raises:
        UsageError: negative counts or shares, or none at all.

    >>> round(watch_shares([1000, 1200], [0.5, 0.5]).p, 4)
    0.0019
    """
    checked = check_shares(counts, shares)
    if not len(concentrations) or min(concentrations) <= 0:
        raise UsageError(
            "not concentrations", argument="concentrations", value=concentrations, allowed="above 0"
        )
    if np.isneginf(checked.log_p):
        return SampleRatioSequence(log_e=float("inf"), p=0.0)
    weight = np.asarray(shares, np.float64)
    used = weight > 0
    seen, share = np.asarray(counts, np.float64)[used], weight[used] / weight.sum()
    null = float(np.sum(seen * np.log(share)))
    each = [_log_mixed(seen, c * share) - null for c in concentrations]
    log_e = float(special.logsumexp(each) - np.log(len(each)))
    return SampleRatioSequence(log_e=log_e, p=float(np.exp(-max(log_e, 0.0))))


def _log_mixed(seen: F64, prior: F64) -> float:
    """The log likelihood of a sequence with these counts, its shares drawn from a Dirichlet distribution."""
    total = special.gammaln(prior.sum()) - special.gammaln(prior.sum() + seen.sum())
    return float(total + np.sum(special.gammaln(prior + seen) - special.gammaln(prior)))


@dataclass(frozen=True, slots=True, kw_only=True)
class DimensionCheck:
    """The split inside one part of the traffic, its p-value adjusted for the number of parts (Holm)."""

    dimension: str
    value: str
    check: SampleRatio
    p_adjusted: float

    @property
    def broken(self) -> bool:
        """Whether the split does not fit the shares there."""
        return self.p_adjusted < SUSPICIOUS


def check_dimensions(
    counts: Mapping[tuple[str, str], Sequence[float]], shares: Sequence[float]
) -> tuple[DimensionCheck, ...]:
    """The check in each part: (dimension, value), such as ("device", "phone"), -> units by arm.

    >>> parts = {("device", "phone"): [500, 510], ("device", "desktop"): [300, 200]}
    >>> [c.broken for c in check_dimensions(parts, [0.5, 0.5])]
    [False, True]
    """
    checks = [check_shares(units, shares) for units in counts.values()]
    adjusted = adjust([c.p for c in checks], "holm")
    return tuple(
        DimensionCheck(dimension=dimension, value=value, check=check, p_adjusted=float(p))
        for (dimension, value), check, p in zip(counts, checks, adjusted, strict=True)
    )
