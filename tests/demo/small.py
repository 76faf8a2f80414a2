"""A demo small enough for a test: twenty goods, three hundred customers, three days."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from adwright.demo.show import DemoConfig, DemoResult, run_demo
from adwright.demo.traffic import TrafficPlan
from adwright.schema import Language

NOW = datetime(2026, 6, 1, 15, 30, tzinfo=UTC)
SEED = 11
"""Of the ordinary world: one with returns in its three days."""

PLAN = TrafficPlan(n_days=3, max_days=4, max_visits=3000)


def small_demo(
    folder: Path,
    *,
    language: Language = "en",
    kind: str = "ordinary",
    seed: int = SEED,
    write_report: bool = True,
) -> DemoResult:
    config = DemoConfig(
        language=language, kind=kind, seed=seed, n_products=20, n_customers=300, n_groups=120, traffic=PLAN
    )
    return run_demo(folder, now=NOW, progress=lambda line: None, config=config, write_report=write_report)
