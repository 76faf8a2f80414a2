"""Small effects to decide on."""

from __future__ import annotations

from datetime import UTC, datetime

import numpy as np

from adwright.schema import Arm, Effect, Experiment, OrderValue, OutcomeTotal, Rate, RateFamily

NOW = datetime(2026, 3, 1, tzinfo=UTC)
TRAINED = datetime(2026, 1, 1, tzinfo=UTC)


def effect(
    means: tuple[float, ...] = (0.02, 0.025, 0.03),
    *,
    k: float = 50.0,
    level_sd: float = 0.3,
    version: str = "click@1",
    trained_through: datetime | None = TRAINED,
    family: RateFamily = "gamma",
    clicks: bool = True,
) -> Effect:
    n = len(means)
    click = Rate(mean=np.array(means), k=np.full(n, k), level_sd=np.full(n, level_sd), family=family)
    conversion = Rate(mean=np.full(n, 0.1), k=np.full(n, k), level_sd=np.full(n, level_sd), family=family)
    return Effect(
        content_ids=tuple("abcdefghij"[:n]),
        click=click if clicks else None,
        conversion=conversion,
        order_value=OrderValue(mean_minor=np.full(n, 5000.0), sd_minor=np.full(n, 200.0), currency="CNY"),
        model_version=version,
        trained_through=trained_through,
    )


def total(content: str, at: datetime, n: int, clicks: int, conversions: int = 0) -> OutcomeTotal:
    return OutcomeTotal(
        content_id=content, at=at, channel="ads", n_exposures=n, n_clicks=clicks, n_conversions=conversions
    )


def experiment(contents: tuple[str, ...] = ("a", "b")) -> Experiment:
    arms = tuple(
        Arm(content_id=c, share=1 / len(contents), is_control=i == 0) for i, c in enumerate(contents)
    )
    return Experiment(
        id="t1", arms=arms, metric="click", starts_at=TRAINED, n_per_arm=100, minimum_effect=0.1, salt="s"
    )
