"""A table of clicks in Parquet whose true rate is known."""

import numpy as np
import polars as pl
from scipy.special import expit


def draw_clicks(n, seed, users=2000, items=300):
    """(frame, true rate): users and items add up on the log-odds, a number and a context beside them."""
    rng, fixed = np.random.default_rng(seed), np.random.default_rng(7)
    of_user, of_item = 0.7 * fixed.standard_normal(users), 0.7 * fixed.standard_normal(items)
    user, item, hour = rng.integers(0, users, n), rng.integers(0, items, n), rng.integers(0, 24, n)
    price = rng.lognormal(3, 0.5, n)
    p = expit(-2.5 + of_user[user] + of_item[item] - 0.4 * np.log(price / 20) + 0.3 * (hour > 18))
    frame = pl.DataFrame(
        {
            "user": [f"u{i}" for i in user],
            "item": [f"i{i}" for i in item],
            "hour": hour,
            "price": price,
            "day": np.sort(rng.random(n)) * 90,
            "click": (rng.random(n) < p).astype(np.int8),
        }
    )
    return frame, p


RECIPE = {
    "columns": {
        "categorical": ["user", "item", "hour"],
        "numeric": ["price"],
        "time": "day",
        "time_format": "ordinal",
    },
    "targets": {"click": {"label": "click"}},
    "model": {"kind": ["hashed"], "n_members": 2},
}
