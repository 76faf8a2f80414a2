"""`adwright decide replay`, `simulate` and `allocate`."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from cli.command_line import CommandLine, command_line

PROBLEM: dict[str, Any] = {
    "channels": ["email", "ads"],
    "cohorts": ["new", "loyal"],
    "value": [[3, 2], [2, 2.5]],
    "sd": [[1, 0.2], [0.5, 0.5]],
    "reach_minor": [[100, 200], [400, 300]],
    "budget_minor": 600,
    "limits": [
        {"name": "email cap", "channels": ["email"], "at_most_minor": 150},
        {"name": "new at least", "cohorts": ["new"], "at_least_minor": 300},
    ],
}


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> CommandLine:
    return command_line(monkeypatch, capsys)


def problem(folder: Path, **changes: Any) -> Path:
    file = folder / "problem.json"
    file.write_text(json.dumps(PROBLEM | changes), encoding="utf-8")
    return file


def test_a_budget_is_allocated_and_every_limit_priced(run: CommandLine, tmp_path: Path) -> None:
    page = tmp_path / "plan.html"
    found = run("decide", "allocate", problem(tmp_path), "--json", "--page", page).json
    assert found["total_minor"] == pytest.approx(600)
    assert np.sum(found["spend_minor"]) == pytest.approx(600, abs=0.1)
    assert {use["name"] for use in found["limits"]} == {"budget", "email cap", "new at least"}
    assert found["value_minor"]["low"] < found["value_minor"]["value"] < found["value_minor"]["high"]
    text = page.read_text(encoding="utf-8")
    assert "new at least" in text
    assert "HiGHS" in text


def test_limits_that_clash_are_named_on_one_line(run: CommandLine, tmp_path: Path) -> None:
    limits = [*PROBLEM["limits"], {"name": "email floor", "channels": ["email"], "at_least_minor": 160}]
    fault = run("decide", "allocate", problem(tmp_path, limits=limits)).fault
    assert "email cap" in fault
    assert "email floor" in fault
    assert "new at least" not in fault


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"value": [[1, 2]]}, "value"),
        ({"value": [[1], [1, 2]]}, "different lengths"),
        ({"budget": 3}, "budget_minor"),
        ({"limits": [{"name": "x"}]}, "bound"),
    ],
)
def test_a_problem_that_is_wrong_is_said(
    run: CommandLine, tmp_path: Path, changes: dict[str, Any], named: str
) -> None:
    assert named in run("decide", "allocate", problem(tmp_path, **changes)).fault


@pytest.mark.parametrize("language", ["en", "zh"])
def test_policies_meet_in_a_simulated_shop(run: CommandLine, tmp_path: Path, language: str) -> None:
    page = tmp_path / "sub" / "shop.html"
    options = ["--shops", "2", "--days", "2", "--contents", "3", "--visits", "30", "--channel", "email"]
    rules = ["--daily-budget", "300", "--cap", "3", "--policy", "uniform", "--policy", "thompson"]
    printed = run("decide", "simulate", *options, *rules, "--json", "--page", page, "--language", language)
    found = printed.json
    assert set(found["policies"]) == {"uniform", "thompson"}
    assert found["rules"] == ["consent", "quiet_hours", "frequency_cap", "budget"]
    figures = found["policies"]["thompson"]
    assert len(figures["regret_by_step"]) == 16
    assert figures["spend_minor"]["value"] <= 600
    assert "shop 2 of 2" in printed.err
    text = page.read_text(encoding="utf-8")
    assert text.count('class="plot"') == 3 + 4
    assert ("遗憾" in text) == (language == "zh")


def test_an_unknown_policy_is_answered_with_the_nearest(run: CommandLine) -> None:
    assert "Did you mean 'thompson'" in run("decide", "simulate", "--policy", "tompson").fault
    assert "zh" in run("decide", "simulate", "--language", "fr").fault


@pytest.fixture
def past(tmp_path: Path) -> tuple[Path, Path]:
    rng = np.random.default_rng(0)
    rows = [
        (f"{'free' if v else 'plain'} {t}", t, 201401 + t % 50, 600, int(rng.binomial(600, 0.03 * (1 + v))))
        for t in range(100)
        for v in (0, 1)
    ]
    frame = pl.DataFrame(rows, schema=["headline", "test", "week", "n", "y"], orient="row")
    frame.write_csv(tmp_path / "past.csv")
    (tmp_path / "past.toml").write_text(
        '[columns]\ntext = ["headline"]\ntime = "week"\ntime_format = "yearweek"\ngroup = "test"\n'
        '[targets.click]\ntrials = "n"\nsuccesses = "y"\n'
    )
    return tmp_path / "past.csv", tmp_path / "past.toml"


def test_a_prior_from_a_model_wins_more_on_later_tests(run: CommandLine, past: tuple[Path, Path]) -> None:
    data, recipe = past
    model, page = data.parent / "model", data.parent / "replay.html"
    assert run("predict", "fit", "--data", data, "--recipe", recipe, "--model", model).code == 0
    options = ["--data", data, "--model", model, "--horizon", "200", "--repeats", "2"]
    found = run("decide", "replay", *options, "--json", "--page", page).json
    assert 10 <= found["n_tests"] <= 20
    (at,) = found["results"]
    assert set(at["clicks_per_1000"]) == {"uniform", "thompson", "thompson + prior"}
    gain = next(g for g in at["gain"] if (g["policy"], g["over"]) == ("thompson + prior", "uniform"))
    assert gain["value"] > 0.05
    assert re.search("thompson \\+ prior", page.read_text(encoding="utf-8"))


def test_without_a_model_there_is_no_prior(run: CommandLine, past: tuple[Path, Path]) -> None:
    data, recipe = past
    options = ["--data", data, "--recipe", recipe, "--tests", "5", "--horizon", "50", "--repeats", "1"]
    printed = run("decide", "replay", *options, "--policy", "ab_then_best", "--policy", "thompson_sharp")
    assert "ab_then_best" in printed.out
    assert "needs a model" in run("decide", "replay", *options, "--policy", "thompson + prior").fault
    assert "no recipe" in run("decide", "replay", "--data", data).fault
    assert "horizon" in run("decide", "replay", *options[:4], "--horizon", "0").fault
