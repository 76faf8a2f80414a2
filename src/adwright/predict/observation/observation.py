"""What a table shows of one rate, and back: the probability that a success is seen, and of a failure being kept."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl
from scipy import sparse

from adwright.errors import DataError
from adwright.predict.features import strings
from adwright.predict.observation.delay import RIPE, Delays, WeibullDelay, read_delays
from adwright.predict.observation.position import MIN_SUCCESSES, learn_propensities
from adwright.predict.observation.sampling import log_slope, to_sampled
from adwright.predict.observation.thinning import effective_trials, fit_thinned
from adwright.predict.outcomes import Counts
from adwright.predict.recipe import PredictRecipe
from adwright.schema import F64, Rate

_CONTENT_RIDGE = 4.0  # an effect of each content: standard deviation 0.5 on the log-odds


@dataclass(frozen=True, slots=True, eq=False)
class Observation:
    """How one rate is observed.

    Args:
        name: Of the target.
        negative_rate: Share of the failures that the table keeps.
        delay: Of the successes; None where they are seen at once.
        propensity: By position, the probability of being seen; None where that does not vary.
        notes: What could not be done and why.
    """

    name: str
    negative_rate: float = 1.0
    delay: WeibullDelay | None = None
    propensity: Mapping[str, float] | None = None
    notes: tuple[str, ...] = field(default=())

    @property
    def thins(self) -> bool:
        """Whether some successes are not seen."""
        return self.delay is not None or self.propensity is not None

    def said(self) -> str:
        """In words, for who watches the fit."""
        parts = []
        if self.propensity is not None:
            shown = sorted(self.propensity.items(), key=lambda pair: -pair[1])[:10]
            parts.append("positions are looked at (" + ", ".join(f"{k} {v:.2f}" for k, v in shown) + ")")
        if self.delay is not None:
            parts.append(
                f"delays are over (Weibull, shape {self.delay.shape:.2f}, scale {self.delay.scale:.3g})"
            )
        return " and ".join(parts)

    def seen(self, frame: pl.DataFrame, recipe: PredictRecipe, counts: Counts) -> F64:
        """(n,) probability that a success of each row would have been seen; 1 where there is no outcome.

        Raises:
            DataError: an absent column, an unreadable time, a position that has no propensity.
        """
        out = np.ones(frame.height)
        if self.propensity is not None and recipe.position is not None:
            out *= _propensities(frame, recipe.position.column, self.propensity, counts)
        columns = recipe.rates[self.name].delay
        if self.delay is not None and columns is not None:
            known = counts.known.astype(np.float64)
            over = self.delay.over(read_delays(frame, columns, counts.successes, known).watched)
            out *= np.where(counts.known, np.maximum(over, 1e-9), 1.0)
        return out

    def effective(self, frame: pl.DataFrame, recipe: PredictRecipe, counts: Counts, mean: F64) -> Counts:
        """The counts with the trials in which a success would have been seen, given the rates (n,)."""
        if not self.thins:
            return counts
        seen = self.seen(frame, recipe, counts)
        trials = effective_trials(counts.successes, counts.trials, seen, mean)
        return replace(counts, trials=np.where(counts.known, trials, 0.0))

    def as_observed(self, rate: Rate, seen: F64) -> Rate:
        """The rate at which successes stand in the table: thinned by (n,) `seen`, failures sampled."""
        mean = rate.mean * seen
        if self.negative_rate == 1:
            return replace(rate, mean=mean)
        slope = log_slope(mean, self.negative_rate)
        level_sd = rate.level_sd
        if rate.family == "gamma":  # one factor for all rows, as `RateModel.rate` has it; log-odds only shift
            level_sd = level_sd * float(log_slope(mean.mean(), self.negative_rate))
        sampled = to_sampled(mean, self.negative_rate)
        return replace(rate, mean=sampled, k=rate.k / np.maximum(slope, 1e-12) ** 2, level_sd=level_sd)

    def to_json(self) -> dict[str, Any]:
        """Plain values."""
        return {
            "name": self.name,
            "negative_rate": self.negative_rate,
            "delay": None if self.delay is None else asdict(self.delay),
            "propensity": None if self.propensity is None else dict(self.propensity),
            "notes": list(self.notes),
        }

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> Observation:
        """The inverse of `to_json`."""
        delay = values["delay"]
        return cls(
            name=values["name"],
            negative_rate=values["negative_rate"],
            delay=None if delay is None else WeibullDelay(**delay),
            propensity=values["propensity"],
            notes=tuple(values["notes"]),
        )


@dataclass(frozen=True, slots=True, eq=False)
class ObservedRows:
    """n rows of the fit's blocks: their columns, (n,) outcomes of one rate, (n, p) features, (n,) content numbers."""

    frame: pl.DataFrame
    counts: Counts
    x: sparse.csr_matrix
    content: npt.NDArray[np.intp]

    def known(self) -> ObservedRows:
        """Those that have outcomes."""
        held = np.flatnonzero(self.counts.known)
        return ObservedRows(self.frame[held], self.counts.take(held), self.x[held], self.content[held])


