"""Which map: as the recipe says, or by cross-validated log-loss on calibrate, with Platt's as the one to beat.

Folds hold whole groups (contents, where there are none), dealt out in order of their mean score, so that every fold
has high and low ones. The log-loss is weighted as evidence is, so no single content decides. Another map is taken
where its gain over Platt's, paired by group, exceeds two standard errors: a smaller gain is no gain.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from scipy import special

from adwright.predict.calibration.calibration_config import AUTO, CalibrationConfig
from adwright.predict.calibration.curve import Curve, CurveKind
from adwright.predict.calibration.intercept import matching_intercept
from adwright.predict.calibration.platt import Platt
from adwright.predict.calibration.registry import curve_named
from adwright.predict.models.logistic import SLOPE_PRIOR_SD
from adwright.predict.models.nuisance import Nuisance
from adwright.predict.rows import Index, Rows
from adwright.schema import F64
from adwright.stats.calibration import log_loss

MIN_EVENTS = 100
"""Successes, and failures, of calibrate below which nothing is chosen."""

MIN_CLUSTERS = 20

_RIVALS = ("beta", "isotonic")


@dataclass(frozen=True, slots=True, eq=False)
class CurveChoice:
    """The map.

    Args:
        name: Of the map.
        curve: Fitted on all of calibrate.
        gains: By rival, (gain in log-loss over Platt's per trial, its standard error), cross-validated.
        reason: In words.
    """

    name: str
    curve: Curve
    reason: str
    gains: Mapping[str, tuple[float, float]] = field(default_factory=dict)


def choose_curve(
    score: F64, rows: Rows, nuisance: Nuisance, *, config: CalibrationConfig, prior: Rows
) -> CurveChoice:
    """The map of calibrate's scores.

    Args:
        score: (n,) of the calibrate rows.
        rows: The calibrate rows.
        nuisance: How they are weighted, and their levels' variance.
        config: What the recipe says.
        prior: Training rows, whose rate one added success has.
    """
    evidence = nuisance.evidence(rows)
    if config.method != AUTO:
        kind = curve_named(config.method)
        curve = kind.fit(score, evidence, prior_sd=SLOPE_PRIOR_SD)
        return CurveChoice(kind.name, curve, "as the recipe says")
    platt = Platt()
    line = platt.fit(score, evidence, prior_sd=SLOPE_PRIOR_SD)
    if line.slope == 0:
        return CurveChoice(platt.name, line, "the score says nothing about calibrate")
    cluster = clusters_of(rows)
    hits = float(rows.successes.sum())
    if min(hits, float(rows.trials.sum()) - hits) < MIN_EVENTS or cluster.max() + 1 < MIN_CLUSTERS:
        return CurveChoice(platt.name, line, "calibrate has too few outcomes to choose by")
    folds = deal_folds(score, cluster, config.n_folds)

    def losses(kind: CurveKind) -> F64:
        held = held_out_log_odds(kind, score, rows, nuisance, folds=folds, prior=prior)
        return evidence.weight * log_loss(special.expit(held), rows.successes, trials=rows.trials)

    base, total = losses(platt), float(evidence.weight @ rows.trials)
    gains: dict[str, tuple[float, float]] = {}
    for name in _RIVALS:
        gain = np.bincount(cluster, base - losses(curve_named(name)))
        gains[name] = (float(gain.sum()) / total, float(gain.std(ddof=1) * np.sqrt(len(gain))) / total)
    best = max(gains, key=lambda name: gains[name][0])
    if gains[best][0] <= 2 * gains[best][1]:
        return CurveChoice(platt.name, line, "no other map is better by more than two standard errors", gains)
    curve = curve_named(best).fit(score, evidence, prior_sd=SLOPE_PRIOR_SD)
    return CurveChoice(
        best, curve, "its cross-validated log-loss is lower by over two standard errors", gains
    )


def held_out_log_odds(
    kind: CurveKind, score: F64, rows: Rows, nuisance: Nuisance, *, folds: Index, prior: Rows
) -> F64:
    """(n,) calibrated log-odds of each row, from a map fitted on the other folds."""
    out = np.empty(len(rows))
    for fold in np.unique(folds):
        here, rest = folds == fold, rows.take(folds != fold)
        curve = kind.fit(score[~here], nuisance.evidence(rest), prior_sd=SLOPE_PRIOR_SD)
        inside = curve.log_odds(score[~here])
        out[here] = curve.log_odds(score[here]) + matching_intercept(
            inside, rest, np.ones(len(rest)), prior=prior
        )
    return out


def clusters_of(rows: Rows) -> Index:
    """(n,) numbers from 0 of what shares noise: the group, else the content."""
    if rows.group is not None:
        return rows.group_index[0]
    return np.unique(rows.content, return_inverse=True)[1].reshape(-1)


def deal_folds(score: F64, cluster: Index, n_folds: int) -> Index:
    """(n,) folds: whole clusters, dealt out in order of their mean score."""
    mean = np.bincount(cluster, score) / np.bincount(cluster)
    place = np.empty(len(mean), np.intp)
    place[np.argsort(mean, kind="stable")] = np.arange(len(mean)) % n_folds
    return place[cluster]
