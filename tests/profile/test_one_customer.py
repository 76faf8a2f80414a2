from __future__ import annotations

import polars as pl
import pytest

from adwright.errors import NotFoundError, UsageError
from adwright.profile import customer_profile
from adwright.profile.features import FEATURES
from adwright.schema import Customer

ROW = {
    "customer_id": "pseudo1",
    "n_events": 9,
    "recency_days": 3.0,
    "n_orders": 4,
    "value_minor": 20_000,
    "currency": "USD",
    "top_category": "Home > Mugs",
    "price_rank": 0.9,
    "price_level": "high",
    "channel": "email",
    "hour": 9,
    "language": "en",
}
FRAME = pl.DataFrame([ROW], schema=dict(FEATURES))
WILLING = Customer(id="pseudo1", consent=frozenset({"marketing:email", "personalisation:email"}))


def test_a_profile_holds_habits_and_no_name() -> None:
    profile = customer_profile(FRAME, WILLING, channel="email")
    assert profile.categories == ("Home > Mugs",)
    assert (profile.price_level, profile.n_orders, profile.spend_minor) == ("high", 4.0, 5000)
    assert "pseudo1" not in repr(profile)


@pytest.mark.parametrize("consent", [(), ("marketing:email",), ("personalisation:sms",)])
def test_without_consent_for_this_purpose_and_channel_there_is_none(consent: tuple[str, ...]) -> None:
    with pytest.raises(UsageError, match="personalisation:email"):
        customer_profile(FRAME, Customer(id="pseudo1", consent=frozenset(consent)), channel="email")


def test_a_customer_of_whom_nothing_is_known_is_said_to_be_so() -> None:
    with pytest.raises(NotFoundError, match="nothing is known"):
        customer_profile(FRAME.clear(), WILLING, channel="email")


def test_unknown_habits_stay_unknown() -> None:
    bare = pl.DataFrame(
        [dict.fromkeys(FEATURES) | {"customer_id": "pseudo1", "n_events": 1, "n_orders": 0}],
        schema=dict(FEATURES),
    )
    profile = customer_profile(bare, WILLING, channel="email")
    assert profile.categories == ()
    assert profile.spend_minor is None
    assert profile.language is None
