"""MABWiser 2.7.4 on the same task; prints one JSON line. Runs in an environment of its own."""

import json
import pickle
import time

import numpy as np
from mabwiser.mab import MAB, LearningPolicy

N_ARMS, N_FEATURES, N_TRAIN, N_BATCH, N_ONE, ROUNDS = 10, 20, 4000, 4000, 100, 25


def best(work, n):
    """Units of work a second: the best round by the clock, the median by the processor."""
    wall, cpu = [], []
    for _ in range(ROUNDS):
        started, spent = time.perf_counter(), time.process_time()
        work()
        wall.append(time.perf_counter() - started)
        cpu.append(time.process_time() - spent)
    return {"per_s": n / min(wall), "per_cpu_s": n / sorted(cpu)[ROUNDS // 2]}


def main():
    """Measures, and prints one JSON line."""
    rng = np.random.default_rng(0)
    theta = rng.normal(size=(N_ARMS, N_FEATURES)) / np.sqrt(N_FEATURES)
    x = rng.normal(size=(N_BATCH, N_FEATURES))
    arm = rng.integers(N_ARMS, size=N_BATCH)
    y = (x * theta[arm]).sum(axis=1) + rng.normal(size=N_BATCH)
    out = {}
    for name, policy in (
        ("linear_thompson", LearningPolicy.LinTS(alpha=1.0)),
        ("linucb", LearningPolicy.LinUCB(alpha=1.0)),
    ):
        mab = MAB(list(range(N_ARMS)), policy)
        mab.fit(arm[:N_TRAIN], y[:N_TRAIN], x[:N_TRAIN])

        def one_by_one(mab=mab):
            for i in range(N_ONE):
                mab.predict(x[i : i + 1])

        def learn_one(mab=mab):
            for i in range(N_ONE // 5):
                mab.partial_fit(arm[i : i + 1], y[i : i + 1], x[i : i + 1])

        out[name] = {
            "decisions_batched": best(lambda mab=mab: mab.predict(x), N_BATCH),
            "decisions_one_by_one": best(one_by_one, N_ONE),
            "updates_batched": best(
                lambda mab=mab: mab.partial_fit(arm[:N_TRAIN], y[:N_TRAIN], x[:N_TRAIN]), N_TRAIN
            ),
            "updates_one_by_one": best(learn_one, N_ONE // 5),
            "pickle_bytes_per_content": len(pickle.dumps(mab)) / N_ARMS,
        }
    print(json.dumps(out))


main()