def fit_observation(name: str, recipe: PredictRecipe, rows: ObservedRows) -> tuple[Observation, Counts]:
    """How the rate is observed, and the rows' counts with their effective trials.

    Args:
        name: Of the target.
        recipe: What the columns mean.
        rows: What to learn from.

    Raises:
        DataError: as `Observation.seen`, or a delay of which there is no success to learn from.
    """
    target = recipe.rates[name]
    positioned = recipe.position is not None and name == next(iter(recipe.rates))
    if target.delay is None and not positioned:
        return Observation(name, negative_rate=target.negative_rate), rows.counts
    found, worth = _Fit(name, recipe, rows.known()).learned(positioned=positioned)
    trials = rows.counts.trials.copy()
    trials[rows.counts.known] = worth
    return found, replace(rows.counts, trials=trials)


class _Fit:
    """The joint fit of rates, propensities and delay, on rows that all have outcomes."""

    def __init__(self, name: str, recipe: PredictRecipe, rows: ObservedRows) -> None:
        self.name, self.recipe, self.frame = name, recipe, rows.frame
        self.y, self.n = rows.counts.successes, rows.counts.trials
        self.x, self.ridge = _design(rows.x, rows.content if recipe.columns.content else None, recipe)
        self.delay: WeibullDelay | None = None
        self.delays: Delays | None = None
        self.positions: list[str] = []
        self.place = np.zeros(len(self.y), np.intp)
        self.theta = np.ones(1)
        self.given, self.learns_theta = False, False

    def learned(self, *, positioned: bool) -> tuple[Observation, F64]:
        """The observation and (n,) effective trials."""
        if positioned:
            self._read_positions()
        self._read_delays()
        learns = self.learns_theta or self.delay is not None
        mean, seen = self._thinned(learns=learns)
        if self.theta.max() > 1:
            self.theta, self.learns_theta = self.theta / self.theta.max(), False
            mean, seen = self._thinned(learns=False)
        propensity = dict(zip(self.positions, self.theta.tolist(), strict=True)) if positioned else None
        found = Observation(
            self.name,
            delay=self.delay,
            propensity=propensity,
            notes=tuple(self._notes()),
        )
        return found, effective_trials(self.y, self.n, seen, mean)

    def _thinned(self, *, learns: bool) -> tuple[F64, F64]:
        learn = self._learn if learns else None
        return fit_thinned(self.x, self.y, self.n, ridge=self.ridge, seen=self._seen(), learn=learn)

    def _read_positions(self) -> None:
        position = self.recipe.position
        assert position is not None
        values = ["" if v is None else v for v in strings(self.frame, position.column)]
        names, place = np.unique(values, return_inverse=True)
        self.positions, self.place = [str(v) for v in names], place.reshape(-1)
        self.given = bool(position.propensity)
        self.learns_theta = not self.given
        if self.learns_theta:
            rate = np.bincount(self.place, self.y) + 0.5
            rate /= np.bincount(self.place, self.n) + 1
            self.theta = rate / rate.max()
        else:
            _propensities(self.frame, position.column, position.propensity, None)
            self.theta = np.array([position.propensity[v] for v in self.positions])

    def _read_delays(self) -> None:
        columns = self.recipe.rates[self.name].delay
        if columns is None:
            return
        self.delays = read_delays(self.frame, columns, self.y, np.ones(len(self.y)))
        hit = self.y > 0
        if not hit.any():
            raise DataError(
                f"no success of '{self.name}' to learn a delay from", argument=columns.succeeded, value=0
            )
        self.delay = WeibullDelay(1.0, max(float(self.delays.delay[hit].mean()), 1e-9))

    def _seen(self) -> F64:
        out = self.theta[self.place]
        if self.delay is not None and self.delays is not None:
            out = out * np.maximum(self.delay.over(self.delays.watched), 1e-9)
        return np.asarray(out)

    def _learn(self, mean: F64) -> tuple[F64, float]:
        extra = 0.0
        if self.delay is not None and self.delays is not None:
            held = self.delays
            self.delay = self.delay.refitted(mean * self.theta[self.place], self.y, held.watched, held.delay)
            hit = self.y > 0
            over = np.maximum(self.delay.over(held.watched[hit]), 1e-9)
            # f(d) stands in the likelihood, where that of y has F(e)
            extra = float(np.sum(self.delay.log_density(held.delay[hit]) - np.log(over)))
        if self.learns_theta:
            over = self._seen() / self.theta[self.place]
            best = int(np.flatnonzero(self.theta == 1.0)[0])
            self.theta = learn_propensities(mean * over, self.y, self.n, self.place, best)
        return self._seen(), extra

    def _notes(self) -> list[str]:
        found = []
        if self.positions and not self.given:
            hits = np.bincount(self.place, self.y, len(self.positions))
            few = [name for name, n in zip(self.positions, hits, strict=True) if n < MIN_SUCCESSES]
            if few:
                found.append(
                    f"fewer than {MIN_SUCCESSES} successes in position {', '.join(few[:5])}: "
                    "its propensity is hardly known"
                )
        if self.delay is not None and self.delays is not None:
            ripe = float(np.mean(self.delay.over(self.delays.watched) > RIPE))
            if ripe < 0.1:
                found.append(
                    f"{ripe:.0%} of the rows were watched for {RIPE:.0%} of the delays: "
                    "how many conversions are still to come is a guess; use older rows"
                )
        return found


