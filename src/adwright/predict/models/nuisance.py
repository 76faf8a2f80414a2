"""How much a row's outcomes count, and how far levels stray: what every model's evidence rests on.

The evidence of a row of n trials at rate m is weighted by 1 / (1 + n m (1 - m) v), v the variance of the
content effect: n trials of one content tell how that content did, not n times how its words do. With v = 0
that is the binomial likelihood, with n m v large every content counts the same. v and the level's variance
come from the training rows with a constant mean, so no text is needed to get them.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from scipy import sparse, special

from adwright.predict.mixed_logistic import Evidence, fit_mixed_logistic
from adwright.predict.rows import Rows
from adwright.schema import F64
from adwright.stats.content_effects import fit_content_effects

_MAX_GROUPS = 500  # enough for two variances


@dataclass(frozen=True, slots=True)
class Nuisance:
    """What weights and levels need: the content effect's variance and the level's, on the log-odds."""

    content_variance: float
    level_variance: float

    @classmethod
    def learn(cls, rows: Rows, rng: np.random.Generator) -> Nuisance:
        """From rows around their mean rate."""
        part = rows.some_groups(_MAX_GROUPS, rng)
        rate = float((part.successes.sum() + 0.5) / (part.trials.sum() + 1))
        constant = np.full(len(part), rate)
        if not part.knows_content:
            if part.group is None:
                return cls(0.0, 0.0)
            by_group = fit_content_effects(
                successes=part.successes, trials=part.trials, mean=constant, content=part.group
            )
            return cls(0.0, by_group.variance if by_group.n_contents > 1 else 0.0)
        found = fit_content_effects(
            successes=part.successes,
            trials=part.trials,
            mean=constant,
            content=part.content,
            group=part.group,
        )
        if not np.isfinite(found.variance):
            return cls(0.0, 0.0)
        return cls(found.variance, found.level_sd**2)

    def weight(self, rows: Rows) -> F64:
        """(n,) evidence weights; a content's trials count together."""
        rate = float((rows.successes.sum() + 0.5) / (rows.trials.sum() + 1))
        return np.asarray(1 / (1 + rows.trials_of_content * rate * (1 - rate) * self.content_variance))

    def evidence(self, rows: Rows) -> Evidence:
        """The rows with their weights and levels."""
        group, n_groups = rows.group_index
        has_level = rows.group is not None and self.level_variance > 1e-6 and n_groups > 1
        return Evidence(
            x=rows.x,
            y=rows.successes,
            n=rows.trials,
            weight=self.weight(rows),
            group=group,
            n_groups=n_groups,
            level_ridge=1 / self.level_variance if has_level else float("inf"),
        )

    def starting_score(self, rows: Rows) -> F64:
        """(n,) the mean rate's log-odds, with each group's level where there are levels; no feature is seen."""
        evidence = self.evidence(rows)
        if not np.isfinite(evidence.level_ridge):
            return np.full(len(rows), special.logit((rows.successes.sum() + 0.5) / (rows.trials.sum() + 1)))
        fit = fit_mixed_logistic(replace(evidence, x=sparse.csr_matrix((len(rows), 1))), 1.0)
        return np.asarray(fit.intercept + fit.level[evidence.group])
