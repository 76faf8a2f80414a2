"""What is measured: invented logs whose true policy values are known. Ids are permanent."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

F64 = npt.NDArray[np.float64]
_TRUTH_ROUNDS = 200_000


@dataclass(frozen=True)
class Environment:
    """A world of contexts, rewards, a logging policy and a judged one.

    Args:
        id: Permanent.
        n_rounds: Rounds of a log.
        n_actions: Actions.
        rate: Mean reward over contexts and actions, for clicks.
        logging: How far the logging policy leans to the better actions (0: uniform; negative: the worse).
        judged: The same for the judged policy.
        apart: How far both policies lean to actions for reasons of their own.
        shape: "linear" or "crossed" (products of context features) in the log-odds.
        reward: Clicks, or real numbers with noise.
    """

    id: str
    n_rounds: int
    n_actions: int
    rate: float = 0.1
    logging: float = 0.0
    judged: float = 1.0
    apart: float = 0.3
    shape: Literal["linear", "crossed"] = "linear"
    reward: Literal["click", "number"] = "click"


@dataclass(frozen=True)
class World:
    """An environment with its coefficients drawn, and the true value of the judged policy."""

    environment: Environment
    coefficients: tuple[F64, F64, F64]
    shift: float
    value: float
    variance: float
    """Of one round's weighted reward: an oracle's interval for IPS is 1.96 of its root over root n."""

    def log(self, rng: np.random.Generator) -> dict[str, Any]:
        """One log: context, action, reward, pscore, eval_dist, behavior_dist."""
        n = self.environment.n_rounds
        context = rng.normal(size=(n, 4))
        expected, behaviour, target = policies(self.environment, self.coefficients, context, self.shift)
        action = (behaviour.cumsum(axis=1) > rng.random((n, 1))).argmax(axis=1)
        row = np.arange(n)
        mean = expected[row, action]
        noisy = self.environment.reward == "number"
        reward = rng.normal(mean, 1.0) if noisy else (rng.random(n) < mean).astype(np.float64)
        return {
            "context": context,
            "action": action,
            "reward": reward,
            "pscore": behaviour[row, action],
            "eval_dist": target,
            "behavior_dist": behaviour,
        }


def policies(
    environment: Environment, coefficients: tuple[F64, F64, F64], context: F64, shift: float
) -> tuple[F64, F64, F64]:
    """(expected reward, logging policy, judged policy), each (n, n_actions)."""
    taste, logging_own, judged_own = coefficients
    features = context
    if environment.shape == "crossed":
        features = np.column_stack([context[:, :2], context[:, 0] * context[:, 1], context[:, 2] ** 2 - 1.0])
    score = features @ taste
    expected = score + shift if environment.reward == "number" else 1.0 / (1.0 + np.exp(-score - shift))
    logging = environment.logging * score + environment.apart * context @ logging_own
    judged = environment.judged * score + environment.apart * context @ judged_own
    return expected, softmax(logging), softmax(judged)


def softmax(score: F64) -> F64:
    """Rows that sum to 1."""
    raised = np.exp(score - score.max(axis=1, keepdims=True))
    return np.asarray(raised / raised.sum(axis=1, keepdims=True))


def make_world(environment: Environment, *, seed: int) -> World:
    """The world of this seed; its value is a mean over 200,000 contexts of the expected reward."""
    rng = np.random.default_rng(seed)
    shape = (4, environment.n_actions)
    coefficients = (0.5 * rng.normal(size=shape), rng.normal(size=shape), rng.normal(size=shape))
    context = rng.normal(size=(_TRUTH_ROUNDS, 4))
    shift = 0.0 if environment.reward == "number" else _shift(environment, coefficients, context)
    expected, logging, judged = policies(environment, coefficients, context, shift)
    value = float((judged * expected).sum(axis=1).mean())
    square = expected**2 + 1.0 if environment.reward == "number" else expected
    second = float((judged**2 / logging * square).sum(axis=1).mean())
    return World(environment, coefficients, shift, value, second - value**2)


def _shift(environment: Environment, coefficients: tuple[F64, F64, F64], context: F64) -> float:
    low, high = -12.0, 6.0
    for _ in range(40):
        middle = (low + high) / 2.0
        rate = policies(environment, coefficients, context[:5000], middle)[0].mean()
        low, high = (middle, high) if rate < environment.rate else (low, middle)
    return low


COVERAGE = tuple(
    Environment(f"clicks-1pc-{name}-{n}", n, 34, rate=0.01, logging=logging, judged=judged, apart=apart)
    for n in (2_000, 10_000)
    for name, logging, judged, apart in (
        ("near", 0.0, 0.5, 0.2),
        ("uniform-to-better", 0.0, 2.0, 0.0),
        ("apart", 0.0, 0.5, 0.6),
        ("worse-to-better", -0.5, 1.0, 0.3),
    )
)
"""A click rate of 1 % and 34 actions: intervals are asked to hold the true value."""

CHOICE = tuple(
    Environment(
        f"choice-{i:02d}",
        n_rounds=(1_000, 4_000)[i % 2],
        n_actions=(5, 10, 34)[(i // 2) % 3],
        rate=(0.02, 0.1, 0.4)[(i // 3) % 3],
        logging=(0.0, 0.5, -0.5, 1.0)[(i // 5) % 4],
        judged=(2.0, 1.0, -1.0)[(i // 7) % 3],
        apart=(0.1, 0.3, 0.5)[(i // 4) % 3],
        shape=("linear", "crossed")[(i // 6) % 2],
        reward=("click", "click", "number")[i % 3],
    )
    for i in range(24)
)
"""Worlds in which the estimators' order differs."""

SPEED = Environment("speed-10k-34", 10_000, 34, rate=0.01, judged=1.0)
