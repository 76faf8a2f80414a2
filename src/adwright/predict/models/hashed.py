"""Logistic regression on hashed fields, learned row by row: what a table of any size can be learned by.

Categories, words and pairs of words go into buckets of one table (`fields`), numbers beside them. The weights are
learned by FTRL-Proximal with a ridge, in mini-batches; `tune` chooses the step, the ridge and the number of passes on
the rows in memory, all candidates at once, and where there are more rows than that, they are all read for the
final weights. Members are an online bootstrap: each row counts an exponential number of times.

Source: McMahan et al. 2013, KDD (Ad click prediction), algorithm 1, without the L1 part; Oza and Russell 2001,
AISTATS, for the bootstrap, with exponential weights in place of Poisson's.
Holds when: effects add up on the log-odds. Does not cover: what columns do jointly; sequences and pictures enter by
their numbers alone.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl
from scipy import sparse, special

from adwright.predict.models.fields import FieldBatch, Fields
from adwright.predict.models.logistic import MIN_EVENTS
from adwright.predict.models.model import Arrays, Fit, FitData
from adwright.predict.models.nuisance import Nuisance
from adwright.predict.rows import Rows
from adwright.schema import F64

STEPS, RIDGES = (0.1, 0.5), (1.0, 10.0)
MAX_PASSES = 20
_MAX_BATCH, _BATCHES_A_PASS = 8192, 100
_NUMBER_SCALE = 0.5


@dataclass(frozen=True, slots=True, eq=False)
class HashedScore:
    """A linear score of hashed fields.

    Args:
        fields: How rows become fields.
        weights: (n_buckets + 2 q, 1 + n_members), float32.
        step: FTRL's alpha that tune chose.
        ridge: That tune chose; infinite where there was nothing to learn.
        n_passes: Over the rows in memory, that tune chose.
        n_rows: That the weights were learned from.
    """

    fields: Fields
    weights: npt.NDArray[np.float32]
    step: float
    ridge: float
    n_passes: int
    n_rows: int

    @property
    def reads_design(self) -> bool:
        """Not the sparse features: the columns themselves."""
        return False

    def score(self, x: Any, frame: pl.DataFrame) -> F64:
        """(n, 1 + n_members) scores; the sparse features are not needed."""
        del x
        return np.asarray(_design(self.fields.transform(frame), self.fields) @ self.weights, np.float64)

    def pack(self) -> tuple[dict[str, Any], dict[str, npt.NDArray[Any]]]:
        """(values for JSON, arrays); weights that are 0 are left out."""
        fields, arrays = self.fields.to_json()
        place = np.flatnonzero(self.weights.any(axis=1))
        values = {
            "fields": fields,
            "shape": list(self.weights.shape),
            "step": self.step,
            "ridge": self.ridge,
            "n_passes": self.n_passes,
            "n_rows": self.n_rows,
        }
        held: dict[str, npt.NDArray[Any]] = {f"fields/{key}": array for key, array in arrays.items()}
        return values, held | {"place": place, "weights": self.weights[place]}

    def summary(self) -> dict[str, Any]:
        """What tune chose, and how many known values are expected to share a bucket."""
        return {
            "ridge_chosen_on_tune": None if np.isinf(self.ridge) else self.ridge,
            "step_chosen_on_tune": self.step,
            "passes_chosen_on_tune": self.n_passes,
            "n_rows_learned_from": self.n_rows,
            "n_buckets": self.fields.n_buckets,
            "hash_collision_rate": round(self.fields.collision_rate, 4),
        }


class Hashed:
    """Logistic regression on hashed fields by FTRL."""

    name = "hashed"
    streams = True

    def fit(self, data: FitData) -> Fit:
        """Step, ridge and passes from tune; the weights from train and tune, or from all that is streamed."""
        fields = _fields(data)
        found = _chosen(fields, data)
        if found is None:
            return Fit(_constant(fields, data), np.zeros(len(data.tune)))
        chosen, on_tune, nuisance = found
        return Fit(_learn(data.train.joined(data.tune), fields, data, nuisance, chosen), on_tune)

    def on_tune(self, data: FitData) -> F64:
        """As `Fit.on_tune`, without the final weights."""
        found = _chosen(_fields(data), data)
        return np.zeros(len(data.tune)) if found is None else found[1]

    def refit(self, model: HashedScore, rows: Rows, data: FitData) -> HashedScore:
        """The weights from other rows, with what tune chose; streamed weights stay, there being more of them."""
        if np.isinf(model.ridge) or data.streamed is not None:
            return model
        chosen = (model.step, model.ridge, model.n_passes)
        fields = Fields.learn(rows.frame, data.roles, data.candidates)
        return _learn(rows, fields, data, Nuisance.learn(data.train, data.rng), chosen)

    def unpack(self, values: Mapping[str, Any], arrays: Arrays) -> HashedScore:
        """The inverse of `HashedScore.pack`."""
        own = {k.removeprefix("fields/"): a for k, a in arrays.items() if k.startswith("fields/")}
        weights = np.zeros(tuple(values["shape"]), np.float32)
        weights[np.asarray(arrays["place"], np.int64)] = arrays["weights"]
        fields = Fields.from_json(values["fields"], own)
        return HashedScore(
            fields, weights, values["step"], values["ridge"], int(values["n_passes"]), int(values["n_rows"])
        )


class Ftrl:
    """FTRL-Proximal for several weightings of the same rows at once.

    Args:
        n_features: Rows of the weights.
        step: (k,) alpha of each weighting.
        ridge: (k,) L2 penalty of each.
    """

    def __init__(self, n_features: int, step: F64, ridge: F64) -> None:
        self.step, self.ridge = step.astype(np.float32), ridge.astype(np.float32)
        self._pull = np.zeros((n_features, len(step)), np.float32)
        self._seen = np.zeros((n_features, len(step)), np.float32)

    def weights(self, place: Any = slice(None)) -> npt.NDArray[np.float32]:
        """(m, k) weights of some features."""
        scale = (1 + np.sqrt(self._seen[place])) / self.step + self.ridge
        return np.asarray(-self._pull[place] / scale)

    def learn(self, design: sparse.csr_matrix, share: F64, weight: F64, start: F64) -> None:
        """One step on n rows.

        Args:
            design: (n, n_features).
            share: (n,) successes over trials.
            weight: (n, k) how much each row counts in each weighting.
            start: (n,) starting scores.
        """
        place, column = np.unique(design.indices, return_inverse=True)
        shape = (design.shape[0], len(place))
        part = sparse.csr_matrix((design.data, column.reshape(-1), design.indptr), shape=shape)
        held = self.weights(place)
        chance = special.expit(start[:, None].astype(np.float32) + part @ held)
        gradient = np.asarray(part.T @ (weight * (chance - share[:, None])).astype(np.float32))
        seen = self._seen[place]
        more = seen + gradient**2
        self._pull[place] += gradient - (np.sqrt(more) - np.sqrt(seen)) / self.step * held
        self._seen[place] = more


@dataclass(frozen=True, slots=True, eq=False)
class _Ready:
    """Rows as FTRL reads them."""

    design: sparse.csr_matrix
    share: F64
    weight: F64
    start: F64

    @classmethod
    def of(cls, rows: Rows, fields: Fields, nuisance: Nuisance) -> _Ready:
        return cls(
            _design(fields.transform(rows.frame), fields),
            rows.successes / rows.trials,
            nuisance.weight(rows) * rows.trials,
            nuisance.starting_score(rows),
        )


def _fields(data: FitData) -> Fields:
    known = 0 if data.streamed is None else data.streamed.n_values
    return Fields.learn(data.train.frame, data.roles, data.candidates, n_categories=known)


def _chosen(fields: Fields, data: FitData) -> tuple[tuple[float, float, int], F64, Nuisance] | None:
    """(step, ridge, passes) that tune chose, (n_tune,) scores by train's weights; None with nothing to learn."""
    train = data.train
    if not MIN_EVENTS <= train.successes.sum() <= train.trials.sum() - MIN_EVENTS:
        data.notes.append("hashed: too few successes or failures in train, the rate is a constant")
        return None
    nuisance = Nuisance.learn(train, data.rng)
    step, ridge, n_passes, on_tune = _choose(fields, data, nuisance)
    data.progress(f"hashed: step {step:g}, ridge {ridge:g}, {n_passes} passes")
    return (step, ridge, n_passes), on_tune, nuisance


