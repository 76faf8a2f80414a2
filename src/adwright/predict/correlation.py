"""The correlation of the content effects of click and conversion, by moments.

For each content, the relative residuals of clicks and of conversions given click; their noise is independent
given the clicks, so the covariance of the residuals estimates that of the effects. Levels cancel: residuals
are taken relative to their group's own rate, and the lost degree of freedom is given back.

Holds when: conversions are counted out of the clicks of the same content. Does not cover: a correlation that
differs between groups.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from adwright.schema import F64
from adwright.stats.bootstrap import cluster_bootstrap

LIMIT = 0.95
PRIOR_SD = 0.5
"""The correlation's prior is N(0, 0.5^2); a noisy estimate is shrunk to 0 by its own standard error."""

_MIN_CONTENTS = 10


@dataclass(frozen=True, slots=True)
class EffectCorrelation:
    """`value` in [-0.95, 0.95], shrunk; the `raw` moment estimate with its 95 % interval; what it rests on."""

    value: float
    raw: float
    low: float
    high: float
    n_contents: int
    note: str = ""


def estimate_correlation(
    *,
    clicks: tuple[F64, F64],
    conversions: tuple[F64, F64],
    variances: tuple[float, float],
    content: npt.NDArray[np.intp],
    group: npt.NDArray[np.intp],
    rng: np.random.Generator,
) -> EffectCorrelation:
    """The correlation of the content effects.

    Args:
        clicks: (n,) observed and (n,) expected clicks.
        conversions: (n,) observed and (n,) expected conversions, given the clicks.
        variances: Of the content effects of click and of conversion.
        content: (n,) content numbers.
        group: (n,) group numbers; one number where there are no groups.
        rng: Of the interval.
    """
    cell = group * (int(content.max(initial=0)) + 1) + content
    _, first, index = np.unique(cell, return_index=True, return_inverse=True)
    sums = [np.asarray(np.bincount(index, part), np.float64) for part in (*clicks, *conversions)]
    cell_group = np.unique(group[first], return_inverse=True)[1].reshape(-1)
    size = np.bincount(cell_group)[cell_group] if len(first) else np.zeros(0)
    keep = (sums[1] > 0) & (sums[3] > 0) & (size > 1)
    n = int(keep.sum())
    scale = float(np.sqrt(max(variances[0] * variances[1], 0.0)))
    if n < _MIN_CONTENTS or not np.isfinite(scale) or scale < 1e-6:
        nan = float("nan")
        return EffectCorrelation(0.0, nan, nan, nan, n, "too few contents to tell: taken as 0")
    groups = np.unique(cell_group[keep], return_inverse=True)[1].reshape(-1)
    y, e, z, f = (part[keep] for part in sums)
    first_effect, second_effect = _relative(y, e, groups), _relative(z, f, groups)
    weight = 1 / ((variances[0] + 1 / e) * (variances[1] + 1 / f))
    lost = np.bincount(groups)[groups]
    usable = np.where(lost > 1, weight * (lost - 1) / np.maximum(lost, 1), 0.0)
    product = weight * first_effect * second_effect

    def statistic(w: F64) -> F64:
        return np.asarray((w @ product) / np.maximum(w @ usable, 1e-300) / scale)

    clusters = groups if groups.max(initial=0) > 0 else np.arange(n)
    found = cluster_bootstrap(statistic, clusters, rng=rng)
    error = (found.high - found.low) / (2 * 1.96)
    shrunk = found.value * PRIOR_SD**2 / (PRIOR_SD**2 + error**2)
    return EffectCorrelation(float(np.clip(shrunk, -LIMIT, LIMIT)), found.value, found.low, found.high, n)


def _relative(observed: F64, expected: F64, group: npt.NDArray[np.intp]) -> F64:
    """(n,) observed over expected, relative to the group's own ratio, less 1; 0 in a group without events."""
    total = np.bincount(group, observed)
    level = total / np.bincount(group, expected)
    return np.where(total[group] > 0, observed / expected / np.where(total > 0, level, 1.0)[group] - 1, 0.0)
