"""The review page: what waits for approval as customers would see it, and how to decide."""

from __future__ import annotations

from adwright.report.edition import Edition
from adwright.report.previews import cards
from adwright.report.rendering import render


def render_review(edition: Edition) -> str:
    """One static HTML page: a card for each content of `edition.figures.contents`, findings marked.

    Args:
        edition: The language, and the figures that hold shop, time, goal, currency and the contents.
    """
    say = edition.messages.say
    return render(
        "review.html.j2",
        {
            "figures": edition.figures,
            "language": edition.messages.language,
            "title": f"{edition.figures.shop}: {say('review.title')}",
            "say": say,
            "name": edition.messages.name,
            "write": edition.format,
            "cards": cards(edition, edition.figures.contents),
            "steps": [say(f"review.step_{step}") for step in ("export", "edit", "change", "read", "keep")],
        },
        packages=("adwright.review", "adwright.report"),
    )
