"""What a setting is worth: the log-loss of outcomes that its model did not learn from, kept by batches of groups.

A score orders rows; its intercept and slope are those that the judged rows like best (slope ~ N(1, 1/2^2)), for
`calibrate` gives them afterwards (a slope below 0 counts as 0), and levels are random effects, so that a group's
level is nobody's merit. Losses are half deviances: those of the saturated model are taken off, so 0 is perfect for
counts and for labels.

Groups stand in `N_BATCHES` batches, the same for every setting, so a difference of two settings is paired and its
standard error is that of a ratio of sums over independent batches (Cochran 1977, Sampling Techniques, eq. 6.9).

Holds when: groups are independent and there are some dozens. Does not cover: a drift between the slices.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from scipy import sparse, special

from adwright.predict.mixed_logistic import Evidence, fit_mixed_logistic
from adwright.predict.models.logistic import SLOPE_PRIOR_SD
from adwright.predict.models.nuisance import Nuisance
from adwright.predict.rows import Index, Rows
from adwright.schema import F64

N_BATCHES = 40


@dataclass(frozen=True, slots=True, eq=False)
class Losses:
    """Sums over batches of groups.

    Args:
        loss: (b,) of the model.
        null: (b,) of the model that knows levels only.
        weight: (b,) evidence, in trials.
    """

    loss: F64
    null: F64
    weight: F64

    @property
    def mean(self) -> float:
        """The loss a trial."""
        return float(self.loss.sum() / max(self.weight.sum(), 1e-12))

    @property
    def explained(self) -> float:
        """The share of deviance explained: 1 is perfect, 0 what the mean does, below 0 worse."""
        return float(1 - self.loss.sum() / max(self.null.sum(), 1e-12))

    @property
    def explained_se(self) -> float:
        """The standard error of `explained`."""
        return _ratio_se(self.loss, self.null)

    def joined(self, other: Losses) -> Losses:
        """These batches and then those."""
        return Losses(*(np.concatenate(pair) for pair in zip(self.parts, other.parts, strict=True)))

    @property
    def parts(self) -> tuple[F64, F64, F64]:
        """loss, null, weight."""
        return self.loss, self.null, self.weight


def paired_gain(of: Losses, over: Losses) -> tuple[float, float]:
    """How much less `of` loses a trial than `over` on the same batches, and its standard error."""
    gain = over.loss - of.loss
    return float(gain.sum() / max(over.weight.sum(), 1e-12)), _ratio_se(gain, over.weight)


def judge(rows: Rows, score: F64, nuisance: Nuisance, *, clusters: Index) -> Losses:
    """The losses of a score on judged rows.

    Args:
        rows: With outcomes.
        score: (n,) log-odds up to a shift and a slope.
        nuisance: Of the rows that the model learned from: weights and the level's variance.
        clusters: (n,) what shares noise: the group, the content or the row.
    """
    evidence = nuisance.evidence(rows)
    scale = float(score.std()) if len(score) else 0.0
    column = (score - score.mean()) / scale if scale > 1e-9 else np.zeros(len(score))
    known = _half_deviances(evidence, column, slope=scale)
    null = _half_deviances(evidence, np.zeros(len(score)), slope=0.0)
    index = np.unique(clusters, return_inverse=True)[1].reshape(-1)
    order = np.random.default_rng(0).permutation(int(index.max(initial=-1)) + 1)
    batch = order[index] % N_BATCHES
    weight = evidence.weight * evidence.n
    return Losses(*(np.bincount(batch, part, N_BATCHES).astype(np.float64) for part in (known, null, weight)))


def _half_deviances(evidence: Evidence, column: F64, *, slope: float) -> F64:
    """(n,) weighted half deviances around the best intercept, slope and levels, the levels' price shared by rows."""
    held = replace(evidence, x=sparse.csr_matrix(column[:, None]))
    ridge = max(1 / (SLOPE_PRIOR_SD * slope) ** 2, 1e-9) if slope else 1.0
    fit = fit_mixed_logistic(held, ridge, centre=slope, tolerance=1e-8)
    if fit.beta[0] < 0:  # calibrate will not turn a score round either
        return _half_deviances(evidence, np.zeros(len(column)), slope=0.0)
    eta = column * fit.beta[0] + fit.intercept + fit.level[evidence.group]
    y, n = evidence.y, evidence.n
    saturated = special.xlogy(y, y / n) + special.xlogy(n - y, 1 - y / n)
    loss = evidence.weight * (n * np.logaddexp(0, eta) - y * eta + saturated)
    if not np.isfinite(evidence.level_ridge):
        return np.asarray(loss)
    mass = evidence.weight * n
    share = mass / np.maximum(np.bincount(evidence.group, mass, evidence.n_groups), 1e-12)[evidence.group]
    return np.asarray(loss + share * evidence.level_ridge * fit.level[evidence.group] ** 2 / 2)


def _ratio_se(top: F64, bottom: F64) -> float:
    """The standard error of sum(top) / sum(bottom), over the batches that hold something."""
    held = bottom > 0
    b, total = int(held.sum()), float(bottom.sum())
    if b < 2 or total <= 0:
        return float("inf")
    gap = (top - top.sum() / total * bottom)[held]
    return float(np.sqrt(b / (b - 1) * np.sum(gap**2)) / total)