def _learn(
    rows: Rows, fields: Fields, data: FitData, nuisance: Nuisance, chosen: tuple[float, float, int]
) -> HashedScore:
    step, ridge, n_passes = chosen
    k = 1 + data.config.n_members
    ftrl = Ftrl(_n_features(fields), np.full(k, step), np.full(k, ridge))
    streamed, n_rows = data.streamed, len(rows)
    seed = int(data.rng.integers(2**30))
    held = [_Ready.of(rows, fields, nuisance)] if streamed is None else []
    if streamed is not None:
        n_rows = streamed.n_rows
    for place in range(n_passes if streamed is None else streamed.n_passes(n_passes, len(rows))):
        # every pass draws the same bootstrap weights: a member is a resample of rows, not of passes
        rng, order, done = np.random.default_rng(seed), np.random.default_rng((seed, place)), 0
        for ready in held or _streamed(data, fields, nuisance):
            draw = np.ones((len(ready.share), k))
            draw[:, 1:] = rng.standard_exponential((len(ready.share), k - 1))
            for batch in _batches(len(ready.share), order, n_rows):
                ftrl.learn(
                    ready.design[batch],
                    ready.share[batch],
                    ready.weight[batch, None] * draw[batch],
                    ready.start[batch],
                )
            done += len(ready.share)
            if streamed is not None:
                data.progress(f"hashed: pass {place + 1}, {done} of {n_rows} rows")
    return HashedScore(fields, ftrl.weights(), step, ridge, n_passes, n_rows)


