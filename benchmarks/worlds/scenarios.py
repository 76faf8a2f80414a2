"""Which simulated shops are run, as frozen records; an id never changes its meaning."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class Scenario:
    """A family of worlds: each is drawn from its prior by its seed, and run from files to the last order.

    Args:
        id: Permanent.
        kind: ordinary, null (text has no effect) or bait (some wording lifts clicks and lowers value).
        language: Of shop and contents.
        first_seed: The first of the seeds; none of them was looked at while the code was written.
        n_worlds: How many.
        n_customers: Of each shop.
        n_groups: Past campaigns to learn from.
        max_visits: Of each campaign.
        n_days: Of traffic.
    """

    id: str
    kind: Literal["ordinary", "null", "bait"]
    language: Literal["en", "zh"]
    first_seed: int
    n_worlds: int = 12
    n_customers: int = 600
    n_groups: int = 500
    max_visits: int = 20_000
    n_days: int = 7


SCENARIOS = (
    Scenario("ordinary-en", "ordinary", "en", first_seed=1000),
    Scenario("ordinary-zh", "ordinary", "zh", first_seed=2000),
    Scenario("null-en", "null", "en", first_seed=3000, n_worlds=10),
    Scenario("null-zh", "null", "zh", first_seed=4000, n_worlds=10),
    Scenario("bait-en", "bait", "en", first_seed=5000, n_worlds=10),
    Scenario("bait-zh", "bait", "zh", first_seed=6000, n_worlds=10),
)
