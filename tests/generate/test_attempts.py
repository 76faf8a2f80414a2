import pytest

from adwright.errors import BackendError
from adwright.generate.backends.attempts import Writing, plan_attempts, with_fault
from adwright.generate.facts import facts_of
from adwright.generate.prompt import Prompt
from adwright.generate.requests import WriteRequest

GOOD = '{"headline": "a", "description": "b"}'


@pytest.fixture
def attempts(make_brief, now):
    brief = make_brief()
    return plan_attempts([WriteRequest(brief=brief, n=10, seed=3, facts=facts_of(brief, now=now), now=now)])


def test_variants_differ_in_angle_tone_seed_and_prompt(attempts):
    assert len({a.angle for a in attempts}) >= 8
    assert len({a.tone for a in attempts}) == 5
    assert len({a.seed for a in attempts}) == 10
    assert len({a.prompt.digest for a in attempts}) == 10


def test_an_answer_that_broke_off_is_not_read(attempts):
    attempts[0].take(GOOD, complete=False)
    assert attempts[0].slots is None
    assert "broke off" in attempts[0].fault


def test_lost_variants_are_counted_in_the_note(attempts):
    for attempt in attempts[:9]:
        attempt.take(GOOD)
    attempts[9].take("nothing")
    (drafts,) = Writing("b", "m").drafts(attempts, 1)
    assert len(drafts) == 9
    assert drafts[0].provenance.note == "1 further variants could not be read"


def test_no_readable_answer_at_all_is_an_error(attempts):
    attempts[0].take("nothing")
    with pytest.raises(BackendError, match="no complete JSON object"):
        Writing("b", "m").drafts(attempts, 1)


def test_a_further_try_tells_what_was_wrong():
    prompt = Prompt("system", "user")
    assert with_fault(prompt, "") is prompt
    assert "a slot is empty" in with_fault(prompt, "a slot is empty").user
