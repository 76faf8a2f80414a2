"""A running test of a workspace, read as often as one likes: from the ledger's decisions to a scorecard."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import polars as pl

from adwright.errors import DataError
from adwright.experiment import analyse
from adwright.experiment.design import Design
from adwright.experiment.findings import check_totals
from adwright.experiment.inference import NormalPrior
from adwright.experiment.metrics import MetricSpec
from adwright.experiment.prior import prior_from_rate
from adwright.experiment.scorecard import Scorecard, analyse_metrics
from adwright.experiment.totals_looks import metrics_of_totals, summaries_of_totals
from adwright.pipeline.outcomes import Outcomes, collect_outcomes
from adwright.pipeline.settings import RunSettings
from adwright.schema import Experiment, Rate
from adwright.workspace import Workspace


def read_trials(
    workspace: Workspace, tests: Sequence[Experiment], *, design: Design | None = None
) -> dict[str, Scorecard]:
    """Test id -> what it says so far, read at the end of each day; tests without exposures are left out.

    Where two contents are compared of which the effect model knows the spread, what it predicted of them is the
    prior of the Bayesian reading, which is shown and decides nothing.

    Args:
        workspace: With the decisions in its ledger and the events in its tables.
        tests: Of this workspace.
        design: None takes group_sequential where a test has a planned size, else anytime.
    """
    settings = RunSettings.from_recipe(workspace.recipe)
    outcomes = collect_outcomes(workspace, rule=settings.attribution)
    known = workspace.contents.effects([arm.content_id for test in tests for arm in test.arms])
    cards = {test.id: _card(outcomes, test, design, known) for test in tests}
    return {name: card for name, card in cards.items() if card is not None}


TRAFFIC_DAYS = 28
"""Days over which a shop's traffic is averaged: four of each weekday."""


def daily_exposures(workspace: Workspace) -> float:
    """Exposures a day of this shop: the mean of the last 28 days up to the last one that has any.

    Raises:
        DataError: the ledger holds no exposures.
    """
    totals = workspace.ledger.totals()
    n = totals["n_exposures"].sum() or 0 if totals.height else 0
    if n == 0:
        raise DataError(
            "the ledger holds no exposures", argument="n_exposures", value=0, hint="Give --daily-traffic"
        )
    last = totals.filter(pl.col("n_exposures") > 0)["at"].dt.date().max()
    first = pl.lit(last) - pl.duration(days=TRAFFIC_DAYS - 1)
    recent = totals.filter(pl.col("at").dt.date() >= first)
    return float(recent["n_exposures"].sum()) / TRAFFIC_DAYS


def _card(
    outcomes: Outcomes, test: Experiment, design: Design | None, known: Mapping[str, Mapping[str, Any]]
) -> Scorecard | None:
    totals = outcomes.test_totals(test)
    if not totals.height:
        return None
    once = analyse(test, totals, units=outcomes.test_units(test))
    return analyse_metrics(
        test,
        [replace(m, prior=_prior(m, test, known)) for m in metrics_of_totals(test, totals)],
        summaries_of_totals(test, totals),
        design=design,
        findings=check_totals(test, totals),
        dispersion=once.dispersion,
        assigned=once.sample_ratio.counts,
    )


def _prior(
    metric: MetricSpec, test: Experiment, known: Mapping[str, Mapping[str, Any]]
) -> NormalPrior | None:
    """What the effect model believed of the other arm against the control; None where it does not know."""
    arms = sorted(test.arms, key=lambda arm: not arm.is_control)
    effects = [known.get(arm.content_id, {}) for arm in arms]
    means = [effect.get(metric.name) for effect in effects]
    spreads = [effect.get("spread_k", {}).get(metric.name) for effect in effects]
    if len(arms) != 2 or None in means or None in spreads:
        return None
    rate = Rate(
        mean=np.array([mean[0] for mean in means], np.float64),  # type: ignore[index]
        k=np.array(spreads, np.float64),
        level_sd=np.zeros(2),
    )
    return prior_from_rate(rate, control=0, treatment=1)
