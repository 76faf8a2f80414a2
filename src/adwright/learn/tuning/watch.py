"""When tuning starts by itself: the tune block says that the model falls short, and is sure of it.

The score is the share of deviance explained on tune by a model that learned from train alone, with its standard
error over groups. It does not move with the base rate, as a log-loss does.

Holds when: groups are independent and there are some dozens in tune. Does not cover: a model that was never better;
for that `min_score` has to be said.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from scipy import stats

from adwright.learn.tuning.config import TuneConfig
from adwright.learn.tuning.objective import Objective, source_of, target_of
from adwright.predict.frames import as_polars
from adwright.predict.recipe import PredictRecipe
from adwright.predict.table import Table


@dataclass(frozen=True, slots=True, kw_only=True)
class TuneScore:
    """How well a setting does on the tune block.

    Args:
        target: The rate that was judged.
        explained: Share of deviance explained; 1 is perfect, 0 what the mean does.
        se: Its standard error; infinite where there are too few groups to tell.
        n: Rows of the tune block with outcomes.
    """

    target: str
    explained: float
    se: float
    n: int

    def to_json(self) -> dict[str, Any]:
        """As a model's card holds it."""
        return asdict(self) | {"se": self.se if self.se < float("inf") else None}

    @classmethod
    def from_json(cls, held: Mapping[str, Any]) -> TuneScore:
        """The inverse of `to_json`."""
        return cls(**{**held, "se": float("inf") if held["se"] is None else held["se"]})


@dataclass(frozen=True, slots=True, kw_only=True)
class Due:
    """Why tuning is due.

    Args:
        rule: "min_score" or "max_fall".
        score: Of the present setting.
        bound: The end of its one-sided interval that decided: of the score, or of the fall.
        earlier: The score that it fell from; None for "min_score".
    """

    rule: str
    score: TuneScore
    bound: float
    earlier: TuneScore | None = None

    def __str__(self) -> str:
        if self.earlier is None:
            return f"the share explained on tune is {self.score.explained:.4f}, at most {self.bound:.4f}"
        return (
            f"the share explained on tune fell from {self.earlier.explained:.4f} to {self.score.explained:.4f}, "
            f"by at least {self.bound:.4f}"
        )


def score_on_tune(frame: Any, recipe: PredictRecipe, config: TuneConfig, *, seed: int) -> TuneScore:
    """The recipe's own setting on the tune block.

    Args:
        frame: As for `Predictor.fit`.
        recipe: What is judged.
        config: Which rate is judged.
        seed: Of the split and the fit.
    """
    table = Table.of(as_polars(frame), recipe)
    target = target_of(recipe, config.target)
    objective = Objective(
        table, target, n_folds=1, first_share=1.0, source=source_of(recipe, target), seed=seed
    )
    losses = objective.losses(recipe.model, 0)
    n = int(objective.folds[0].judged.sum())
    return TuneScore(target=target, explained=losses.explained, se=losses.explained_se, n=n)


def due(score: TuneScore, earlier: TuneScore | None, config: TuneConfig) -> Due | None:
    """Why tuning is due, or None.

    Args:
        score: Now.
        earlier: Of the version before; None where there is none.
        config: The thresholds and how sure to be.

    >>> now = TuneScore(target="click", explained=0.02, se=0.01, n=500)
    >>> due(now, None, TuneConfig(min_score=0.1)) is None, due(now, None, TuneConfig(min_score=0.01)) is None
    (False, True)
    """
    z = float(stats.norm.ppf(config.confidence))
    if config.min_score is not None:
        most = score.explained + (z * score.se if z > 0 else 0.0)
        if most < config.min_score:
            return Due(rule="min_score", score=score, bound=most)
    if config.max_fall is not None and earlier is not None and earlier.target == score.target:
        fall = earlier.explained - score.explained
        spread = (score.se**2 + earlier.se**2) ** 0.5
        least = fall - (z * spread if z > 0 else 0.0)
        if fall > config.max_fall and least > 0:
            return Due(rule="max_fall", score=score, bound=least, earlier=earlier)
    return None
