"""The Open Bandit Pipeline on the same logs, in its own environment: PYTHON peer_obp.py TASK IN.npz OUT.npz

TASK is `speed`, `choice` or `coverage`. The table of the outcome model comes with the logs: both sides use it.
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
    SelfNormalizedDoublyRobust,
    SelfNormalizedInverseProbabilityWeighting,
    SwitchDoublyRobustTuning,
)

FIVE = [
    DirectMethod(),
    InverseProbabilityWeighting(),
    SelfNormalizedInverseProbabilityWeighting(),
    DoublyRobust(),
    SelfNormalizedDoublyRobust(),
]


Log = dict[str, np.ndarray]


def feedback(log: Log) -> dict[str, object]:
    """One log as the pipeline wants it."""
    return {
        "n_rounds": len(log["action"]),
        "n_actions": log["eval_dist"].shape[1],
        "context": log["context"],
        "action": log["action"],
        "reward": log["reward"],
        "pscore": log["pscore"],
        "position": np.zeros(len(log["action"]), int),
    }


def choice(logs: list[Log]) -> dict[str, np.ndarray]:
    """Estimates of five plain and three tuned estimators."""
    tuned = [
        DoublyRobustTuning(lambdas=[1, 3, 10, 30, 100, 1000, np.inf], estimator_name="dr_tuned"),
        SwitchDoublyRobustTuning(lambdas=[1, 3, 10, 30, 100, 1000, np.inf], estimator_name="switch_tuned"),
        DoublyRobustWithShrinkageTuning(lambdas=[1, 10, 100, 1000, 1e4, np.inf], estimator_name="dros_tuned"),
    ]
    values = []
    for log in logs:
        judged = OffPolicyEvaluation(bandit_feedback=feedback(log), ope_estimators=FIVE + tuned)
        values.append(
            judged.estimate_policy_values(
                action_dist=log["eval_dist"][:, :, None],
                estimated_rewards_by_reg_model=log["q_hat"][:, :, None],
            )
        )
    names = list(values[0])
    return {"names": np.array(names), "values": np.array([[v[name] for name in names] for v in values])}


def coverage(logs: list[Log]) -> dict[str, np.ndarray]:
    """Percentile intervals of SNIPS."""
    intervals = []
    for i, log in enumerate(logs):
        judged = OffPolicyEvaluation(feedback(log), [SelfNormalizedInverseProbabilityWeighting()])
        found = judged.estimate_intervals(
            action_dist=log["eval_dist"][:, :, None], n_bootstrap_samples=200, random_state=i
        )["snipw"]
        intervals.append([found["95.0% CI (lower)"], found["95.0% CI (upper)"]])
    return {"intervals": np.array(intervals)}


def speed(logs: list[Log]) -> dict[str, np.ndarray]:
    """Median seconds of one call, from arrays to the number."""
    (log,) = logs
    data, target, table = feedback(log), log["eval_dist"][:, :, None], log["q_hat"][:, :, None]
    seconds = {}
    for name, estimator in (("ips", FIVE[1]), ("dr", FIVE[3])):
        runs = []
        for _ in range(50):
            started = time.perf_counter()
            judged = OffPolicyEvaluation(data, [estimator])
            judged.estimate_policy_values(action_dist=target, estimated_rewards_by_reg_model=table)
            runs.append(time.perf_counter() - started)
        seconds[name] = float(np.median(runs))
    started = time.perf_counter()
    OffPolicyEvaluation(data, FIVE).estimate_intervals(
        action_dist=target, estimated_rewards_by_reg_model=table, n_bootstrap_samples=10_000, random_state=0
    )
    seconds["intervals"] = time.perf_counter() - started
    return {"seconds": np.array(json.dumps(seconds))}


def read(source: str) -> list[Log]:
    """The logs, whose arrays are stored as `name_index`."""
    logs: dict[int, Log] = {}
    with np.load(source) as stored:
        for key in stored.files:
            name, _, index = key.rpartition("_")
            logs.setdefault(int(index), {})[name] = stored[key]
    return [logs[i] for i in sorted(logs)]


if __name__ == "__main__":
    warnings.filterwarnings("ignore")
    task, source, out = sys.argv[1:]
    np.savez(out, **{"speed": speed, "choice": choice, "coverage": coverage}[task](read(source)))
