"""The kinds together; what each of them promises is in `adwright.testing` and tests/contracts."""

import pytest

from adwright.errors import NotFoundError, UsageError
from adwright.generate.kinds import get_kind


def test_an_unknown_kind_or_channel_names_the_nearest():
    with pytest.raises(NotFoundError, match="Did you mean 'ad_copy'"):
        get_kind("adcopy")
    with pytest.raises(NotFoundError, match="Did you mean 'email'"):
        get_kind("ad_copy").limits_of("emial", "headline")


def test_foreign_slots_are_refused():
    with pytest.raises(UsageError, match="headline, description"):
        get_kind("ad_copy").check_slots({"headline": "x", "body": "y"})
