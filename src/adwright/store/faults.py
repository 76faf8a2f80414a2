"""Turning what the disk and the database raise into one line that says what to do."""

from __future__ import annotations

import errno
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import sqlalchemy as sa

from adwright.errors import AdwrightError, StoreError

_FULL = frozenset({errno.ENOSPC, errno.EDQUOT})
_FORBIDDEN = frozenset({errno.EACCES, errno.EPERM, errno.EROFS})


@contextmanager
def disk_faults(path: Path) -> Iterator[None]:
    """Raises `StoreError` in place of what the file system raises while `path` is read or written.

    Polars and safetensors wrap the system's errors in their own: told by the error number in the text.
    """
    try:
        yield
    except AdwrightError:
        raise
    except OSError as error:
        raise _disk_error(path, error.errno, error.strerror or str(error)) from error
    except Exception as error:
        found = re.search(r"os error (\d+)", str(error))
        if found is None:
            raise
        raise _disk_error(path, int(found[1]), str(error).splitlines()[0]) from error


@contextmanager
def database_faults() -> Iterator[None]:
    """Raises `StoreError` in place of what the database driver raises.

    The message carries the driver's first line only: never the statement or its values, which may be
    customer data, and never the URL, which may hold a password.
    """
    try:
        yield
    except sa.exc.DBAPIError as error:
        raise _database_error(error) from error
    except sa.exc.StatementError as error:
        if isinstance(error.orig, AdwrightError):  # a value that `store.state` refused
            raise error.orig from error
        raise


def _disk_error(path: Path, number: int | None, text: str) -> StoreError:
    if number in _FULL:
        hint = "The disk is full: free some space and run the same command again, it continues where it was"
    elif number in _FORBIDDEN:
        hint = "Check who may write there"
    else:
        hint = "Check that the path exists and that its disk is well"
    return StoreError(f"cannot use {path}: {text}", retryable=number in _FULL, hint=hint)


def _database_error(error: sa.exc.DBAPIError) -> StoreError:
    line = (str(error.orig).splitlines() or ["no message"])[0]
    text = line.lower()
    if "locked" in text or "lock timeout" in text:
        hint = "Another process is writing: wait until it has ended and run the same command again"
        return StoreError(f"the database is locked: {line}", retryable=True, hint=hint)
    if "is full" in text or "no space left" in text:
        hint = "Free some space and run the same command again, it continues where it was"
        return StoreError(f"the disk is full: {line}", retryable=True, hint=hint)
    if "no such table" in text or "does not exist" in text:
        return StoreError(
            f"the database lacks a table: {line}", retryable=False, hint="Call Database.migrate()"
        )
    if error.connection_invalidated or isinstance(error, sa.exc.OperationalError):
        hint = "Check that it is running and reachable: adwright doctor"
        return StoreError(f"the database failed: {line}", retryable=True, hint=hint)
    return StoreError(f"the database refused: {line}", retryable=False)
