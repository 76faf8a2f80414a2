"""Calibration by segment, each drawn towards the map of all as far as its outcomes cannot tell it apart.

In segment s the log-odds are  eta + u_s + v_s z,  eta those of the map of all and z the same standardised,
u ~ N(0, tau_u^2), v ~ N(0, tau_v^2). u and v are the posterior modes; tau_u and tau_v maximise the marginal
likelihood (Laplace's approximation, a grid that holds 0). A segment never seen keeps the map of all; none turns the
order of its rows around: where v would, the rows of the segment share their mean.

A row's evidence is weighted by 1 / (1 + n m (1 - m) v + N m (1 - m) s^2), n the trials of its content and N those
of its group in the segment, so that one group's good week does not pass for the segment's.

Source: parametric empirical Bayes, Morris 1983, JASA 78; Laplace's approximation, Breslow and Clayton 1993, JASA 88.
Holds when: segments are alike on the whole. Does not cover: a segment whose map bends otherwise than that of all.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import polars as pl
from scipy import special

from adwright.predict.features import strings
from adwright.predict.models.nuisance import Nuisance
from adwright.predict.rows import Rows
from adwright.schema import F64

_GRID = (0.0, 0.05, 0.1, 0.15, 0.2, 0.3, 0.4, 0.6, 0.8, 1.2)
"""Candidates of tau_u and tau_v, on the log-odds (v: a standard deviation of the score)."""

_JOIN = "\x1f"


@dataclass(frozen=True, slots=True, eq=False)
class Segments:
    """What differs between segments.

    Args:
        columns: Whose combinations of values are the segments.
        shifts: By segment, (u, v).
        middle: Mean of the map's log-odds over calibrate.
        scale: Their standard deviation.
        sd: (tau_u, tau_v).
    """

    columns: tuple[str, ...] = ()
    shifts: Mapping[str, tuple[float, float]] = field(default_factory=dict)
    middle: float = 0.0
    scale: float = 1.0
    sd: tuple[float, float] = (0.0, 0.0)

    def adjust(self, log_odds: F64, frame: pl.DataFrame) -> F64:
        """(n,) what is to be added to the map's log-odds; 0 where the frame lacks a column."""
        if not self.columns or any(name not in frame.columns for name in self.columns):
            return np.zeros(len(log_odds))
        names = segment_names(frame, self.columns)
        pairs = np.array([self.shifts.get(name, (0.0, 0.0)) for name in names]).reshape(-1, 2)
        return np.asarray(pairs[:, 0] + pairs[:, 1] * (log_odds - self.middle) / self.scale)

    def to_json(self) -> dict[str, Any]:
        """Plain values."""
        return {
            "columns": list(self.columns),
            "shifts": {name: list(pair) for name, pair in self.shifts.items()},
            "middle": self.middle,
            "scale": self.scale,
            "sd": list(self.sd),
        }

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> Segments:
        """The inverse of `to_json`."""
        return cls(
            columns=tuple(values["columns"]),
            shifts={name: (pair[0], pair[1]) for name, pair in values["shifts"].items()},
            middle=values["middle"],
            scale=values["scale"],
            sd=(values["sd"][0], values["sd"][1]),
        )


def segment_names(frame: pl.DataFrame, columns: Sequence[str]) -> list[str]:
    """(n,) the segment of each row: its values, joined.

    Raises:
        DataError: an absent column.
    """
    values = [["" if v is None else v for v in strings(frame, name)] for name in columns]
    return [_JOIN.join(row) for row in zip(*values, strict=True)]


