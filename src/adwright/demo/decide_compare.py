"""Every policy in the simulated shop, over seeds: what `adwright decide simulate` and its benchmark run."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import time

import numpy as np

from adwright.decide.ageing import Ageing, ArrivalCurve
from adwright.decide.agents import Agent, BeliefAgent, ContextualAgent
from adwright.decide.contextual import ContextualPolicy
from adwright.decide.linear_thompson import LinearThompson
from adwright.decide.linucb import LinUCB
from adwright.decide.logistic_thompson import LogisticThompson
from adwright.decide.registry import policy_named
from adwright.decide.rules import Budget, Consent, FrequencyCap, MinimumData, QuietHours, Rules
from adwright.decide.rules.rule import Rule
from adwright.decide.simulation import Trace, simulate
from adwright.demo.decide_shop import START, ShopConfig, ShopMarket
from adwright.errors import UsageError, unknown_name
from adwright.schema import CONTACT_CHANNELS, F64
from adwright.stats.bootstrap import Estimate, cluster_bootstrap, ratio

HALF_LIFE_H = 24.0 * 7
STEP_H = 3.0
_WIDTH = 0.06
"""Of the linear policies: half of the standard deviation of a click at 2 %."""


@dataclass(frozen=True, slots=True)
class Setting:
    """What an agent is made from: the market as it may be known, and how evidence ages.

    `ageing` knows delay and drift, `at_once` knows only drift, `still` only delay.
    """

    market: ShopMarket
    ageing: Ageing
    at_once: Ageing
    still: Ageing


def _believing(policy: str, *, prior: bool = True, know: str = "ageing", detect: bool = False) -> _Maker:
    def make(setting: Setting) -> Agent:
        market = setting.market
        flat = np.broadcast_to(market.predicted[:, :1], market.predicted.shape)
        nothing = np.array([c == "no_content" for c in market.content_ids])
        flat = np.where(nothing, market.predicted, flat)
        return BeliefAgent(
            policy_named(policy),
            market.content_ids,
            predicted=market.predicted if prior else flat,
            k=market.k if prior else np.where(nothing, market.k, 4.0),
            ageing=getattr(setting, know),
            detect=detect,
        )

    return make


def _contextual(make_policy: Callable[[int, Ageing], ContextualPolicy], *, know: str = "ageing") -> _Maker:
    def make(setting: Setting) -> Agent:
        market = setting.market
        policy = make_policy(market.features.shape[1], getattr(setting, know))
        return ContextualAgent(
            policy, market.content_ids, features=market.features, predicted=market.predicted
        )

    return make


_Maker = Callable[[Setting], Agent]

POLICIES: Mapping[str, _Maker] = {
    "uniform": _believing("uniform"),
    "greedy": _believing("greedy"),
    "epsilon_greedy": _believing("epsilon_greedy"),
    "ucb": _believing("ucb"),
    "thompson": _believing("thompson"),
    "thompson_sharp": _believing("thompson_sharp"),
    "thompson, no prior": _believing("thompson", prior=False),
    "thompson, delay ignored": _believing("thompson", know="at_once"),
    "thompson, drift ignored": _believing("thompson", know="still"),
    "thompson, change detection": _believing("thompson", know="still", detect=True),
    "top_two": _believing("top_two"),
    "linucb": _contextual(lambda d, ageing: LinUCB(d, width=_WIDTH, ridge=20.0, ageing=ageing)),
    "linear_thompson": _contextual(
        lambda d, ageing: LinearThompson(d, width=_WIDTH, ridge=20.0, ageing=ageing)
    ),
    "linear_thompson, delay ignored": _contextual(
        lambda d, ageing: LinearThompson(d, width=_WIDTH, ridge=20.0, ageing=ageing), know="at_once"
    ),
    "logistic_thompson": _contextual(
        lambda d, ageing: LogisticThompson(d, content_sd=0.15, feature_sd=0.1, ageing=ageing)
    ),
}
"""Name -> what makes its agent. A policy that ignores something is there to show what that costs."""


@dataclass(frozen=True, slots=True, eq=False)
class Runs:
    """Every policy in every shop.

    Args:
        traces: Policy -> one trace a seed.
        config: The shops.
        rules: Names of the rules.
    """

    traces: Mapping[str, Sequence[Trace]]
    config: ShopConfig
    rules: tuple[str, ...]

    def regret_share(self, policy: str, *, seed: int = 0) -> Estimate:
        """Regret as a share of what the oracle wins, at the end; its interval is bootstrapped over seeds."""
        last = [(t.regret[-1], t.possible[-1]) for t in self.traces[policy]]
        lost, possible = np.array(last).T
        return cluster_bootstrap(
            ratio(lost, possible), np.arange(len(last)), rng=np.random.default_rng(seed), n_boot=2000
        )

    def more_regret(self, policy: str, than: str, *, seed: int = 0) -> Estimate:
        """Regret of a policy less that of another in the same shops, as a share of what the oracle wins."""
        ours, theirs = self.traces[policy], self.traces[than]
        lost = np.array([a.regret[-1] - b.regret[-1] for a, b in zip(ours, theirs, strict=True)])
        possible = np.array([b.possible[-1] for b in theirs])
        return cluster_bootstrap(
            ratio(lost, possible), np.arange(len(lost)), rng=np.random.default_rng(seed), n_boot=2000
        )

    def over_time(self, policy: str, what: str) -> tuple[F64, F64, F64]:
        """Mean and 95 % interval of the mean over seeds, each (n_steps,), of `regret`, `won` or `spend_minor`."""
        return _band(np.stack([getattr(trace, what) for trace in self.traces[policy]]))

    def kept_back(self, policy: str, rule: str) -> tuple[F64, F64, F64]:
        """The same for the share of visitors from whom a rule kept something."""
        return _band(np.stack([trace.kept_back[rule] for trace in self.traces[policy]]))


def compare(
    config: ShopConfig,
    policies: Sequence[str],
    *,
    seeds: Sequence[int],
    floor: float = 0.005,
    daily_budget_minor: float | None = None,
    most_contacts: int | None = None,
    minimum_data: int = 0,
    progress: Callable[[str], None] = lambda message: None,
) -> Runs:
    """Runs policies through shops; the visitors and their luck are the same for all policies of a seed.

    Args:
        config: The shops.
        policies: Names in `POLICIES`.
        seeds: One shop each.
        floor: Exploration floor.
        daily_budget_minor: Spend a day at most, paced; None for no budget.
        most_contacts: Contacts a customer a week at most; None for no cap.
        minimum_data: Exposures of each content before anything adapts.
        progress: Told each seed.

    Raises:
        NotFoundError: an unknown policy.
    """
    for name in policies:
        if name not in POLICIES:
            raise unknown_name("policy", name, POLICIES)
    if not len(seeds) or not len(policies):
        raise UsageError("nothing to run", argument="seeds", value=list(seeds), allowed="at least one")
    traces: dict[str, list[Trace]] = {name: [] for name in policies}
    names: tuple[str, ...] = ()
    for i, seed in enumerate(seeds):
        market = ShopMarket(seed, config)
        setting = _setting(market, market.arrival(np.random.default_rng([seed, 5])))
        for name in policies:
            rules = Rules(_rules(market, daily_budget_minor, most_contacts, minimum_data))
            names = tuple(rule.name for rule in rules.rules)
            trace = simulate(
                market,
                POLICIES[name](setting),
                start=START,
                n_steps=int(config.n_days * 24 / STEP_H),
                step_h=STEP_H,
                rng=np.random.default_rng([seed, 1]),
                world=np.random.default_rng([seed, 2]),
                rules=rules,
                floor=0.0 if name == "uniform" else floor,
            )
            traces[name].append(trace)
        progress(f"simulate: shop {i + 1} of {len(seeds)}")
    return Runs(traces, config, names)


def _setting(market: ShopMarket, arrival: ArrivalCurve) -> Setting:
    def ageing(*, late: bool, drifting: bool) -> Ageing:
        return Ageing(
            arrival=arrival if late else None,
            half_life_h=HALF_LIFE_H if drifting else None,
            bucket_h=STEP_H,
            horizon_h=24.0 * 10,
        )

    return Setting(
        market,
        ageing(late=True, drifting=True),
        ageing(late=False, drifting=True),
        ageing(late=True, drifting=False),
    )


def _rules(
    market: ShopMarket, daily_budget_minor: float | None, most_contacts: int | None, minimum_data: int
) -> list[Rule]:
    rules: list[Rule] = []
    if market.channel in CONTACT_CHANNELS:
        rules += [Consent(), QuietHours(time(22), time(7))]
    if most_contacts is not None:
        rules.append(FrequencyCap(most_contacts, channels=frozenset({market.channel})))
    if daily_budget_minor is not None:
        costs = dict(zip(market.content_ids, market.cost.tolist(), strict=True))
        rules.append(Budget(daily_budget_minor, costs, slack=0.1))
    if minimum_data:
        rules.append(MinimumData(minimum_data))
    return rules


def _band(values: F64) -> tuple[F64, F64, F64]:
    mean = values.mean(axis=0)
    half = (
        1.96 * values.std(axis=0, ddof=1) / np.sqrt(len(values)) if len(values) > 1 else np.zeros_like(mean)
    )
    return mean, mean - half, mean + half
