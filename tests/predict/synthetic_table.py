"""Tables drawn from the predictor's own model: level, content effect and words that matter, all known."""

import numpy as np
import polars as pl

WORDS = {"wonderful": 0.35, "cheap": -0.3, "secret": 0.25, "plain": -0.2, "today": 0.15, "boring": -0.35}
FILLERS = [f"{a}{b}" for a in ("bla", "dor", "mip", "tek", "sul", "gan") for b in ("ra", "no", "ti", "ke")]


def draw_table(
    seed=0,
    *,
    n_groups=150,
    per_group=6,
    rate=0.02,
    k=50.0,
    level_sd=0.4,
    trials=4000,
    words=None,
):
    """(frame, true mean) of n_groups x per_group contents; rate = mean x level x Gamma(k, k)."""
    rng = np.random.default_rng(seed)
    effects = WORDS if words is None else words
    n = n_groups * per_group
    group = np.repeat(np.arange(n_groups), per_group)
    chosen = rng.random((n, len(effects))) < 0.3
    names = list(effects)
    texts = []
    for row in chosen:
        parts = [names[j] for j in np.flatnonzero(row)] + list(rng.choice(FILLERS, 4))
        texts.append(" ".join(rng.permutation(parts)))
    mean = rate * np.exp(chosen @ np.array(list(effects.values())))
    level = np.exp(level_sd * rng.standard_normal(n_groups) - level_sd**2 / 2)
    n_trials = rng.integers(trials // 2, trials * 2, n)
    latent = mean * level[group] * rng.gamma(k, 1 / k, n)
    clicks = rng.binomial(n_trials, np.minimum(latent, 1.0))
    frame = pl.DataFrame(
        {
            "content": [f"c{i}" for i in range(n)],
            "test": [f"t{g}" for g in group],
            "day": group,
            "text": texts,
            "n": n_trials,
            "y": clicks,
        }
    )
    return frame, mean


def click_recipe(**changes):
    """The recipe of that table, as a mapping that a test may change."""
    table = {
        "columns": {
            "text": ["text"],
            "time": "day",
            "time_format": "ordinal",
            "content": "content",
            "group": "test",
        },
        "targets": {"click": {"trials": "n", "successes": "y"}},
        "model": {"n_members": 2, "ridges": [3.0, 10.0, 30.0, 100.0, 1000.0], "char_ngrams": [2, 3]},
    }
    for key, value in changes.items():
        table[key] = {**table.get(key, {}), **value}
    return table
