"""`[tune]` of a recipe: how long to look for better settings of the effect model, where, and when by itself."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from adwright.config import build, read_toml
from adwright.errors import ConfigError


@dataclass(frozen=True, slots=True, kw_only=True)
class TuneConfig:
    """What a study does, and when the main job starts one by itself.

    Args:
        n_trials: Settings tried, those that were pruned included.
        timeout_s: Seconds of trying, over all parts of an interrupted study; the last fits come on top.
        folds: Slices that a setting is judged on: the tune block, and slices of the same size before it (of a
            split by rows: beside it), each predicted from what is left of train and tune.
        first_share: Of the training groups in a first, cheap look at a setting; 1 for none. It prunes only.
        prune: Give a setting up once it is worse than the median of those before it at the same step.
        target: The rate that is judged; None is the first of click and conversion.
        min_gain_se: The best setting is taken if its gain over the recipe's own is so many standard errors,
            paired by groups; else the recipe's stays.
        seed: Of the search.
        space: What is searched, in place of the models' own spaces: key under `[model]` -> low and high (log =
            true for a logarithmic scale), or choices.
        min_score: Start by itself where the share of deviance explained on tune is below this; None for never.
        max_fall: Start by itself where that share is so much below what it was for the version before, an
            absolute difference; None for never.
        confidence: How sure either has to be, one-sided, in [0.5, 1).
        min_growth: Start by itself again only on a table that has grown by this share since the last study.
    """

    n_trials: int = 40
    timeout_s: float = 1800.0
    folds: int = 3
    first_share: float = 0.3
    prune: bool = True
    target: Literal["click", "conversion"] | None = None
    min_gain_se: float = 1.0
    seed: int = 0
    space: dict[str, Any] = field(default_factory=dict)
    min_score: float | None = None
    max_fall: float | None = None
    confidence: float = 0.95
    min_growth: float = 0.2

    def __post_init__(self) -> None:
        for name, least in (("n_trials", 1), ("folds", 1)):
            if getattr(self, name) < least:
                raise _wrong(name, getattr(self, name), f"{least} or more")
        if not self.timeout_s > 0:
            raise _wrong("timeout_s", self.timeout_s, "above 0")
        if not 0 < self.first_share <= 1:
            raise _wrong("first_share", self.first_share, "in (0, 1]")
        if not 0.5 <= self.confidence < 1:
            raise _wrong("confidence", self.confidence, "in [0.5, 1)")
        for name in ("min_gain_se", "min_growth"):
            if not getattr(self, name) >= 0:
                raise _wrong(name, getattr(self, name), "0 or more")
        if self.min_score is not None and not self.min_score < 1:
            raise _wrong("min_score", self.min_score, "below 1: a share of deviance explained")
        if self.max_fall is not None and not self.max_fall > 0:
            raise _wrong("max_fall", self.max_fall, "above 0")

    @classmethod
    def of(cls, recipe: Mapping[str, Any]) -> TuneConfig:
        """`[tune]` of a parsed recipe; the defaults where there is none."""
        return build(cls, recipe.get("tune", {}), where="tune")

    @classmethod
    def read(cls, path: Path) -> TuneConfig:
        """`[tune]` of a recipe's file."""
        return cls.of(read_toml(path))

    @property
    def watches(self) -> bool:
        """Whether the main job may start a study by itself."""
        return self.min_score is not None or self.max_fall is not None


def _wrong(name: str, value: object, allowed: str) -> ConfigError:
    return ConfigError("a setting out of range", argument=f"tune.{name}", value=value, allowed=allowed)
