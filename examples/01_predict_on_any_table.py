"""Learn click rates from a table of past ads and score new ones. Any table will do: the recipe names its columns.

python examples/01_predict_on_any_table.py
"""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import polars as pl

from adwright.predict import Predictor, PredictRecipe

RECIPE = PredictRecipe.of(
    {
        "columns": {"text": ["headline"], "time": "day", "content": "ad_id", "group": "campaign"},
        "targets": {"click": {"trials": "views", "successes": "clicks"}},
    }
)


def past_ads(rng: np.random.Generator) -> pl.DataFrame:
    """600 campaigns of 4 ads each; "free delivery" is worth 40 % more clicks, which the model is not told."""
    openings = ["Free delivery on", "New in:", "Have a look at", "Now in stock:"]
    things = ["linen shirts", "walking shoes", "enamel mugs", "wool socks", "desk lamps"]
    rows = []
    for campaign in range(600):
        level, thing = rng.lognormal(0.0, 0.3), rng.choice(things)
        for i, opening in enumerate(openings):
            effect = rng.gamma(50.0, 1 / 50.0) * (1.4 if i == 0 else 1.0)
            rows.append(
                {
                    "ad_id": f"{campaign}-{i}",
                    "campaign": campaign,
                    "day": date(2024, 6, 1) + timedelta(days=campaign),
                    "headline": f"{opening} {thing}",
                    "views": 4000,
                    "clicks": int(rng.poisson(4000 * 0.02 * level * effect)),
                }
            )
    return pl.DataFrame(rows)


def main() -> None:
    table = past_ads(np.random.default_rng(0))
    predictor = Predictor.fit(table, RECIPE)
    new = pl.DataFrame({"headline": ["Free delivery on desk lamps", "Have a look at desk lamps"]})
    new = new.with_columns(ad_id=pl.Series(["a", "b"]), views=4000)
    shown = predictor.score_frame(new).select("headline", "p", "p_low", "p_high", "k_content")
    print(shown.with_columns(pl.selectors.float().round(4)))
    found = predictor.evaluate(table)["targets"]["click"]
    print(f"pairs of one campaign in the right order: {found['pair_accuracy']['all']['value']:.0%}")
    print(f"observed clicks inside their 90 % interval: {found['coverage_90']['all']['value']:.0%}")


if __name__ == "__main__":
    main()
