"""Expected rewards of every action in every round, each round's by a model that did not see it.

Two candidates, and the one with the smaller out-of-fold squared error is taken: means by action, shrunk to the
common mean (empirical Bayes), and, where contexts are given, gradient-boosted trees on contexts and action.

*Holds when* rounds are independent. *Does not cover* effects of one round on the next.

Source: Dudik et al. (2014), Statistical Science 29, for the use; Chernozhukov et al. (2018), Econometrics
Journal 21, for the cross-fitting; Morris (1983), JASA 78, for the shrinkage.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from adwright.errors import DataError, UsageError
from adwright.experiment.offpolicy.rounds import LoggedRounds
from adwright.schema import F64

_TREES = {
    "learning_rate": 0.05,
    "num_leaves": 15,
    "min_data_in_leaf": 50,
    "lambda_l2": 5.0,
    "verbose": -1,
    "num_threads": 1,
    "deterministic": True,
    "force_row_wise": True,
}
_N_TREES = 80
_FEWEST_FOR_TREES = 500


def cross_fitted_rewards(
    rounds: LoggedRounds, *, rng: np.random.Generator, contexts: npt.ArrayLike | None = None, n_folds: int = 3
) -> F64:
    """(n, n_actions) expected rewards.

    Args:
        rounds: The log.
        rng: Splits the folds.
        contexts: (n, d) numbers, NaN where unknown; trees are tried only from 500 rounds on.
        n_folds: 2 or more.

    Raises:
        DataError: contexts of another length.
        UsageError: too few folds.
    """
    if n_folds < 2:
        raise UsageError("too few folds", argument="n_folds", value=n_folds, allowed=">= 2")
    fold = rng.permutation(rounds.n) % min(n_folds, max(rounds.n, 1))
    means = _by_fold(rounds, fold)
    if contexts is None or rounds.n < _FEWEST_FOR_TREES:
        return means
    features = np.asarray(contexts, dtype=np.float64)
    if features.ndim != 2 or len(features) != rounds.n:
        raise DataError("not one row a round", argument="contexts", value=features.shape,
                        allowed=f"({rounds.n}, d)")  # fmt: skip
    trees = _trees_by_fold(rounds, features, fold)
    row = np.arange(rounds.n)

    def loss(table: F64) -> float:
        return float(np.mean((rounds.reward - table[row, rounds.action]) ** 2))

    return trees if loss(trees) < loss(means) else means


def _by_fold(rounds: LoggedRounds, fold: npt.NDArray[np.intp]) -> F64:
    out = np.empty(rounds.target.shape)
    for k in range(int(fold.max()) + 1):
        seen = fold != k if fold.max() > 0 else np.ones(rounds.n, bool)
        out[fold == k] = _shrunk_means(rounds.action[seen], rounds.reward[seen], rounds.target.shape[1])
    return out


def _shrunk_means(action: npt.NDArray[np.intp], reward: F64, n_actions: int) -> F64:
    """(n_actions,) means, each shrunk to the common one by its noise against the spread between actions."""
    n = np.bincount(action, minlength=n_actions).astype(np.float64)
    common = float(reward.mean())
    means = np.bincount(action, weights=reward, minlength=n_actions) / np.maximum(n, 1.0)
    within = float(np.mean((reward - means[action]) ** 2))
    total, squares = n.sum(), float(n @ n)
    excess = float(n @ (means - common) ** 2) - within * (np.count_nonzero(n) - 1)
    between = max(excess / max(total - squares / total, 1e-12), 0.0)
    keep = n * between / np.maximum(n * between + within, 1e-300)
    return np.asarray(common + keep * (means - common))


def _trees_by_fold(rounds: LoggedRounds, features: F64, fold: npt.NDArray[np.intp]) -> F64:
    import lightgbm as lgb

    n_actions, d = rounds.target.shape[1], features.shape[1]
    logged = np.column_stack([features, rounds.action])
    out = np.empty(rounds.target.shape)
    for k in range(int(fold.max()) + 1):
        seen = fold != k
        data = lgb.Dataset(logged[seen], rounds.reward[seen], categorical_feature=[d])
        model = lgb.train({**_TREES, "objective": "regression"}, data, num_boost_round=_N_TREES)
        asked = features[~seen]
        wide = np.column_stack(
            [np.repeat(asked, n_actions, axis=0), np.tile(np.arange(n_actions), len(asked))]
        )
        out[~seen] = np.asarray(model.predict(wide)).reshape(len(asked), n_actions)
    return out
