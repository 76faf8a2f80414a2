"""What the table does not show of the outcomes: the `delay` of a target, and the `[position]` table of a recipe."""

from __future__ import annotations

from dataclasses import dataclass, field

from adwright.errors import ConfigError


@dataclass(frozen=True, slots=True, kw_only=True)
class DelayColumns:
    """`[targets.conversion.delay]`: when it began, when it succeeded, and until when one has looked.

    Times are ISO texts, datetimes, or numbers of any one unit.

    Args:
        began: Column of the click's time (of the exposure's, for a target given exposure).
        succeeded: Column of the conversion's time; null where there has been none.
        until: Column of the time until which the row was watched; left out: the latest time in the other two.
    """

    began: str
    succeeded: str
    until: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PositionConfig:
    """`[position]`: where the content stood. It bears on the click target, or the only one given exposure.

    Args:
        column: Position of each row; its values are names, "1" and 1 are the same.
        propensity: By position, the probability of being seen, in (0, 1]; left out: learned, relative to the
            best position.
    """

    column: str
    propensity: dict[str, float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for name, value in self.propensity.items():
            if not 0 < value <= 1:
                raise ConfigError(
                    "a propensity out of range",
                    argument=f"position.propensity.{name}",
                    value=value,
                    allowed="in (0, 1]",
                )
