from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from adwright.cli.decide import app
from adwright.errors import DataError, UsageError

ARMS = [
    {"content_id": "a", "mean": 0.02, "k": 50, "n_exposures": 5000, "n_clicks": 150},
    {"content_id": "b", "mean": 0.02, "k": 50, "n_exposures": 5000, "n_clicks": 80},
    {"content_id": "c", "mean": 0.05, "k": 50, "eligible": False},
]


def run(document: Any, *options: str) -> dict[str, Any]:
    outcome = CliRunner().invoke(
        app, ["probabilities", "-", "--json", *options], input=json.dumps(document), catch_exceptions=False
    )
    assert outcome.exit_code == 0, outcome.output
    result: dict[str, Any] = json.loads(outcome.stdout)
    return result


def test_probabilities_follow_the_evidence() -> None:
    vector = run({"arms": ARMS})["probabilities"]
    assert vector["a"] > 0.95
    assert vector["b"] == pytest.approx(0.01)
    assert vector["c"] == 0.0
    assert sum(vector.values()) == pytest.approx(1.0, abs=1e-12)


def test_a_channel_that_contacts_customers_may_send_nothing() -> None:
    assert "no_content" in run({"arms": ARMS}, "--channel", "email")["probabilities"]


def test_the_seed_decides() -> None:
    assert run({"arms": ARMS}, "--seed", "3") == run({"arms": ARMS}, "--seed", "3")


def test_revenue_counts_conversions_and_order_value() -> None:
    arms = [
        {
            "content_id": c,
            "mean": 0.02,
            "k": 200,
            "conversion_mean": 0.1,
            "conversion_k": 200,
            "order_value_minor": v,
        }
        for c, v in (("cheap", 1000.0), ("dear", 3000.0))
    ]
    assert run({"goal": {"kind": "revenue"}, "arms": arms})["probabilities"]["dear"] > 0.9


def test_words_for_people(tmp_path: Path) -> None:
    file = tmp_path / "arms.json"
    file.write_text(json.dumps({"arms": ARMS}), encoding="utf-8")
    outcome = CliRunner().invoke(app, ["probabilities", str(file)], catch_exceptions=False)
    assert outcome.stdout.startswith("a ")


@pytest.mark.parametrize(
    ("document", "options", "named"),
    [
        ([], (), "object"),
        ({"arms": []}, (), "arms"),
        ({"arms": [{"content_id": "a", "mean": 0.1}]}, (), "missing key"),
        ({"arms": [{"content_id": "a", "mean": 2, "k": 5}]}, (), "mean"),
        ({"arms": [{"content_id": "a", "mean": 0.1, "k": 5, "clicks": 3}]}, (), "n_clicks"),
        ({"arms": [{"content_id": "a", "mean": 0.1, "k": 5, "n_clicks": 3}]}, (), "more clicks"),
        ({"arms": [ARMS[0], ARMS[0]]}, (), "one row a content"),
        ({"arms": ARMS}, ("--policy", "tompson"), "thompson"),
        ({"arms": ARMS}, ("--floor", "0.6"), "floor"),
        ({"arms": ARMS, "goal": {"kind": "revenue"}}, (), "conversion"),
        ({"arms": [ARMS[0], {**ARMS[1], "conversion_mean": 0.1}]}, (), "every arm"),
    ],
)
def test_bad_input_is_one_of_our_errors(document: Any, options: tuple[str, ...], named: str) -> None:
    with pytest.raises(UsageError, match=named):
        run(document, *options)


def test_what_is_not_json_is_said() -> None:
    with pytest.raises(DataError, match="JSON"):
        CliRunner().invoke(app, ["probabilities", "-"], input="{", catch_exceptions=False)
