"""Promises that every registered kind keeps."""

import json
from importlib.resources import files

import pytest

from adwright.errors import NotFoundError, UsageError
from adwright.generate.facts import facts_of
from adwright.generate.kinds import CHANNELS, KINDS, get_kind
from adwright.generate.prompt import render_prompt
from adwright.generate.requests import WriteRequest


@pytest.mark.parametrize("name", KINDS.names())
def test_every_slot_has_a_limit_on_every_channel(name):
    kind = get_kind(name)
    assert kind.name == name
    for channel in CHANNELS:
        for slot in kind.slots:
            limits = kind.limits_of(channel, slot.name)
            assert limits
            assert all(limit.maximum > 0 and limit.source and limit.as_of.year >= 2020 for limit in limits)


@pytest.mark.parametrize("name", KINDS.names())
def test_an_answer_in_the_schema_is_read_back(name):
    kind = get_kind(name)
    answer = {slot.name: f"text of {slot.name}" for slot in kind.slots}
    assert kind.read(json.dumps(answer)) == answer
    assert kind.schema()["required"] == [slot.name for slot in kind.slots]


@pytest.mark.parametrize("name", KINDS.names())
@pytest.mark.parametrize("language", ["zh", "en"])
def test_its_template_exists_with_a_version_and_renders(name, language, make_brief, now):
    kind = get_kind(name)
    assert ".v" in kind.template
    assert (files("adwright.generate.prompts") / kind.template).is_file()
    brief = make_brief(kind=name, language=language)
    request = WriteRequest(brief=brief, n=1, seed=0, facts=facts_of(brief, now=now), now=now)
    prompt = render_prompt(request, angle="gift", tone="warm")
    for slot in kind.slots:
        assert f'"{slot.name}"' in prompt.system


def test_an_unknown_kind_or_channel_names_the_nearest():
    with pytest.raises(NotFoundError, match="Did you mean 'ad_copy'"):
        get_kind("adcopy")
    with pytest.raises(NotFoundError, match="Did you mean 'email'"):
        get_kind("ad_copy").limits_of("emial", "headline")


def test_foreign_slots_are_refused():
    with pytest.raises(UsageError, match="headline, description"):
        get_kind("ad_copy").check_slots({"headline": "x", "body": "y"})
