"""Writing a file so that after any crash it is there whole, or not at all."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import IO, Any

from adwright.store.faults import disk_faults

TEMPORARY = ".writing"
"""The suffix of a file that is being written. One that a crash left behind is never read."""


def write_whole(path: Path, write: Callable[[IO[bytes]], object]) -> None:
    """Calls `write` on a temporary file, forces it to disk, and only then gives it the name `path`.

    Args:
        path: The file; one that is there already is replaced in one step.
        write: Puts the bytes into the open file.

    Raises:
        StoreError: the disk is full or forbidden; the temporary file is gone then.
    """
    temporary = path.with_name(f"{path.name}.{os.getpid()}{TEMPORARY}")
    with disk_faults(path):
        try:
            with temporary.open("wb") as file:
                write(file)
                file.flush()
                os.fsync(file.fileno())
            os.replace(temporary, path)
        finally:
            temporary.unlink(missing_ok=True)
        sync_folder(path.parent)


def write_json(path: Path, value: Mapping[str, Any]) -> None:
    """Writes `value` as readable JSON, whole or not at all."""
    text = json.dumps(value, ensure_ascii=False, indent=2) + "\n"
    write_whole(path, lambda file: file.write(text.encode()))


def sync_folder(folder: Path) -> None:
    """Forces the names in `folder` to disk, where the system can (Windows cannot)."""
    if os.name == "nt":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
