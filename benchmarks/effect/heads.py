"""What the heads of the fusion network bring, on drawn tables whose truth is known, five seeds each.

    python benchmarks/effect/heads.py [--out FILE]    # two to three minutes of one core

exposures   conversions learned over all exposures (ESMM) or on clicks alone: AUC of who would have bought, among all
            exposed, where a taste for the shop drives clicks and purchases
attention   attention to the candidate, the same network without the sequence, and a logistic regression that counts
            matches: AUC of clicks that hang on the kind of the last three items, which nobody names
orders      log-normal orders by the network and by ridge regression: share of single orders within the 5 and 95 %
            quantiles, where their spread is small and where it is large

Each gain is paired by seed, with its standard error.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from run import machine
from scipy.special import expit

from adwright.predict import Predictor, PredictRecipe
from adwright.stats.ranking import auc

SEEDS = range(5)
FUSION = {"n_members": 2, "learning_rate": 1e-2, "batch_rows": 256, "dropout": 0.0}
MODEL = {"ridges": [3.0, 30.0], "n_members": 2}


def draw_exposures(n: int, seed: int) -> tuple[pl.DataFrame, Any]:
    """(frame, who would have bought): a user's taste drives both."""
    rng, taste = np.random.default_rng(seed), np.random.default_rng(99).standard_normal(300)
    user = rng.integers(0, 300, n)
    click = rng.random(n) < expit(-2.2 + 1.2 * taste[user])
    would = rng.random(n) < expit(-1.2 + 1.2 * taste[user])
    users = [f"u{i}" for i in user]
    frame = pl.DataFrame({"user": users, "click": click.astype(int), "buy": (click & would).astype(int)})
    return frame, would.astype(float)


def draw_histories(n: int, seed: int) -> pl.DataFrame:
    """A click is likely where the candidate's kind is among the last three items."""
    rng = np.random.default_rng(seed)
    item, history = rng.integers(0, 24, n), rng.integers(0, 24, (n, 3))
    kind = np.random.default_rng(7).permutation(24) % 6
    p = np.where((kind[history] == kind[item][:, None]).any(axis=1), 0.5, 0.08)
    lists = [[f"i{j}" for j in row] for row in history]
    return pl.DataFrame(
        {"item": [f"i{i}" for i in item], "h": lists, "click": (rng.random(n) < p).astype(int)}
    )


def draw_orders(n: int, seed: int) -> tuple[pl.DataFrame, Any]:
    """(frame, log standard deviation): the mean hangs on the category, the spread on the device."""
    rng = np.random.default_rng(seed)
    category, device = rng.integers(0, 4, n), rng.integers(0, 2, n)
    sd = np.where(device == 1, 0.9, 0.3)
    bought = rng.random(n) < 0.3
    value = np.where(bought, np.rint(np.exp(8 + 0.5 * category + sd * rng.standard_normal(n))), 0)
    columns = {"category": [f"c{i}" for i in category], "device": [f"d{i}" for i in device]}
    return pl.DataFrame({**columns, "buy": bought.astype(int), "value": value}), sd


def exposures(seed: int) -> dict[str, float]:
    """AUC of would-be buyers; on clicks alone the click target is left out and unclicked rows are null."""
    frame, _ = draw_exposures(9000, seed)
    fresh, would = draw_exposures(6000, 100 + seed)
    given_click = frame.with_columns(buy=pl.when(pl.col("click") == 1).then("buy"))
    found = {}
    for name, data, targets in (
        ("on_exposures", frame, {"click": {"label": "click"}, "conversion": {"label": "buy"}}),
        ("on_clicks", given_click, {"conversion": {"label": "buy"}}),
    ):
        model = {"kind": ["fusion"], "fusion": {**FUSION, "n_epochs": 6}}
        recipe = {"columns": {"categorical": ["user"]}, "targets": targets, "model": model}
        effect = Predictor.fit(data, PredictRecipe.of(recipe)).score(fresh)
        found[name] = float(auc(effect.conversion.mean, would)[0])
    return found


def attention(seed: int) -> dict[str, float]:
    """AUC of clicks."""
    frame, fresh = draw_histories(10_000, seed), draw_histories(5000, 100 + seed)
    y, found = fresh["click"].to_numpy().astype(float), {}
    for name, kind, sequence in (
        ("attended", "fusion", {"h": {"of": "item"}}),
        ("no_sequence", "fusion", {}),
        ("matches_counted", "logistic", {"h": {"of": "item"}}),
    ):
        fusion = {**FUSION, "n_epochs": 12, "weight_decay": 0.0}
        recipe = {
            "columns": {"categorical": ["item"], "sequence": sequence},
            "targets": {"click": {"label": "click"}},
            "model": {**MODEL, "kind": [kind], "fusion": fusion},
        }
        effect = Predictor.fit(frame, PredictRecipe.of(recipe)).score(fresh)
        found[name] = float(auc(effect.click.mean, y)[0])
    return found


def orders(seed: int) -> dict[str, float]:
    """Coverage of the 90 % interval of a single order, by spread."""
    frame, _ = draw_orders(20_000, seed)
    fresh, sd = draw_orders(8000, 100 + seed)
    value, found = fresh["value"].to_numpy(), {}
    for base in ("fusion", "linear"):
        recipe = {
            "columns": {"categorical": ["category", "device"]},
            "targets": {
                "conversion": {"label": "buy"},
                "order_value": {"label": "value", "currency": "EUR"},
            },
            "model": {
                **MODEL,
                "kind": ["logistic"],
                "order_value": base,
                "fusion": {**FUSION, "n_epochs": 6},
            },
        }
        scored = Predictor.fit(frame, PredictRecipe.of(recipe)).score_frame(fresh)
        low, high = (scored[f"order_value_{end}_minor"].to_numpy() for end in ("low", "high"))
        for name, spread in (("small", 0.3), ("large", 0.9)):
            part = (value > 0) & (sd == spread)
            found[f"{base}_{name}_spread"] = float(np.mean((value >= low)[part] & (value <= high)[part]))
    return found


def summary(by_seed: list[dict[str, float]]) -> dict[str, Any]:
    """Means, and each figure's paired difference to the first with its standard error."""
    names = list(by_seed[0])
    table = np.array([[one[name] for name in names] for one in by_seed])
    gap = table[:, :1] - table[:, 1:]
    error = gap.std(axis=0, ddof=1) / np.sqrt(len(table))
    return {
        "mean": dict(zip(names, table.mean(axis=0).round(4).tolist(), strict=True)),
        f"{names[0]}_less": {
            name: {"value": round(float(value), 4), "standard_error": round(float(se), 4)}
            for name, value, se in zip(names[1:], gap.mean(axis=0), error, strict=True)
        },
        "by_seed": by_seed,
    }


def main() -> None:
    """Runs the three questions and writes the results."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--out", type=Path, default=Path(__file__).parent / "results" / "heads.json")
    out = parser.parse_args().out
    found: dict[str, Any] = {"machine": machine()}
    for question in (exposures, attention, orders):
        found[question.__name__] = summary([question(seed) for seed in SEEDS])
        out.write_text(json.dumps(found, indent=1), encoding="utf-8")
        print(question.__name__, json.dumps(found[question.__name__]["mean"]), flush=True)


if __name__ == "__main__":
    main()
