"""The number and the short name under which a content appears throughout a page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from adwright.report.figures import ContentFigures, RunFigures
from adwright.report.words import Messages
from adwright.schema import NO_CONTENT, Content
from adwright.text.width import display_width


class Labels:
    """The labels of a run's contents: numbered from the highest predicted value down, the rejected ones last.

    Args:
        figures: The run.
        messages: The language of the page.
    """

    def __init__(self, figures: RunFigures, messages: Messages) -> None:
        self._messages = messages
        self._numbers = {c.content.id: i for i, c in enumerate(ranked(figures.contents), start=1)}
        self._texts: dict[str, str] = {c.content.id: first_line(c.content) for c in figures.contents}
        for test in figures.tests:
            for arm in test.arms:
                if arm.label:
                    self._texts.setdefault(arm.content_id, arm.label)

    def number(self, content_id: str) -> str:
        """`No. 3`, or nothing for a content that this run did not write."""
        number = self._numbers.get(content_id)
        return "" if number is None else self._messages.say("contents.number", {"i": number})

    def text(self, content_id: str) -> str:
        """The first line of the content; its id where nothing else is known."""
        if content_id == NO_CONTENT:
            return self._messages.say("contents.no_content")
        return self._texts.get(content_id, content_id)

    def quoted(self, content_id: str) -> str:
        """The first line in quotation marks, shortened, for a sentence."""
        return self._messages.say("page.quote", {"text": shorten(self.text(content_id), 60)})

    def short(self, content_id: str, cells: int = 26) -> str:
        """Number and first line in at most about `cells` half-width cells, for an axis."""
        return f"{self.number(content_id)} {shorten(self.text(content_id), cells)}".strip()

    def unique(self, content_ids: Sequence[str], cells: int = 26) -> Mapping[str, str]:
        """Content id -> short label, with the id added where two labels are equal."""
        labels = {i: self.short(i, cells) for i in content_ids}
        seen = list(labels.values())
        return {i: label if seen.count(label) == 1 else f"{label} ({i})" for i, label in labels.items()}


def ranked(contents: Sequence[ContentFigures]) -> list[ContentFigures]:
    """The contents from the highest predicted value down; without a prediction, then rejected, come last."""

    def place(item: ContentFigures) -> tuple[bool, bool, float]:
        value = item.value
        return item.content.status == "rejected", value is None, 0.0 if value is None else -value.mean

    return sorted(contents, key=place)


def first_line(content: Content) -> str:
    """The first slot that says something, in one line."""
    return next((" ".join(text.split()) for text in content.slots.values() if text.strip()), content.id)


def shorten(text: str, cells: int) -> str:
    """`text`, cut to at most `cells` half-width cells with an ellipsis.

    >>> shorten("Soft cotton for warm days", 12), shorten("夏日纯棉衬衫", 8)
    ('Soft cotton…', '夏日纯…')
    """
    if display_width(text) <= cells:
        return text
    kept = ""
    for char in text:
        if display_width(kept + char) > cells - 1:
            break
        kept += char
    return kept.rstrip() + "…"
