from __future__ import annotations

import importlib
import json
import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from typer.main import get_command

from adwright.cli.app import COMMANDS, app
from adwright.errors import AdwrightError, NotFoundError
from adwright.testing import write_toy_shop
from cli.command_line import CommandLine, command_line


@pytest.fixture
def adwright(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Iterator[CommandLine]:
    yield command_line(monkeypatch, capsys)
    os.environ.pop("ADWRIGHT_DEBUG", None)  # --debug sets it


@pytest.fixture
def shop(adwright: CommandLine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A workspace with ten products and the events of twelve customers."""
    monkeypatch.setenv("ADWRIGHT_PSEUDONYM_KEY", "0" * 32)
    files = write_toy_shop(tmp_path / "files", n_customers=12)
    assert adwright("init", tmp_path / "shop").code == 0
    assert adwright("ingest", "catalog", files["catalog"], "-w", tmp_path / "shop").code == 0
    return tmp_path / "shop"


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_a_module_and_a_help_page(name: str, adwright: CommandLine) -> None:
    module, line = COMMANDS[name]
    assert hasattr(importlib.import_module(f"adwright.cli.{module}"), "app")
    assert line.endswith(".")
    printed = adwright(name, "--help")
    assert printed.code == 0
    assert f"adwright {name}" in printed.out


def test_without_a_command_the_help_page_is_shown(adwright: CommandLine) -> None:
    printed = adwright()
    assert printed.code == 2
    assert all(name in printed.out + printed.err for name in COMMANDS)


@pytest.mark.parametrize(
    "arguments", [("rnu",), ("run", "--langauge", "zh"), ("ingest",), ("run", "--language")]
)
def test_wrong_usage_is_exit_code_two_without_a_traceback(
    adwright: CommandLine, arguments: tuple[str, ...]
) -> None:
    printed = adwright(*arguments)
    assert (printed.code, printed.out) == (2, "")
    assert "Traceback" not in printed.err
    assert "Error" in printed.err


def test_one_of_our_errors_is_one_line_and_exit_code_one(adwright: CommandLine, tmp_path: Path) -> None:
    printed = adwright("run", "-w", tmp_path)
    assert printed.fault.startswith("no workspace here")
    assert len(printed.err.splitlines()) == 1


@pytest.mark.parametrize("how", ["option", "environment"])
def test_the_traceback_is_shown_with_debug_alone(
    adwright: CommandLine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, how: str
) -> None:
    if how == "environment":
        monkeypatch.setenv("ADWRIGHT_DEBUG", "1")
    options = ("--debug",) if how == "option" else ()
    with pytest.raises(NotFoundError, match="no workspace here"):
        adwright(*options, "run", "-w", tmp_path)


def test_an_error_of_several_lines_still_prints_as_one(
    adwright: CommandLine, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def fail(path: object) -> None:
        raise AdwrightError("first line\nsecond line")

    monkeypatch.setattr("adwright.workspace.Workspace.open", fail)
    printed = adwright("run", "-w", tmp_path)
    assert len(printed.err.splitlines()) == 1
    assert "second line" in printed.fault


def test_an_accident_is_not_dressed_up_as_an_error(
    adwright: CommandLine, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def fail(path: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr("adwright.workspace.Workspace.open", fail)
    with pytest.raises(ZeroDivisionError):
        adwright("run", "-w", tmp_path)


PLAN = {"kind": "proportion", "baseline": 0.02, "minimum_effect_relative": 0.2}
ARMS = {"arms": [{"content_id": c, "mean": 0.02, "k": 50, "n_exposures": 9, "n_clicks": 1} for c in "ab"]}


def json_commands(shop: Path) -> dict[str, tuple[object, ...]]:
    folder = shop.parent
    (folder / "arms.json").write_text(json.dumps(ARMS), encoding="utf-8")
    (folder / "text.txt").write_text("A mug\nFor tea.", encoding="utf-8")
    written = ("--kind", "ad_copy", "--channel", "onsite", "--language", "en")
    here = ("-w", shop)
    return {
        "init": ("init", folder / "another"),
        "doctor": ("doctor", *here),
        "ingest": ("ingest", "events", folder / "files" / "events.jsonl", *here),
        "dry run": ("ingest", "catalog", folder / "files" / "catalog.json", "--dry-run", *here),
        "profile": ("profile", *here),
        "recommend": ("recommend", *here),
        "generate": ("generate", *written, "-n", "2", "--product", "p1", *here),
        "check": ("check", folder / "text.txt", *written, "--product", "p1", *here),
        "run": ("run", *here),
        "review": ("review", *here),
        "decide": ("decide", "probabilities", folder / "arms.json"),
        "models": ("models", "list", *here),
    }


@pytest.mark.parametrize(
    "name",
    [
        "init",
        "doctor",
        "ingest",
        "dry run",
        "profile",
        "recommend",
        "generate",
        "check",
        "run",
        "review",
        "decide",
        "models",
    ],
)
def test_json_is_one_object_on_standard_output_and_nothing_else(
    adwright: CommandLine, shop: Path, name: str
) -> None:
    printed = adwright(*json_commands(shop)[name], "--json")
    assert printed.code == 0, printed.err
    assert printed.json
    assert "NaN" not in printed.out
    assert not printed.err.lstrip().startswith("{")


def test_without_json_people_read_lines(adwright: CommandLine, shop: Path) -> None:
    for name in ("recommend", "check", "decide", "models"):
        printed = adwright(*json_commands(shop)[name])
        assert printed.code == 0, printed.err
        assert not re.match(r"\s*[{\[]", printed.out), name


def test_progress_goes_to_standard_error(adwright: CommandLine, shop: Path) -> None:
    printed = adwright("run", "-w", shop, "--json")
    assert printed.json["contents"]
    assert "profile" in printed.err
    assert "write: 1 of 1" in printed.err


def test_a_place_that_cannot_be_written_to_is_one_line(adwright: CommandLine, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    plan = ("experiment", "plan", "--baseline", "0.05", "--effect", "0.1")
    assert "cannot write" in adwright(*plan, "--html", tmp_path / "file" / "page.html").fault
    assert adwright(*plan, "--html", tmp_path / "new" / "page.html").code == 0
    assert (tmp_path / "new" / "page.html").stat().st_size > 1000


def test_a_failing_disk_is_one_line(adwright: CommandLine, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails() -> None:
        raise OSError(28, "No space left on device", "/shop/adwright.db")

    monkeypatch.setattr("adwright.cli.app.app", fails)
    assert "No space left on device: '/shop/adwright.db'" in adwright("run").fault


def test_no_help_text_loses_a_word_in_brackets() -> None:
    """Rich takes `[tune]` for markup and prints nothing."""

    def texts(command: Any) -> Iterator[str]:
        yield from (command.help or "", *(getattr(p, "help", None) or "" for p in command.params))
        if hasattr(command, "list_commands"):
            context = command.context_class(command)
            for name in command.list_commands(context):
                yield from texts(command.get_command(context, name))

    found = list(texts(get_command(app)))
    assert len(found) > 200
    assert [text for text in found if re.search(r"\[/?[a-z]", text)] == []
