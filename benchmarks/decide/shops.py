"""The simulated shop: regret of every policy, and of those that ignore something."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from adwright.demo.decide_compare import POLICIES, Runs, compare
from adwright.demo.decide_shop import ShopConfig

N_SHOPS, N_RULED = 12, 4
FIRST_SEED = 1000
BUDGET_MINOR = 6000.0
SHOP = ShopConfig()
EMAIL = ShopConfig(channel="email", n_days=14, visits_per_hour=150)
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


def in_shops(seeds: range) -> Runs:
    """Every policy in the shops of these seeds; shops are independent, so seeds may be run apart."""
    return compare(SHOP, tuple(POLICIES), seeds=seeds, progress=print)


def under_rules(seeds: range) -> Runs:
    """Three policies that send e-mail under every rule."""
    return compare(
        EMAIL,
        RULED,
        seeds=seeds,
        daily_budget_minor=BUDGET_MINOR,
        most_contacts=4,
        minimum_data=100,
        progress=print,
    )


def run() -> dict[str, Any]:
    """Regret as a share of what the oracle wins, over shops; then an e-mail shop under every rule."""
    seeds = range(FIRST_SEED, FIRST_SEED + N_SHOPS)
    return figures(in_shops(seeds), under_rules(seeds[:N_RULED]))


def figures(runs: Runs, ruled: Runs) -> dict[str, Any]:
    """What is reported of the two."""
    return {
        "shop": asdict(SHOP),
        "n_shops": len(runs.traces["uniform"]),
        "regret_share": {name: asdict(runs.regret_share(name)) for name in runs.traces},
        "more_regret": [{"policy": a, "over": b, **asdict(runs.more_regret(a, b))} for a, b in PAIRS],
        "under_rules": {
            name: {
                "regret_share": asdict(ruled.regret_share(name)),
                "spend_minor": float(ruled.over_time(name, "spend_minor")[0][-1]),
                "budget_minor": BUDGET_MINOR * EMAIL.n_days,
                "kept_back": {rule: float(ruled.kept_back(name, rule)[0].mean()) for rule in ruled.rules},
            }
            for name in ruled.traces
        },
    }
