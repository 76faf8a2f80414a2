from __future__ import annotations

import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

import numpy as np
import polars as pl
import pytest
from scipy import stats

from adwright.decide import POLICIES, Beliefs, Choice, DecideConfig, decide
from adwright.experiment import adaptive_rounds, analyse_adaptive, assign
from adwright.schema import NO_CONTENT, Decision, Experiment, Goal, Rate
from decide.worlds import NOW, effect, experiment, total

IDS = [f"p_{i}" for i in range(4000)]
ALL = DecideConfig(holdout_share=0.0, test_share=0.0)


def choice(**changes: Any) -> Choice:
    plain = Choice(
        beliefs=Beliefs.from_effect(effect()),
        goal=Goal(kind="click"),
        channel="ads",
        default_content="default",
    )
    return replace(plain, **changes)


def run(what: Choice, ids: Sequence[str] = IDS, *, config: DecideConfig = ALL, **more: Any) -> list[Decision]:
    return decide(ids, what, now=NOW, rng=np.random.default_rng(7), config=config, **more)


@pytest.mark.parametrize("name", POLICIES.names())
@pytest.mark.parametrize("channel", ["ads", "email"])
def test_what_is_logged_is_what_was_drawn_from(name: str, channel: str) -> None:
    decisions = run(choice(channel=channel), config=replace(ALL, policy=name, floor=0.02))
    vector = decisions[0].propensities
    assert abs(sum(vector.values()) - 1) < 1e-12
    assert min(vector.values()) >= 0.02 - 1e-15
    assert all(d.propensity == vector[d.content_id] and d.propensities == vector for d in decisions)
    assert not any(d.degraded for d in decisions)
    assert (NO_CONTENT in vector) == (channel == "email")
    counts = Counter(d.content_id for d in decisions)
    seen = [counts[content] for content in vector]
    assert stats.chisquare(seen, np.array(list(vector.values())) * len(IDS)).pvalue > 0.001


def test_the_adaptive_slice_passes_its_own_sample_ratio_check() -> None:
    eligible = np.random.default_rng(1).random((len(IDS), 3)) < 0.7
    decisions = run(choice(channel="push"), eligible=eligible)
    check = analyse_adaptive(adaptive_rounds(decisions, {})).sample_ratio
    assert check.degrees_of_freedom == 3
    assert not check.broken


def test_the_same_seed_gives_the_same_decisions() -> None:
    assert run(choice()) == run(choice())


def test_ids_are_unique_and_customers_keep_their_order() -> None:
    decisions = run(choice())
    assert len({d.id for d in decisions}) == len(IDS)
    assert [d.customer_id for d in decisions] == IDS


def test_masks_are_honoured_by_customer() -> None:
    eligible = np.random.default_rng(3).random((len(IDS), 3)) < 0.5
    for row, decision in zip(eligible, run(choice(), eligible=eligible), strict=True):
        if row.any():
            assert row["abc".index(decision.content_id)]
            assert all(row["abc".index(c)] or p == 0 for c, p in decision.propensities.items())
        else:
            assert decision.degraded


def test_three_slices_share_the_traffic() -> None:
    what = choice(channel="email", experiment=experiment(), assign=assign)
    decisions = run(what, config=DecideConfig(test_share=0.3, holdout_share=0.1))
    counts = Counter(d.policy for d in decisions)
    for policy, share in {"holdout": 0.1, "fixed": 0.3, "thompson": 0.6}.items():
        assert counts[policy] == pytest.approx(
            share * len(IDS), abs=4 * np.sqrt(len(IDS) * share * (1 - share))
        )
    assert {d.content_id for d in decisions if d.policy == "holdout"} == {NO_CONTENT}
    assert {d.slice for d in decisions if d.policy == "thompson"} == {"adaptive"}
    assert {d.experiment_id for d in decisions if d.policy == "fixed"} == {"t1"}


def test_the_holdout_is_persistent() -> None:
    config = DecideConfig()
    first = {d.customer_id for d in run(choice(), config=config) if d.policy == "holdout"}
    later = decide(
        IDS[::-1], choice(), now=NOW + timedelta(days=90), rng=np.random.default_rng(99), config=config
    )
    assert first == {d.customer_id for d in later if d.policy == "holdout"}
    assert 0.03 < len(first) / len(IDS) < 0.07


def test_slices_and_arms_are_hashed_from_the_raw_ids_where_given() -> None:
    raw = [f"raw-{i}" for i in range(len(IDS))]
    what = choice(experiment=experiment(), assign=assign)
    config = replace(ALL, test_share=1.0)
    decisions = run(what, config=config, unit_ids=raw)
    assert [d.content_id for d in decisions] == assign(raw, experiment())["content_id"].to_list()


