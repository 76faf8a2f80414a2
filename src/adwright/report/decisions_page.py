"""The page of a replay, a simulation or an allocation: words, tables, and pictures with intervals."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from adwright.report.formatting import Format
from adwright.report.page import plotly_js
from adwright.report.plot import Plot
from adwright.report.rendering import render
from adwright.report.words import Messages
from adwright.schema import Language


@dataclass(frozen=True, slots=True, kw_only=True)
class Grid:
    """A table: a caption, a head, and rows of text; the first cell of a row names it."""

    caption: str
    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class DecisionsPage:
    """What the page holds.

    Args:
        title: Its title.
        lead: What it shows, in a sentence or two.
        method: How each number was obtained, a sentence each.
        plots: Pictures.
        grids: Tables.
        at: When it was made, UTC.
        version: Of Adwright.
    """

    title: str
    lead: str
    method: Sequence[str]
    plots: Sequence[Plot]
    grids: Sequence[Grid]
    at: datetime
    version: str


def render_decisions(page: DecisionsPage, language: Language) -> str:
    """The page as HTML that needs no network. Everything in `page` is data and escaped."""
    messages = Messages(language)
    return render(
        "decisions.html.j2",
        {
            "figures": page,
            "language": language,
            "title": page.title,
            "say": messages.say,
            "write": Format(messages, currency=None),
            "plots": [{"id": p.id, "data": p.data, "layout": p.layout} for p in page.plots],
            "plotly_js": plotly_js() if page.plots else "",
        },
    )
