"""Pseudonyms of customers: a keyed digest of the shop's own id.

Holds when:
    the key stays secret and the same. Whoever has the key can compute the pseudonym of any id they guess.

Does not cover:
    what else the data says about a person. A pseudonym hides a name, not a behaviour; that is what the
    cohorts' k is for.
"""

from __future__ import annotations

import hmac
from collections.abc import Mapping

import polars as pl

from adwright.config import secret
from adwright.errors import ConfigError, DataError

KEY_VARIABLE = "ADWRIGHT_PSEUDONYM_KEY"
MIN_KEY_BYTES = 16

_HINT = (
    f'Set it once and keep it safe: export {KEY_VARIABLE}="$(python3 -c "import secrets; '
    'print(secrets.token_hex(32))")"'
)


class Pseudonymiser:
    """Turns raw ids into pseudonyms: `p_` and 128 bits of HMAC-SHA-256 (RFC 2104) in hexadecimal.

    Args:
        key: At least 16 bytes; 32 random ones are best.

    >>> Pseudonymiser(b"an example key, not a secret").of("user-1")
    'p_40fdc670f8c598dc511dbe2d9afbfc85'
    """

    def __init__(self, key: bytes) -> None:
        if len(key) < MIN_KEY_BYTES:
            raise ConfigError(
                f"the pseudonym key has {len(key)} bytes; allowed: at least {MIN_KEY_BYTES}", hint=_HINT
            )
        self._key = key

    @classmethod
    def from_env(cls, env: Mapping[str, str] | None = None) -> Pseudonymiser:
        """The one with the key in ADWRIGHT_PSEUDONYM_KEY; raises `ConfigError` where it is unset or short.

        Args:
            env: The environment; the process's own, if None.
        """
        return cls(secret(KEY_VARIABLE, env, hint=_HINT).encode())

    @property
    def fingerprint(self) -> str:
        """16 hexadecimal digits that tell keys apart and do not tell the key."""
        # The NUL keeps it apart from the pseudonym of any id that a shop would have.
        return hmac.digest(self._key, b"\x00fingerprint of the pseudonym key", "sha256").hex()[:16]

    def of(self, raw_id: str) -> str:
        """The pseudonym of one id; an empty id raises `DataError`, since all unknown would become one person."""
        if not raw_id:
            raise DataError("an empty id has no pseudonym", argument="raw_id", value=raw_id)
        return "p_" + hmac.digest(self._key, raw_id.encode(), "sha256").hex()[:32]

    def of_many(self, raw_ids: pl.Series) -> pl.Series:
        """The pseudonyms of a column, nulls kept. Each distinct id is computed once.

        Args:
            raw_ids: (n,) ids, of any type that has a text form.

        Raises:
            DataError: an empty id.
        """
        text = raw_ids.cast(pl.String)
        distinct = text.drop_nulls().unique()
        pseudonyms = pl.Series([self.of(raw_id) for raw_id in distinct], dtype=pl.String)
        return text.replace_strict(distinct, pseudonyms, return_dtype=pl.String)
