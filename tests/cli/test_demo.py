"""What `adwright demo` takes and refuses; what it does is in tests/demo."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from adwright.report.figures import Estimate
from cli.command_line import CommandLine, command_line


@pytest.fixture
def adwright(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> CommandLine:
    return command_line(monkeypatch, capsys)


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[SimpleNamespace]:
    """Takes the demo's place, and remembers what it was asked for."""
    calls: list[SimpleNamespace] = []

    def run_demo(folder: Path, *, now: datetime, progress: Callable[[str], None], config: Any) -> Any:
        progress("a demo's progress")
        calls.append(SimpleNamespace(folder=folder, now=now, config=config))
        content = SimpleNamespace(content=SimpleNamespace(status="live"))
        test = SimpleNamespace(experiment_id="x_1", decision="ship")
        figures = SimpleNamespace(contents=[content], tests=[test], achieved_share=Estimate(mean=0.5))
        return SimpleNamespace(
            figures=figures,
            report=folder / "report.html",
            figures_file=folder / "figures.json",
            seconds=1.26,
        )

    monkeypatch.setattr("adwright.demo.show.run_demo", run_demo)
    return calls


def test_the_demo_is_in_english_and_ordinary_unless_told(
    adwright: CommandLine, asked: list[SimpleNamespace]
) -> None:
    printed = adwright("demo")
    assert printed.code == 0
    (call,) = asked
    assert call.folder == Path("demo")
    assert (call.config.language, call.config.kind, call.config.seed) == ("en", "ordinary", 7)
    assert call.now.tzinfo is not None
    assert "1 contents, 1 tests, 50% of the achievable gain" in printed.out
    assert "report: demo/report.html" in printed.out
    assert "a demo's progress" in printed.err


def test_the_demo_does_what_it_is_told(
    adwright: CommandLine, asked: list[SimpleNamespace], tmp_path: Path
) -> None:
    printed = adwright(
        "demo", "--out", tmp_path / "d", "--language", "zh", "--world", "bait", "--seed", "3", "--json"
    )
    (call,) = asked
    assert call.folder == tmp_path / "d"
    assert (call.config.language, call.config.kind, call.config.seed) == ("zh", "bait", 3)
    assert printed.json == {
        "report": str(tmp_path / "d" / "report.html"),
        "figures": str(tmp_path / "d" / "figures.json"),
        "contents": {"live": 1},
        "tests": {"x_1": "ship"},
        "achieved_share": {"mean": 0.5, "low": None, "high": None, "level": 0.9},
        "seconds": 1.3,
    }


def test_an_unknown_language_is_one_line(adwright: CommandLine, asked: list[SimpleNamespace]) -> None:
    assert "allowed: zh, en" in adwright("demo", "--language", "fr").fault
    assert asked == []


def test_an_unknown_world_is_one_line_and_touches_nothing(adwright: CommandLine, tmp_path: Path) -> None:
    fault = adwright("demo", "--out", tmp_path / "d", "--world", "ordinry").fault
    assert "Did you mean 'ordinary'?" in fault
    assert not (tmp_path / "d").exists()


def test_a_folder_that_no_demo_made_is_refused_and_left_alone(adwright: CommandLine, tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("mine")
    fault = adwright("demo", "--out", tmp_path).fault
    assert "no demo made it" in fault
    assert [p.name for p in tmp_path.iterdir()] == ["mine.txt"]


def test_a_file_is_no_folder(adwright: CommandLine, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("mine")
    assert "not a folder" in adwright("demo", "--out", tmp_path / "file").fault
    assert (tmp_path / "file").read_text() == "mine"
