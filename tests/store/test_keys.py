from __future__ import annotations

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from adwright.errors import DataError
from adwright.store import Database
from adwright.store.keys import claim_keys


def claim(database: Database, *keys: object) -> list[bool]:
    with database.exclusive() as connection:
        return claim_keys(connection, "events", pl.Series("message_id", list(keys))).to_list()


def test_only_the_first_row_of_an_unseen_key_is_fresh(database: Database) -> None:
    assert claim(database, "a", "b", "a") == [True, True, False]
    assert claim(database, "b", "c", "c", "a") == [False, True, False, False]


def test_a_claim_that_is_rolled_back_was_never_made(database: Database) -> None:
    def claim_and_fail() -> None:
        with database.exclusive() as connection:
            claim_keys(connection, "events", pl.Series(["a"]))
            raise KeyError

    with pytest.raises(KeyError):
        claim_and_fail()
    assert claim(database, "a") == [True]


def test_a_key_of_100_kb_and_keys_with_odd_characters_are_told_apart(database: Database) -> None:
    odd = [
        "x" * 100_000,
        "x" * 100_001,
        "a\x00b",
        "a\x00c",
        '"',
        "\\",
        "'",
        "\u2028",
        "中文",
        "😀",
        " a",
        "a",
    ]
    assert claim(database, *odd) == [True] * len(odd)
    assert claim(database, *odd) == [False] * len(odd)


def test_numbers_are_keys_too(database: Database) -> None:
    assert claim(database, 1, 2, 1) == [True, True, False]
    assert claim(database, 2, 3) == [False, True]


def test_no_keys_claim_nothing(database: Database) -> None:
    with database.exclusive() as connection:
        assert claim_keys(connection, "events", pl.Series("k", [], dtype=pl.String)).to_list() == []


def test_a_null_key_names_its_row(database: Database) -> None:
    with pytest.raises(DataError, match="Row 1"):
        claim(database, "a", None)


def test_a_claim_larger_than_a_batch_is_whole(database: Database) -> None:
    keys = [f"k{i}" for i in range(60_000)]
    assert sum(claim(database, *keys)) == 60_000
    assert sum(claim(database, *keys, "one more")) == 1


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(keys=st.lists(st.text(max_size=4), max_size=8))
def test_any_text_is_claimed_once(database: Database, keys: list[str]) -> None:
    claimed = claim(database, *keys) if keys else []
    assert sum(claimed) <= len(set(keys))
    assert not any(claim(database, *keys)) if keys else True
