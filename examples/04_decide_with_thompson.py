"""Let Thompson sampling share visitors between three texts: what is believed, what is logged, what is learned.

python examples/04_decide_with_thompson.py
"""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta

import numpy as np

from adwright.decide import Beliefs, Choice, DecideConfig, current_probabilities, decide
from adwright.schema import Effect, Goal, OutcomeTotal, Rate

TEXTS = ("plain", "warm", "short")
TRUTH = {"plain": 0.020, "warm": 0.027, "short": 0.018}  # a real shop does not know it
PRIOR = Effect(
    content_ids=TEXTS,
    click=Rate(mean=np.full(3, 0.02), k=np.full(3, 25.0), level_sd=np.full(3, 0.2)),
)
CONFIG = DecideConfig(policy="thompson", floor=0.05, holdout_share=0.0)


def main() -> None:
    rng = np.random.default_rng(3)
    beliefs, goal = Beliefs.from_effect(PRIOR), Goal(kind="click")
    for day in range(5):
        now = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(days=day)
        choice = Choice(beliefs=beliefs, goal=goal, channel="onsite", default_content="plain")
        decisions = decide([f"visitor-{i}" for i in range(2000)], choice, now=now, rng=rng, config=CONFIG)
        shown = Counter(d.content_id for d in decisions)
        vector = ", ".join(f"{c} {p:.2f}" for c, p in decisions[0].propensities.items())
        print(f"day {day + 1}: drawn from {vector}; shown {dict(sorted(shown.items()))}")
        totals = [
            OutcomeTotal(
                content_id=c,
                at=now,
                channel="onsite",
                n_exposures=n,
                n_clicks=int(rng.binomial(n, TRUTH[c])),
            )
            for c, n in shown.items()
        ]
        beliefs = beliefs.update(totals).update(totals)  # a line that comes twice counts once
    print("now:", current_probabilities(beliefs, goal=goal, channel="onsite", rng=rng, config=CONFIG))


if __name__ == "__main__":
    main()