def _design(
    x: sparse.csr_matrix, content: npt.NDArray[np.intp] | None, recipe: PredictRecipe
) -> tuple[sparse.csr_matrix, F64]:
    """The features with an effect of each content, and their ridges."""
    path = sorted(recipe.model.ridges, reverse=True)
    ridge = np.full(x.shape[1], path[len(path) // 3])
    if content is None:
        return x, ridge
    index = np.unique(content, return_inverse=True)[1].reshape(-1)
    ones = sparse.csr_matrix(
        (np.ones(len(index)), (np.arange(len(index)), index)), shape=(len(index), int(index.max()) + 1)
    )
    wide = sparse.csr_matrix(sparse.hstack([x, ones], format="csr"))
    return wide, np.r_[ridge, np.full(ones.shape[1], _CONTENT_RIDGE)]


def _propensities(
    frame: pl.DataFrame, column: str, propensity: Mapping[str, float], counts: Counts | None
) -> F64:
    """(n,) of the rows with outcomes, 1 for the others; raises where one is not known."""
    values = ["" if v is None else v for v in strings(frame, column)]
    found = np.array([propensity.get(v, np.nan) for v in values], dtype=np.float64)
    if counts is not None:
        found = np.where(counts.known, found, 1.0)
    if np.isnan(found).any():
        row = int(np.flatnonzero(np.isnan(found))[0])
        raise DataError(
            f"row {row}: no propensity for this position",
            argument=column,
            value=values[row] or None,
            allowed=", ".join(sorted(propensity)[:20]),
            hint="Name it under [position.propensity], or leave such rows out",
        )
    return found
