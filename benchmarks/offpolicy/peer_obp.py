"""The Open Bandit Pipeline on the same logs, in its own environment: PYTHON peer_obp.py TASK IN.npz OUT.npz

TASK is `speed`, `choice` (also writes its outcome model's table, which both sides then use) or `coverage`.
"""

from __future__ import annotations

import json
import sys
import time
import warnings

import numpy as np
from obp.ope import (
    DirectMethod,
    DoublyRobust,
    DoublyRobustTuning,
    DoublyRobustWithShrinkageTuning,
    InverseProbabilityWeighting,
    OffPolicyEvaluation,
    RegressionModel,
    SelfNormalizedDoublyRobust,
    SelfNormalizedInverseProbabilityWeighting,
    SwitchDoublyRobustTuning,
)
from sklearn.linear_model import LogisticRegression, Ridge

FIVE = [
    DirectMethod(),
    InverseProbabilityWeighting(),
    SelfNormalizedInverseProbabilityWeighting(),
    DoublyRobust(),
    SelfNormalizedDoublyRobust(),
]


def feedback(logs: dict[str, np.ndarray], i: int) -> dict[str, object]:
    """One log as the pipeline wants it."""
    action = logs["action"][i]
    return {
        "n_rounds": len(action),
        "n_actions": logs["eval_dist"][i].shape[1],
        "context": logs["context"][i],
        "action": action,
        "reward": logs["reward"][i],
        "pscore": logs["pscore"][i],
        "position": np.zeros(len(action), int),
    }


def choice(logs: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Estimates of five plain and three tuned estimators, with the outcome model that they used."""
    tuned = [
        DoublyRobustTuning(lambdas=[1, 3, 10, 30, 100, 1000, np.inf], estimator_name="dr_tuned"),
        SwitchDoublyRobustTuning(lambdas=[1, 3, 10, 30, 100, 1000, np.inf], estimator_name="switch_tuned"),
        DoublyRobustWithShrinkageTuning(lambdas=[1, 10, 100, 1000, 1e4, np.inf], estimator_name="dros_tuned"),
    ]
    tables, values = [], []
    for i in range(len(logs["action"])):
        data = feedback(logs, i)
        clicks = set(np.unique(data["reward"])) <= {0.0, 1.0} and len(np.unique(data["reward"])) == 2
        base = LogisticRegression(max_iter=300) if clicks else Ridge()
        model = RegressionModel(n_actions=data["n_actions"], base_model=base)
        try:
            table = model.fit_predict(
                context=data["context"],
                action=data["action"],
                reward=data["reward"],
                n_folds=3,
                random_state=i,
            )
        except ValueError:  # a fold without a click
            table = np.full((*logs["eval_dist"][i].shape, 1), data["reward"].mean())
        judged = OffPolicyEvaluation(bandit_feedback=data, ope_estimators=FIVE + tuned)
        values.append(
            judged.estimate_policy_values(
                action_dist=logs["eval_dist"][i][:, :, None], estimated_rewards_by_reg_model=table
            )
        )
        tables.append(table[:, :, 0])
    names = list(values[0])
    return {"names": np.array(names), "q_hat": np.array(tables),
            "values": np.array([[v[name] for name in names] for v in values])}  # fmt: skip


def coverage(logs: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Percentile intervals of SNIPS."""
    intervals = []
    for i in range(len(logs["action"])):
        judged = OffPolicyEvaluation(feedback(logs, i), [SelfNormalizedInverseProbabilityWeighting()])
        found = judged.estimate_intervals(
            action_dist=logs["eval_dist"][i][:, :, None], n_bootstrap_samples=200, random_state=i
        )["snipw"]
        intervals.append([found["95.0% CI (lower)"], found["95.0% CI (upper)"]])
    return {"intervals": np.array(intervals)}


def speed(logs: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Median seconds of one call, from arrays to the number."""
    data, target = feedback(logs, 0), logs["eval_dist"][0][:, :, None]
    table = logs["q_hat"][0][:, :, None]
    seconds = {}
    for name, estimator in (("ips", FIVE[1]), ("dr", FIVE[3])):
        runs = []
        for _ in range(15):
            started = time.perf_counter()
            OffPolicyEvaluation(data, [estimator]).estimate_policy_values(
                action_dist=target, estimated_rewards_by_reg_model=table
            )
            runs.append(time.perf_counter() - started)
        seconds[name] = float(np.median(runs))
    started = time.perf_counter()
    OffPolicyEvaluation(data, FIVE).estimate_intervals(
        action_dist=target, estimated_rewards_by_reg_model=table, n_bootstrap_samples=10_000, random_state=0
    )
    seconds["intervals"] = time.perf_counter() - started
    return {"seconds": np.array(json.dumps(seconds))}


if __name__ == "__main__":
    warnings.filterwarnings("ignore")
    task, source, out = sys.argv[1:]
    with np.load(source) as stored:
        logs = dict(stored)
    np.savez(out, **{"speed": speed, "choice": choice, "coverage": coverage}[task](logs))
