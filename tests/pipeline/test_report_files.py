from __future__ import annotations

import errno
import json
from pathlib import Path

import pytest

from adwright.errors import StoreError
from adwright.pipeline.report_files import save_report
from adwright.report.figures import Estimate, RunFigures
from adwright.testing import NOW

FIGURES = RunFigures(shop="玩具店", at=NOW, achieved_share=Estimate(mean=float("nan")))


def test_the_page_and_the_figures_stand_in_the_folder(tmp_path: Path) -> None:
    files = save_report(tmp_path / "a" / "b", FIGURES, "zh")
    assert sorted(p.name for p in (tmp_path / "a" / "b").iterdir()) == ["figures.json", "report.html"]
    held = json.loads(files.figures.read_text(encoding="utf-8"))
    assert (held["shop"], held["achieved_share"]["mean"]) == ("玩具店", None)
    assert "玩具店" in files.page.read_text(encoding="utf-8")


def test_a_report_that_is_there_is_replaced(tmp_path: Path) -> None:
    save_report(tmp_path, FIGURES, "en")
    save_report(tmp_path, RunFigures(shop="Other", at=NOW), "en")
    assert json.loads((tmp_path / "figures.json").read_text(encoding="utf-8"))["shop"] == "Other"
    assert len(list(tmp_path.iterdir())) == 2


def test_on_a_full_disk_the_report_is_whole_or_absent(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    save_report(tmp_path, FIGURES, "en")
    before = (tmp_path / "report.html").read_bytes()

    def full(descriptor: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(StoreError, match="The disk is full") as caught:
        save_report(tmp_path, RunFigures(shop="Other", at=NOW), "en")
    assert caught.value.retryable
    assert len(str(caught.value).splitlines()) == 1
    assert (tmp_path / "report.html").read_bytes() == before
    assert sorted(p.name for p in tmp_path.iterdir()) == ["figures.json", "report.html"]


def test_a_file_in_the_place_of_the_folder_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "report").write_text("in the way")
    with pytest.raises(StoreError, match="cannot use"):
        save_report(tmp_path / "report", FIGURES, "en")
