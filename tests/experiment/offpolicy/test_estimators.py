"""The estimators against formulas written out here and against the reference vectors."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from adwright.errors import DataError, NotFoundError, UsageError
from adwright.experiment.offpolicy import LoggedRounds, logged_rounds, make_estimator
from adwright.experiment.offpolicy.registry import PLAIN, TUNED
from experiment.vectors import load

SWITCHED = {"SwitchDR": "switch_dr", "DRos": "dr_shrinkage", "SGIPW": "sg_ips", "SGDR": "sg_dr"}
PLAIN_NAMES = {"DM": "dm", "IPW": "ips", "SNIPW": "snips", "DR": "dr", "SNDR": "sndr"}


def small() -> LoggedRounds:
    return logged_rounds(
        [0, 1, 1, 0],
        [1.0, 0.0, 1.0, 0.0],
        propensity=[0.5, 0.5, 0.25, 0.75],
        target=[[0.2, 0.8], [0.6, 0.4], [0.5, 0.5], [0.9, 0.1]],
        q_hat=[[0.5, 0.1], [0.3, 0.2], [0.4, 0.6], [0.1, 0.7]],
    )


# Weights 0.4, 0.8, 2, 1.2; the model at the action 0.5, 0.2, 0.6, 0.1; under the policy .18, .26, .5, .16.
@pytest.mark.parametrize(
    ("name", "parameter", "by_hand"),
    [
        ("dm", None, (0.18 + 0.26 + 0.5 + 0.16) / 4),
        ("ips", None, (0.4 + 2.0) / 4),
        ("clipped_ips", 1.0, (0.4 + 1.0) / 4),
        ("snips", None, 2.4 / 4.4),
        ("dr", None, 0.275 + (0.4 * 0.5 - 0.8 * 0.2 + 2 * 0.4 - 1.2 * 0.1) / 4),
        ("sndr", None, 0.275 + (0.4 * 0.5 - 0.8 * 0.2 + 2 * 0.4 - 1.2 * 0.1) / 4.4),
        ("switch_dr", 1.5, 0.275 + (0.4 * 0.5 - 0.8 * 0.2 - 1.2 * 0.1) / 4),
        ("sg_ips", 0.5, (0.4 / 0.7 + 2 / 1.5) / 4),
        ("sg_dr", 1.0, 0.275 + (0.5 - 0.2 + 0.4 - 0.1) / 4),
    ],
)
def test_an_estimate_is_the_one_written_out_by_hand(
    name: str, parameter: float | None, by_hand: float
) -> None:
    assert make_estimator(name, parameter).terms(small()).value == pytest.approx(by_hand, abs=1e-12)


def test_shrinkage_runs_from_the_direct_method_to_doubly_robust() -> None:
    rounds = small()
    ends = [make_estimator("dr_shrinkage", lam).terms(rounds).value for lam in (1e-12, 1e12)]
    assert ends == pytest.approx([make_estimator(n).terms(rounds).value for n in ("dm", "dr")], abs=1e-9)


def test_all_estimates_of_the_reference_vectors() -> None:
    toy = load("ope_toy.json")
    rounds = rounds_of(toy)
    for name, expected in toy["estimates"].items():
        head, _, parameter = name.partition("_")
        if name in PLAIN_NAMES:
            estimator = make_estimator(PLAIN_NAMES[name])
        elif head == "IPW":
            estimator = make_estimator("clipped_ips", float(parameter.removeprefix("clip")))
        else:
            estimator = make_estimator(SWITCHED[head], float(parameter))
        assert estimator.terms(rounds).value == pytest.approx(expected, abs=1e-12), name


def rounds_of(toy: dict[str, Any]) -> LoggedRounds:
    return logged_rounds(toy["action"], toy["reward"], propensity=toy["pscore"], target=toy["eval_dist"],
                         q_hat=toy["q_hat"], behaviour=toy["behavior_dist"])  # fmt: skip


def test_influence_gives_the_standard_error_of_a_plain_mean() -> None:
    terms = make_estimator("ips").terms(small())
    weighted = np.array([0.4, 0.0, 2.0, 0.0])
    assert terms.standard_error() == pytest.approx(weighted.std() / 2.0)


def test_influence_of_a_ratio_agrees_with_leaving_rounds_out() -> None:
    rng = np.random.default_rng(0)
    n = 400
    target = rng.dirichlet(np.ones(3), size=n)
    action = rng.integers(3, size=n)
    reward = (rng.random(n) < 0.3).astype(float)
    whole = logged_rounds(action, reward, propensity=np.full(n, 1 / 3), target=target)
    terms = make_estimator("snips").terms(whole)
    pulls = terms.influence()
    for i in range(5):
        kept = np.arange(n) != i
        without = logged_rounds(
            action[kept], reward[kept], propensity=np.full(n - 1, 1 / 3), target=target[kept]
        )
        moved = (n - 1) * (terms.value - make_estimator("snips").terms(without).value)
        assert moved == pytest.approx(pulls[i], abs=0.02)


def test_control_variates_equal_ips_where_weights_do_not_vary() -> None:
    n = 60
    reward = np.tile([0.0, 1.0, 1.0], 20)
    rounds = logged_rounds(
        np.tile([0, 1], 30), reward, propensity=np.full(n, 0.5), target=np.full((n, 2), 0.5)
    )
    assert make_estimator("control_variates").terms(rounds).value == pytest.approx(2 / 3)


def test_control_variates_beat_their_four_special_cases_where_these_differ() -> None:
    rng = np.random.default_rng(3)
    errors: dict[str, list[float]] = {}
    for _ in range(200):
        x = rng.normal(size=1000)
        target = np.stack([1 / (1 + np.exp(-x)), 1 / (1 + np.exp(x))], axis=1)
        action = rng.integers(2, size=1000)
        reward = 3.0 + x * action + rng.normal(size=1000)
        # a model that is right but for half of its size
        model = np.stack([np.full(1000, 1.5), 1.5 + 0.5 * x], axis=1)
        rounds = logged_rounds(action, reward, propensity=np.full(1000, 0.5), target=target, q_hat=model,
                               allow_negative=True)  # fmt: skip
        for name in ("ips", "snips", "dr", "sndr", "control_variates"):
            errors.setdefault(name, []).append(make_estimator(name).terms(rounds).value)
    # The true value is 3 + E[x p(1 given x)]; comparing spreads needs no integral, all are unbiased.
    spread = {name: float(np.std(values)) for name, values in errors.items()}
    assert spread["control_variates"] <= 1.02 * min(spread.values())


def test_names_and_parameters_are_checked() -> None:
    with pytest.raises(NotFoundError, match="snips"):
        make_estimator("snip")
    with pytest.raises(UsageError, match="needed"):
        make_estimator("switch_dr")
    with pytest.raises(UsageError, match="no hyper-parameter"):
        make_estimator("dr", 1.0)
    with pytest.raises(UsageError, match="lam"):
        make_estimator("sg_ips", 1.5)
    with pytest.raises(UsageError, match="threshold"):
        make_estimator("switch_dr", 0.0)


def test_a_model_is_asked_for_by_those_that_need_one() -> None:
    bare = logged_rounds([0, 1], [1, 0], propensity=[0.5, 0.5], target=[0.5, 0.5])
    for name in (*PLAIN, *TUNED):
        estimator = make_estimator(name, 0.5 if name in TUNED else None)
        if estimator.uses_model:
            with pytest.raises(DataError, match="q_hat"):
                estimator.terms(bare)
        else:
            assert np.isfinite(estimator.terms(bare).value)
