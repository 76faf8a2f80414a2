"""Sequence and picture columns as a recipe names them, and the number columns that each brings along."""

from __future__ import annotations

from dataclasses import dataclass

from adwright.errors import ConfigError

SEQUENCE_NUMBERS = ("events", "matches", "last", "last_match")
"""The numbers of a sequence, `history:events` say: log(1 + events), log(1 + those that are the candidate), and
log(1 + days) since the last event and the last match, missing where there was none or no times are given."""

IMAGE_NUMBERS = (
    "brightness",
    "contrast",
    "saturation",
    "colourfulness",
    "warmth",
    "edges",
    "variety",
    "shape",
)
"""The numbers of a picture, `photo:brightness` say; all about 0 to 1, `shape` is log(width / height)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SequenceColumn:
    """`[columns.sequence.NAME]`: a column of lists (or of texts: JSON lists, or values with | between them).

    Args:
        of: The categorical column whose values the list holds: the candidate.
        times: A column of lists with the events' times, in the format of the row's; None where only order is known.
        max_events: The newest so many are looked at.
    """

    of: str
    times: str | None = None
    max_events: int = 50

    def __post_init__(self) -> None:
        if self.max_events < 1:
            raise ConfigError(
                "a setting out of range",
                argument="columns.sequence.max_events",
                value=self.max_events,
                allowed="1 or more",
            )


def sequence_numbers(name: str) -> tuple[str, ...]:
    """The names of a sequence's number columns."""
    return tuple(f"{name}:{number}" for number in SEQUENCE_NUMBERS)


def image_numbers(name: str) -> tuple[str, ...]:
    """The names of a picture column's number columns."""
    return tuple(f"{name}:{number}" for number in IMAGE_NUMBERS)
