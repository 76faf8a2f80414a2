"""How good predictions are on rows that the fit never saw: every number with its interval and its n.

Intervals are 95 % percentile intervals of a bootstrap over groups (contents, or rows, where there are none).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy import stats

from adwright.errors import DataError
from adwright.predict.conformal import ConformalBand
from adwright.predict.exposures import read_exposures
from adwright.predict.observation.observation import Observation
from adwright.predict.outcomes import Counts, read_counts, read_orders
from adwright.predict.rows import Index
from adwright.predict.table import Table
from adwright.schema import F64, Bools, OrderValue, Rate
from adwright.stats.bootstrap import Estimate, Statistic, cluster_bootstrap, ratio
from adwright.stats.calibration import calibration_slope, log_loss, squared_calibration_error
from adwright.stats.ranking import Pairs, auc, group_auc, pair_accuracy
from adwright.stats.rates import log_predictive, successes_interval
from adwright.stats.reliability import reliability

Names = npt.NDArray[Any]

_MAX_SEGMENTS = 20
_SEED = 20_240  # of the bootstrap: an evaluation of the same rows gives the same numbers


def evaluate_table(
    table: Table,
    judged: Bools,
    *,
    rates: Mapping[str, Rate],
    constants: Mapping[str, tuple[float, float]],
    n_boot: int,
    observations: Mapping[str, Observation] | None = None,
    conformal: Mapping[str, ConformalBand | None] | None = None,
    in_domain: Bools | None = None,
    segments: Sequence[str] | None = None,
) -> dict[str, Any]:
    """The measures of each rate.

    Args:
        table: The data with outcomes.
        judged: (n,) which rows are judged.
        rates: By target, the predicted rates of the judged rows.
        constants: By target, (mean, concentration) of the beta-binomial without features.
        n_boot: Bootstrap resamples.
        observations: By target, how the table shows it: predictions are then judged as it shows them.
        conformal: By target, the conformal band, where there is one.
        in_domain: (judged,) whether the row is like the training rows; None leaves that out.
        segments: (judged,) names of segments that are also judged one by one; None for none.

    Raises:
        DataError: no judged row has outcomes of any target.
    """
    found = {}
    for name, rate in rates.items():
        counts = read_counts(table.frame, table.recipe, name)
        known = np.flatnonzero(judged & counts.known)
        if not len(known):
            found[name] = {"n_rows": 0, "note": "no judged row has outcomes of this target"}
            continue
        place = np.flatnonzero(counts.known[judged])
        shown, constant = rate.take(place), _Constant(*constants[name])
        how = (observations or {}).get(name)
        if how is not None and (how.thins or how.negative_rate < 1):
            seen = how.seen(table.frame, table.recipe, counts)[known]
            shown, constant = how.as_observed(shown, seen), _Constant(constant.mean * seen, constant.total)
        judge = _Judge(table, known, shown, counts, n_boot)
        band = (conformal or {}).get(name)
        inside = None if in_domain is None else in_domain[place]
        found[name] = judge.measures(constant, band=band, in_domain=inside)
        if how is not None and how.thins:
            found[name]["mean_share_seen"] = float(np.average(seen, weights=counts.trials[known]))
        if segments is not None:
            named = np.array(segments, dtype=object)[place]
            found[name]["by_segment"] = _by_segment(judge, named, band)
    if not any(measures["n_rows"] for measures in found.values()) and rates:
        raise DataError("no judged row has outcomes", argument="data", value=0)
    return found


def evaluate_orders(table: Table, judged: Bools, predicted: OrderValue, *, n_boot: int) -> dict[str, Any]:
    """How close expected order values are: the mean beside the observed, and R^2 against the constant.

    Args:
        table: The data with order values.
        judged: (n,) which rows are judged.
        predicted: Of the judged rows.
        n_boot: Bootstrap resamples.
    """
    orders = read_orders(table.frame, table.recipe)
    place = np.flatnonzero(orders.count[judged] > 0)
    count = orders.count[judged][place]
    if not len(count):
        return {"n_rows": 0, "note": "no judged row has orders"}
    value, fitted = orders.sum_minor[judged][place] / count, predicted.mean_minor[place]
    constant = float(value @ count / count.sum())
    lost, kept = count * (value - fitted) ** 2, count * (value - constant) ** 2
    clusters = (table.content if table.group is None else table.group)[judged][place]
    rng = np.random.default_rng(_SEED)
    share = ratio(kept - lost, np.maximum(kept, 1e-300))
    return {
        "n_rows": len(count),
        "n_orders": int(count.sum()),
        "currency": predicted.currency,
        "mean_predicted_minor": float(fitted @ count / count.sum()),
        "mean_observed_minor": constant,
        "r_squared": _as_json(cluster_bootstrap(share, clusters, rng=rng, n_boot=n_boot)),
    }


@dataclass(frozen=True, slots=True, eq=False)
class _Constant:
    """The beta-binomial without features: its mean, one or (n,), and its concentration."""

    mean: F64 | float
    total: float


def evaluate_purchases(
    table: Table, judged: Bools, product: F64, calibrated: F64, *, n_boot: int
) -> dict[str, Any]:
    """How good purchases an exposure are, and how good the bare product of click and conversion was.

    Args:
        table: The data with both outcomes.
        judged: (n,) which rows are judged.
        product: Click times conversion of the judged rows.
        calibrated: The same, calibrated on exposures.
        n_boot: Bootstrap resamples.
    """
    exposures = read_exposures(table, judged)
    place = np.flatnonzero(read_counts(table.frame, table.recipe, "click").known[judged])
    known = exposures.knows_purchases
    if exposures.purchases is None or not known.any():
        return {"n_rows": 0, "note": "no judged row has known purchases"}
    trials = np.zeros(len(judged))
    successes = np.zeros(len(judged))
    rows = np.flatnonzero(judged)[place[known]]
    trials[rows], successes[rows] = exposures.first.trials[known], exposures.purchases[known]
    counts = Counts(successes, trials, labelled=bool(trials.max() <= 1))
    unknown = np.full(len(rows), np.nan)

    def measured(mean: F64) -> dict[str, Any]:
        rate = Rate(mean=mean[place[known]], k=unknown, level_sd=unknown)
        return _Judge(table, rows, rate, counts, n_boot).measures(_Constant(float("nan"), float("nan")))

    bare = measured(product)
    kept = ("mean_predicted", "log_loss", "calibration_slope", "calibration_intercept", "debiased_ece")
    return measured(calibrated) | {"bare_product": {name: bare[name] for name in kept}}


class _Judge:
    """The measures of one rate on n judged rows."""

    def __init__(self, table: Table, rows: Index, rate: Rate, counts: Counts, n_boot: int) -> None:
        self.table, self.rows, self.rate, self.n_boot = table, rows, rate, n_boot
        self.y, self.n = counts.successes[rows], counts.trials[rows]
        self.counts, self.labelled = counts, counts.labelled
        has_content = table.recipe.columns.content is not None
        self.group = None if table.group is None else table.group[rows]
        self.clusters = self.group if self.group is not None else table.content[rows] if has_content else rows

    def measures(
        self,
        constant: _Constant,
        *,
        band: ConformalBand | None = None,
        in_domain: Bools | None = None,
    ) -> dict[str, Any]:
        """Every measure that these outcomes allow."""
        mean = self.rate.mean
        losses = log_loss(mean, self.y, trials=self.n)
        found: dict[str, Any] = {
            "n_rows": len(self.rows),
            "n_trials": int(self.n.sum()),
            "n_successes": int(self.y.sum()),
            "n_clusters": len(np.unique(self.clusters)),
            "mean_predicted": float(mean @ self.n / self.n.sum()),
            "mean_observed": float(self.y.sum() / self.n.sum()),
            "auc": self._estimate(lambda w: auc(mean, self.y, trials=self.n, weights=w)),
            "log_loss": self._estimate(ratio(losses, self.n)),
            "calibration_slope": self._estimate(
                lambda w: calibration_slope(mean, self.y, trials=self.n, weights=w)[0]
            ),
            "calibration_intercept": self._estimate(
                lambda w: calibration_slope(mean, self.y, trials=self.n, weights=w)[1]
            ),
            "debiased_ece": self._calibration_error(),
        }
        found["calibration_curve"] = [asdict(b) for b in reliability(mean, self.y, self.n)]
        if self.group is not None:
            found["group_auc"] = self._estimate(
                ratio(*group_auc(mean, self.y, group=self.group, trials=self.n))
            )
            if not self.labelled:
                found["pair_accuracy"] = self._pairs()
        if np.isfinite(self.rate.k).all() and not self.labelled:
            found["coverage_90"] = self._coverage(*successes_interval(self.rate, self.n), in_domain)
            found["log_predictive"] = self._density(constant)
        if band is not None and not self.labelled:
            found["coverage_90_conformal"] = self._coverage(*band.interval(self.rate, self.n), in_domain)
        return found

    def part(self, chosen: Index) -> _Judge:
        """The judge of some of the rows, by their places."""
        return _Judge(self.table, self.rows[chosen], self.rate.take(chosen), self.counts, self.n_boot)

    def in_short(self, band: ConformalBand | None) -> dict[str, Any]:
        """What is said of a segment."""
        mean = self.rate.mean
        found: dict[str, Any] = {
            "n_rows": len(self.rows),
            "n_trials": int(self.n.sum()),
            "n_successes": int(self.y.sum()),
            "mean_predicted": float(mean @ self.n / self.n.sum()),
            "mean_observed": self._estimate(ratio(self.y, self.n)),
            "log_loss": self._estimate(ratio(log_loss(mean, self.y, trials=self.n), self.n)),
            "calibration_curve": [asdict(b) for b in reliability(mean, self.y, self.n)],
        }
        if not self.labelled:
            intervals = {"coverage_90": successes_interval(self.rate, self.n)}
            if band is not None:
                intervals["coverage_90_conformal"] = band.interval(self.rate, self.n)
            for name, (low, high) in intervals.items():
                if np.isfinite(low).all():
                    inside = ((self.y >= low) & (self.y <= high)).astype(np.float64)
                    found[name] = self._estimate(ratio(inside, np.ones_like(inside)))
        return found

    def _estimate(self, statistic: Statistic) -> dict[str, Any]:
        rng = np.random.default_rng(_SEED)
        return _as_json(cluster_bootstrap(statistic, self.clusters, rng=rng, n_boot=self.n_boot))

    def _calibration_error(self) -> dict[str, Any]:
        """On the squared scale, where it is unbiased and its resamples can be centred; then the root."""

        def squared(weights: F64) -> F64:
            return squared_calibration_error(
                self.rate.mean, self.y, trials=self.n, clusters=self.clusters, weights=weights
            )

        rng = np.random.default_rng(_SEED)
        found = _as_json(cluster_bootstrap(squared, self.clusters, rng=rng, n_boot=self.n_boot, centred=True))
        for key in ("value", "low", "high"):
            found[key] = None if found[key] is None else float(np.sqrt(max(found[key], 0.0)))
        return found

    def _pairs(self) -> dict[str, Any]:
        key = self.table.pair_key()
        pairs = pair_accuracy(
            self.rate.mean,
            self.y,
            self.n,
            group=self.clusters if key is None else key[self.rows],
            distinct=self.table.text_key()[self.rows],
        )
        found: dict[str, Any] = {"truncated": pairs.truncated}
        for name, least in (("all", 0.0), ("p<.05", stats.norm.isf(0.025)), ("abs_z>3", 3.0)):
            found[name] = self._accuracy(pairs.select(np.abs(pairs.z) > least))
        return found

    def _accuracy(self, pairs: Pairs) -> dict[str, Any] | None:
        if not len(pairs.z):
            return None
        right: F64 = np.bincount(pairs.a, pairs.correct, len(self.rows)).astype(np.float64)
        compared = np.bincount(pairs.a, minlength=len(self.rows)).astype(np.float64)
        return self._estimate(ratio(right, compared)) | {"n": len(pairs.z)}

    def _coverage(self, low: F64, high: F64, in_domain: Bools | None) -> dict[str, Any]:
        inside: F64 = ((self.y >= low) & (self.y <= high)).astype(np.float64)
        expected = np.maximum(self.n * self.rate.mean, 1.0)
        found: dict[str, Any] = {
            "all": self._estimate(ratio(inside, np.ones_like(inside))),
            "below": float(np.mean(self.y < low)),
            "above": float(np.mean(self.y > high)),
            "width_over_expected": float(np.median((high - low) / expected)),
        }
        for name, by in (("by_prediction", self.rate.mean), ("by_trials", self.n)):
            fifth = _fifths(by)
            found[name] = [self._share(inside, fifth == i) for i in range(5)]
        if in_domain is not None:
            found["by_domain"] = {
                name: self._share(inside, rows) if rows.any() else {"value": None, "n": 0}
                for name, rows in (("inside", in_domain), ("outside", ~in_domain))
            }
        return found

    def _share(self, inside: F64, rows: Bools) -> dict[str, Any]:
        """The share of some rows that are inside, with its interval; n is their number."""
        found = self._estimate(ratio(np.where(rows, inside, 0.0), rows.astype(np.float64)))
        return found | {"n": int(np.sum(rows))}

    def _density(self, constant: _Constant) -> dict[str, Any]:
        ours = log_predictive(self.rate, self.y, self.n)
        mean, total = constant.mean, constant.total
        found = {"model": self._estimate(ratio(ours, np.ones_like(ours)))}
        if np.isfinite(total):
            flat = np.asarray(
                stats.betabinom.logpmf(self.y, self.n, mean * total, (1 - mean) * total), np.float64
            )
            found["constant"] = self._estimate(ratio(flat, np.ones_like(flat)))
            found["gain"] = self._estimate(ratio(ours - flat, np.ones_like(flat)))
        return found


def _by_segment(judge: _Judge, names: Names, band: ConformalBand | None) -> dict[str, Any]:
    """The largest segments by trials, each in short; what the others hold together is said."""
    known, index = np.unique(names.astype(str), return_inverse=True)
    trials = np.bincount(index.reshape(-1), judge.n)
    largest = np.argsort(-trials, kind="stable")[:_MAX_SEGMENTS]
    found: dict[str, Any] = {
        str(known[s]).replace("\x1f", " / ") or "(none)": judge.part(np.flatnonzero(index == s)).in_short(
            band
        )
        for s in largest
    }
    if len(known) > len(largest):
        rest = np.flatnonzero(~np.isin(index, largest))
        found[f"the {len(known) - len(largest)} others"] = judge.part(rest).in_short(band)
    return found


def _as_json(estimate: Estimate) -> dict[str, Any]:
    """The estimate as JSON holds it: None for a number that is not defined."""
    values = asdict(estimate)
    return {k: None if isinstance(v, float) and not np.isfinite(v) else v for k, v in values.items()}


def _fifths(values: F64) -> Index:
    """(n,) 0 to 4, by rank; ties stay together."""
    edges = np.quantile(values, [0.2, 0.4, 0.6, 0.8])
    return np.searchsorted(edges, values, side="left").astype(np.intp)
