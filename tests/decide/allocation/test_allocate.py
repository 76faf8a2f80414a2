from __future__ import annotations

import itertools
from dataclasses import replace

import numpy as np
import pytest

from adwright.decide.allocation import (
    SpendLimit,
    SpendProblem,
    allocate,
    cells_from_draws,
    clashing,
    greedy_split,
    proportional_split,
)
from adwright.errors import DataError, InfeasibleError, UsageError


def problem(seed: int = 0, *, shape: tuple[int, int] = (2, 2), unit: float = 10.0) -> SpendProblem:
    """Cells whose reach is four units of spend, so that a grid of units holds the optimum."""
    rng = np.random.default_rng(seed)
    value = np.exp(rng.normal(0, 0.6, shape))
    channels, cohorts = ("email", "ads", "push")[: shape[0]], ("new", "loyal", "rest")[: shape[1]]
    return SpendProblem(
        channels=channels,
        cohorts=cohorts,
        value=value,
        sd=0.3 * value,
        reach_minor=np.full(shape, 4 * unit),
        budget_minor=7 * unit,
        steps=((0.5, 1.0), (0.25, 0.5), (0.25, 0.2)),
        limits=(
            SpendLimit(name="email cap", channels=("email",), at_most_minor=5 * unit),
            SpendLimit(name="new at least", cohorts=("new",), at_least_minor=3 * unit),
        ),
    )


def brute_force(wanted: SpendProblem, unit: float = 10.0) -> float:
    """The best of all spends in whole units; steps and limits lie on whole units, so it is the optimum."""
    best = -np.inf
    cautious = replace(wanted, value=wanted.cautious_value)
    for units in itertools.product(range(5), repeat=wanted.value.size):
        spend = np.array(units, float).reshape(wanted.value.shape) * unit
        if spend.sum() > wanted.budget_minor + 1e-9 or missed(wanted, spend):
            continue
        best = max(best, cautious.worth(spend))
    return best


def missed(wanted: SpendProblem, spend: np.ndarray) -> bool:
    for limit in wanted.limits:
        used = spend[wanted.cells_of(limit)].sum()
        if limit.at_most_minor is not None and used > limit.at_most_minor + 1e-6:
            return True
        if limit.at_least_minor is not None and used < limit.at_least_minor - 1e-6:
            return True
    return False


@pytest.mark.parametrize("seed", range(12))
@pytest.mark.parametrize("caution", [0.0, 1.0])
def test_the_plan_is_the_best_that_brute_force_finds(seed: int, caution: float) -> None:
    wanted = replace(problem(seed), caution=caution)
    plan = allocate(wanted)
    assert plan.cautious_value_minor == pytest.approx(brute_force(wanted), rel=1e-9)
    assert not missed(wanted, plan.spend_minor)
    assert plan.value_minor == pytest.approx(wanted.worth(plan.spend_minor))


@pytest.mark.parametrize("seed", range(6))
def test_no_simple_split_is_better(seed: int) -> None:
    wanted = problem(seed, shape=(3, 3))
    best = allocate(wanted).value_minor
    for split in (greedy_split(wanted), proportional_split(wanted)):
        assert not missed(wanted, split)
        assert split.sum() <= wanted.budget_minor + 1e-6
        assert (split <= wanted.reach_minor + 1e-6).all()
        assert wanted.worth(split) <= best + 1e-9


def test_the_greedy_split_loses_where_limits_compete() -> None:
    """Loyal by e-mail is the best cell, but new customers can be reached by e-mail alone."""
    wanted = SpendProblem(
        channels=("email", "ads"),
        cohorts=("new", "loyal"),
        value=np.array([[3.0, 3.1], [0.1, 2.9]]),
        sd=np.zeros((2, 2)),
        reach_minor=np.full((2, 2), 10.0),
        budget_minor=20.0,
        steps=((1.0, 1.0),),
        limits=(SpendLimit(name="email", channels=("email",), at_most_minor=10.0),),
    )
    tight = replace(
        wanted, limits=(*wanted.limits, SpendLimit(name="loyal", cohorts=("loyal",), at_most_minor=10.0))
    )
    assert allocate(tight).value_minor == pytest.approx(30 + 29)  # new by e-mail, loyal by ads
    assert tight.worth(greedy_split(tight)) == pytest.approx(31 + 1)  # what is left is new by ads


