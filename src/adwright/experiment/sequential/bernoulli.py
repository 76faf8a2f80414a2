"""An interval of a rate that holds at every look, exact at any count: no normal approximation.

Source: Howard, Ramdas, McAuliffe and Sekhon (2021), section 4.3 (beta-binomial mixture).
"""

from __future__ import annotations

import numpy as np

from adwright.errors import DataError
from adwright.experiment.sequential.mixtures import BetaBinomialMixture, best_rho

_HALVINGS = 60


def bernoulli_sequence(
    successes: float, trials: float, *, alpha: float = 0.05, t_opt: float, alpha_opt: float = 0.05
) -> tuple[float, float]:
    """The interval of the rate: (low, high).

    Args:
        successes: 0 to trials.
        trials: Above 0.
        alpha: Level over all looks.
        t_opt: Trials at which it is to be narrowest.
        alpha_opt: Level for which it is tuned.

    Raises:
        DataError: counts that cannot be.

    >>> low, high = bernoulli_sequence(700, 1000, t_opt=100)
    >>> round(low, 4), round(high, 4)
    (0.6516, 0.7459)
    """
    if not 0 <= successes <= trials or not trials > 0:
        raise DataError("not counts", argument="successes", value=successes, allowed=f"0 to {trials}")
    seen, target = successes / trials, -np.log(alpha)

    def excluded(p: float) -> bool:
        v = p * (1.0 - p)
        if v <= 0.0:
            return True
        mixture = BetaBinomialMixture(best_rho(v * t_opt, alpha=alpha_opt), p, 1.0 - p)
        return bool(mixture.log_value((seen - p) * trials, v * trials) > target)

    def edge(inside: float, outside: float) -> float:
        for _ in range(_HALVINGS):
            middle = (inside + outside) / 2.0
            if excluded(middle):
                outside = middle
            else:
                inside = middle
        return (inside + outside) / 2.0

    low = 0.0 if seen == 0.0 else edge(seen, 0.0)
    high = 1.0 if seen == 1.0 else edge(seen, 1.0)
    return low, high
