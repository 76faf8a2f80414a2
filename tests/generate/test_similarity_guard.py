from dataclasses import replace

from adwright.generate import write_contents
from adwright.generate.guards import check, create_guards
from adwright.generate.live import LiveTexts
from adwright.generate.requests import Draft
from adwright.schema import Provenance

SLOTS = {"headline": "A mug for slow mornings", "description": "Hold it in both hands and take your time."}


def _other(content, **changes):
    return replace(content, **({"id": "other", "status": "live"} | changes))


def _found(content, *live, now):
    return [
        (f.rule_id, f.severity)
        for f in check(content, now=now, guards=create_guards(["similarity"], live=LiveTexts(live)))
    ]


def test_the_text_of_a_live_content_goes_to_a_person(make_content, now):
    content = make_content(SLOTS)
    assert _found(content, _other(content), now=now) == [("similarity.live", "review")]


def test_nearly_the_same_text_warns_and_names_the_other(make_content, now):
    content = make_content(SLOTS)
    near = _other(content, slots={**SLOTS, "headline": "A mug for slow evenings"})
    (found,) = check(content, now=now, guards=create_guards(["similarity"], live=LiveTexts([near])))
    assert (found.rule_id, found.severity, found.slot) == ("similarity.live", "warn", "headline")
    assert "other (live)" in found.evidence


def test_other_texts_channels_and_readers_are_no_repetition(make_content, now):
    content = replace(make_content(SLOTS), cohort_id="c1")
    assert _found(content, _other(content, slots={"headline": "Tea", "description": "Now."}), now=now) == []
    assert _found(content, _other(content, channel="email"), now=now) == []
    assert _found(content, _other(content, cohort_id="c2"), now=now) == []
    assert _found(content, _other(content, cohort_id="everyone"), now=now) == [("similarity.live", "review")]


def test_a_content_does_not_repeat_itself(make_content, now):
    content = make_content(SLOTS)
    assert _found(content, replace(content, status="live"), now=now) == []


def test_without_live_texts_nothing_is_found(make_content, now):
    assert check(make_content(SLOTS), now=now, guards=create_guards(["similarity"])) == ()


class OneText:
    name = "one text"
    learns_from_findings = False

    def write(self, requests):
        return [[Draft(slots=SLOTS, provenance=Provenance(backend=self.name))] for _ in requests]


def test_variants_of_one_run_are_held_against_each_other_and_the_live_ones(
    make_brief, make_product, make_content, now
):
    briefs = [make_brief(products=(make_product(id=name),)) for name in ("p1", "p2")]
    guards = create_guards(["similarity"])
    first, second = write_contents(briefs, backend=OneText(), n=1, seed=0, now=now, guards=guards)
    assert first.findings == ()
    assert [f.rule_id for f in second.findings] == ["similarity.variant"]
    assert first.content.id in second.findings[0].evidence
    live = LiveTexts([_other(first.content)])
    (again,) = write_contents(briefs[1:], backend=OneText(), n=1, seed=0, now=now, guards=guards, live=live)
    assert [f.rule_id for f in again.findings] == ["similarity.live"]
    assert len(live) == 2  # what was written joins those of the next call
