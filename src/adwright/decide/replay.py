"""Policies on randomised tests of the past: what would they have won, drawing from what really happened.

Each variant of a test is an urn that holds its actual clicks and non-clicks. A policy asks for a batch of
impressions, the urns answer without replacement, and the run stops before the first batch that an urn cannot
fill. Since runs of different policies stop at different times, they are compared at the step that all reached.

Holds when: variants were shown at random to the same kind of visitors in the same weeks, and visits are
exchangeable within the test.
Does not cover: effects that drift within a test (the urns have no clock), and more traffic than there was.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from adwright.decide.policy import Policy
from adwright.errors import DataError, UsageError
from adwright.schema import F64, Rate
from adwright.stats.bootstrap import Estimate, cluster_bootstrap, ratio
from adwright.stats.contrast import Evidence, posterior

Ints = npt.NDArray[np.int64]
Chooser = Callable[[Ints, Ints, np.random.Generator], F64]
"""(impressions so far, clicks so far, rng) -> the vector (n_arms,) for the next batch."""


@dataclass(frozen=True, slots=True, eq=False)
class PastTest:
    """One randomised test.

    Args:
        id: Its id.
        impressions: (n_arms,) how often each variant was shown.
        clicks: (n_arms,) and clicked.
    """

    id: str
    impressions: Ints
    clicks: Ints

    def __post_init__(self) -> None:
        n, y = np.asarray(self.impressions), np.asarray(self.clicks)
        if n.ndim != 1 or n.shape != y.shape or len(n) < 2:
            raise UsageError("a test has two variants or more", argument=self.id, value=n.shape)
        if np.any(y < 0) or np.any(y > n):
            raise DataError("clicks must lie between 0 and impressions", argument=self.id, value=y.tolist())


@dataclass(frozen=True, slots=True, eq=False)
class Run:
    """One policy on one test, up to each step of its schedule that it could fill.

    Args:
        shown: (n_steps, n_arms) impressions so far.
        won: (n_steps, n_arms) clicks so far.
    """

    shown: Ints
    won: Ints


def flat_chooser(policy: Policy, *, n_draws: int = 400) -> Chooser:
    """The policy on beliefs without a prior: Beta(1 + clicks, 1 + impressions - clicks)."""

    def chosen(shown: Ints, won: Ints, rng: np.random.Generator) -> F64:
        draws = rng.beta(1.0 + won, 1.0 + shown - won, (n_draws, len(shown)))
        return policy.probabilities(draws, mask=np.ones(len(shown), np.bool_), rng=rng)

    return chosen


def prior_chooser(policy: Policy, rate: Rate, *, n_draws: int = 400) -> Chooser:
    """The policy on the predicted rates and what was seen since; the test's level is learned."""

    def chosen(shown: Ints, won: Ints, rng: np.random.Generator) -> F64:
        seen = Evidence.collect(
            content=np.arange(len(shown)),
            n_contents=len(shown),
            successes=won.astype(np.float64),
            trials=shown.astype(np.float64),
            mean=rate.mean,
            family=rate.family,
        )
        belief = posterior(rate, seen, shared_level=True)
        draws = belief.rates(belief.sample(n_draws, rng=rng))
        return policy.probabilities(draws, mask=np.ones(len(shown), np.bool_), rng=rng)

    return chosen


def explore_then_commit(n_explore: int) -> Chooser:
    """An A/B test of `n_explore` impressions in all, then the variant with the best rate."""

    def chosen(shown: Ints, won: Ints, rng: np.random.Generator) -> F64:
        n_arms = len(shown)
        if shown.sum() < n_explore:
            return np.full(n_arms, 1.0 / n_arms)
        rates = won / np.maximum(shown, 1)
        best = rates == rates.max()
        return np.asarray(best / best.sum())

    return chosen


def schedule(horizons: Sequence[int], n_arms: int, *, growth: float = 1.3, first: int = 20) -> Ints:
    """Cumulative impressions of a run after each batch: batches grow with what is known, horizons are hit.

    Args:
        horizons: Impressions a variant at which results are wanted, increasing.
        n_arms: Number of variants.
        growth: Factor from one step to the next.
        first: Impressions a variant of the first batch.
    """
    ends = {h * n_arms for h in horizons}
    point, steps = float(first * n_arms), set(ends)
    while point < max(ends):
        steps.add(int(point))
        point *= growth
    return np.array(sorted(steps), dtype=np.int64)


