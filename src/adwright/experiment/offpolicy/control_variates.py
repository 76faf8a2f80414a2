"""Doubly robust with fitted control variates: the mix of IPS, SNIPS, DR and SNDR with the least variance."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from adwright.experiment.offpolicy.rounds import LoggedRounds
from adwright.experiment.offpolicy.terms import Terms
from adwright.schema import F64

_PRIOR_REWARDS = 3.0


@dataclass(frozen=True, slots=True)
class ControlVariates:
    """IPS less what is known to be 0 on average, with coefficients from least squares.

        value = mean(w r) - b1 (mean(w) - 1) - b2 (mean(w q) - mean(q of the policy))

    IPS has b = (0, 0), DR (0, 1); SNIPS and SNDR are, up to 1/n, (value, 0) and (value of the residuals, 1). So
    none of the four is better in large samples, whatever the model is worth. Without a model b2 is 0.

    Few large terms fit badly: the slopes are mixed with those of SNIPS, which counts as `_PRIOR_REWARDS` of them.

    Needs all of the policy's mass to be logged: then the mean weight is 1.

    Source: Tan (2010), Biometrika 97 (regression estimators); Kallus and Uehara (2019), NeurIPS.
    """

    @property
    def name(self) -> str:
        """The name in the registry."""
        return "control_variates"

    @property
    def uses_model(self) -> bool:
        """It uses a model where there is one and does without where there is none."""
        return False

    @property
    def unbiased(self) -> bool:
        """Whether its bias vanishes with n."""
        return True

    def terms(self, rounds: LoggedRounds) -> Terms:
        """What each round contributes."""
        weight, weighted = rounds.weight, rounds.weight * rounds.reward
        known = [weight - 1.0]
        if rounds.q_hat is not None:
            modelled, expected = weight * rounds.q_logged(), rounds.q_value()
            known.append(modelled - expected)
        slopes = _slopes(np.stack(known, axis=1), weighted)
        trust = _effective_rewards(weighted) / (_effective_rewards(weighted) + _PRIOR_REWARDS)
        total = float(weight.sum())
        slopes = trust * slopes
        slopes[0] += (1.0 - trust) * (float(weighted.sum()) / total if total > 0 else 0.0)
        plain, correction = np.full(rounds.n, slopes[0]), weighted - slopes[0] * weight
        if rounds.q_hat is not None:
            plain = plain + slopes[1] * expected
            correction = correction - slopes[1] * modelled
        return Terms(plain=plain, correction=correction, weight=weight)


def _slopes(known: F64, weighted: F64) -> F64:
    """Least squares; where a control variate does not vary (on-policy, say) its slope is the smallest."""
    centred = known - known.mean(axis=0)
    scale = np.sqrt(np.mean(centred**2, axis=0))
    scale[scale < 1e-12] = np.inf
    scaled = centred / scale
    gram, target = scaled.T @ scaled, scaled.T @ (weighted - weighted.mean())
    return np.asarray(np.linalg.lstsq(gram, target, rcond=1e-10)[0] / scale)


def _effective_rewards(weighted: F64) -> float:
    """How many equal terms the squared deviations are worth, by which the slopes were fitted."""
    squares = (weighted - weighted.mean()) ** 2
    total = float(np.sum(squares**2))
    return float(np.sum(squares)) ** 2 / total if total > 0 else 0.0
