"""One language's edition of a run: the figures with the words, the numbers' format and the labels."""

from __future__ import annotations

from dataclasses import dataclass

from adwright.report.figures import RunFigures
from adwright.report.formatting import Format
from adwright.report.labels import Labels
from adwright.report.words import Messages
from adwright.schema import GoalKind, Language
from adwright.text.numbers import minor_exponent


@dataclass(frozen=True, slots=True, kw_only=True)
class Edition:
    """What every part of a page needs to speak about a run in one language."""

    figures: RunFigures
    messages: Messages
    format: Format
    labels: Labels

    @classmethod
    def of(cls, figures: RunFigures, language: Language) -> Edition:
        """The edition of `figures` in `language`."""
        messages = Messages(language)
        return cls(
            figures=figures,
            messages=messages,
            format=Format(messages, currency=figures.currency),
            labels=Labels(figures, messages),
        )

    def per_thousand(self, goal: GoalKind) -> float:
        """What a value per exposure is multiplied by to stand on an axis per 1,000 exposures in whole money."""
        if goal in ("click", "conversion") or self.figures.currency is None:
            return 1000.0
        return float(1000.0 / 10 ** minor_exponent(self.figures.currency))

    def unit(self, goal: GoalKind) -> str:
        """The unit of an axis: the goal, with the currency where it is money."""
        name = self.messages.name("goal", goal)
        if goal in ("click", "conversion") or self.figures.currency is None:
            return name
        return f"{name} ({self.figures.currency})"
