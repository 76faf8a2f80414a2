from __future__ import annotations

import shutil
import subprocess

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from adwright.errors import ConfigError, DataError
from adwright.privacy import Pseudonymiser

KEY = b"an example key of 32 bytes......"


def test_a_pseudonym_is_the_hmac_of_rfc_4231() -> None:
    """RFC 4231, test case 6: a key of 131 bytes 0xaa. The first 128 bits of its HMAC-SHA-256."""
    found = Pseudonymiser(b"\xaa" * 131).of("Test Using Larger Than Block-Size Key - Hash Key First")
    assert found == "p_60e431591ee0b67f0d8a26aacbf5b77f"


def test_a_pseudonym_is_what_openssl_computes() -> None:
    openssl = shutil.which("openssl")
    if openssl is None:
        pytest.skip("openssl is not on this machine")
    command = [openssl, "dgst", "-sha256", "-hmac", KEY.decode()]
    out = subprocess.run(command, input="顾客 42".encode(), capture_output=True, check=True).stdout.decode()
    assert Pseudonymiser(KEY).of("顾客 42") == "p_" + out.split("= ")[1][:32]


@given(ids=st.lists(st.text(min_size=1, max_size=5) | st.none()))
def test_a_column_gets_the_pseudonym_of_each_id(ids: list[str | None]) -> None:
    pseudonymiser = Pseudonymiser(KEY)
    found = pseudonymiser.of_many(pl.Series("user", ids, dtype=pl.String))
    assert found.to_list() == [None if raw is None else pseudonymiser.of(raw) for raw in ids]
    assert found.name == "user"


def test_numbers_are_ids_too() -> None:
    pseudonymiser = Pseudonymiser(KEY)
    assert pseudonymiser.of_many(pl.Series([7, None])).to_list() == [pseudonymiser.of("7"), None]


def test_an_empty_id_is_refused() -> None:
    with pytest.raises(DataError, match="empty id"):
        Pseudonymiser(KEY).of("")
    with pytest.raises(DataError, match="empty id"):
        Pseudonymiser(KEY).of_many(pl.Series(["a", ""]))


def test_another_key_gives_other_pseudonyms_and_another_fingerprint() -> None:
    one, other = Pseudonymiser(KEY), Pseudonymiser(KEY[::-1])
    assert one.of("a") != other.of("a")
    assert one.fingerprint == Pseudonymiser(KEY).fingerprint != other.fingerprint


def test_the_fingerprint_does_not_tell_the_key() -> None:
    fingerprint = Pseudonymiser(KEY).fingerprint
    assert len(fingerprint) == 16
    assert fingerprint not in KEY.hex()
    assert Pseudonymiser(KEY).of("fingerprint of the pseudonym key")[2:18] != fingerprint


def test_a_short_or_absent_key_says_how_to_make_one() -> None:
    with pytest.raises(ConfigError, match="at least 16"):
        Pseudonymiser(b"x" * 15)
    with pytest.raises(ConfigError, match=r"ADWRIGHT_PSEUDONYM_KEY is not set.*secrets"):
        Pseudonymiser.from_env({})
    assert Pseudonymiser.from_env({"ADWRIGHT_PSEUDONYM_KEY": "x" * 16}).of("a").startswith("p_")


def test_a_bad_key_is_never_shown() -> None:
    with pytest.raises(ConfigError) as caught:
        Pseudonymiser.from_env({"ADWRIGHT_PSEUDONYM_KEY": "hunter2"})
    assert "hunter2" not in str(caught.value)