def test_a_shadow_price_is_what_one_more_unit_brings() -> None:
    for seed in range(6):
        wanted = problem(seed)
        plan = allocate(wanted)
        for use in plan.limits:
            if use.name == "budget":
                eased = replace(wanted, budget_minor=wanted.budget_minor + 1e-3)
            else:
                limits = []
                for limit in wanted.limits:
                    if limit.name == use.name and use.bound == "at_most":
                        assert limit.at_most_minor is not None
                        limits.append(replace(limit, at_most_minor=limit.at_most_minor + 1e-3))
                    elif limit.name == use.name:
                        assert limit.at_least_minor is not None
                        limits.append(replace(limit, at_least_minor=limit.at_least_minor - 1e-3))
                    else:
                        limits.append(limit)
                eased = replace(wanted, limits=tuple(limits))
            gained = (allocate(eased).cautious_value_minor - plan.cautious_value_minor) / 1e-3
            assert gained <= use.shadow_price + 1e-6
            assert use.shadow_price == pytest.approx(gained, abs=1e-6) or use.binds


def test_the_cost_of_a_limit_is_what_the_plan_gains_without_it() -> None:
    seen = 0
    for seed in range(12):
        wanted = problem(seed)
        plan = allocate(wanted)
        for use in plan.limits:
            if use.cost_minor is None:
                continue
            without = replace(wanted, limits=tuple(x for x in wanted.limits if x.name != use.name))
            gained = allocate(without).cautious_value_minor - plan.cautious_value_minor
            assert use.cost_minor == pytest.approx(gained)
            seen += use.cost_minor > 0
    assert seen >= 4


def test_caution_moves_money_from_the_uncertain_to_the_certain() -> None:
    wanted = SpendProblem(
        channels=("ads",),
        cohorts=("sure", "unsure"),
        value=np.array([[2.0, 2.2]]),
        sd=np.array([[0.1, 1.5]]),
        reach_minor=np.array([[100.0, 100.0]]),
        budget_minor=50.0,
    )
    assert allocate(wanted).spend_minor.tolist() == [[0.0, 50.0]]
    careful = allocate(replace(wanted, caution=0.5))
    assert careful.spend_minor.tolist() == [[50.0, 0.0]]
    assert careful.value_sd_minor < allocate(wanted).value_sd_minor


def test_the_interval_holds_the_value_as_often_as_it_says() -> None:
    """Cells of a channel share half of their variance: drawn, and counted."""
    wanted = problem(1)
    plan = allocate(wanted, channel_correlation=0.5)
    rng = np.random.default_rng(0)
    shared = rng.standard_normal((20_000, 2, 1)) * np.sqrt(0.5)
    own = rng.standard_normal((20_000, 2, 2)) * np.sqrt(0.5)
    drawn = ((wanted.value + wanted.sd * (shared + own)) * wanted.response(plan.spend_minor)).sum(axis=(1, 2))
    inside = np.mean((drawn > plan.value_low_minor) & (drawn < plan.value_high_minor))
    assert inside == pytest.approx(0.9, abs=0.01)


