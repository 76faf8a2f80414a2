"""One way to drive any policy through time: what it would show now, what was shown, what came of it.

A `BeliefAgent` puts a policy on the content effects r_c, shared by all cohorts, around the predicted rate of
each cohort and content; a `ContextualAgent` puts a policy on features of the cohort. Both learn from late
outcomes as their `Ageing` says; with one that knows no delay, young exposures pass for failures.
"""

from __future__ import annotations

from datetime import datetime
from typing import Protocol, runtime_checkable

import numpy as np
import numpy.typing as npt

from adwright.decide.ageing import Ageing
from adwright.decide.contextual import ContextualPolicy
from adwright.decide.policy import Policy
from adwright.decide.recent_evidence import RecentEvidence
from adwright.errors import DataError
from adwright.schema import F64, Bools, Rate
from adwright.stats.contrast import posterior

Counts = npt.NDArray[np.int64]


@runtime_checkable
class Agent(Protocol):
    """A policy with its beliefs, in front of G cohorts and n_arms contents."""

    def look(self, now: datetime, rng: np.random.Generator) -> None:
        """Brings the beliefs to this time; vectors until the next look are of one mind."""
        ...

    def vector(self, cohort: int, mask: Bools, rng: np.random.Generator) -> F64:
        """The probabilities (n_arms,) for a customer of that cohort."""
        ...

    def exposed(self, shown: Counts, *, at: datetime) -> None:
        """Notes exposures (G, n_arms)."""
        ...

    def arrived(self, successes: Counts, *, exposed_at: datetime) -> None:
        """Notes outcomes (G, n_arms) of exposures of that time."""
        ...


class BeliefAgent:
    """A policy on draws of the value.

    Args:
        policy: Which.
        content_ids: The n_arms contents.
        predicted: (G, n_arms) predicted rate of each content in each cohort, in (0, 1).
        k: (n_arms,) how sure the prediction is of each content; small for a weak prior.
        cost: (n_arms,) cost of an exposure in units of the outcome.
        ageing: How exposures and outcomes count by their age.
        detect: Look for changes at one stroke once a day.
        n_draws: Draws of the effects.
    """

    def __init__(
        self,
        policy: Policy,
        content_ids: tuple[str, ...],
        *,
        predicted: F64,
        k: F64,
        cost: F64 | None = None,
        ageing: Ageing | None = None,
        detect: bool = False,
        n_draws: int = 400,
    ) -> None:
        if not (np.isfinite(predicted).all() and (predicted > 0).all() and (predicted < 1).all()):
            raise DataError("not rates", argument="predicted", value=predicted.tolist(), allowed="0 to 1")
        self._policy, self._ids, self._predicted, self._k = policy, content_ids, predicted, k
        self._cost = np.zeros(len(content_ids)) if cost is None else cost
        self._evidence = RecentEvidence(content_ids, ageing=ageing, detect=detect)
        self._n_draws = n_draws
        self._effects = np.ones((1, len(content_ids)))
        self._looked: datetime | None = None
        self.changes: list[tuple[datetime, str]] = []

    def look(self, now: datetime, rng: np.random.Generator) -> None:
        """See `Agent.look`."""
        if self._looked is None or now.date() != self._looked.date():
            self.changes += [(now, c) for c in self._evidence.find_changes(now=now)]
            self._evidence.forget_before(now)
        self._looked = now
        rate = Rate(mean=self._predicted.mean(axis=0), k=self._k, level_sd=np.full(len(self._k), 0.3))
        seen = self._evidence.evidence(self._ids, now=now)
        self._effects = posterior(rate, seen, shared_level=True).sample(self._n_draws, rng=rng)

    def vector(self, cohort: int, mask: Bools, rng: np.random.Generator) -> F64:
        """See `Agent.vector`."""
        draws = self._effects * self._predicted[cohort] - self._cost
        return self._policy.probabilities(draws, mask=mask, rng=rng)

    def exposed(self, shown: Counts, *, at: datetime) -> None:
        """See `Agent.exposed`."""
        self._evidence.exposed(self._ids, (shown * self._predicted).sum(axis=0), at=at)

    def arrived(self, successes: Counts, *, exposed_at: datetime) -> None:
        """See `Agent.arrived`."""
        self._evidence.arrived(self._ids, successes.sum(axis=0), exposed_at=exposed_at)


class ContextualAgent:
    """A policy on features of the cohort.

    Args:
        policy: Which.
        content_ids: The n_arms contents.
        features: (G, policy.n_features), standardised.
        predicted: (G, n_arms) predicted rates.
    """

    def __init__(
        self, policy: ContextualPolicy, content_ids: tuple[str, ...], *, features: F64, predicted: F64
    ) -> None:
        self._policy, self._ids, self._features, self._predicted = policy, content_ids, features, predicted

    def look(self, now: datetime, rng: np.random.Generator) -> None:
        """See `Agent.look`."""
        self._policy.advance(now)

    def vector(self, cohort: int, mask: Bools, rng: np.random.Generator) -> F64:
        """See `Agent.vector`."""
        one = slice(cohort, cohort + 1)
        vectors = self._policy.probabilities(
            self._features[one], self._ids, mask=mask, predicted=self._predicted[one]
        )
        return np.asarray(vectors[0])

    def exposed(self, shown: Counts, *, at: datetime) -> None:
        """See `Agent.exposed`."""
        g, a = np.repeat(np.argwhere(shown > 0), shown[shown > 0], axis=0).T
        if len(g):
            names = [self._ids[i] for i in a]
            self._policy.exposed(self._features[g], names, at=at, predicted=self._predicted[g, a])

    def arrived(self, successes: Counts, *, exposed_at: datetime) -> None:
        """See `Agent.arrived`."""
        g, a = np.repeat(np.argwhere(successes > 0), successes[successes > 0], axis=0).T
        if len(g):
            names = [self._ids[i] for i in a]
            self._policy.rewarded(
                self._features[g],
                names,
                np.ones(len(g)),
                at=exposed_at,
                predicted=self._predicted[g, a],
            )
