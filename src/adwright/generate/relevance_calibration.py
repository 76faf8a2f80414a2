"""The scale of relevance, set by what people answered when they were asked how well a text fits them.

Source: isotonic regression by pool adjacent violators (Barlow et al., 1972), as scikit-learn has it.

Holds when: those who answered read the text that the score is of. Does not cover: who chose to answer.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import polars as pl

from adwright.errors import DataError, InfeasibleError

LEAST_CONTENTS = 5
"""Contents with answers that a calibration needs."""

_WORST, _BEST = 1, 5


@dataclass(frozen=True, slots=True)
class RelevanceCalibration:
    """A rising function from a raw score to the mean answer, both in [0, 1]; linear between its knots.

    Args:
        scores: (k,) raw scores, rising.
        answers: (k,) mean answers there, not falling; 0 is the worst answer and 1 the best.
        n_contents, n_answers: What it was learned from.
    """

    scores: tuple[float, ...]
    answers: tuple[float, ...]
    n_contents: int
    n_answers: int

    def apply(self, score: float) -> float:
        """The calibrated score of a raw one; beyond the knots the nearest one holds.

        >>> RelevanceCalibration((0.2, 0.6), (0.0, 0.5), 5, 50).apply(0.4)
        0.25
        """
        return float(np.interp(score, self.scores, self.answers))


def calibrate_relevance(scores: Mapping[str, float], survey_answers: pl.DataFrame) -> RelevanceCalibration:
    """Fits the answers to the scores, so that a score says how well people found that a text fits.

    Args:
        scores: Content id -> raw relevance in [0, 1].
        survey_answers: `content_id` and `answer`, whole numbers from 1 (not at all) to 5 (entirely); one row
            an answer. Answers about contents without a score are left out.

    Raises:
        DataError: a column is missing, or an answer lies outside 1 to 5.
        InfeasibleError: fewer than 5 contents have a score and an answer.
    """
    for column in ("content_id", "answer"):
        if column not in survey_answers.columns:
            raise DataError("a column is missing", argument="survey_answers", value=column)
    answered = survey_answers.drop_nulls(["content_id", "answer"]).filter(
        pl.col("content_id").is_in(list(scores))
    )
    wrong = answered.filter(~pl.col("answer").is_between(_WORST, _BEST))
    if wrong.height:
        raise DataError("not an answer", argument="answer", value=wrong["answer"][0], allowed="1 to 5")
    means = answered.group_by("content_id", maintain_order=True).agg(pl.col("answer").mean(), pl.len())
    if means.height < LEAST_CONTENTS:
        raise InfeasibleError(
            "too few contents with answers", argument="survey_answers", value=means.height,
            allowed=f"{LEAST_CONTENTS} or more",
        )  # fmt: skip
    raw = np.array([scores[i] for i in means["content_id"]])
    share = (means["answer"].to_numpy() - _WORST) / (_BEST - _WORST)
    return _fit(raw, share, means["len"].to_numpy().astype(float), n_answers=answered.height)


def _fit(
    raw: np.ndarray[tuple[int], np.dtype[np.float64]],
    share: np.ndarray[tuple[int], np.dtype[np.float64]],
    counts: np.ndarray[tuple[int], np.dtype[np.float64]],
    *,
    n_answers: int,
) -> RelevanceCalibration:
    from sklearn.isotonic import IsotonicRegression

    fitted = IsotonicRegression(out_of_bounds="clip").fit(raw, share, sample_weight=counts)
    return RelevanceCalibration(
        scores=tuple(fitted.X_thresholds_.tolist()),
        answers=tuple(fitted.y_thresholds_.tolist()),
        n_contents=len(raw),
        n_answers=n_answers,
    )
