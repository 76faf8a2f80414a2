from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from adwright.cli.experiment import app
from adwright.errors import UsageError

EXPERIMENT = {
    "id": "t",
    "arms": [{"content_id": "old", "share": 0.5, "is_control": True}, {"content_id": "new", "share": 0.5}],
    "n_per_arm": 10_000,
    "salt": "foo",
}
TOTALS = [
    {"content_id": "old", "n_exposures": 10_000, "n_clicks": 500},
    {"content_id": "new", "n_exposures": 10_000, "n_clicks": 570},
]


def run(*arguments: str, given: str = "") -> str:
    outcome = CliRunner().invoke(app, list(arguments), input=given, catch_exceptions=False)
    assert outcome.exit_code == 0, outcome.output
    return outcome.stdout


def analyse(document: Any, *options: str) -> str:
    return run("analyse", "-", *options, given=json.dumps(document))


def test_a_plan_as_json_and_in_words() -> None:
    options = ("plan", "--baseline", "0.05", "--effect", "0.1", "--daily-traffic", "5000")
    plan = json.loads(run(*options, "--json"))
    assert (plan["n_per_arm"], plan["n_total"], plan["days"]) == (31234, 62468, 13)  # statsmodels: 31233.4
    assert "62,468 exposures" in run(*options)


def test_a_plan_for_a_mean_and_for_unequal_shares() -> None:
    plan = json.loads(run("plan", "--baseline", "100", "--effect", "0.05", "--sd", "100", "--json"))
    assert (plan["kind"], plan["n_per_arm"]) == ("mean", 6280)
    shares = ("--arms", "3", "--share", "0.5", "--share", "0.25", "--share", "0.25")
    uneven = json.loads(run("plan", "--baseline", "0.05", "--effect", "0.1", *shares, "--json"))
    assert uneven["n_by_arm"][0] == pytest.approx(2 * uneven["n_by_arm"][1], abs=1)


def test_assignment_from_files(tmp_path: Path) -> None:
    file = tmp_path / "experiment.json"
    file.write_text(json.dumps(EXPERIMENT), encoding="utf-8")
    ids = tmp_path / "ids.txt"
    ids.write_text("1\nab\n\n", encoding="utf-8")
    result = json.loads(run("assign", "--experiment", str(file), "--ids", str(ids), "--json"))
    # GrowthBook cases: id 1 with seed foo -> variation 1; "ab" has bucket 0.2575
    assert [(a["content_id"], a["bucket"]) for a in result["assignments"]][1] == ("old", 0.2575)
    assert result["counts"] == {"old": 1, "new": 1}
    assert run("assign", "--experiment", str(file), "--ids", str(ids)).startswith("1\tnew\t")


def test_an_analysis_as_json_and_in_two_languages() -> None:
    document = {"experiment": EXPERIMENT, "totals": TOTALS}
    result = json.loads(analyse(document, "--json"))
    assert (result["decision"], result["winner"]) == ("ship", "new")
    assert result["differences"][0]["p"] == pytest.approx(0.0278345207643267, rel=1e-9)
    assert analyse(document).startswith("Ship new")
    assert analyse(document, "--language", "zh").startswith("上线 new")


def test_days_may_be_given_as_rows() -> None:
    rows = [{**row, "at": f"2026-01-0{day}T00:00:00Z"} for day in (1, 2) for row in TOTALS]
    result = json.loads(analyse({"experiment": EXPERIMENT, "totals": rows}, "--json"))
    assert result["n_reached"] == 20_000


@pytest.mark.parametrize(
    ("document", "named"),
    [
        ({"totals": TOTALS}, "experiment"),
        ({"experiment": EXPERIMENT}, "totals"),
        ({"experiment": EXPERIMENT, "totals": [{**TOTALS[0], "klicks": 5}]}, "klicks"),
        ({"experiment": EXPERIMENT, "totals": [{**TOTALS[0], "n_clicks": "5"}]}, "n_clicks"),
        ({"experiment": EXPERIMENT, "totals": [{**TOTALS[0], "n_clicks": -5}]}, "n_clicks"),
        ({"experiment": EXPERIMENT, "totals": [{**TOTALS[0], "at": "yesterday"}]}, "not a time"),
        ({"experiment": {**EXPERIMENT, "n_per_arms": 5}, "totals": TOTALS}, "n_per_arm"),
    ],
)
def test_bad_input_is_one_of_our_errors(document: Any, named: str) -> None:
    with pytest.raises(UsageError, match=named):
        analyse(document)


def test_a_missing_file_is_said() -> None:
    with pytest.raises(UsageError, match=r"nowhere\.json"):
        run("analyse", "nowhere.json")
