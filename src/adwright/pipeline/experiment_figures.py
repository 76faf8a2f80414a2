"""A test as its report shows it: plan, arms, result, and in a simulated shop the truth beside it."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import numpy as np

from adwright.experiment import Analysis, Difference
from adwright.experiment.analyse import METRIC_OF_GOAL
from adwright.pipeline.job import RunResult, Truth
from adwright.pipeline.judging import Judged
from adwright.pipeline.launch import Launch
from adwright.report.figures import ArmFigures, Estimate, TestFigures, TrafficFigures
from adwright.schema import Arm, Experiment, GoalKind, Language


def test_figures(
    launch: Launch, result: RunResult, *, truth: Truth | None, traffic: TrafficFigures | None
) -> TestFigures:
    """The figures of one launch's test.

    Args:
        launch: With an experiment.
        result: The run.
        truth: True values per exposure in the unit that is asked for; a simulated shop only.
        traffic: How the traffic went.
    """
    experiment = launch.experiment
    assert experiment is not None
    analysis = result.analyses.get(experiment.id)
    ids = [c.id for c in launch.contents]
    true = {} if truth is None else truth(launch.campaign, ids, experiment.metric)
    worth = {} if truth is None else truth(launch.campaign, ids, launch.campaign.goal.kind)
    judged = {j.content.id: j for j in result.judged}
    reasons = () if analysis is None else tuple(_pairs(analysis.reasons) + _pairs(analysis.notes))
    return TestFigures(
        experiment_id=experiment.id,
        title=launch.campaign.title,
        metric=experiment.metric,
        n_per_arm=experiment.n_per_arm,
        minimum_effect=experiment.minimum_effect,
        n_days=None,
        alpha=experiment.alpha,
        power=experiment.power,
        arms=tuple(
            _arm(arm, experiment, analysis=analysis, judged=judged, true=true) for arm in experiment.arms
        ),
        sample_ratio_p=None if analysis is None else analysis.sample_ratio.p,
        decision="planned" if analysis is None else analysis.decision,
        winner_id=None if analysis is None else analysis.winner,
        reasons=reasons,
        interval_method=""
        if analysis is None or not analysis.differences
        else analysis.differences[0].method,
        achieved_share=_share(launch, worth) if worth and result.outcomes is not None else None,
        traffic=traffic,
    )


test_figures.__test__ = False  # type: ignore[attr-defined]  # pytest would collect it by its name


def chosen(launch: Launch) -> str:
    """The content that is worth most by what is believed now (posterior mean of the value)."""
    worth = launch.choice.beliefs.value(launch.choice.goal, rng=np.random.default_rng(0), n_draws=8000)
    return launch.choice.beliefs.effect.content_ids[int(np.argmax(worth.mean))]


def achieved_share(tests: Sequence[TestFigures]) -> Estimate | None:
    """The mean share over tests, with a 90 % interval from the spread between them (two or more tests)."""
    shares = [t.achieved_share.mean for t in tests if t.achieved_share is not None]
    if not shares:
        return None
    mean = float(np.mean(shares))
    if len(shares) < 2:
        return Estimate(mean=mean)
    half = 1.645 * float(np.std(shares, ddof=1)) / math.sqrt(len(shares))
    return Estimate(mean=mean, low=mean - half, high=mean + half)


def _share(launch: Launch, true: Mapping[str, float]) -> Estimate | None:
    """(chosen - mean) / (best - mean) of the true values; None where all texts are equally good."""
    values = np.array([true[c.id] for c in launch.contents])
    room = values.max() - values.mean()
    if room <= 1e-9 * max(abs(values.mean()), 1e-12):
        return None
    return Estimate(mean=float((true[chosen(launch)] - values.mean()) / room))


def _arm(
    arm: Arm,
    experiment: Experiment,
    *,
    analysis: Analysis | None,
    judged: Mapping[str, Judged],
    true: Mapping[str, float],
) -> ArmFigures:
    own = judged.get(arm.content_id)
    seen = None
    if analysis is not None:
        seen = next(a for a in analysis.arms if a.content_id == arm.content_id)
    metric = METRIC_OF_GOAL[experiment.metric]
    measured = None if seen is None else getattr(seen, metric)
    difference = None if analysis is None else analysis.difference(arm.content_id, metric)
    return ArmFigures(
        content_id=arm.content_id,
        share=arm.share,
        is_control=arm.is_control,
        n_exposures=0 if seen is None else seen.n_exposures,
        n_clicks=0 if seen is None else seen.n_clicks or 0,
        n_conversions=0 if seen is None else seen.n_conversions or 0,
        value_minor=0 if seen is None else round(seen.value_minor or 0),
        measured=None if measured is None else _of(measured.mean, measured.low, measured.high),
        difference=_difference(difference),
        p_value=None if difference is None else difference.p_adjusted,
        predicted=_predicted(own, experiment.metric),
        truth=true.get(arm.content_id),
    )


def _predicted(judged: Judged | None, metric: GoalKind) -> Estimate | None:
    if judged is None:
        return None
    if metric == judged.campaign.goal.kind:
        return _of(*judged.value, level=0.9)
    if metric == "click" and judged.click is not None:
        return _of(*judged.click, level=0.9)
    return None


def _difference(difference: Difference | None) -> Estimate | None:
    if difference is None:
        return None
    return _of(difference.absolute, difference.low, difference.high, level=difference.level)


def _of(mean: float, low: float, high: float, *, level: float = 0.95) -> Estimate:
    return Estimate(mean=mean, low=low, high=high, level=level)


def _pairs(lines: Mapping[Language, Sequence[str]]) -> list[Mapping[Language, str]]:
    return [{"en": en, "zh": zh} for en, zh in zip(lines["en"], lines["zh"], strict=True)]
