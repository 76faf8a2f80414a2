"""The linear models that the learnt stages of the guards are: how they are fitted."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.sparse import csr_matrix

_MOST_STEPS = 60


def fit_logistic(
    matrix: csr_matrix,
    violates: NDArray[np.bool_],
    weight: NDArray[np.float64],
    *,
    penalty: float,
    start: NDArray[np.float64] | None = None,
) -> NDArray[np.float64]:
    """(n_features + 1,): coefficients and, last, the bias of a logistic regression.

    Args:
        matrix: (n_rows, n_features).
        violates: (n_rows,); what is told.
        weight: (n_rows,); how much a row counts.
        penalty: Of half the sum of squares of the coefficients, without the bias.
        start: Coefficients to begin with; zeros where left out.
    """
    sign = np.where(violates, 1.0, -1.0)
    turned = matrix.T.tocsr()

    def loss(p: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        margin = sign * (matrix @ p[:-1] + p[-1])
        pull = -sign * weight / (1.0 + np.exp(np.clip(margin, -50, 50)))
        slope = np.append(turned @ pull + penalty * p[:-1], pull.sum())
        return float((weight * np.logaddexp(0.0, -margin)).sum() + penalty / 2 * p[:-1] @ p[:-1]), slope

    first = np.zeros(matrix.shape[1] + 1) if start is None else start
    return minimize(loss, first, jac=True, method="L-BFGS-B", options={"maxiter": _MOST_STEPS}).x


def rarity(matrix: csr_matrix, *, power: float) -> NDArray[np.float64]:
    """(n_features,): inverse document frequency to a power, 1 on average.

    A column that is multiplied by it is penalised the less, the rarer it is: common words do not have to share what
    a rare one says. Source: Spärck Jones (1972), "A statistical interpretation of term specificity".
    """
    n_with = np.diff(matrix.tocsc().indptr)
    idf = np.log(matrix.shape[0] / (1.0 + n_with))
    scale: NDArray[np.float64] = np.clip(idf / idf.mean(), 0.0, None) ** power
    return scale
