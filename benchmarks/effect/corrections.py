"""What late conversions, positions and sampled failures do to a rate, and what is left of it once they are corrected.

    python benchmarks/effect/corrections.py [--seeds N]

Rows are drawn from a known rate, then hidden as shops hide them; the naive fit takes the table at its word. Gated:
the mean prediction over the true mean rate, and the root mean squared error on the log-odds of four kinds of row,
both over the seeds with their standard errors.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from run import machine
from scipy import special

from adwright.predict import Predictor, PredictRecipe

HERE = Path(__file__).parent
ID = "corrections"
SEEDS = (0, 1, 2, 3, 4)
KINDS = np.array([-3.0, -2.0, -1.2, -0.5])
"""Log-odds of the four kinds of row."""

N_ROWS = 12_000
MODEL = {"kind": ["logistic"], "ridges": [1.0], "n_members": 2}


@dataclass(frozen=True, slots=True, kw_only=True)
class Correction:
    """One way in which a table hides the rate.

    Args:
        id: Never reused.
        draw: (table, (n,) true rates) of a seed.
        naive: The recipe that takes the table at its word.
        told: What is added to it.
    """

    id: str
    draw: Callable[[np.random.Generator], tuple[pl.DataFrame, np.ndarray]]
    naive: dict[str, Any]
    told: dict[str, Any]


def draw_late(rng: np.random.Generator) -> tuple[pl.DataFrame, np.ndarray]:
    """Clicks over 40 days, conversions 8 days later on average, watched until the last day."""
    kind, rate = _kinds(rng, N_ROWS)
    at = np.sort(rng.uniform(0, 40, N_ROWS))
    delay = np.where(rng.random(N_ROWS) < rate, rng.exponential(8.0, N_ROWS), np.inf)
    bought = np.where(at + delay <= 40, at + delay, np.nan)
    frame = pl.DataFrame(
        {"kind": kind, "at": at, "bought": pl.Series(bought).fill_nan(None), "until": np.full(N_ROWS, 40.0)}
    )
    return frame.with_columns(y=pl.col("bought").is_not_null().cast(pl.Int8)), rate


def draw_placed(rng: np.random.Generator) -> tuple[pl.DataFrame, np.ndarray]:
    """Four positions, looked at 100, 60, 35 and 15 times in a hundred; the better contents stand on top."""
    kind, rate = _kinds(rng, 5 * N_ROWS)
    place = special.logit(rate) + rng.logistic(size=len(rate))
    slot = 3 - np.searchsorted(np.quantile(place, [0.25, 0.5, 0.75]), place)
    seen = np.array([1.0, 0.6, 0.35, 0.15])[slot]
    y = (rng.random(len(rate)) < rate * seen).astype(np.int8)
    return pl.DataFrame({"kind": kind, "slot": slot + 1, "y": y}), rate


def draw_sampled(rng: np.random.Generator) -> tuple[pl.DataFrame, np.ndarray]:
    """One failure in ten is kept."""
    kind, rate = _kinds(rng, 5 * N_ROWS)
    y = rng.random(len(rate)) < rate
    kept = y | (rng.random(len(rate)) < 0.1)
    return pl.DataFrame({"kind": kind, "y": y.astype(np.int8)}).filter(pl.Series(kept)), rate[kept]


def _kinds(rng: np.random.Generator, size: int) -> tuple[list[str], np.ndarray]:
    kind = rng.integers(0, 4, size)
    return [f"k{i}" for i in kind], special.expit(KINDS[kind])


def _table(target: dict[str, Any], name: str = "click", **changes: Any) -> dict[str, Any]:
    return {"columns": {"categorical": ["kind"]}, "targets": {name: target}, "model": MODEL, **changes}


_TIMED = {"columns": {"categorical": ["kind"], "time": "at", "time_format": "ordinal"}}
_DELAY = {"began": "at", "succeeded": "bought", "until": "until"}

CORRECTIONS = (
    Correction(
        id="late-conversions",
        draw=draw_late,
        naive=_table({"label": "y"}, "conversion", **_TIMED),
        told=_table({"label": "y", "delay": _DELAY}, "conversion", **_TIMED),
    ),
    Correction(
        id="positions-learned",
        draw=draw_placed,
        naive=_table({"label": "y"}),
        told=_table({"label": "y"}, position={"column": "slot"}),
    ),
    Correction(
        id="positions-given",
        draw=draw_placed,
        naive=_table({"label": "y"}),
        told=_table(
            {"label": "y"},
            position={"column": "slot", "propensity": {"1": 1.0, "2": 0.6, "3": 0.35, "4": 0.15}},
        ),
    ),
    Correction(
        id="failures-sampled",
        draw=draw_sampled,
        naive=_table({"label": "y"}),
        told=_table({"label": "y", "negative_rate": 0.1}),
    ),
)


def judge(recipe: dict[str, Any], frame: pl.DataFrame) -> tuple[float, float]:
    """Mean prediction of the four kinds over their mean rate, and the error on their log-odds."""
    effect = Predictor.fit(frame, PredictRecipe.of(recipe)).score(
        pl.DataFrame({"kind": [f"k{i}" for i in range(len(KINDS))]})
    )
    rate = effect.click or effect.conversion
    assert rate is not None
    ratio = float(rate.mean.mean() / special.expit(KINDS).mean())
    return ratio, float(np.sqrt(np.mean((special.logit(rate.mean) - KINDS) ** 2)))


def run(seeds: tuple[int, ...]) -> dict[str, Any]:
    """Naive and corrected, for each way of hiding."""
    found: dict[str, Any] = {}
    for case in CORRECTIONS:
        held: dict[str, list[tuple[float, float]]] = {"naive": [], "corrected": []}
        for seed in seeds:
            frame, _ = case.draw(np.random.default_rng(seed))
            held["naive"].append(judge(case.naive, frame))
            held["corrected"].append(judge(case.told, frame))
        found[case.id] = {name: _summary(np.array(values)) for name, values in held.items()}
        print(f"  {case.id}", file=sys.stderr, flush=True)
    return found


def _summary(values: np.ndarray) -> dict[str, Any]:
    error = values.std(axis=0, ddof=1) / np.sqrt(len(values)) if len(values) > 1 else np.full(2, np.nan)
    return {
        name: {"mean": round(float(values[:, i].mean()), 4), "standard_error": round(float(error[i]), 4)}
        for i, name in enumerate(("predicted_over_true", "rmse_of_log_odds"))
    }


def main() -> None:
    """Runs it and writes `results/corrections.json`."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, help="only so many of the seeds")
    seeds = SEEDS[: parser.parse_args().seeds]
    figures = {"machine": machine(), "seeds": list(seeds), "gated": run(seeds)}
    (HERE / "results" / f"{ID}.json").write_text(json.dumps(figures, indent=1) + "\n", encoding="utf-8")
    print(json.dumps(figures["gated"], indent=1))


if __name__ == "__main__":
    main()
