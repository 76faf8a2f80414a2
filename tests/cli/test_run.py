"""`adwright run` from files to a test, through the review's sheet; and what it says of bad input."""

from __future__ import annotations

import csv
import errno
import json
from pathlib import Path
from typing import Any

import pytest

from adwright.testing import ScriptedBackend, write_toy_shop
from adwright.workspace import Workspace, default_recipe
from cli.command_line import CommandLine, Printed, command_line


@pytest.fixture
def adwright(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> CommandLine:
    return command_line(monkeypatch, capsys)


@pytest.fixture
def shop(adwright: CommandLine, tmp_path: Path) -> Path:
    """A workspace with the ten products of the toy catalogue, and no behaviour."""
    files = write_toy_shop(tmp_path / "files")
    adwright("init", tmp_path / "shop")
    ingested = adwright("ingest", "catalog", files["catalog"], "-w", tmp_path / "shop", "--json").json
    assert (ingested["n_added"], ingested["n_quarantined"]) == (10, 0)
    return tmp_path / "shop"


def figures(printed: Printed) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(Path(printed.json["figures"]).read_text(encoding="utf-8"))
    return found


def decided(adwright: CommandLine, shop: Path, decide: Any) -> dict[str, Any]:
    """Writes out the review's sheet, decides on each row, and reads it back."""
    sheet = shop.parent / "sheet.csv"
    assert adwright("review", "-w", shop, "--out", sheet).code == 0
    with sheet.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    with sheet.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.DictWriter(file, fieldnames=list(rows[0]))
        writer.writeheader()
        writer.writerows([row | decide(i, row) for i, row in enumerate(rows)])
    found: dict[str, Any] = adwright("review", "-w", shop, "--read", sheet, "--by", "Li Lei", "--json").json
    assert found["problems"] == []
    return found


def approve(i: int, row: dict[str, str]) -> dict[str, str]:
    return {"decision": "approve"}


def stored(shop: Path) -> dict[str, str]:
    with Workspace.open(shop, env={}) as opened:
        every = opened.contents.by_status("draft", "approved", "rejected", "live", "retired")
        return {c.id: c.status for c in every}


# --- the main job ---------------------------------------------------------------------------------


def test_from_a_catalogue_alone_to_a_report_that_waits_for_approval(
    adwright: CommandLine, shop: Path
) -> None:
    printed = adwright("run", "-w", shop, "--json")
    assert printed.json["contents"] == {"draft": 7}
    assert printed.json["model"] == "prior"
    shown = figures(printed)
    assert [c["id"] for c in shown["cohorts"]] == ["everyone"]
    assert [r["product_id"] for r in shown["cohorts"][0]["recommended"]] == ["p9"]
    assert "weak prior" in shown["warnings"][0]["en"]
    assert {c["content"]["status"] for c in shown["contents"]} == {"draft"}
    page = Path(printed.json["report"]).read_text(encoding="utf-8")
    assert "Running Socks" in page
    assert "weak prior" in page
    assert set(stored(shop).values()) == {"draft"}


@pytest.mark.parametrize(("language", "word"), [("zh", "先验"), ("en", "weak prior")])
def test_the_report_speaks_the_language_that_is_asked_for(
    adwright: CommandLine, shop: Path, language: str, word: str
) -> None:
    printed = adwright("run", "-w", shop, "--language", language, "--json")
    page = Path(printed.json["report"]).read_text(encoding="utf-8")
    assert f'<html lang="{language}' in page
    assert word in page


def test_people_read_what_to_do_next(adwright: CommandLine, shop: Path) -> None:
    printed = adwright("run", "-w", shop)
    assert printed.code == 0
    assert f"7 wait for approval: adwright review --workspace {shop}" in printed.out
    assert "report.html" in printed.out


def test_approvals_in_a_sheet_start_the_test_which_later_runs_keep(adwright: CommandLine, shop: Path) -> None:
    adwright("run", "-w", shop)
    assert len(decided(adwright, shop, approve)["approved"]) == 7
    second = figures(adwright("run", "-w", shop, "--json"))
    (test,) = second["tests"]
    with Workspace.open(shop, env={}) as opened:
        (experiment,) = opened.experiments.list()
    assert test["experiment_id"] == experiment.id
    third = adwright("run", "-w", shop, "--json")
    assert third.json["contents"] == {"live": 7}
    with Workspace.open(shop, env={}) as opened:
        assert opened.experiments.list() == [experiment]
    assert figures(third)["tests"][0]["experiment_id"] == experiment.id


def test_nothing_that_a_person_decided_is_changed_by_another_run(adwright: CommandLine, shop: Path) -> None:
    adwright("run", "-w", shop)

    def some(i: int, row: dict[str, str]) -> dict[str, str]:
        edited = {"slot.description": "Socks, plain and simple.", "decision": "approve"}
        refused = {"decision": "reject", "reason": "dull"}
        return (edited, {"decision": "approve"}, refused, {})[min(i, 3)]

    found = decided(adwright, shop, some)
    before = stored(shop)
    (edited,) = found["edited"].values()
    assert sorted(before.values()) == ["approved"] * 2 + ["draft"] * 4 + ["rejected", "retired"]
    for _ in range(2):
        printed = adwright("run", "-w", shop, "--json")
        after = stored(shop)
        assert {i: "approved" if s == "live" else s for i, s in after.items()} == before
    # the edited text takes part, and the one that it replaced does not
    (test,) = figures(printed)["tests"]
    assert {a["content_id"] for a in test["arms"]} == {i for i, s in after.items() if s == "live"}
    assert edited in {a["content_id"] for a in test["arms"]}


def test_earlier_reports_stay(adwright: CommandLine, shop: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = Path(adwright("run", "-w", shop, "--json").json["report"])
    moved = first.parent.rename(first.parent.with_name("2020-01-01T00-00-00Z"))
    second = Path(adwright("run", "-w", shop, "--json").json["report"])
    assert second.is_file()
    assert (moved / "report.html").is_file()


def test_a_run_that_was_cut_off_is_completed_without_paying_again(
    adwright: CommandLine, shop: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    add_to_recipe(shop, "generate", 'n_products = 10\nchannels = ["onsite", "email"]')
    backends = [ScriptedBackend(fails_at=2), ScriptedBackend()]

    def put(backend: ScriptedBackend) -> None:
        monkeypatch.setattr(
            "adwright.pipeline.writing.create_writer", lambda name, tables, fallback, meter: backend
        )

    put(backends[0])
    assert "as it was told" in adwright("run", "-w", shop).fault
    put(backends[1])
    assert adwright("run", "-w", shop, "--json").json["contents"] == {"draft": 20 * 7}
    paid = [(r.brief.product.id, r.brief.channel) for b in backends for r in b.asked]
    assert len(paid) == len(set(paid)) == 20


# --- bad input ------------------------------------------------------------------------------------


def add_to_recipe(shop: Path, section: str, lines: str) -> None:
    """Puts lines at the top of a section, in place of what the section says of the same keys."""
    path = shop / "adwright.toml"
    keys = {line.split("=")[0].strip() for line in lines.splitlines()}
    kept, inside = [], False
    for line in path.read_text(encoding="utf-8").splitlines():
        if line.startswith("["):
            inside = line.strip() == f"[{section}]"
        if not (inside and line.split("=")[0].strip() in keys):
            kept.append(line)
        if line.strip() == f"[{section}]":
            kept.append(lines)
    path.write_text("\n".join(kept), encoding="utf-8")


@pytest.mark.parametrize(
    ("section", "lines", "named"),
    [
        ("generate", "n_variant = 3", "Did you mean 'n_variants'?"),
        ("generate", 'backend = "compse"', "Did you mean 'compose'?"),
        ("generate", 'backend = "hf"', "missing key 'generate.hf.model'"),
        ("generate", 'kinds = ["advert"]', "unknown kind"),
        ("generate", 'n_variants = "six"', "generate.n_variants = 'six'"),
        ("shop", "languages = []", "shop.languages = 0"),
        ("shop", 'languages = ["fr"]', "'zh' | 'en'"),
        ("shop", 'currency = "XYZ1"', "XYZ1"),
        ("decide", 'policy = "best"', "unknown policy"),
        ("goal", 'kind = "revenue"', "goal.kind = 'revenue'"),
        ("experiment", 'metric = "margin"', "experiment.metric = 'margin'"),
    ],
)
def test_a_recipe_at_fault_is_one_line_and_no_text_is_written(
    adwright: CommandLine, shop: Path, section: str, lines: str, named: str
) -> None:
    add_to_recipe(shop, section, lines)
    assert named in adwright("run", "-w", shop).fault
    (shop / "adwright.toml").write_text(default_recipe(), encoding="utf-8")
    assert stored(shop) == {}


@pytest.mark.parametrize(
    ("content", "named"),
    [
        (b"[shop\n", "cannot read the recipe"),
        (b"seed = 1\nseed = 2", "cannot read the recipe"),
        (b"\xff\xfe", "cannot read the recipe"),
        (b"shop = 3", "shop = 3"),
        (b"generate = 'compose'", "generate = 'compose'"),
    ],
)
def test_a_malformed_recipe_is_one_line(
    adwright: CommandLine, shop: Path, content: bytes, named: str
) -> None:
    (shop / "adwright.toml").write_bytes(content)
    assert named in adwright("run", "-w", shop).fault


def test_no_workspace_says_how_to_make_one(adwright: CommandLine, tmp_path: Path) -> None:
    assert "adwright init" in adwright("run", "-w", tmp_path).fault


def test_an_empty_catalogue_says_how_to_fill_it(adwright: CommandLine, tmp_path: Path) -> None:
    adwright("init", tmp_path / "shop")
    assert "adwright ingest catalog FILE" in adwright("run", "-w", tmp_path / "shop").fault


@pytest.mark.parametrize("language", ["fr", "EN", "", "zh-CN"])
def test_an_unknown_language_is_one_line_before_anything_is_done(
    adwright: CommandLine, shop: Path, language: str
) -> None:
    assert "allowed: zh, en" in adwright("run", "-w", shop, "--language", language).fault
    assert stored(shop) == {}


def test_a_missing_secret_is_named_and_no_other_is_shown(
    adwright: CommandLine, shop: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SOME_OTHER_KEY", "sk-9f8e7d6c5b4a")
    add_to_recipe(shop, "generate", 'backend = "openai"\nopenai = { model = "m" }')
    fault = adwright("run", "-w", shop).fault
    assert "OPENAI_API_KEY" in fault
    assert "sk-9f8e7d6c5b4a" not in fault


def test_a_full_disk_under_the_report_is_one_line_and_a_re_run_completes(
    adwright: CommandLine, shop: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = Path.open

    def full(path: Path, mode: str = "r", *rest: Any, **options: Any) -> Any:
        if path.name.startswith("report.html") and "w" in mode:
            raise OSError(errno.ENOSPC, "No space left on device")
        return real(path, mode, *rest, **options)

    with monkeypatch.context() as patch:
        patch.setattr(Path, "open", full)
        fault = adwright("run", "-w", shop).fault
    assert "No space left on device" in fault
    assert "free some space and run the same command again" in fault
    assert list(shop.glob("reports/*/report.html")) == []
    assert adwright("run", "-w", shop, "--json").json["contents"] == {"draft": 7}


def test_a_database_that_is_gone_is_one_line(adwright: CommandLine, shop: Path) -> None:
    (shop / "adwright.db").unlink()
    assert "adwright.db is missing" in adwright("run", "-w", shop).fault
