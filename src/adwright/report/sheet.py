"""A plain page of sections, each with paragraphs, a table and a picture: for results that are not a run.

Whoever has figures fills a `Sheet` in the reader's language; the page needs no network, like the report.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from adwright import __version__
from adwright.report.formatting import Format
from adwright.report.page import plotly_js
from adwright.report.plot import Plot
from adwright.report.rendering import render
from adwright.report.words import Messages
from adwright.schema import Language


@dataclass(frozen=True, slots=True, kw_only=True)
class SheetTable:
    """A table: its caption, column heads, and rows of cells; the first cell of a row is its head."""

    caption: str
    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class SheetSection:
    """A section: its title, paragraphs, and what it shows."""

    title: str
    paragraphs: tuple[str, ...] = ()
    tables: tuple[SheetTable, ...] = ()
    plots: tuple[Plot, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """A page.

    Args:
        title: Of the page.
        subtitle: In a line.
        tone: Colour of the verdict: "ship", "stop", "go-on", "invalid" or "plain".
        verdict: The answer, sentence by sentence; the first one is the headline.
        sections: Below it.
    """

    title: str
    subtitle: str
    tone: str
    verdict: Sequence[str]
    sections: Sequence[SheetSection]


def render_sheet(sheet: Sheet, language: Language, *, at: datetime) -> str:
    """The page as HTML with style, script and Plotly inside; everything in the sheet is escaped.

    Args:
        sheet: In the reader's language.
        language: Of the frame around it.
        at: When it was made.
    """
    messages = Messages(language)
    plots = [plot for section in sheet.sections for plot in section.plots]
    return render(
        "sheet.html.j2",
        {
            "sheet": sheet,
            "language": language,
            "title": sheet.title,
            "say": messages.say,
            "write": Format(messages, currency=None),
            "figures": {"version": __version__, "at": at},
            "plots": [{"id": p.id, "data": p.data, "layout": p.layout} for p in plots],
            "plotly_js": plotly_js() if plots else "",
        },
    )
