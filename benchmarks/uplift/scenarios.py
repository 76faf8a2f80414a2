"""What is measured: invented trials whose true effects are known. Ids are permanent."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

F64 = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Scenario:
    """One world.

    Args:
        id: Permanent.
        n: Customers.
        effect: Shape of the effect over ten features.
        outcome: Conversion at some 15 %, or spend (0 for most, log-normal for buyers).
    """

    id: str
    n: int
    effect: Literal["steps", "smooth", "same"]
    outcome: Literal["conversion", "spend"] = "conversion"


@dataclass(frozen=True)
class Trial:
    """Customers with their arm, outcome and true effect."""

    features: F64
    arm: npt.NDArray[np.int64]
    outcome: F64
    effect: F64


SCENARIOS = (
    Scenario("conversion-steps", 20_000, "steps"),
    Scenario("conversion-smooth", 20_000, "smooth"),
    Scenario("conversion-same", 20_000, "same"),
    Scenario("spend-smooth", 20_000, "smooth", outcome="spend"),
)


def draw(scenario: Scenario, *, seed: int, n: int | None = None) -> Trial:
    """A trial with half of the customers treated; the same seed gives the same numbers."""
    rng = np.random.default_rng(seed)
    size = scenario.n if n is None else n
    x = rng.normal(size=(size, 10))
    base = 1.0 / (1.0 + np.exp(2.0 - 0.5 * x[:, 0] - 0.4 * x[:, 1] * x[:, 2] - 0.3 * x[:, 3]))
    shapes = {
        "steps": 0.05 * (x[:, 0] > 0) + 0.03 * (x[:, 4] > 0.5),
        "smooth": 0.01 + 0.04 / (1.0 + np.exp(-2.0 * x[:, 5])) + 0.02 * np.clip(x[:, 0], -1.0, 1.0),
        "same": np.full(size, 0.03),
    }
    treated = np.clip(base + shapes[scenario.effect], 0.002, 1.0)
    arm = (rng.random(size) < 0.5).astype(np.int64)
    bought = (rng.random(size) < np.where(arm == 1, treated, base)).astype(np.float64)
    if scenario.outcome == "conversion":
        return Trial(x, arm, bought, treated - base)
    order = np.exp(rng.normal(3.0, 0.7, size=size))
    return Trial(x, arm, bought * order, (treated - base) * float(np.exp(3.0 + 0.7**2 / 2.0)))
