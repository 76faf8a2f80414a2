"""The summary on top of the page: what happened in three sentences, and the key figures."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from adwright.report.edition import Edition
from adwright.report.figures import ArmFigures, ContentFigures, TestFigures
from adwright.report.labels import ranked

_ORDER = ("ship", "go on", "stop", "invalid", "planned")


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyFigure:
    """A number with its name and, below it in small lines, how sure it is and how to read it."""

    name: str
    value: str
    notes: tuple[str, ...] = ()


def sentences(edition: Edition) -> tuple[str, ...]:
    """What was written, what became of it, and what the test says."""
    contents = edition.figures.contents
    say = edition.messages.say
    if not contents:
        return (say("headline.wrote_nothing"), _outcome(edition))
    channels = dict.fromkeys(edition.messages.name("channel", c.content.channel) for c in contents)
    wrote = {
        "n": len(contents),
        "products": len({p for c in contents for p in c.content.product_ids}),
        "cohorts": len({c.content.cohort_id for c in contents}),
        "channels": edition.messages.series(list(channels)),
    }
    status = {
        "published": count(contents, "live", "approved"),
        "waiting": count(contents, "draft"),
        "rejected": count(contents, "rejected"),
    }
    return say("headline.wrote", wrote), say("headline.status", status), _outcome(edition)


def key_figures(edition: Edition) -> tuple[KeyFigure, ...]:
    """How many contents stand where, predicted beside measured, and the gain over the control."""
    contents, say = edition.figures.contents, edition.messages.say
    counts = (
        KeyFigure(name=say("headline.written"), value=edition.format.count(len(contents))),
        KeyFigure(
            name=say("headline.published"), value=edition.format.count(count(contents, "live", "approved"))
        ),
        KeyFigure(name=say("headline.waiting"), value=edition.format.count(count(contents, "draft"))),
        _stopped(edition),
    )
    return counts + _predicted_and_measured(edition) + _over_all_tests(edition)


def _stopped(edition: Edition) -> KeyFigure:
    say = edition.messages.say
    stopped = [c for c in edition.figures.contents if c.content.status == "rejected"]
    by_rules = sum(any(f.severity == "block" and f.exemption is None for f in c.findings) for c in stopped)
    found = (("by_rules", by_rules), ("held_back", len(stopped) - by_rules))
    return KeyFigure(
        name=say("headline.rejected"),
        value=edition.format.count(len(stopped)),
        notes=tuple(say(f"headline.{key}", {"n": n}) for key, n in found if n),
    )


def count(contents: Sequence[ContentFigures], *statuses: str) -> int:
    """How many contents have one of the statuses."""
    return sum(c.content.status in statuses for c in contents)


def leading_test(edition: Edition) -> tuple[TestFigures, ArmFigures | None] | None:
    """The test that matters most, with its winning or leading arm: shipped ones first, by their gain."""
    tests = [(t, _leading_arm(t)) for t in edition.figures.tests]
    if not tests:
        return None

    def place(item: tuple[TestFigures, ArmFigures | None]) -> tuple[int, float]:
        test, arm = item
        gain = arm.difference.mean if arm is not None and arm.difference is not None else 0.0
        return _ORDER.index(test.decision), -gain

    return min(tests, key=place)


def measured_inside(test: TestFigures) -> tuple[int, int]:
    """How many of the measured arms lie inside their predicted interval, and how many could."""
    pairs = [
        (a.measured.mean, a.predicted)
        for a in test.arms
        if a.measured is not None and a.predicted is not None
    ]
    known = [(m, p.low, p.high) for m, p in pairs if p.low is not None and p.high is not None]
    return sum(low <= m <= high for m, low, high in known), len(known)


def _leading_arm(test: TestFigures) -> ArmFigures | None:
    if test.winner_id is not None:
        return next((a for a in test.arms if a.content_id == test.winner_id), None)
    rivals = [(a.difference.mean, a) for a in test.arms if a.difference is not None]
    return max(rivals, key=lambda pair: pair[0])[1] if rivals else None


def _outcome(edition: Edition) -> str:
    leading = leading_test(edition)
    if leading is None or leading[0].decision == "planned":
        return _prediction(edition, planned=leading is not None)
    test, arm = leading
    say = edition.messages.say
    if test.decision in ("stop", "invalid"):
        return say(f"headline.{test.decision}")
    if arm is None or arm.difference is None:
        return say("headline.go_on_bare")
    values = {
        "label": edition.labels.quoted(arm.content_id),
        "gain": edition.format.expected(arm.difference, test.metric),
        "interval": edition.format.interval(arm.difference, test.metric),
    }
    if test.decision == "go on":
        return say("headline.go_on" if arm.difference.mean > 0 else "headline.go_on_behind", values)
    return say("headline.ship", values)


def _prediction(edition: Edition, *, planned: bool) -> str:
    best = next((c for c in ranked(edition.figures.contents) if c.value is not None), None)
    if best is None or best.value is None or best.content.status == "rejected":
        return edition.messages.say("headline.nothing_known")
    values = {
        "label": edition.labels.quoted(best.content.id),
        "value": edition.format.expected(best.value, best.goal or edition.figures.goal),
        "interval": edition.format.interval(best.value, best.goal or edition.figures.goal),
    }
    return edition.messages.say("headline.planned" if planned else "headline.predicted", values)


def _predicted_and_measured(edition: Edition) -> tuple[KeyFigure, ...]:
    leading = leading_test(edition)
    if leading is None:
        return ()
    test, arm = leading
    if arm is None:
        return ()
    found = (
        ("kpi_predicted", arm.predicted, edition.format.expected),
        ("kpi_measured", arm.measured, edition.format.expected),
        ("kpi_gain", arm.difference, edition.format.gain),
    )
    return tuple(
        KeyFigure(
            name=edition.messages.say(f"headline.{key}"),
            value=write(estimate, test.metric),
            notes=(edition.format.interval(estimate, test.metric),),
        )
        for key, estimate, write in found
        if estimate is not None
    )


def _over_all_tests(edition: Edition) -> tuple[KeyFigure, ...]:
    say, tests = edition.messages.say, [t for t in edition.figures.tests if t.decision != "planned"]
    found: tuple[KeyFigure, ...] = ()
    if len(tests) > 1:
        values = {"k": sum(t.decision == "ship" for t in tests), "n": len(tests)}
        found += (KeyFigure(name=say("headline.kpi_winners"), value=say("headline.kpi_of", values)),)
    share = edition.figures.achieved_share
    if share is not None:
        note = edition.format.range(edition.format.share(share.low), edition.format.share(share.high))
        found += (
            KeyFigure(
                name=say("headline.kpi_achieved"),
                value=edition.format.share(share.mean),
                notes=(note, say("headline.kpi_achieved_note")),
            ),
        )
    return found
