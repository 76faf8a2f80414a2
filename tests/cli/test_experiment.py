from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from typer.testing import CliRunner

from adwright.cli.experiment import app
from adwright.errors import UsageError
from adwright.workspace import Workspace

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


def test_a_plan_from_the_exposures_that_there_are() -> None:
    plan = json.loads(run("plan", "--baseline", "0.05", "--exposures", "62468", "--json"))
    assert plan["minimum_effect_relative"] == pytest.approx(0.1, abs=1e-4)
    with pytest.raises(UsageError, match="one of the two"):
        run("plan", "--baseline", "0.05")


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


@pytest.mark.parametrize(
    ("changed", "name"),
    [
        ({"n_clicks": -5}, "negative_count"),
        ({"n_clicks": 10_001}, "more_clicks_than_impressions"),
        ({"content_id": "other"}, "unknown_arm"),
        ({"n_exposures": 0, "n_clicks": 0}, "arm_without_data"),
    ],
)
def test_each_fault_of_the_data_is_a_named_finding(changed: Any, name: str) -> None:
    document = {"experiment": EXPERIMENT, "totals": [{**TOTALS[0], **changed}, TOTALS[1]]}
    result = json.loads(analyse(document, "--json"))
    assert result["decision"] == "invalid"
    assert name in [f["name"] for f in result["findings"]]
    assert "不可用" in analyse(document, "--language", "zh")


def test_a_negative_number_of_exposures_is_a_finding_and_no_error() -> None:
    totals = [{**TOTALS[0]}, {**TOTALS[1], "n_exposures": -5}]
    result = json.loads(analyse({"experiment": EXPERIMENT, "totals": totals}, "--json"))
    assert result["decision"] == "invalid"
    assert "negative_count" in {finding["name"] for finding in result["findings"]}


def test_a_test_without_a_largest_size_may_be_looked_at_for_ever() -> None:
    open_ended = {name: value for name, value in EXPERIMENT.items() if name != "n_per_arm"}
    result = json.loads(analyse({"experiment": open_ended, "totals": TOTALS}, "--json"))
    assert result["design"] == "anytime"


@pytest.mark.parametrize(
    ("row", "name", "decision"),
    [
        ("2,b,new,0.0,2026-01-02T00:00:00Z", "propensity_out_of_range", "invalid"),
        ("2,b,new,1.2,2026-01-02T00:00:00Z", "propensity_out_of_range", "invalid"),
        ("2,a,new,0.5,2026-01-02T00:00:00Z", "unit_in_two_arms", "invalid"),
        ("1,b,new,0.5,2026-01-02T00:00:00Z", "duplicate_exposure", "ship"),
        ("2,b,new,0.5,2999-01-02T00:00:00Z", "clock_skew", "ship"),
    ],
)
def test_the_log_of_exposures_is_looked_through(tmp_path: Path, row: str, name: str, decision: str) -> None:
    head = "exposure_id,unit_id,content_id,propensity,at\n1,a,old,0.5,2026-01-02T00:00:00Z\n"
    (tmp_path / "log.csv").write_text(head + row + "\n", encoding="utf-8")
    file = tmp_path / "test.json"
    document = {"experiment": EXPERIMENT, "totals": TOTALS, "exposures": "log.csv"}
    file.write_text(json.dumps(document), encoding="utf-8")
    result = json.loads(run("analyse", str(file), "--json"))
    assert ([f["name"] for f in result["findings"]], result["decision"]) == ([name], decision)


METRICS = [
    {
        "name": "buy",
        "kind": "proportion",
        "role": "deciding",
        "label": {"zh": "购买率", "en": "purchase rate"},
    },
    {"name": "returns", "kind": "proportion", "role": "guardrail", "lower_is_better": True},
]


def summaries(*looks: tuple[int, int, int]) -> list[dict[str, Any]]:
    rows = []
    for i, (n, k_old, k_new) in enumerate(looks, start=1):
        for arm, k in (("old", k_old), ("new", k_new)):
            rows.append({"metric": "buy", "arm": arm, "look": i, "n": n, "successes": k})
            rows.append({"metric": "returns", "arm": arm, "look": i, "n": n, "successes": 20 * i})
    return rows


def test_a_scorecard_from_summaries_with_looks_ships_early() -> None:
    rows = summaries((2000, 100, 110), (4000, 200, 330))
    document = {"experiment": EXPERIMENT, "metrics": METRICS, "summaries": rows}
    result = json.loads(analyse(document, "--json"))
    assert (result["design"], result["decision"], result["winner"]) == ("group_sequential", "ship", "new")
    assert result["results"][0]["path"]["crossed"] == 1
    assert analyse(document, "--language", "zh").startswith("上线 new：购买率")
    anytime = json.loads(analyse(document, "--design", "anytime", "--json"))
    assert anytime["design"] == "anytime"


