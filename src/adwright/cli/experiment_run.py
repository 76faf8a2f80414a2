"""`adwright experiment start` and `status`: a test of this workspace, from its plan to how far it is."""

from __future__ import annotations

import dataclasses
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from adwright.cli.json_input import read_object
from adwright.cli.output import JsonOption, WorkspaceOption, emit
from adwright.experiment.definition import experiment_from_mapping
from adwright.experiment.scorecard import Scorecard
from adwright.schema import Experiment
from adwright.workspace import Workspace


def start(
    file: Annotated[str, typer.Argument(help="JSON file of the experiment, or - for standard input.")],
    workspace: WorkspaceOption = Path(),
    as_json: JsonOption = False,
) -> None:
    """Record a test in this workspace, from now on; its arms and shares never change after.

    The file holds the fields of an experiment: {"id", "arms": [{"content_id", "share", "is_control"}], "metric",
    "n_per_arm", "minimum_effect", "alpha", "unit": "customer" | "session" | "cohort" | "slot", "salt"}.
    """
    given = read_object(file)
    test = experiment_from_mapping(given)
    with Workspace.open(workspace) as opened:
        known = {e.id: e for e in opened.experiments.list()}
        if "starts_at" not in given:
            starts = known[test.id].starts_at if test.id in known else datetime.now(UTC)
            test = dataclasses.replace(test, starts_at=starts)
        opened.experiments.save(test)
    since = f"{test.starts_at:%Y-%m-%d %H:%M} UTC"
    lines = f"{test.id} runs since {since}: {len(test.arms)} arms, {test.n_per_arm:,} an arm."
    emit({"experiment": test, "new": test.id not in known}, lines, as_json=as_json)


def status(
    experiment_id: Annotated[str | None, typer.Argument(help="One test; all where it is left out.")] = None,
    workspace: WorkspaceOption = Path(),
    as_json: JsonOption = False,
) -> None:
    """How far the tests of this workspace are, and what they say so far, read at each day's end."""
    from adwright.pipeline.trials import read_trials

    with Workspace.open(workspace) as opened:
        tests = (
            opened.experiments.list() if experiment_id is None else [opened.experiments.get(experiment_id)]
        )
        cards = read_trials(opened, tests) if tests else {}
    rows = [_status(test, cards.get(test.id)) for test in tests]
    lines = [f"{test.id}: {_line(test, cards.get(test.id))}" for test in tests]
    emit({"experiments": rows}, "\n".join(lines) or "No test was started here.", as_json=as_json)


def _status(test: Experiment, card: Scorecard | None) -> dict[str, Any]:
    if card is None:
        return {"experiment": test, "n_reached": 0, "share_done": 0.0, "decision": "go on", "winner": None}
    return {
        "experiment": test,
        "design": card.design,
        "n_reached": card.n_reached,
        "share_done": card.share_done,
        "decision": card.verdict.decision,
        "winner": card.verdict.winner,
        "reasons": card.verdict.reasons,
    }


def _line(test: Experiment, card: Scorecard | None) -> str:
    return (
        f"no exposure yet, {test.n_per_arm:,} an arm are planned."
        if card is None
        else card.verdict.reasons["en"][0]
    )
