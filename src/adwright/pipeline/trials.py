"""A running test of a workspace, read as often as one likes: from the ledger's decisions to a scorecard."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import polars as pl

from adwright.errors import DataError
from adwright.experiment import analyse
from adwright.experiment.design import Design
from adwright.experiment.findings import check_totals
from adwright.experiment.inference import NormalPrior
from adwright.experiment.metrics import MetricSpec
from adwright.experiment.scorecard import Scorecard, analyse_metrics
from adwright.experiment.totals_looks import metrics_of_totals, summaries_of_totals
from adwright.pipeline.outcomes import Outcomes, collect_outcomes
from adwright.pipeline.settings import RunSettings
from adwright.schema import Experiment
from adwright.workspace import Workspace


def read_trials(
    workspace: Workspace, tests: Sequence[Experiment], *, design: Design | None = None
) -> dict[str, Scorecard]:
    """Test id -> what it says so far, read at the end of each day; tests without exposures are left out.

    What the effect model believed of a test when it started is the prior of its Bayesian reading, which is shown and
    decides nothing.

    Args:
        workspace: With the decisions in its ledger and the events in its tables.
        tests: Of this workspace.
        design: None takes group_sequential where a test has a planned size, else anytime.
    """
    settings = RunSettings.from_recipe(workspace.recipe)
    outcomes = collect_outcomes(workspace, rule=settings.attribution)
    cards = {test.id: _card(outcomes, test, design) for test in tests}
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


def _card(outcomes: Outcomes, test: Experiment, design: Design | None) -> Scorecard | None:
    totals = outcomes.test_totals(test)
    if not totals.height:
        return None
    once = analyse(test, totals, units=outcomes.test_units(test))
    return analyse_metrics(
        test,
        [replace(m, prior=_prior(test, m)) for m in metrics_of_totals(test, totals)],
        summaries_of_totals(test, totals),
        design=design,
        findings=check_totals(test, totals),
        dispersion=once.dispersion,
        assigned=once.sample_ratio.counts,
    )


def _prior(test: Experiment, metric: MetricSpec) -> NormalPrior | None:
    """What was believed of the test's metric when it started; None where nothing was."""
    if metric.name != test.metric or test.prior_mean is None or test.prior_variance is None:
        return None
    return NormalPrior(mean=test.prior_mean, variance=test.prior_variance)
