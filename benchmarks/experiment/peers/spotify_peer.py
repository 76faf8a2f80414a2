"""spotify-confidence: seconds a test from summary statistics. Runs in a venv of its own; prints JSON.

python peers/spotify_peer.py
"""

import json
import time
import warnings

import pandas as pd
import spotify_confidence as confidence


def main():
    """Prints the JSON object."""
    warnings.simplefilter("ignore")
    frame = pd.DataFrame({"arm": ["a", "b"], "k": [500.0, 570.0], "n": [10_000.0, 10_000.0]})
    started, n_tests = time.perf_counter(), 20
    for _ in range(n_tests):
        test = confidence.ZTest(
            frame,
            numerator_column="k",
            numerator_sum_squares_column="k",
            denominator_column="n",
            categorical_group_columns="arm",
        )
        result = test.difference(level_1="a", level_2="b")
    seconds = (time.perf_counter() - started) / n_tests
    print(json.dumps({"us_per_test": 1e6 * seconds, "p": float(result["p-value"].iloc[0])}))


if __name__ == "__main__":
    main()
