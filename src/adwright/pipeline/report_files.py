"""The report of a run as files: the page for people, the figures for programs."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from adwright.report import as_json, render_report
from adwright.report.figures import RunFigures
from adwright.schema import Language
from adwright.store.durable import write_whole
from adwright.store.faults import disk_faults


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportFiles:
    """Where the page and the figures are."""

    page: Path
    figures: Path


def save_report(folder: Path, figures: RunFigures, language: Language) -> ReportFiles:
    """Writes `report.html` and `figures.json`, each whole or not at all; makes the folder.

    Raises:
        StoreError: the disk is full or forbidden.
    """
    page = render_report(figures, language)
    data = json.dumps(as_json(figures), ensure_ascii=False, allow_nan=False)
    with disk_faults(folder):
        folder.mkdir(parents=True, exist_ok=True)
    files = ReportFiles(page=folder / "report.html", figures=folder / "figures.json")
    write_whole(files.page, lambda file: file.write(page.encode()))
    write_whole(files.figures, lambda file: file.write(data.encode()))
    return files