def replay(test: PastTest, choose: Chooser, steps: Ints, *, rng: np.random.Generator) -> Run:
    """The run of one policy through one test.

    Args:
        test: The urns.
        choose: The policy.
        steps: (n_steps,) cumulative impressions after each batch, as from `schedule`.
        rng: Of the policy and the urns.
    """
    n_arms = len(test.impressions)
    shown, won = np.zeros(n_arms, np.int64), np.zeros(n_arms, np.int64)
    all_shown, all_won = [], []
    for size in np.diff(steps, prepend=0):
        batch = rng.multinomial(size, choose(shown, won, rng))
        if np.any(shown + batch > test.impressions):
            break
        hits_left = test.clicks - won
        misses_left = test.impressions - shown - hits_left
        won = won + rng.hypergeometric(hits_left, misses_left, batch)
        shown = shown + batch
        all_shown.append(shown)
        all_won.append(won)
    shape = (len(all_shown), n_arms)
    return Run(
        np.array(all_shown, np.int64).reshape(shape),
        np.array(all_won, np.int64).reshape(shape),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """Policies at one amount of traffic.

    Args:
        horizon: Impressions a variant that were wanted.
        clicks: Policy -> clicks per 1,000 impressions, with its interval over tests.
        gain: (a, b) -> clicks of a over those of b - 1, paired, with its interval over tests.
        reached: Share of the wanted impressions that all policies reached before an urn was empty.
        n_tests: Tests that count.
    """

    horizon: int
    clicks: Mapping[str, Estimate]
    gain: Mapping[tuple[str, str], Estimate]
    reached: float
    n_tests: int


@dataclass(frozen=True, slots=True, eq=False)
class Replays:
    """Runs of several policies through several tests, `n_repeats` each.

    Args:
        tests: n tests.
        steps: n schedules.
        runs: Policy -> n lists of runs.
    """

    tests: Sequence[PastTest]
    steps: Sequence[Ints]
    runs: Mapping[str, Sequence[Sequence[Run]]]

    def clicks_at(self, horizon: int) -> tuple[dict[str, F64], F64, F64]:
        """Per test: mean clicks of each policy, impressions compared, and impressions wanted.

        All policies of one repeat are read at the last step that all of them reached, up to the horizon.
        """
        n = len(self.tests)
        clicks = {name: np.zeros(n) for name in self.runs}
        compared, wanted = np.zeros(n), np.zeros(n)
        for i, (test, steps) in enumerate(zip(self.tests, self.steps, strict=True)):
            last = int(np.searchsorted(steps, horizon * len(test.impressions), side="right"))
            repeats = len(next(iter(self.runs.values()))[i])
            wanted[i] = horizon * len(test.impressions)
            for r in range(repeats):
                common = min(last, *(len(runs[i][r].shown) for runs in self.runs.values()))
                if common == 0:
                    continue
                compared[i] += steps[common - 1] / repeats
                for name, runs in self.runs.items():
                    clicks[name][i] += runs[i][r].won[common - 1].sum() / repeats
        return clicks, compared, wanted

    def compare(
        self,
        horizon: int,
        pairs: Sequence[tuple[str, str]],
        *,
        rng: np.random.Generator,
        n_boot: int = 2000,
        among: npt.NDArray[np.bool_] | None = None,
    ) -> Comparison:
        """The policies at one amount of traffic; intervals are bootstrapped over whole tests.

        Args:
            horizon: Impressions a variant.
            pairs: Which gains to report.
            rng: Of the bootstrap.
            n_boot: Resamples.
            among: (n,) only these tests; None for all.
        """
        clicks, compared, wanted = self.clicks_at(horizon)
        kept = np.flatnonzero((compared > 0) & (True if among is None else among))
        ids = np.arange(len(kept))
        rates = {
            name: cluster_bootstrap(ratio(1000 * y[kept], compared[kept]), ids, rng=rng, n_boot=n_boot)
            for name, y in clicks.items()
        }
        gains = {
            (a, b): cluster_bootstrap(
                ratio(clicks[a][kept] - clicks[b][kept], clicks[b][kept]), ids, rng=rng, n_boot=n_boot
            )
            for a, b in pairs
        }
        return Comparison(
            horizon=horizon,
            clicks=rates,
            gain=gains,
            reached=float(compared[kept].sum() / max(wanted[kept].sum(), 1.0)),
            n_tests=len(kept),
        )


def replay_all(
    tests: Sequence[PastTest],
    choosers: Mapping[str, Callable[[int], Chooser]],
    horizons: Sequence[int],
    *,
    seed: int,
    n_repeats: int = 5,
    first: int = 0,
    progress: Callable[[str], None] = lambda message: None,
) -> Replays:
    """Every policy through every test.

    Args:
        tests: n tests.
        choosers: Policy -> (index of the test -> its chooser).
        horizons: Impressions a variant at which results are wanted.
        seed: Each policy, test and repeat has a stream of its own, so adding a policy changes no other.
        n_repeats: Runs of each policy through each test.
        first: Number of the first test, where the tests are a part of a longer list that is run in parts.
        progress: Told every hundred tests.

    Raises:
        DataError: no tests.
    """
    if not tests:
        raise DataError("no tests to replay", argument="tests", value=0)
    steps = [schedule(horizons, len(test.impressions)) for test in tests]
    runs: dict[str, list[list[Run]]] = {name: [] for name in choosers}
    for i, test in enumerate(tests):
        for k, (name, maker) in enumerate(choosers.items()):
            choose = maker(i)
            streams = [np.random.default_rng([seed, first + i, r, k]) for r in range(n_repeats)]
            runs[name].append([replay(test, choose, steps[i], rng=rng) for rng in streams])
        if (i + 1) % 100 == 0 or i + 1 == len(tests):
            progress(f"replay: {i + 1} of {len(tests)} tests")
    return Replays(tests, steps, runs)
