from __future__ import annotations

import errno
import json
import os
from pathlib import Path

import pytest

from adwright.errors import StoreError
from adwright.store.durable import write_json, write_whole
from adwright.store.faults import disk_faults


def test_a_file_is_replaced_in_one_step(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    write_json(path, {"名": 1})
    write_json(path, {"名": 2})
    assert json.loads(path.read_text(encoding="utf-8")) == {"名": 2}
    assert [p.name for p in tmp_path.iterdir()] == ["a.json"]


def test_a_write_that_fails_leaves_the_old_file_and_nothing_else(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    write_json(path, {"old": True})

    def write(file: object) -> None:
        raise KeyError

    with pytest.raises(KeyError):
        write_whole(path, write)
    assert json.loads(path.read_text()) == {"old": True}
    assert len(list(tmp_path.iterdir())) == 1


@pytest.mark.parametrize(
    ("number", "hint", "retryable"),
    [
        (errno.ENOSPC, "free some space", True),
        (errno.EDQUOT, "free some space", True),
        (errno.EACCES, "who may write", False),
        (errno.EROFS, "who may write", False),
        (errno.EIO, "its disk is well", False),
    ],
)
def test_the_systems_errors_become_one_line_with_a_hint(
    tmp_path: Path, number: int, hint: str, retryable: bool
) -> None:
    with pytest.raises(StoreError, match=hint) as caught, disk_faults(tmp_path):
        raise OSError(number, os.strerror(number))
    assert caught.value.retryable is retryable
    assert str(tmp_path) in str(caught.value)


def test_a_librarys_wrapping_of_a_full_disk_is_seen_through(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="free some space"), disk_faults(tmp_path):
        raise RuntimeError("I/O error: No space left on device (os error 28)")


def test_other_errors_pass(tmp_path: Path) -> None:
    with pytest.raises(ZeroDivisionError), disk_faults(tmp_path):
        raise ZeroDivisionError
