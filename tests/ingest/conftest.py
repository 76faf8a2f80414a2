"""A real store in a temporary folder, files in it, and one Segment message to vary."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from adwright.privacy.pseudonyms import Pseudonymiser
from adwright.store import Quarantine, TableStore, open_database

NOW = datetime(2026, 1, 1, tzinfo=UTC)


class Shop(NamedTuple):
    tables: TableStore
    quarantine: Quarantine
    pseudonymiser: Pseudonymiser
    now: datetime


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Shop]:
    database = open_database(f"sqlite:///{tmp_path / 'shop.db'}")
    database.migrate()
    key = Pseudonymiser(b"a key for the tests only")
    yield Shop(TableStore(tmp_path / "tables", database), Quarantine(database), key, NOW)
    database.close()


@pytest.fixture
def write(tmp_path: Path) -> Callable[[str, str | bytes], Path]:
    def write_file(name: str, content: str | bytes) -> Path:
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    return write_file


@pytest.fixture
def message() -> Callable[..., dict[str, Any]]:
    """A valid "Product Viewed"; keywords replace its top-level fields, None removes them."""

    def build(**changes: Any) -> dict[str, Any]:
        whole = {
            "type": "track",
            "event": "Product Viewed",
            "messageId": "m1",
            "userId": "u1",
            "timestamp": "2025-12-01T10:00:00Z",
            "receivedAt": "2025-12-01T10:00:01Z",
            "properties": {"product_id": "p1"},
        } | changes
        return {name: value for name, value in whole.items() if value is not None}

    return build


@pytest.fixture
def lines() -> Callable[..., str]:
    def join(*messages: dict[str, Any]) -> str:
        return "".join(json.dumps(m, ensure_ascii=False) + "\n" for m in messages)

    return join


@pytest.fixture
def data() -> Path:
    """The folder of real data sets; the test skips where it is absent."""
    named = os.environ.get("ADWRIGHT_DATA")
    folder = Path(named) if named else Path(__file__).parents[2].parent / "shared" / "data"
    if not folder.is_dir():
        pytest.skip(f"no real data in {folder}; set ADWRIGHT_DATA")
    return folder
