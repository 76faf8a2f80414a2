"""How often each position is looked at, learned from where the same kind of content was clicked more.

The position-based model: a click needs the content to be seen, which depends on the position alone, and to please,
which does not:  P(click) = theta_position x p(features). Given p, each theta is where the likelihood of its rows is
highest; p is a penalised logistic regression on the features and, where there is a content column, an effect of each
content. The best position's theta is 1: rates are those of being seen as surely as there.

Source: Richardson, Dominowska and Ragno 2007, WWW; regression EM after Wang et al. 2018, WSDM.
Holds when: what the features do not say about a content has no part in where it is put, or each content stood in
several places. Does not cover: a position that makes a content more credible; two contents that compete for a look.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from adwright.schema import F64

MIN_SUCCESSES = 20
"""Successes of a position below which a warning says that its propensity is hardly known."""


def learn_propensities(
    mean: F64, successes: F64, trials: F64, position: npt.NDArray[np.intp], best: int
) -> F64:
    """(n_positions,) propensities given the rates, relative to position `best`, whose own is 1.

    Solves  (1 + sum y) / theta = 1 + sum (n - y) p / (1 - theta p)  for each position, by bisection: one success, as
    likely as in the best position, is added to each, so that none is 0.

    Args:
        mean: (n,) rates p.
        successes: (n,) counts y.
        trials: (n,) counts n.
        position: (n,) numbers from 0.
        best: The position that the others are compared with.
    """
    size = int(position.max()) + 1
    hits = np.bincount(position, successes, size)
    low, high = np.zeros(size), np.full(size, (1 - 1e-9) / float(mean.max()))
    for _ in range(60):
        theta = (low + high) / 2
        missed = np.bincount(position, (trials - successes) * mean / (1 - theta[position] * mean), size)
        rises = (hits + 1) / theta > missed + 1
        low, high = np.where(rises, theta, low), np.where(rises, high, theta)
    theta = (low + high) / 2
    theta[best] = 1.0
    return np.asarray(theta)