def test_a_table_of_units_is_summed_up_capped_and_adjusted(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    before = rng.normal(10, 3, 4000)
    arm = np.where(np.arange(4000) % 2, "new", "old")
    spend = before + rng.normal(0, 1, 4000) + np.where(arm == "new", 0.3, 0.0)
    spend[0] = 1e6
    frame = pl.DataFrame({"id": np.arange(4000), "arm": arm, "spend": spend, "before": before})
    frame.write_csv(tmp_path / "units.csv")
    document = {
        "experiment": {**EXPERIMENT, "n_per_arm": 2000},
        "table": "units.csv",
        "unit": "id",
        "metrics": [
            {"name": "spend", "kind": "mean", "role": "deciding", "cap": 0.999, "covariates": ["before"]}
        ],
    }
    file = tmp_path / "test.json"
    file.write_text(json.dumps(document), encoding="utf-8")
    result = json.loads(run("analyse", str(file), "--json"))
    assert (result["decision"], result["metrics"][0]["kind"]) == ("ship", "adjusted")
    assert result["results"][0]["absolute"][0] == pytest.approx(0.3, abs=0.1)


def test_pages_are_written_in_both_languages(tmp_path: Path) -> None:
    page, plan = tmp_path / "result.html", tmp_path / "plan.html"
    rows = summaries((2000, 100, 110), (4000, 200, 330))
    rows += [
        r | {"segment": f"device={d}", "n": r["n"] // 2, "successes": r["successes"] // 2}
        for r in rows
        for d in "ab"
    ]
    document = {"experiment": EXPERIMENT, "metrics": METRICS, "summaries": rows}
    analyse(document, "--html", str(page), "--language", "zh")
    text = page.read_text(encoding="utf-8")
    assert "上线 new" in text
    assert "plot-looks-0" in text
    assert "device=a" in text
    options = ("plan", "--baseline", "0.05", "--effect", "0.1", "--daily-traffic", "5000", "--looks", "10")
    made = json.loads(run(*options, "--html", str(plan), "--json"))
    assert (made["design"], made["n_looks"]) == ("group_sequential", 10)
    assert "plot-curve" in plan.read_text(encoding="utf-8")
    told = run("plan", "--baseline", "0.05", "--effect", "0.1", "--design", "anytime")
    assert "looked at at any time (sized for" in told  # nobody said how often: some weeks of days, not once


def test_exposures_are_logged_once_with_their_propensity_and_kept(tmp_path: Path) -> None:
    file, ids, log = tmp_path / "experiment.json", tmp_path / "ids.txt", tmp_path / "log.csv"
    file.write_text(json.dumps(EXPERIMENT), encoding="utf-8")
    ids.write_text("1\nab\n", encoding="utf-8")
    options = ("assign", "--experiment", str(file), "--ids", str(ids), "--log", str(log), "--json")
    first = json.loads(run(*options))
    changed = {**EXPERIMENT, "salt": "another"}
    file.write_text(json.dumps(changed), encoding="utf-8")
    again = json.loads(run(*options))
    assert [a["content_id"] for a in first["assignments"]] == [a["content_id"] for a in again["assignments"]]
    assert {a["reason"] for a in again["assignments"]} == {"kept"}
    logged = pl.read_csv(log)
    assert logged["propensity"].to_list()[:2] == [0.5, 0.5]
    held = json.loads(run(*options[:5], "--holdout", "0.9999", "--json"))
    assert held["n_not_in_test"] == 2


def test_a_test_is_started_once_and_its_status_is_read(tmp_path: Path) -> None:
    with Workspace.init(tmp_path / "shop"):
        pass
    file = tmp_path / "experiment.json"
    file.write_text(json.dumps(EXPERIMENT), encoding="utf-8")
    options = ("start", str(file), "--workspace", str(tmp_path / "shop"), "--json")
    first, again = json.loads(run(*options)), json.loads(run(*options))
    assert (first["new"], again["new"]) == (True, False)
    assert first["experiment"]["starts_at"] == again["experiment"]["starts_at"]
    found = json.loads(run("status", "--workspace", str(tmp_path / "shop"), "--json"))
    assert [e["experiment"]["id"] for e in found["experiments"]] == ["t"]
    assert found["experiments"][0]["decision"] == "go on"


def test_a_plan_asks_for_one_of_the_two_and_for_some_exposures() -> None:
    plan = ("plan", "--baseline", "0.05")
    for wrong, said in [
        (("--effect", "0.1", "--exposures", "100"), "give one of the two"),
        (("--exposures", "-3"), "no exposures"),
    ]:
        with pytest.raises(UsageError, match=said):
            CliRunner().invoke(app, [*plan, *wrong], catch_exceptions=False)