def fit_segments(
    columns: tuple[str, ...], log_odds: F64, intercept: float, rows: Rows, nuisance: Nuisance
) -> Segments:
    """What differs between the segments of calibrate.

    Args:
        columns: Of `rows.frame`.
        log_odds: (n,) of the map of all, up to `intercept`.
        intercept: Of the map of all.
        rows: The calibrate rows.
        nuisance: The content effect's and the level's variance.
    """
    if not columns or not len(rows):
        return Segments(columns)
    names, index = np.unique(segment_names(rows.frame, columns), return_inverse=True)
    middle, scale = float(log_odds.mean()), max(float(log_odds.std()), 1e-6)
    index = index.reshape(-1)
    eta = log_odds + intercept
    weight = _evidence_weight(special.expit(eta), index, rows, nuisance)
    counts = _Counts(
        weight * rows.successes, weight * rows.trials, eta, (log_odds - middle) / scale, index, len(names)
    )
    sd = [0.0, 0.0]
    for which in (0, 1, 0):
        scored = []
        for tau in _GRID:
            sd[which] = tau
            scored.append(counts.posterior(sd[0], sd[1])[1])
        sd[which] = _GRID[int(np.argmax(scored))]
    effects = counts.posterior(sd[0], sd[1])[0]
    if (effects[:, 1] < -scale).any():
        effects[:, 1] = np.maximum(effects[:, 1], -scale)
        held = replace(counts, eta=counts.eta + effects[counts.index, 1] * counts.z)
        effects[:, 0] = held.posterior(sd[0], 0.0)[0][:, 0]
    shifts = {str(name): (float(u), float(v)) for name, (u, v) in zip(names, effects, strict=True)}
    return Segments(columns, shifts, middle, scale, (sd[0], sd[1]))


def _evidence_weight(mean: F64, segment: np.ndarray[Any, Any], rows: Rows, nuisance: Nuisance) -> F64:
    noise = rows.trials_of_content * nuisance.content_variance
    if rows.group is not None:
        group = rows.group_index[0] * (int(segment.max()) + 1) + segment
        index = np.unique(group, return_inverse=True)[1].reshape(-1)
        noise = noise + np.bincount(index, rows.trials)[index] * nuisance.level_variance
    return np.asarray(1 / (1 + mean * (1 - mean) * noise))


@dataclass(frozen=True, slots=True, eq=False)
class _Counts:
    """Weighted (n,) successes and trials, log-odds of the map of all, z, and the segment of each row."""

    y: F64
    n: F64
    eta: F64
    z: F64
    index: np.ndarray[Any, Any]
    size: int

    def posterior(self, sd_u: float, sd_v: float) -> tuple[F64, float]:
        """(size, 2) modes of u and v, and the log marginal likelihood. Newton, all segments at once."""
        variance = np.array([sd_u, sd_v]) ** 2
        free = variance > 0
        precision = np.where(free, 1 / np.where(free, variance, 1.0), 0.0)
        effects = np.zeros((self.size, 2))
        for _ in range(50):
            gradient, curve = self._derivatives(effects)
            gradient -= precision * effects
            hessian = curve + np.diag(precision)
            hessian[:, ~free, :] = 0.0
            hessian[:, :, ~free] = 0.0
            hessian[:, ~free, ~free] = 1.0
            step = np.linalg.solve(hessian, np.where(free, gradient, 0.0)[:, :, None])[:, :, 0]
            effects += np.clip(step, -1.0, 1.0)
            if np.abs(step).max(initial=0.0) < 1e-9:
                break
        _, curve = self._derivatives(effects)
        spread = np.eye(2) + variance[:, None] * curve
        eta = self._eta(effects)
        likelihood = float(self.y @ eta - self.n @ np.logaddexp(0, eta))
        penalty = 0.5 * float(np.sum(precision * effects**2)) + 0.5 * float(
            np.sum(np.linalg.slogdet(spread)[1])
        )
        return effects, likelihood - penalty

    def _eta(self, effects: F64) -> F64:
        return np.asarray(self.eta + effects[self.index, 0] + effects[self.index, 1] * self.z)

    def _derivatives(self, effects: F64) -> tuple[F64, F64]:
        """(size, 2) gradients and (size, 2, 2) negative Hessians of the log-likelihood."""
        mean = special.expit(self._eta(effects))
        gap, curve = self.y - self.n * mean, self.n * mean * (1 - mean)

        def summed(values: F64) -> F64:
            return np.asarray(np.bincount(self.index, values, self.size), dtype=np.float64)

        cross = summed(curve * self.z)
        gradient = np.stack([summed(gap), summed(gap * self.z)], axis=1)
        square = np.stack([summed(curve), cross, cross, summed(curve * self.z**2)], axis=1)
        return gradient, square.reshape(-1, 2, 2)
