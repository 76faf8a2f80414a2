"""Vowpal Wabbit 9.11.9 on the same task; prints one JSON line. Runs in an environment of its own.

Its contextual bandit with epsilon-greedy exploration: it has no linear Thompson sampling. Text examples are
made beforehand and not counted; parsing them is, since that is its way in.
"""

import json
import tempfile
import time
from pathlib import Path

import numpy as np
import vowpalwabbit as vw

N_ARMS, N_FEATURES, N_TRAIN, N_ONE, ROUNDS = 10, 20, 5000, 400, 25


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
    x = rng.normal(size=(N_TRAIN, N_FEATURES))
    arm = rng.integers(N_ARMS, size=N_TRAIN)
    y = (x * theta[arm]).sum(axis=1) + rng.normal(size=N_TRAIN)
    features = [" ".join(f"f{j}:{v:.5f}" for j, v in enumerate(row)) for row in x]
    asked = [f"| {text}" for text in features]
    learned = [f"{a + 1}:{-r:.5f}:{1 / N_ARMS} | {text}" for a, r, text in zip(arm, y, features, strict=True)]
    work = vw.Workspace(f"--cb_explore {N_ARMS} --epsilon 0.05 --quiet")
    for line in learned:
        work.learn(line)

    def one_by_one():
        for line in asked[:N_ONE]:
            pmf = np.asarray(work.predict(line))
            rng.choice(N_ARMS, p=pmf / pmf.sum())

    def learn_one():
        for line in learned[:N_ONE]:
            work.learn(line)

    out = {
        "cb_explore": {
            "decisions_one_by_one": best(one_by_one, N_ONE),
            "updates_one_by_one": best(learn_one, N_ONE),
        }
    }
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "model.vw"
        started = time.perf_counter()
        work.save(str(path))
        out["cb_explore"]["save_ms"] = 1000 * (time.perf_counter() - started)
        out["cb_explore"]["file_bytes_per_content"] = path.stat().st_size / N_ARMS
    print(json.dumps(out))


main()
