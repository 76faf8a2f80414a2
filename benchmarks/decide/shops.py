"""The simulated shop: regret of every policy, and of those that ignore something."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from adwright.demo.decide_compare import POLICIES, compare
from adwright.demo.decide_shop import ShopConfig

N_SHOPS = 30
FIRST_SEED = 1000
PAIRS = (
    ("thompson, delay ignored", "thompson"),
    ("linear_thompson, delay ignored", "linear_thompson"),
    ("thompson, drift ignored", "thompson"),
    ("thompson, change detection", "thompson, drift ignored"),
    ("thompson, no prior", "thompson"),
    ("greedy", "thompson"),
    ("uniform", "thompson"),
)
RULED = ("uniform", "thompson", "linear_thompson")


def run() -> dict[str, Any]:
    """Regret as a share of what the oracle wins, over shops; then an e-mail shop under every rule."""
    config = ShopConfig()
    runs = compare(config, tuple(POLICIES), seeds=range(FIRST_SEED, FIRST_SEED + N_SHOPS), progress=print)
    email = ShopConfig(channel="email", n_days=14, visits_per_hour=150)
    ruled = compare(
        email,
        RULED,
        seeds=range(FIRST_SEED, FIRST_SEED + 10),
        daily_budget_minor=6000,
        most_contacts=4,
        minimum_data=100,
        progress=print,
    )
    return {
        "shop": asdict(config),
        "n_shops": N_SHOPS,
        "regret_share": {name: asdict(runs.regret_share(name)) for name in runs.traces},
        "more_regret": [{"policy": a, "over": b, **asdict(runs.more_regret(a, b))} for a, b in PAIRS],
        "under_rules": {
            name: {
                "regret_share": asdict(ruled.regret_share(name)),
                "spend_minor": float(ruled.over_time(name, "spend_minor")[0][-1]),
                "budget_minor": 6000.0 * email.n_days,
                "kept_back": {rule: float(ruled.kept_back(name, rule)[0].mean()) for rule in ruled.rules},
            }
            for name in ruled.traces
        },
    }
