from dataclasses import replace
from datetime import datetime

import pytest

from adwright.errors import NotFoundError, UsageError
from adwright.generate import write_contents
from adwright.generate.requests import Draft
from adwright.schema import Offer, Provenance, content_id


class Scripted:
    """A backend that answers from a list of scripts, one a call, and keeps what it was asked."""

    name = "scripted"

    def __init__(self, *scripts, learns=False):
        self.scripts = list(scripts)
        self.learns_from_findings = learns
        self.asked = []

    def write(self, requests):
        self.asked.append(list(requests))
        script = self.scripts[len(self.asked) - 1]
        return [
            [
                Draft(
                    slots={"headline": h, "description": d},
                    provenance=Provenance(backend=self.name),
                    angle="gift",
                    tone="warm",
                )
                for h, d in script
            ]
            for _ in requests
        ]


GOOD = ("A gift with heart", "Give a shirt and get a smile")
BAD = ("Yours for $1", "In fine linen, for all your days")


def test_contents_carry_their_brief_findings_and_reason(make_brief, make_cohort, now):
    brief = make_brief(cohort=make_cohort(), offer=Offer(id="o1"), language="en")
    (written,) = write_contents([brief], backend=Scripted([GOOD]), n=1, seed=0, now=now)
    content = written.content
    assert (content.cohort_id, content.offer_id, content.product_ids) == ("c1", "o1", ("p1",))
    assert content.id == content_id(content)
    assert content.status == "draft"
    assert content.why == "Leads with giving it as a present in a warm tone, for young city shoppers"
    assert written.findings == ()


def test_what_is_blocked_is_kept_as_rejected(make_brief, now):
    written = write_contents([make_brief()], backend=Scripted([GOOD, BAD]), n=2, seed=0, now=now)
    assert [w.content.status for w in written] == ["draft", "rejected"]
    assert {f.rule_id for f in written[1].findings} == {"facts.price", "facts.material"}


def test_a_model_gets_one_more_try_with_the_findings(make_brief, now):
    backend = Scripted([GOOD, BAD], [("Say it with a shirt", "For thank-yous and birthdays")], learns=True)
    written = write_contents([make_brief()], backend=backend, n=2, seed=0, now=now)
    assert [w.content.status for w in written] == ["draft", "rejected", "draft"]
    (again,) = backend.asked[1]
    assert again.n == 1
    assert {f.rule_id for f in again.findings} == {"facts.price", "facts.material"}
    assert len(backend.asked) == 2


def test_without_blocks_nothing_is_asked_again(make_brief, now):
    backend = Scripted([GOOD], learns=True)
    write_contents([make_brief()], backend=backend, n=1, seed=0, now=now)
    assert len(backend.asked) == 1


def test_near_identical_variants_are_dropped(make_brief, now):
    twin = (GOOD[0] + "!", GOOD[1])
    written = write_contents([make_brief()], backend=Scripted([GOOD, twin, GOOD]), n=3, seed=0, now=now)
    assert len(written) == 1


def test_every_brief_is_answered_in_order_by_the_composer(make_brief, make_product, now):
    briefs = [make_brief(products=(make_product(id=f"p{i}"),)) for i in range(3)]
    lines = []
    written = write_contents(briefs, backend="compose", n=4, seed=0, now=now, progress=lines.append)
    assert [w.content.product_ids for w in written] == [(f"p{i}",) for i in range(3) for _ in range(4)]
    assert len({w.content.id for w in written}) == 12
    assert lines == ["12 variants for 3 briefs by compose"]


def test_why_is_written_in_the_contents_language(make_brief, make_cohort, now):
    brief = make_brief(language="zh", cohort=make_cohort(), angle="ease", tone="plain")
    (written,) = write_contents([brief], backend="compose", n=1, seed=0, now=now)
    assert written.content.why == "主打省心，语气平实，写给年轻的都市顾客"


def test_wrong_arguments_are_the_callers_fault(make_brief, now):
    with pytest.raises(UsageError, match="n = 0"):
        write_contents([make_brief()], backend="compose", n=0, seed=0, now=now)
    with pytest.raises(UsageError, match="aware"):
        write_contents([make_brief()], backend="compose", n=1, seed=0, now=datetime(2026, 1, 1))
    with pytest.raises(NotFoundError, match="Did you mean 'compose'"):
        write_contents([make_brief()], backend="compos", n=1, seed=0, now=now)
    with pytest.raises(NotFoundError, match="channel"):
        write_contents([replace(make_brief(), channel="fax")], backend="compose", n=1, seed=0, now=now)


def test_no_briefs_give_no_contents(now):
    assert write_contents([], backend="compose", n=1, seed=0, now=now) == []
