"""What ingest said of one file, as the report shows it."""

from __future__ import annotations

from pathlib import Path

from adwright.ingest import IngestReport
from adwright.report.figures import FileFigures, ReasonFigures

_EXPECTED = {("events", "missing")}
"""Remarks that mean nothing to a reader: no event has every field."""


def file_figures(report: IngestReport) -> FileFigures:
    """The figures of one ingested file."""
    return FileFigures(
        name=Path(report.file).name,
        table=report.table,
        n_read=report.n_read,
        n_added=report.n_added,
        n_changed=report.n_changed,
        n_duplicate=report.n_duplicate,
        n_quarantined=report.n_quarantined,
        reasons=tuple(
            ReasonFigures(
                code=r.reason_code, reason=r.reason, count=r.count, example_line=r.line, example=r.example
            )
            for r in report.commonest
        ),
        quality=tuple(n.message for n in report.quality if (report.table, n.kind) not in _EXPECTED),
    )
