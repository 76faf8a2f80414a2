from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from typer.testing import CliRunner

from adwright.cli.experiment import app
from adwright.errors import UsageError

OPTIONS = (
    "--treatment",
    "arm",
    "--control",
    "none",
    "--outcome",
    "bought",
    "--feature",
    "age",
    "--feature",
    "city",
)
QUICK = ("--folds", "2", "--learner", "S")


@pytest.fixture
def trial(tmp_path: Path) -> Path:
    """A mail that helps the young by 0.4 and does nothing for the others."""
    rng = np.random.default_rng(0)
    n = 2000
    age, mailed = rng.integers(18, 80, size=n), rng.random(n) < 0.5
    bought = rng.random(n) < 0.1 + 0.4 * (mailed & (age < 40))
    path = tmp_path / "trial.csv"
    pl.DataFrame(
        {
            "id": np.arange(n),
            "age": age,
            "city": rng.choice(["Oslo", "Rome"], size=n),
            "arm": np.where(mailed, "mail", "none"),
            "bought": bought.astype(int),
        }
    ).write_csv(path)
    return path


def uplift(file: Path, *options: str) -> str:
    outcome = CliRunner().invoke(app, ["uplift", str(file), *OPTIONS, *options], catch_exceptions=False)
    assert outcome.exit_code == 0, outcome.output
    return outcome.stdout


def test_the_young_are_sent_the_mail_and_the_page_shows_it(trial: Path, tmp_path: Path) -> None:
    page, scores = tmp_path / "page.html", tmp_path / "scores.csv"
    files = ("--html", str(page), "--scores", str(scores))
    result = json.loads(uplift(trial, *QUICK, "--cost", "0.1", "--customer", "id", "--json", *files))
    assert 0.2 < result["earning"]["sent"][0] < 0.5  # 35 % are below 40
    assert result["curves"]["mail"]["qini"]["low"] > 0
    assert result["earning"]["gain"]["low"] > 0
    assert not result["within_noise"]
    assert pl.read_csv(scores).height == 2000
    text = page.read_text(encoding="utf-8")
    assert "plot-gain-0" in text
    assert "Send mail to" in text


def test_the_answer_in_chinese(trial: Path) -> None:
    told = uplift(trial, *QUICK, "--language", "zh")
    assert "的客户发送 mail。" in told
    assert "S 学习器：得分损失降得最多（S " in told  # one learner was asked for: no empty list of others
    assert "；）" not in told


def test_where_targeting_gains_nothing_the_simple_way_comes_first(trial: Path) -> None:
    everyone = pl.read_csv(trial).with_columns(bought=(pl.col("arm") == "mail").cast(pl.Int64))
    everyone.write_csv(trial)  # the mail sells to each and all: there is nothing to target
    told = uplift(trial, *QUICK, "--cost", "0.1").splitlines()
    assert (
        told[0]
        == "Keep to the simple way, sending mail to everybody: that targeting earns more is not shown."
    )


def test_bad_requests_are_our_errors(trial: Path) -> None:
    with pytest.raises(UsageError, match="control"):
        CliRunner().invoke(
            app,
            ["uplift", str(trial), "--treatment", "arm", "--control", "nobody", "--outcome", "bought",
             "--feature", "age"],
            catch_exceptions=False,
        )  # fmt: skip
    with pytest.raises(UsageError, match="explained"):
        uplift(trial, "--feature", "bought")
    with pytest.raises(UsageError, match="column"):
        uplift(trial, "--feature", "height")
    with pytest.raises(UsageError, match="not a table"):
        CliRunner().invoke(app, ["uplift", "trial.json", *OPTIONS], catch_exceptions=False)


def test_a_single_arm_and_a_double_customer_are_named(trial: Path, tmp_path: Path) -> None:
    table = pl.read_csv(trial)
    alone, double = tmp_path / "alone.csv", tmp_path / "double.csv"
    table.filter(pl.col("arm") == "none").write_csv(alone)
    with pytest.raises(UsageError, match="one arm only"):
        uplift(alone)
    pl.concat([table, table.head(1)]).write_csv(double)
    with pytest.raises(UsageError, match="the same customer twice"):
        uplift(double, "--customer", "id")
