"""Plan a test of two texts, assign visitors to its arms, and read the result once, at the planned size.

python examples/03_plan_and_analyse_a_test.py
"""

from __future__ import annotations

from datetime import UTC, datetime

import numpy as np
import polars as pl

from adwright.experiment import analyse, assign, plan_proportions
from adwright.schema import Arm, Experiment

RATE = {"old": 0.030, "new": 0.036}  # what the simulated visitors do; a real shop does not know it


def main() -> None:
    plan = plan_proportions(0.03, 0.2, daily_exposures=4000)
    print(f"planned: {plan.n_total:,} exposures; weeks to plan: {plan.weeks}")
    test = Experiment(
        id="headline-1",
        arms=(Arm(content_id="old", share=0.5, is_control=True), Arm(content_id="new", share=0.5)),
        metric="click",
        starts_at=datetime(2026, 1, 1, tzinfo=UTC),
        n_per_arm=plan.n_per_arm,
        minimum_effect=0.2,
    )
    visitors = [f"visitor-{i}" for i in range(int(plan.n_total * 1.03))]
    arms = assign(visitors, test)  # the same visitor always sees the same arm
    rng = np.random.default_rng(2)
    rates = np.array([RATE[c] for c in arms["content_id"]])
    seen = arms.with_columns(clicked=pl.Series(rng.random(len(rates)) < rates))
    totals = seen.group_by("content_id").agg(n_exposures=pl.len(), n_clicks=pl.col("clicked").sum())

    result = analyse(test, totals)
    print(f"decision: {result.decision}, winner: {result.winner}")
    for line in result.reasons["en"]:
        print(f"  {line}")
    for difference in result.differences:
        low, high = difference.relative_low, difference.relative_high
        print(f"  {difference.content_id}: {difference.relative:+.1%} [{low:+.1%}, {high:+.1%}]")
    print(f"sample ratio: p = {result.sample_ratio.p:.2f}")


if __name__ == "__main__":
    main()
