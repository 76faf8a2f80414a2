"""A profile that takes in what is new is the profile of everything."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from adwright.errors import UsageError
from adwright.profile import Tallies, forget_customers, tally, update_profile
from adwright.profile.tallies import N_RECENT, SCHEMAS, known_at
from random_events import DAYS, START, random_shop


def equal(a: Tallies, b: Tallies) -> None:
    for name in SCHEMAS:
        assert_frame_equal(getattr(a, name), getattr(b, name))


@given(seed=st.integers(0, 10_000), hours=st.lists(st.integers(0, DAYS * 24 + 300), min_size=1, max_size=5))
@settings(max_examples=12, deadline=None)
def test_folding_in_gives_what_counting_all_gives(
    tmp_path_factory: pytest.TempPathFactory, seed: int, hours: list[int]
) -> None:
    events, lines, _, _ = random_shop(seed)
    folder = tmp_path_factory.mktemp("profile")
    for hour in sorted(hours):
        now = START + timedelta(hours=hour)
        got = update_profile(folder, events.lazy(), lines.lazy(), now=now)
        equal(got.tallies, tally(known_at(events, now), lines))
        assert got.n_events == known_at(events, now).height
        assert got.recounted is None


def test_only_what_is_new_is_taken_in(tmp_path: Path) -> None:
    events, lines, _, _ = random_shop(1)
    early, late = START + timedelta(days=10), START + timedelta(days=40)
    first = update_profile(tmp_path, events.lazy(), lines.lazy(), now=early)
    second = update_profile(tmp_path, events.lazy(), lines.lazy(), now=late)
    assert first.n_new + second.n_new == second.n_events == events.height
    assert 0 < second.n_new < events.height
    assert update_profile(tmp_path, events.lazy(), lines.lazy(), now=late).n_new == 0


def test_an_erased_event_has_everything_counted_again(tmp_path: Path) -> None:
    events, lines, _, _ = random_shop(2)
    now = START + timedelta(days=40)
    update_profile(tmp_path, events.lazy(), lines.lazy(), now=now)
    left = events.filter(pl.col("customer_id").fill_null("") != "c1")
    got = update_profile(tmp_path, left.lazy(), lines.lazy(), now=now)
    assert "had been counted" in str(got.recounted)
    equal(got.tallies, tally(left, lines))
    assert "c1" not in got.tallies.activity["customer_id"]


def test_who_is_forgotten_is_gone_from_the_disk_and_stays_gone(tmp_path: Path) -> None:
    """They stand in no file of the profile, and the sums of the others are as if they never were."""
    events, lines, _, _ = random_shop(2)
    now = START + timedelta(days=40)
    update_profile(tmp_path, events.lazy(), lines.lazy(), now=now)
    assert forget_customers(tmp_path, ["c1", "never seen"]) == 1
    files = sorted(path.name for path in tmp_path.rglob("*.parquet"))
    assert files == sorted(f"{name}.parquet" for name in SCHEMAS)
    for path in tmp_path.rglob("*.parquet"):
        frame = pl.read_parquet(path)
        assert "customer_id" not in frame.columns or "c1" not in frame["customer_id"]
    theirs = events.filter(customer_id="c1", event="Order Completed")["order_id"]
    returns = pl.read_parquet(next(tmp_path.rglob("returns.parquet")))
    assert not set(theirs) & set(returns["order_id"])
    left = events.filter(pl.col("customer_id").fill_null("") != "c1")
    got = update_profile(tmp_path, left.lazy(), lines.lazy(), now=now)
    assert "c1" not in got.tallies.activity["customer_id"]
    assert_frame_equal(got.tallies.activity, tally(left, lines).activity)


def test_without_a_profile_nobody_has_to_be_forgotten(tmp_path: Path) -> None:
    assert forget_customers(tmp_path, ["c1"]) == 0
    assert list(tmp_path.iterdir()) == []


def test_a_kill_while_it_is_written_leaves_the_old_profile(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    events, lines, _, _ = random_shop(4)
    early, late = START + timedelta(days=5), START + timedelta(days=40)
    update_profile(tmp_path, events.lazy(), lines.lazy(), now=early)

    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr("adwright.profile.store.write_json", killed)
        with pytest.raises(KeyboardInterrupt):
            update_profile(tmp_path, events.lazy(), lines.lazy(), now=late)
    got = update_profile(tmp_path, events.lazy(), lines.lazy(), now=late)
    assert got.recounted is None
    equal(got.tallies, tally(events, lines))


def test_the_past_is_not_gone_back_to(tmp_path: Path) -> None:
    events, lines, _, _ = random_shop(5)
    update_profile(tmp_path, events.lazy(), lines.lazy(), now=START + timedelta(days=9))
    with pytest.raises(UsageError, match="later events"):
        update_profile(tmp_path, events.lazy(), lines.lazy(), now=START)


def test_the_latest_events_are_kept_in_their_order() -> None:
    events, lines, _, _ = random_shop(6, n=600)
    recent = tally(events, lines).recent
    for _, own in recent.group_by("customer_id"):
        assert own.height <= N_RECENT
        assert own["at"].is_sorted()
        everything = events.filter(customer_id=own["customer_id"][0], event="Product Viewed")
        assert own["at"].max() >= everything["at"].max()