def _streamed(data: FitData, fields: Fields, nuisance: Nuisance) -> Iterator[_Ready]:
    assert data.streamed is not None
    for rows in data.streamed.rows():
        if len(rows):
            yield _Ready.of(rows, fields, nuisance)


def _choose(fields: Fields, data: FitData, nuisance: Nuisance) -> tuple[float, float, int, F64]:
    """(step, ridge, passes, tune's scores) that explain tune best, all candidates learned side by side."""
    train, tune = data.train, data.tune
    pairs = np.array([(step, ridge) for step in STEPS for ridge in RIDGES])
    hits = float(tune.successes.sum())
    if min(hits, float(tune.trials.sum()) - hits) < MIN_EVENTS:
        data.notes.append(f"hashed: tune has {hits:.0f} successes: too few to choose by")
        return float(pairs[0][0]), float(pairs[1][1]), 2, np.zeros(len(tune))
    ready, judge = _Ready.of(train, fields, nuisance), _Ready.of(tune, fields, nuisance)
    ftrl = Ftrl(_n_features(fields), pairs[:, 0], pairs[:, 1])
    rng = np.random.default_rng(int(data.rng.integers(2**30)))
    best: tuple[float, int, int, F64] | None = None
    for place in range(1, MAX_PASSES + 1):
        for batch in _batches(len(ready.share), rng):
            weight = np.repeat(ready.weight[batch, None], len(pairs), axis=1)
            ftrl.learn(ready.design[batch], ready.share[batch], weight, ready.start[batch])
        score = np.asarray(judge.design @ ftrl.weights(), np.float64)
        losses = _losses(score, judge)
        least = int(np.argmin(losses))
        if best is None or losses[least] < best[0]:
            best = float(losses[least]), least, place, score[:, least]
        elif place > best[2] + 1:
            break
    assert best is not None
    return float(pairs[best[1], 0]), float(pairs[best[1], 1]), best[2], best[3]


def _losses(score: F64, judge: _Ready) -> F64:
    """(k,) log-losses, each score around its mean on the judged rows."""
    found = []
    for column in score.T:
        middle = np.average(column, weights=judge.weight)
        logit = judge.start + column - middle
        loss = np.logaddexp(0, logit) - judge.share * logit
        found.append(float(judge.weight @ loss / judge.weight.sum()))
    return np.asarray(found)


def _design(batch: FieldBatch, fields: Fields) -> sparse.csr_matrix:
    """(n, n_buckets + 2 q): 1 for a category, 1 / sqrt(size) for each term of a text, then the numbers."""
    n = len(batch)
    c, q = batch.category.shape[1], batch.numeric.shape[1]
    index = [batch.category, np.broadcast_to(fields.n_buckets + np.arange(q), (n, q))]
    value: list[npt.NDArray[Any]] = [np.ones((n, c)), _NUMBER_SCALE * batch.numeric]
    parts = [
        sparse.csr_matrix(
            (
                np.hstack(value).reshape(-1).astype(np.float32),
                np.hstack(index).reshape(-1),
                np.arange(n + 1) * (c + q),
            ),
            shape=(n, _n_features(fields)),
        )
    ]
    for bags in batch.texts:
        share = np.repeat(1 / np.sqrt(bags.size), bags.size).astype(np.float32)
        end = np.append(bags.start, len(bags.buckets))
        parts.append(sparse.csr_matrix((share, bags.buckets, end), shape=parts[0].shape))
    total = parts[0]
    for part in parts[1:]:
        total = total + part
    return sparse.csr_matrix(total)


def _constant(fields: Fields, data: FitData) -> HashedScore:
    weights = np.zeros((_n_features(fields), 1 + data.config.n_members), np.float32)
    return HashedScore(fields, weights, 0.0, float("inf"), 0, len(data.train))


def _n_features(fields: Fields) -> int:
    return fields.n_buckets + 2 * len(fields.numeric)


def _batches(n: int, rng: np.random.Generator, n_rows: int | None = None) -> Iterator[npt.NDArray[np.int64]]:
    """Places of the rows of each mini-batch; about a hundred batches make a pass over all `n_rows`."""
    size = int(np.clip((n_rows or n) // _BATCHES_A_PASS, 16, _MAX_BATCH))
    order = rng.permutation(n)
    for start in range(0, n, size):
        yield order[start : start + size]
