"""A logistic regression on sparse features with a level per group, for counts.

Maximises  sum_i w_i [ y_i log p_i + (n_i - y_i) log(1 - p_i) ] - lambda/2 |beta|^2 - tau/2 |u|^2,
logit p_i = c + x_i beta + u_g(i). The level u takes up what all rows of a test, period or placement share,
so beta learns from contrasts within groups as far as groups differ. u is dropped when a new row is scored.

Newton's method; u and c are eliminated exactly (their block of the Hessian is an arrow), beta is solved by
conjugate gradients. Source: the penalised quasi-likelihood of Breslow and Clayton 1993, JASA 88.

Holds when: levels are about normal on the log-odds. Does not cover: slopes that differ between groups.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import sparse, special

from adwright.schema import F64

Index = npt.NDArray[np.intp]

_MAX_NEWTON = 25
_MAX_CONJUGATE = 60


@dataclass(frozen=True, slots=True, eq=False)
class Evidence:
    """What a fit rests on.

    Args:
        x: (n, p) sparse features.
        y: (n,) successes.
        n: (n,) trials.
        weight: (n,) evidence weights.
        group: (n,) group numbers 0..n_groups-1.
        n_groups: How many.
        level_ridge: tau, the inverse variance of the level on the log-odds; infinite for none.
    """

    x: sparse.csr_matrix
    y: F64
    n: F64
    weight: F64
    group: Index
    n_groups: int
    level_ridge: float

    def weighted(self, weight: F64) -> Evidence:
        """The same with other evidence weights."""
        return Evidence(self.x, self.y, self.n, weight, self.group, self.n_groups, self.level_ridge)


@dataclass(frozen=True, slots=True, eq=False)
class MixedFit:
    """The fitted parts: (p,) `beta`, `intercept`, (n_groups,) `level`, and the penalised loss."""

    beta: F64
    intercept: float
    level: F64
    loss: float


def fit_mixed_logistic(
    evidence: Evidence,
    ridge: F64 | float,
    *,
    centre: F64 | float = 0.0,
    start: MixedFit | None = None,
    tolerance: float = 1e-4,
) -> MixedFit:
    """The penalised maximum of the likelihood.

    Args:
        evidence: The data.
        ridge: lambda, a scalar or (p,).
        centre: What beta is shrunk to, a scalar or (p,).
        start: Where to begin, for example the fit with a larger ridge.
        tolerance: On the Newton decrement relative to the loss.
    """
    x, p = evidence.x, evidence.x.shape[1]
    xt = x.T.tocsr()
    squares = x.multiply(x).T.tocsr()
    penalty, middle = np.broadcast_to(ridge, (p,)), np.broadcast_to(centre, (p,))
    fit = start or _begin(evidence, np.array(middle, dtype=np.float64))
    eta = x @ fit.beta + fit.intercept + fit.level[evidence.group]
    loss = _loss(evidence, eta, fit.beta - middle, fit.level, penalty)
    for _ in range(_MAX_NEWTON):
        mean = special.expit(eta)
        curve = np.maximum(evidence.weight * evidence.n * mean * (1 - mean), 1e-12)
        gradient = evidence.weight * (evidence.y - evidence.n * mean)
        arrow = _Arrow(evidence, curve)
        shift_c, shift_u = arrow.solve(gradient, -_tau(evidence) * fit.level)
        residual = gradient - curve * (shift_c + shift_u[evidence.group])
        right = xt @ residual - penalty * (fit.beta - middle)
        step_b = _conjugate_gradients(
            x, xt, arrow, curve=curve, penalty=penalty, right=right, squares=squares
        )
        moved = x @ step_b
        back_c, back_u = arrow.solve(curve * moved, np.zeros(evidence.n_groups))
        step = MixedFit(step_b, shift_c - back_c, shift_u - back_u, 0.0)
        fit, eta, gain = _line_search(evidence, fit, step, eta=eta, loss=loss, penalty=penalty, middle=middle)
        loss = fit.loss
        if gain < tolerance * (1 + abs(loss)) * 1e-2:
            break
    return fit


def logistic_slope(
    score: F64,
    evidence: Evidence,
    *,
    prior_mean: float = 1.0,
    prior_sd: float = np.inf,
) -> tuple[float, float, float]:
    """(intercept, slope, loss per trial) of the outcomes on one score, with the levels of `evidence`.

    Args:
        score: (n,) log-odds up to a shift and a slope.
        evidence: Its `x` is not used.
        prior_mean: Of the slope's normal prior.
        prior_sd: Of the same; infinite for none.
    """
    total = float(np.sum(evidence.weight * evidence.n))
    scale = float(score.std())
    if scale < 1e-12:
        prior_sd, scale = 1e-6, 1.0
    middle = float(score.mean())
    column = sparse.csr_matrix(((score - middle) / scale)[:, None])
    single = Evidence(
        column,
        evidence.y,
        evidence.n,
        evidence.weight,
        evidence.group,
        evidence.n_groups,
        evidence.level_ridge,
    )
    ridge = max(1 / (prior_sd * scale) ** 2, 1e-9)
    fit = fit_mixed_logistic(single, ridge, centre=prior_mean * scale, tolerance=1e-8)
    slope = float(fit.beta[0]) / scale
    return fit.intercept - slope * middle, slope, fit.loss / max(total, 1e-12)


class _Arrow:
    """The Hessian's block of intercept and levels, [[S, s'], [s, diag(s + tau)]], solved exactly."""

    def __init__(self, evidence: Evidence, curve: F64) -> None:
        self.group, self.n_groups = evidence.group, evidence.n_groups
        self.tau = _tau(evidence)
        self.has_levels = bool(np.isfinite(evidence.level_ridge))
        self.mass = np.bincount(self.group, curve, self.n_groups)
        self.inverse = 1 / (self.mass + self.tau) if self.has_levels else np.zeros(self.n_groups)
        self.corner = max(float(np.sum(self.mass * (1 - self.mass * self.inverse))), 1e-12)

    def solve(self, rows: F64, extra: F64) -> tuple[float, F64]:
        """(c, u) with the block times (c, u) = (sum of rows, rows summed by group + extra)."""
        total = np.bincount(self.group, rows, self.n_groups)
        by_level = total + extra
        c = float((total.sum() - np.sum(self.mass * self.inverse * by_level)) / self.corner)
        return c, self.inverse * (by_level - self.mass * c)


def _tau(evidence: Evidence) -> float:
    return evidence.level_ridge if np.isfinite(evidence.level_ridge) else 0.0


def _conjugate_gradients(
    x: sparse.csr_matrix,
    xt: sparse.csr_matrix,
    arrow: _Arrow,
    *,
    curve: F64,
    penalty: F64,
    right: F64,
    squares: sparse.csr_matrix,
) -> F64:
    """The Newton step of beta, preconditioned by the diagonal; stopped early while the model is far off."""
    inverse = 1 / (squares @ curve + penalty)
    step, residual = np.zeros_like(right), right.copy()
    shaped = inverse * residual
    direction, energy = shaped.copy(), float(residual @ shaped)
    goal = 1e-4 * energy
    zeros = np.zeros(arrow.n_groups)
    for _ in range(_MAX_CONJUGATE):
        if energy <= goal or energy <= 1e-20:
            break
        moved = x @ direction
        c, u = arrow.solve(curve * moved, zeros)
        image = xt @ (curve * (moved - c - u[arrow.group])) + penalty * direction
        length = energy / float(direction @ image)
        step += length * direction
        residual -= length * image
        shaped = inverse * residual
        fresh = float(residual @ shaped)
        direction = shaped + (fresh / energy) * direction
        energy = fresh
    return step


def _line_search(
    evidence: Evidence, fit: MixedFit, step: MixedFit, *, eta: F64, loss: float, penalty: F64, middle: F64
) -> tuple[MixedFit, F64, float]:
    """The longest of the steps 1, 1/2, 1/4 ... that lowers the loss; (fit, eta, gain)."""
    move = evidence.x @ step.beta + step.intercept + step.level[evidence.group]
    length = 1.0
    for _ in range(12):
        beta, level = fit.beta + length * step.beta, fit.level + length * step.level
        fresh = _loss(evidence, eta + length * move, beta - middle, level, penalty)
        if fresh <= loss:
            moved = MixedFit(beta, fit.intercept + length * step.intercept, level, fresh)
            return moved, eta + length * move, loss - fresh
        length /= 2
    return MixedFit(fit.beta, fit.intercept, fit.level, loss), eta, 0.0


def _loss(evidence: Evidence, eta: F64, away: F64, level: F64, penalty: F64) -> float:
    rows = evidence.n * np.logaddexp(0, eta) - evidence.y * eta
    fixed = float(evidence.weight @ rows) + 0.5 * float(penalty @ away**2)
    return fixed + 0.5 * _tau(evidence) * float(level @ level)


def _begin(evidence: Evidence, beta: F64) -> MixedFit:
    y, n = float(evidence.weight @ evidence.y), float(evidence.weight @ evidence.n)
    return MixedFit(beta, float(special.logit((y + 0.5) / (n + 1))), np.zeros(evidence.n_groups), np.inf)
