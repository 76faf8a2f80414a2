"""Decisions and updates a second beside MABWiser and Vowpal Wabbit: 10 arms, 20 features, one thread.

Each peer runs in a process of its own, in its own environment, right after ours in the same run. Two figures
each: by the clock, the best of 25 short rounds, since other work on the machine only ever slows one down; and
by the processor's time (one thread), the median round, which other work hardly changes.
"""

from __future__ import annotations

import json
import os
import pickle
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

N_ARMS, N_FEATURES, N_TRAIN = 10, 20, 4000
N_BATCH, N_ONE, ROUNDS = 4000, 300, 25
PEERS = {"mabwiser": "peer_mabwiser.py", "vw": "peer_vw.py"}


def run() -> dict[str, Any]:
    """Ours, then the peers, then ours again: the second figures show how the machine changed meanwhile."""
    out: dict[str, Any] = {"arms": N_ARMS, "features": N_FEATURES, "adwright": ours()}
    folder = os.environ.get("ADWRIGHT_PEERS", "")
    for name, script in PEERS.items():
        python = Path(folder) / name / "bin" / "python"
        if not folder or not python.is_file():
            print(f"{name}: skipped, no environment {python}")
            continue
        done = subprocess.run(
            [str(python), str(Path(__file__).with_name(script))],
            capture_output=True,
            text=True,
            check=True,
            env={"OMP_NUM_THREADS": "1", "PATH": os.environ["PATH"]},
        )
        out[name] = json.loads(done.stdout.splitlines()[-1])
    out["adwright_again"] = ours()
    return out


def best(work: Callable[[], Any], n: int) -> dict[str, float]:
    """Units of work a second: the best round by the clock, and the median by the processor's time."""
    wall, cpu = [], []
    for _ in range(ROUNDS):
        started, spent = time.perf_counter(), time.process_time()
        work()
        wall.append(time.perf_counter() - started)
        cpu.append(time.process_time() - spent)
    return {"per_s": n / min(wall), "per_cpu_s": n / sorted(cpu)[ROUNDS // 2]}


def ours() -> dict[str, Any]:
    """Figures of every contextual policy, and of Thompson sampling on beliefs."""
    from adwright.decide.contextual import choose
    from adwright.decide.linear_thompson import LinearThompson
    from adwright.decide.linucb import LinUCB
    from adwright.decide.logistic_thompson import LogisticThompson
    from adwright.decide.policy_files import load_policy, save_policy

    rng = np.random.default_rng(0)
    ids = tuple(f"c{i}" for i in range(N_ARMS))
    theta = rng.normal(size=(N_ARMS, N_FEATURES)) / np.sqrt(N_FEATURES)
    x = rng.normal(size=(N_BATCH, N_FEATURES))
    arm = rng.integers(N_ARMS, size=N_BATCH)
    y = (x * theta[arm]).sum(axis=1) + rng.normal(size=N_BATCH)
    names = [ids[i] for i in arm]
    out: dict[str, Any] = {}
    for policy in (LinearThompson(N_FEATURES), LinUCB(N_FEATURES), LogisticThompson(N_FEATURES)):
        rewards = (y > 0).astype(float) if isinstance(policy, LogisticThompson) else y
        policy.update(x[:N_TRAIN], names[:N_TRAIN], rewards[:N_TRAIN])

        def one_by_one(policy: Any = policy) -> None:
            for i in range(N_ONE):
                choose(policy, x[i : i + 1], ids, rng=rng)

        def learn_one(policy: Any = policy, rewards: Any = rewards) -> None:
            for i in range(N_ONE // 4):
                policy.update(x[i : i + 1], names[i : i + 1], rewards[i : i + 1])

        figures = {
            "decisions_batched": best(lambda p=policy: choose(p, x, ids, rng=rng), N_BATCH),  # type: ignore[misc]
            "decisions_one_by_one": best(one_by_one, N_ONE),
            "updates_batched": best(
                lambda p=policy, r=rewards: p.update(x[:N_TRAIN], names[:N_TRAIN], r[:N_TRAIN]),  # type: ignore[misc]
                N_TRAIN,
            ),
            "updates_one_by_one": best(learn_one, N_ONE // 4),
        }
        out[policy.name] = figures | _files(policy, save_policy, load_policy)
    return out


def _files(policy: Any, save: Callable[..., None], load: Callable[..., Any]) -> dict[str, float]:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "policy.npz"
        started = time.perf_counter()
        save(policy, path)
        saved = time.perf_counter()
        load(path)
        return {
            "file_bytes_per_content": path.stat().st_size / N_ARMS,
            "pickle_bytes_per_content": len(pickle.dumps(policy)) / N_ARMS,
            "save_ms": 1000 * (saved - started),
            "load_ms": 1000 * (time.perf_counter() - saved),
        }


if __name__ == "__main__":
    print(json.dumps(run(), indent=1), file=sys.stdout)
