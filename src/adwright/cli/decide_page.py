"""What the pages of `adwright decide` and `predict evaluate` share: the options, and writing the file."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

import adwright
from adwright.errors import StoreError, UsageError
from adwright.report.decisions_page import DecisionsPage, Grid, render_decisions
from adwright.report.plot import Plot
from adwright.report.words import LANGUAGES, Messages
from adwright.schema import Language

PageOption = Annotated[
    Path | None, typer.Option("--page", help="Write an HTML page with plots there.", dir_okay=False)
]
LanguageOption = Annotated[str, typer.Option("--language", help="Of the page: en or zh.")]


def messages_of(language: str) -> Messages:
    """The words of that language; one of our errors for another one."""
    for known in LANGUAGES:
        if known == language:
            return Messages(known)
    raise UsageError("no messages in this language", argument="--language", value=language, allowed="zh, en")


def write_page(
    path: Path,
    messages: Messages,
    *,
    title: str,
    lead: str,
    method: Sequence[str],
    plots: Sequence[Plot],
    grids: Sequence[Grid],
) -> None:
    """Writes the page; a place that cannot be written to is one of our errors."""
    page = DecisionsPage(
        title=title,
        lead=lead,
        method=method,
        plots=plots,
        grids=grids,
        at=datetime.now(UTC),
        version=adwright.__version__,
    )
    language: Language = messages.language
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(render_decisions(page, language), encoding="utf-8")
    except OSError as error:
        raise StoreError(f"cannot write {path}: {error.strerror or error}", retryable=True) from error
