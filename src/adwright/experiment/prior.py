"""The predictor's effect as a belief about a test's result, before it.

The contrast between siblings is what a test measures: the level that they share cancels. With content effects
Gamma(k, k), log r has variance trigamma(k), and so

    log(rate_b / rate_a) ~ (log m_b - log m_a, trigamma(k_a) + trigamma(k_b))
"""

from __future__ import annotations

import numpy as np
from scipy import special

from adwright.errors import UsageError
from adwright.experiment.inference import NormalPrior
from adwright.schema import Rate


def prior_from_rate(rate: Rate, *, control: int, treatment: int) -> NormalPrior:
    """The belief about the relative effect of one row of a predicted rate against another, on the log scale.

    Args:
        rate: Of the contents.
        control: Row of the control.
        treatment: Row of the other arm.

    Raises:
        UsageError: a rate whose concentration was not learned, or is 0.
    """
    rows = [control, treatment]
    mean, k = rate.mean[rows], rate.k[rows]
    if not np.all(np.isfinite(k) & (k > 0) & (mean > 0)):
        raise UsageError(
            "the spread of content effects is not known", argument="rate.k", value=k, hint="Use no prior"
        )
    return NormalPrior(
        mean=float(np.log(mean[1]) - np.log(mean[0])), variance=float(special.polygamma(1, k).sum())
    )
