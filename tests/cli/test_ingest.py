from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from adwright.cli.app import app
from adwright.errors import AdwrightError
from adwright.workspace import Workspace


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("ADWRIGHT_PSEUDONYM_KEY", "a key for the tests only")
    Workspace.init(tmp_path / "shop").close()
    (tmp_path / "c.csv").write_text("id,title,price\n1,Lamp,5.00 USD\n2,Chair,-1 USD\n", encoding="utf-8")
    event = {
        "type": "track",
        "event": "Product Viewed",
        "messageId": "m1",
        "userId": "u1",
        "timestamp": "2025-06-01T00:00:00Z",
        "properties": {"product_id": "1"},
    }
    (tmp_path / "e.jsonl").write_text(json.dumps(event) + "\n{\n", encoding="utf-8")
    return tmp_path


def run(folder: Path, *arguments: str) -> str:
    found = CliRunner().invoke(app, [*arguments, "--workspace", str(folder / "shop")], catch_exceptions=False)
    assert found.exit_code == 0, found.output
    return found.stdout


def test_a_report_for_people_and_one_for_machines(folder: Path) -> None:
    words = run(folder, "ingest", "catalog", str(folder / "c.csv"))
    assert "2 rows read, 1 added" in words
    assert "negative_value: price is negative" in words
    report = json.loads(run(folder, "ingest", "catalog", str(folder / "c.csv"), "--json"))
    assert (report["n_added"], report["n_duplicate"], report["n_quarantined"]) == (0, 1, 1)
    assert report["commonest"][0]["line"] == 3


def test_a_dry_run_shows_rejections_and_rows_and_writes_nothing(folder: Path) -> None:
    words = run(folder, "ingest", "events", str(folder / "e.jsonl"), "--dry-run")
    assert "1 would be added" in words
    assert "e.jsonl line 2: {" in words
    assert "would be stored: message_id=m1" in words
    with Workspace.open(folder / "shop") as shop:
        assert (shop.tables.count("events"), shop.quarantine.count()) == (0, 0)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["catalog", "c.csv", "--map", "title"], "OURS=THEIRS"),
        (["catalog", "c.csv", "--currency", "XQX"], "currency"),
        (["catalog", "c.csv", "--time-format", "yearweek"], "time-format"),
        (["events", "e.jsonl", "--link-template", "{id}"], "link-template"),
        (["contents", "c.csv"], "the column text is absent"),
        (["catalog", "none.csv"], "no such file"),
    ],
)
def test_wrong_use_is_one_clear_error(folder: Path, arguments: list[str], message: str) -> None:
    kind, name, *rest = arguments
    with pytest.raises(AdwrightError, match=message) as caught:
        run(folder, "ingest", kind, str(folder / name), *rest)
    assert "\n" not in str(caught.value)


def test_profile_and_recommend_work_on_what_was_ingested(folder: Path) -> None:
    run(folder, "ingest", "catalog", str(folder / "c.csv"))
    run(folder, "ingest", "events", str(folder / "e.jsonl"))
    cohorts = json.loads(run(folder, "profile", "--json"))
    assert [c["id"] for c in cohorts["cohorts"]] == ["everyone"]
    assert json.loads(Path(cohorts["path"]).read_text(encoding="utf-8"))["cohorts"] == cohorts["cohorts"]
    ranked = json.loads(run(folder, "recommend", "-n", "1", "--json"))
    assert [p["product_id"] for p in ranked["products"]] == ["1"]
    with pytest.raises(AdwrightError, match="everyone"):
        run(folder, "recommend", "--cohort", "nobody")
