"""GrowthBook's engine on the looks of an .npz file: stdout is one JSON object. Runs in a venv of its own.

python peers/gbstats_peer.py looks.npz rate|revenue
"""

import json
import sys
import time

import numpy as np
from gbstats.bayesian.tests import EffectBayesianABTest
from gbstats.frequentist.tests import SequentialConfig, SequentialTwoSidedTTest, TwoSidedTTest
from gbstats.models.statistics import ProportionStatistic, SampleMeanStatistic


def statistic(kind, n, total, squares):
    """The peer's summary of an arm."""
    if kind == "rate":
        return ProportionStatistic(n=int(n), sum=int(total))
    return SampleMeanStatistic(n=int(n), sum=float(total), sum_squares=float(squares))


def main():
    """Prints the JSON object."""
    looks, kind = np.load(sys.argv[1]), sys.argv[2]
    n_sim, n_looks = looks["total_a"].shape
    stopped = {"relative": 0, "absolute": 0, "bayes": 0}
    answered = seen = 0
    seconds = {"relative": 0.0, "absolute": 0.0, "bayes": 0.0, "t": 0.0}
    for i in range(n_sim):
        found = dict.fromkeys(stopped, False)
        for j in range(n_looks):
            a = statistic(kind, looks["n_a"][j], looks["total_a"][i, j], looks["squares_a"][i, j])
            b = statistic(kind, looks["n_b"][j], looks["total_b"][i, j], looks["squares_b"][i, j])
            for difference in ("relative", "absolute"):
                started = time.perf_counter()
                config = SequentialConfig(difference_type=difference)
                result = SequentialTwoSidedTTest(a, b, config).compute_result()
                seconds[difference] += time.perf_counter() - started
                found[difference] |= result.error_message is None and result.p_value < 0.05
            answered += result.error_message is None
            seen += 1
            started = time.perf_counter()
            result = EffectBayesianABTest(a, b).compute_result()
            seconds["bayes"] += time.perf_counter() - started
            sure = result.chance_to_win > 0.975 or result.chance_to_win < 0.025
            found["bayes"] |= result.error_message is None and sure
            started = time.perf_counter()
            TwoSidedTTest(a, b).compute_result()
            seconds["t"] += time.perf_counter() - started
        for name, hit in found.items():
            stopped[name] += hit
    out = {
        "n": n_sim,
        "stopped": stopped,
        "answered": answered / seen,
        "us_per_test": {name: 1e6 * s / seen for name, s in seconds.items()},
    }
    print(json.dumps(out))


if __name__ == "__main__":
    main()
