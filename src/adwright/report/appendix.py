"""How each number of the page was obtained: data, block, sample size, interval."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from adwright.report.edition import Edition
from adwright.report.figures import PredictorFigures, TestFigures
from adwright.report.formatting import DASH
from adwright.report.readings import written


@dataclass(frozen=True, slots=True, kw_only=True)
class MethodRow:
    """One line of the appendix, written out."""

    name: str
    value: str
    data: str
    split: str = DASH
    n: str = DASH
    interval: str = DASH


def method_rows(edition: Edition) -> tuple[MethodRow, ...]:
    """The lines of the appendix in the order of the page."""
    return (
        *_data(edition),
        *_cohorts(edition),
        *_predictions(edition),
        *(row for p in (edition.figures.predictor,) if p is not None for row in _metrics(edition, p)),
        *_probabilities(edition),
        *(row for test in edition.figures.tests for row in _test(edition, test)),
        *_achieved(edition),
        *_further(edition),
    )


def _data(edition: Edition) -> Iterator[MethodRow]:
    data, say, write = edition.figures.data, edition.messages.say, edition.format
    if data is None or not data.files:
        return
    n_read = sum(f.n_read for f in data.files)
    yield MethodRow(
        name=say("appendix.files"),
        value=f"{write.count(n_read)} / {write.count(sum(f.n_quarantined for f in data.files))}",
        data=edition.messages.series([f.name for f in data.files]),
        n=write.count(n_read),
        interval=say("appendix.files_interval"),
    )


def _cohorts(edition: Edition) -> Iterator[MethodRow]:
    cohorts, data, say = edition.figures.cohorts, edition.figures.data, edition.messages.say
    if not cohorts:
        return
    source = say("appendix.cohort_data_bare")
    if data is not None and data.first_at is not None:
        span = {"first": edition.format.date(data.first_at), "last": edition.format.date(data.last_at)}
        source = say("appendix.cohort_data", span)
    yield MethodRow(
        name=say("appendix.cohort_size"),
        value=edition.messages.say("page.list_comma").join(edition.format.count(c.size) for c in cohorts),
        data=source,
        n=edition.format.count(sum(c.size for c in cohorts)),
        interval=say("appendix.files_interval"),
    )


def _predictions(edition: Edition) -> Iterator[MethodRow]:
    goal, say = edition.figures.goal, edition.messages.say
    means = [c.value.mean for c in edition.figures.contents if c.value is not None]
    if not means:
        return
    predictor = edition.figures.predictor
    yield MethodRow(
        name=say("appendix.predicted_value", {"goal": edition.messages.name("goal", goal)}),
        value=edition.format.range(
            edition.format.value(min(means), goal), edition.format.value(max(means), goal)
        ),
        data=_model(edition, predictor),
        split=" + ".join(edition.messages.name("block", b) for b in ("train", "tune", "calibrate")),
        n=DASH if predictor is None or not predictor.n_train else edition.format.count(predictor.n_train),
        interval=say("appendix.predicted_interval"),
    )


def _model(edition: Edition, predictor: PredictorFigures | None) -> str:
    if predictor is None:
        return edition.messages.say("appendix.predicted_data_bare")
    through = edition.format.date(predictor.trained_through)
    if through == DASH:
        return predictor.model_version
    return edition.messages.say(
        "appendix.predicted_data", {"model": predictor.model_version, "through": through}
    )


def _metrics(edition: Edition, predictor: PredictorFigures) -> Iterator[MethodRow]:
    say, name, pick = edition.messages.say, edition.messages.name, edition.messages.pick
    for target in predictor.targets:
        for metric in target.metrics:
            level = {"level": edition.format.share(metric.estimate.level)}
            has_interval = metric.estimate.low is not None
            method = pick(metric.method)
            names = {"metric": name("metric", metric.name), "target": name("target", target.name)}
            yield MethodRow(
                name=say("appendix.metric_name", names),
                value=written(edition, metric, metric.estimate.mean),
                data=pick(predictor.data),
                split=name("block", "test"),
                n=edition.format.count(metric.n),
                interval=": ".join(filter(None, (say("appendix.metric_interval", level), method)))
                if has_interval
                else DASH,
            )


def _probabilities(edition: Edition) -> Iterator[MethodRow]:
    decision, say = edition.figures.decision, edition.messages.say
    if decision is None or not decision.choices:
        return
    shares = [p for choice in decision.choices for p in choice.probabilities.values()]
    write = edition.format
    yield MethodRow(
        name=say("appendix.probability"),
        value=write.range(write.share(min(shares)), write.share(max(shares))),
        data=say("appendix.probability_data"),
        n=write.count(len(shares)),
        interval=say("appendix.probability_interval"),
    )


def _test(edition: Edition, test: TestFigures) -> Iterator[MethodRow]:
    say, write, goal = edition.messages.say, edition.format, test.metric
    where = {
        "data": say("appendix.test_data", {"id": test.experiment_id}),
        "split": say("appendix.test_split"),
    }
    method = edition.messages.pick(test.interval_method)
    control = next((a.n_exposures for a in test.arms if a.is_control), 0)
    for arm in test.arms:
        names = {
            "goal": edition.messages.name("goal", goal),
            "label": edition.labels.short(arm.content_id, 40),
        }
        found = (
            ("measured_value", arm.measured, write.expected, write.count(arm.n_exposures)),
            (
                "difference_value",
                arm.difference,
                write.gain,
                f"{write.count(arm.n_exposures)} + {write.count(control)}",
            ),
        )
        for key, estimate, written_as, n in found:
            if estimate is None:
                continue
            yield MethodRow(
                name=say(f"appendix.{key}", names),
                value=written_as(estimate, goal),
                n=n,
                interval="; ".join(filter(None, (write.interval(estimate, goal), method))),
                data=where["data"],
                split=where["split"],
            )
    if test.sample_ratio_p is not None:
        yield MethodRow(
            name=say("appendix.ratio"),
            value=f"p = {write.p_value(test.sample_ratio_p)}",
            n=write.count(sum(a.n_exposures for a in test.arms)),
            interval=say("appendix.ratio_interval"),
            data=where["data"],
            split=where["split"],
        )


def _achieved(edition: Edition) -> Iterator[MethodRow]:
    share, say, write = edition.figures.achieved_share, edition.messages.say, edition.format
    if share is not None:
        yield MethodRow(
            name=say("appendix.achieved"),
            value=write.share(share.mean),
            data=say("appendix.achieved_data"),
            n=write.count(sum(len(t.arms) for t in edition.figures.tests)) if edition.figures.tests else DASH,
            interval=write.range(write.share(share.low), write.share(share.high)),
        )


def _further(edition: Edition) -> Iterator[MethodRow]:
    pick = edition.messages.pick
    for method in edition.figures.methods:
        yield MethodRow(
            name=pick(method.name),
            value=pick(method.value),
            data=pick(method.data),
            split=pick(method.split) or DASH,
            n=edition.format.count(method.n),
            interval=pick(method.interval) or DASH,
        )
