"""What tuning gained on the test block: two predictors on the same rows, their difference with its interval."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from scipy import sparse, special, stats

from adwright.learn.tuning.judging import Losses, judge, paired_gain
from adwright.predict.models.nuisance import Nuisance
from adwright.predict.outcomes import Counts, read_counts
from adwright.predict.predictor import Predictor
from adwright.predict.rows import Index
from adwright.predict.table import Table
from adwright.schema import F64
from adwright.stats.bootstrap import Estimate, cluster_bootstrap, ratio
from adwright.stats.calibration import log_loss
from adwright.stats.ranking import auc

_SEED = 20_240
_N_BOOT = 1000
_Z = float(stats.norm.ppf(0.975))


@dataclass(frozen=True, slots=True)
class Verdict:
    """The judgement of one rate on the test block.

    Args:
        n: Rows.
        n_clusters: Groups, contents or rows that an interval resamples.
        default: loss (the study's own, with the groups' levels free), log_loss and auc of the recipe's own setting.
        tuned: The same of the tuned one.
        gain: Of each, positive is better, with its 95 % interval.
    """

    n: int
    n_clusters: int
    default: Mapping[str, float]
    tuned: Mapping[str, float]
    gain: Mapping[str, Estimate]

    def to_json(self) -> dict[str, Any]:
        """As JSON holds it."""
        return asdict(self)


def compare_on_test(
    default: Predictor, tuned: Predictor, table: Table, *, seed: int, target: str
) -> Verdict | None:
    """The two predictors on the table's test block; this is the one time that it is read. None without outcomes.

    Args:
        default: Fitted on the table's other blocks, with the recipe's own setting.
        tuned: The same with the setting found.
        table: The data.
        seed: Of the split.
        target: The rate.
    """
    counts = read_counts(table.frame, table.recipe, target)
    rows = np.flatnonzero((table.blocks(seed) == "test") & counts.known)
    if not len(rows):
        return None
    y, n = counts.successes[rows], counts.trials[rows]
    clusters = (table.content if table.group is None else table.group)[rows]
    frame = table.frame[rows]
    means = [_shown(predictor, frame, target, counts.take(rows)) for predictor in (default, tuned)]
    losses = [log_loss(mean, y, trials=n) for mean in means]
    areas = [float(auc(mean, y, trials=n)[0]) for mean in means]

    def interval(statistic: Any) -> Estimate:
        return cluster_bootstrap(statistic, clusters, rng=np.random.default_rng(_SEED), n_boot=_N_BOOT)

    judged = [_judged(table, mean, rows, seed=seed, target=target) for mean in means]
    gain, se = paired_gain(judged[1], judged[0])
    n_clusters = len(np.unique(clusters))
    per_trial = [float(loss.sum() / n.sum()) for loss in losses]
    return Verdict(
        n=len(rows),
        n_clusters=n_clusters,
        default={"loss": judged[0].mean, "log_loss": per_trial[0], "auc": areas[0]},
        tuned={"loss": judged[1].mean, "log_loss": per_trial[1], "auc": areas[1]},
        gain={
            "loss": Estimate(gain, gain - _Z * se, gain + _Z * se, len(rows), n_clusters),
            "log_loss": interval(ratio(losses[0] - losses[1], n)),
            "auc": interval(
                lambda w: auc(means[1], y, trials=n, weights=w) - auc(means[0], y, trials=n, weights=w)
            ),
        },
    )


def _judged(table: Table, mean: F64, rows: Index, *, seed: int, target: str) -> Losses:
    """The losses of the (n,) rates as the study judges scores."""
    blocks = table.blocks(seed)
    masks = [blocks == "train", np.isin(np.arange(table.frame.height), rows)]
    held = [table.rows(target, mask, sparse.csr_matrix((int(mask.sum()), 1)))[0] for mask in masks]
    nuisance = Nuisance.learn(held[0], np.random.default_rng(seed))
    clusters = (table.content if table.group is None else table.group)[rows]
    return judge(held[1], np.asarray(special.logit(mean)), nuisance, clusters=clusters)


def _shown(predictor: Predictor, frame: Any, target: str, counts: Counts) -> F64:
    """(n,) the rates as the table shows them: less what comes late, stands unseen or was left out, as `evaluate`."""
    effect = predictor.score(frame)
    rate = effect.click if target == "click" else effect.conversion
    assert rate is not None  # the recipe has this target, and both predictors its recipe
    how = predictor.parts.observations.get(target)
    if how is None or not (how.thins or how.negative_rate < 1):
        return rate.mean
    return how.as_observed(rate, how.seen(frame, predictor.recipe, counts)).mean