def test_before_its_start_a_test_takes_no_traffic() -> None:
    later = replace(experiment(), starts_at=NOW + timedelta(days=1))
    decisions = run(choice(experiment=later, assign=assign), config=replace(ALL, test_share=0.5))
    assert {d.slice for d in decisions} == {"adaptive"}


def test_units_that_the_test_does_not_take_are_adaptive() -> None:
    def half(units: Sequence[str], test: Experiment) -> pl.DataFrame:
        return assign(units, test, coverage=0.5)

    decisions = run(choice(experiment=experiment(), assign=half), config=replace(ALL, test_share=1.0))
    assert 0.4 < sum(d.slice == "test" for d in decisions) / len(IDS) < 0.6
    assert not any(d.degraded for d in decisions)


def nan_effect() -> Beliefs:
    good = effect()
    assert good.click is not None
    broken = Rate(mean=good.click.mean, k=np.full(3, np.nan), level_sd=good.click.level_sd)
    return Beliefs.from_effect(replace(good, click=broken))


def explode(units: Sequence[str], test: Experiment) -> pl.DataFrame:
    raise RuntimeError("the hash burned down")


FAULTS: list[tuple[dict[str, Any], dict[str, Any], str]] = [
    ({"beliefs": nan_effect()}, {}, "not known"),
    ({}, {"eligible": np.zeros(3, dtype=bool)}, "InfeasibleError"),
    ({}, {"eligible": np.ones(5, dtype=bool)}, "eligible"),
    ({}, {"eligible": np.ones((2, 3), dtype=bool)}, "eligible"),
    ({}, {"config": replace(ALL, policy="nope")}, "unknown policy"),
    ({}, {"config": replace(ALL, floor=0.5)}, "floor"),
    ({}, {"config": replace(ALL, n_draws=0)}, "Error"),
    ({}, {"config": replace(ALL, holdout_share=2.0)}, "holdout_share"),
    ({}, {"unit_ids": ["only one"]}, "unit_ids"),
    ({"goal": "money"}, {}, "Error"),
    ({"beliefs": None}, {}, "Error"),
    ({"beliefs": Beliefs.from_effect(replace(effect(), click=None))}, {}, "click"),
]


@pytest.mark.parametrize(("changes", "more", "reason"), FAULTS)
def test_a_decision_never_fails(changes: dict[str, Any], more: dict[str, Any], reason: str) -> None:
    decisions = run(choice(**changes), IDS[:5], **more)
    assert len({d.id for d in decisions}) == 5
    for decision in decisions:
        assert decision.content_id == "default"
        assert decision.degraded
        assert reason in decision.reason
        assert decision.propensity == 1.0


def test_a_broken_generator_answers_with_the_default_too() -> None:
    decisions = decide(IDS[:5], choice(), now=NOW, rng=None, config=ALL)  # type: ignore[arg-type]
    assert len({d.id for d in decisions}) == 5
    assert all(d.degraded and d.reason for d in decisions)


def test_a_fault_of_the_test_leaves_the_policy_alone_and_the_other_way_round() -> None:
    config = replace(ALL, test_share=0.5)
    broken_test = run(choice(experiment=experiment(), assign=explode), config=config)
    assert {d.slice for d in broken_test if d.degraded} == {"test"}
    assert {d.degraded for d in broken_test if d.slice == "adaptive"} == {False}
    assert any("burned" in d.reason for d in broken_test)
    broken_policy = run(choice(experiment=experiment(), assign=assign, beliefs=nan_effect()), config=config)
    assert {d.degraded for d in broken_policy if d.slice == "test"} == {False}
    assert {d.degraded for d in broken_policy if d.slice == "adaptive"} == {True}


def test_nobody_to_decide_for_gives_no_decision() -> None:
    assert run(choice(), []) == []


def test_50_000_decisions_a_second() -> None:
    ids = [f"p_{i}" for i in range(50_000)]
    run(choice(), ids[:100])
    start = time.process_time()
    run(choice(), ids, config=DecideConfig())
    assert time.process_time() - start < 1.0


def test_the_policy_learns_what_is_best() -> None:
    rng = np.random.default_rng(5)
    truth = np.array([0.02, 0.03, 0.024])
    beliefs = Beliefs.from_effect(effect((0.025, 0.025, 0.025)))
    for day in range(1, 25):
        at = NOW + timedelta(days=day)
        decisions = decide(IDS[:2000], choice(beliefs=beliefs), now=at, rng=rng, config=ALL)
        shown = np.bincount(["abc".index(d.content_id) for d in decisions], minlength=3)
        clicks = rng.binomial(shown, truth)
        beliefs = beliefs.update(
            [total(c, at, int(n), int(k)) for c, n, k in zip("abc", shown, clicks, strict=True)]
        )
    assert decisions[0].propensities["b"] > 0.8
