from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from typer.testing import CliRunner

from adwright.cli.experiment import app
from adwright.errors import UsageError

DOCUMENT: dict[str, Any] = {
    "action": [0, 1] * 100,
    "reward": [0, 1, 0, 0] * 50,
    "pscore": [0.5] * 200,
    "eval_dist": [0.2, 0.8],
    "actions": ["old", "new"],
}


def ope(document: Any, *options: str) -> str:
    given = document if isinstance(document, str) else json.dumps(document)
    outcome = CliRunner().invoke(app, ["ope", "-", *options], input=given, catch_exceptions=False)
    assert outcome.exit_code == 0, outcome.output
    return outcome.stdout


def test_json_of_arrays_gives_the_value_with_its_interval() -> None:
    result = json.loads(ope(DOCUMENT, "--estimator", "ips", "--json"))
    assert result["value"] == pytest.approx(0.4)  # 0.8 / 0.5 x 1/4
    assert result["interval"]["low"] < 0.4 < result["interval"]["high"]
    assert result["logged_value"] == 0.25
    assert result["diagnostics"]["effective_n"] == pytest.approx(200 * 1.0 / ((0.4**2 + 1.6**2) / 2))
    assert {"dm", "ips", "snips", "dr", "sndr"} <= {e["name"] for e in result["estimates"]}


def test_the_answer_in_both_languages() -> None:
    assert "The policy is worth" in ope(DOCUMENT)
    assert "该策略每次决策的价值" in ope(DOCUMENT, "--language", "zh")


def test_a_table_with_a_policy_by_place_and_a_page(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    item, place = rng.integers(2, size=400), rng.integers(2, size=400)
    lines = [f"i{a},{p},{int(rng.random() < 0.3)},0.5" for a, p in zip(item, place, strict=True)]
    log, policy, page = tmp_path / "log.csv", tmp_path / "policy.json", tmp_path / "page.html"
    log.write_text("item,place,click,p\n" + "\n".join(lines), encoding="utf-8")
    policy.write_text('{"0": {"i0": 0.9, "i1": 0.1}, "1": {"i0": 0.1, "i1": 0.9}}', encoding="utf-8")
    options = ["--policy", str(policy), "--action", "item", "--reward", "click", "--propensity", "p"]
    outcome = CliRunner().invoke(
        app,
        ["ope", str(log), *options, "--stratum", "place", "--html", str(page), "--json"],
        catch_exceptions=False,
    )
    assert 0.15 < json.loads(outcome.stdout)["value"] < 0.45
    text = page.read_text(encoding="utf-8")
    assert "plot-estimates" in text
    assert "Plotly" in text
    assert "i0" in text


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"pscore": [0.0] * 200}, "propensity"),
        ({"reward": None}, "reward"),
        ({"eval_dist": [0.2, 0.9]}, "target"),
        ({"eval_dist": [0.2, 0.3, 0.5], "actions": ["old", "new", "newest"]}, "newest"),
        ({"action": ["a", "b"] * 100}, "action"),
        ({"round_ids": [1] * 200}, "round_ids"),
    ],
)
def test_bad_input_and_refusals_are_our_errors(changes: dict[str, Any], named: str) -> None:
    with pytest.raises(UsageError, match=named):
        ope(DOCUMENT | changes)


def test_an_absent_field_and_a_table_without_a_policy_are_said(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="target"):
        ope({key: value for key, value in DOCUMENT.items() if key != "eval_dist"})
    log = tmp_path / "log.csv"
    log.write_text("action,reward,propensity\na,1,0.5\n", encoding="utf-8")
    with pytest.raises(UsageError, match="--policy"):
        CliRunner().invoke(app, ["ope", str(log)], catch_exceptions=False)
    with pytest.raises(UsageError, match="clicks"):
        CliRunner().invoke(app, ["ope", str(log), "--reward", "clicks"], catch_exceptions=False)
