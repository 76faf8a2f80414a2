"""A running test of a workspace, read as often as one likes: from the ledger's decisions to a scorecard."""

from __future__ import annotations

from collections.abc import Sequence

from adwright.experiment import analyse
from adwright.experiment.design import Design
from adwright.experiment.findings import check_totals
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

    Args:
        workspace: With the decisions in its ledger and the events in its tables.
        tests: Of this workspace.
        design: None takes group_sequential where a test has a planned size, else anytime.
    """
    settings = RunSettings.from_recipe(workspace.recipe)
    outcomes = collect_outcomes(workspace, rule=settings.attribution)
    cards = {test.id: _card(outcomes, test, design) for test in tests}
    return {name: card for name, card in cards.items() if card is not None}


def _card(outcomes: Outcomes, test: Experiment, design: Design | None) -> Scorecard | None:
    totals = outcomes.test_totals(test)
    if not totals.height:
        return None
    once = analyse(test, totals, units=outcomes.test_units(test))
    return analyse_metrics(
        test,
        metrics_of_totals(test, totals),
        summaries_of_totals(test, totals),
        design=design,
        findings=check_totals(test, totals),
        dispersion=once.dispersion,
        assigned=once.sample_ratio.counts,
    )