@pytest.mark.parametrize(
    ("extra", "named"),
    [
        (
            SpendLimit(name="email floor", channels=("email",), at_least_minor=60.0),
            {"email cap", "email floor"},
        ),
        (SpendLimit(name="all", at_least_minor=80.0), {"budget", "all"}),
        (
            SpendLimit(name="new email", channels=("email",), cohorts=("new",), at_least_minor=45.0),
            {"new email", "reach"},
        ),
        (
            SpendLimit(name="loyal", cohorts=("loyal",), at_least_minor=45.0),
            {"budget", "new at least", "loyal"},
        ),
        (
            SpendLimit(name="odd", channels=("ads",), at_least_minor=9.0, at_most_minor=5.0),
            {"odd at least", "odd at most"},
        ),
    ],
)
def test_limits_that_clash_are_named_and_none_is_named_in_vain(extra: SpendLimit, named: set[str]) -> None:
    wanted = problem()
    asked = replace(wanted, limits=(*wanted.limits, extra))
    assert set(clashing(asked)) == named
    with pytest.raises(InfeasibleError, match="cannot hold together"):
        allocate(asked)


def test_limits_that_can_hold_do_not_clash() -> None:
    assert clashing(problem()) == ()


def test_an_irreducible_set_can_be_met_without_any_one_of_it() -> None:
    rng = np.random.default_rng(0)
    for _ in range(10):
        wanted = problem(shape=(3, 3))
        extra = tuple(
            SpendLimit(
                name=f"x{i}",
                channels=tuple(rng.choice(wanted.channels, 2, replace=False).tolist()),
                at_least_minor=float(rng.uniform(20, 60)),
            )
            for i in range(4)
        )
        asked = replace(wanted, limits=(*wanted.limits, *extra))
        names = clashing(asked)
        for name in names:
            if name in ("budget", "reach"):
                eased = replace(
                    asked,
                    budget_minor=1e6 if name == "budget" else asked.budget_minor,
                    reach_minor=asked.reach_minor * (1e6 if name == "reach" else 1.0),
                )
            else:
                eased = asked
            kept = tuple(x for x in asked.limits if x.name in names and x.name != name)
            no_budget = {} if "budget" in names else {"budget_minor": 1e6}
            assert clashing(replace(eased, limits=kept, **no_budget)) == ()


def test_cells_come_from_draws_of_the_value_per_exposure() -> None:
    draws = np.random.default_rng(0).gamma(20, 0.5, (4000, 1, 2))
    value, sd, reach = cells_from_draws(draws, np.array([[2.0, 5.0]]), np.array([[100.0, 0.0]]))
    np.testing.assert_allclose(value, [[5.0, 2.0]], rtol=0.02)
    np.testing.assert_allclose(sd, [[np.sqrt(5) / 2, np.sqrt(5) / 5]], rtol=0.05)
    assert reach.tolist() == [[200.0, 0.0]]


def test_where_no_cell_is_open_nothing_is_spent() -> None:
    closed = replace(problem(), reach_minor=np.zeros((2, 2)), limits=())
    assert allocate(closed).total_minor == 0.0


def test_cells_that_lose_money_get_none() -> None:
    losing = replace(problem(), value=np.full((2, 2), -1.0), limits=())
    assert allocate(losing).total_minor == 0.0


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"value": np.full((2, 2), np.nan)}, DataError),
        ({"sd": np.full((2, 2), -1.0)}, DataError),
        ({"reach_minor": np.full((2, 3), 1.0)}, UsageError),
        ({"budget_minor": -1.0}, UsageError),
        ({"budget_minor": float("nan")}, UsageError),
        ({"caution": -1.0}, UsageError),
        ({"channels": ("email", "email")}, UsageError),
        ({"steps": ((0.5, 0.5), (0.5, 1.0))}, UsageError),
        ({"steps": ((0.5, 1.0),)}, UsageError),
        ({"limits": (SpendLimit(name="x"),)}, UsageError),
        ({"limits": (SpendLimit(name="budget", at_most_minor=1.0),)}, UsageError),
        ({"limits": (SpendLimit(name="x", channels=("fax",), at_most_minor=1.0),)}, UsageError),
        ({"limits": (SpendLimit(name="x", at_most_minor=-1.0),)}, UsageError),
    ],
)
def test_what_is_wrong_with_a_problem_is_named(changes: dict[str, object], error: type[Exception]) -> None:
    with pytest.raises(error):
        replace(problem(), **changes)
