"""A write that is killed, meets a full disk, or meets another writer."""

from __future__ import annotations

import inspect
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest

from adwright.store import TableStore


def batch(name: str) -> dict[str, pl.DataFrame]:
    ids = [f"{name} {i}" for i in range(1000)]
    return {
        "events": pl.DataFrame({"message_id": ids}),
        "order_lines": pl.DataFrame({"message_id": ids[:10], "order_id": "o"}),
    }


WRITER = """
import os, signal, sys
from pathlib import Path
import polars as pl
import sqlalchemy as sa
from adwright.store import TableStore, durable, open_database

def die(*_args, **_kwargs):
    os.kill(os.getpid(), signal.SIGKILL)

def write(url, root, point):
    database = open_database(url)
    tables = TableStore(Path(root), database)
    if point == "after the keys":
        pl.LazyFrame.sink_parquet = die
    elif point == "before the rename":
        durable.os.replace = die
    elif point == "after the rename":
        durable.sync_folder = die
    elif point in ("before the commit", "in an upsert"):
        sa.event.listen(database.engine, "commit", die)
    if point == "in an upsert":
        tables.upsert("products", pl.DataFrame({"id": ["p"], "title": ["new"]}), key="id")
    tables.append_many(batch(point), key="message_id")
    if point == "after the commit":
        die()
""" + inspect.getsource(batch)

KILLED = (
    WRITER
    + """
url, root, *points = sys.argv[1:]
for point in points:  # imported once, forked for each kill
    child = os.fork()
    if not child:
        write(url, root, point)
        os._exit(0)
    print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
"""
)

POINTS = ("after the commit", "after the keys", "before the rename", "after the rename", "before the commit")


def run(program: str, *arguments: str) -> subprocess.Popen[str]:
    env = {**os.environ, "POLARS_MAX_THREADS": "1"}
    command = [sys.executable, "-c", program, *arguments]
    return subprocess.Popen(command, env=env, stdout=subprocess.PIPE, text=True)


def exit_codes(child: subprocess.Popen[str]) -> list[int]:
    out, _ = child.communicate(timeout=60)
    assert child.returncode == 0
    return [int(line) for line in out.split()]


def test_a_kill_at_any_point_loses_and_doubles_nothing(
    reopen: Callable[[], TableStore], database_url: str, tmp_path: Path
) -> None:
    root = tmp_path / "tables"
    codes = exit_codes(run(KILLED, database_url, str(root), *POINTS))
    assert codes == [-signal.SIGKILL] * len(POINTS)
    kept = reopen()
    assert (
        kept.read("events")["message_id"].to_list()
        == batch("after the commit")["events"]["message_id"].to_list()
    )
    assert kept.count("order_lines") == 10

    tables = reopen()
    for point in POINTS:
        n_kept = 1000 if point == "after the commit" else 0
        assert tables.append_many(batch(point), key="message_id")["events"] == 1000 - n_kept
    assert tables.read("events")["message_id"].n_unique() == tables.count("events") == 5000
    assert tables.count("order_lines") == tables.read("order_lines").height == 50
    assert len([p for p in root.rglob("*") if p.is_file()]) == 10  # what the killed ones left is swept


def test_a_kill_in_an_upsert_leaves_the_old_rows(
    tables: TableStore, reopen: Callable[[], TableStore], database_url: str, tmp_path: Path
) -> None:
    tables.upsert("products", pl.DataFrame({"id": ["p"], "title": ["old"]}), key="id")
    codes = exit_codes(run(KILLED, database_url, str(tmp_path / "tables"), "in an upsert"))
    assert codes == [-signal.SIGKILL]
    assert reopen().read("products")["title"].to_list() == ["old"]
    assert reopen().upsert("products", pl.DataFrame({"id": ["p"], "title": ["new"]}), key="id") == (0, 1)


def test_two_processes_that_write_the_same_rows_add_them_once(
    reopen: Callable[[], TableStore], database_url: str, tmp_path: Path
) -> None:
    program = WRITER + "\nwrite(*sys.argv[1:])"
    children = [run(program, database_url, str(tmp_path / "tables"), "same") for _ in range(2)]
    assert [exit_codes(child) for child in children] == [[], []]
    assert reopen().read("events")["message_id"].n_unique() == reopen().count("events") == 1000
    assert reopen().count("order_lines") == 10


FULL_DISK = """
import os, subprocess, sys
from pathlib import Path
import polars as pl
from adwright.errors import StoreError
from adwright.store import TableStore, open_database

folder, database_folder = map(Path, sys.argv[1:])
mount = ["mount", "-t", "tmpfs", "-o", "size=1m", "adwright-test", str(folder)]
if subprocess.run(mount, capture_output=True).returncode:
    sys.exit(77)
database = open_database(f"sqlite:///{database_folder / 'adwright.db'}")
database.migrate()
tables = TableStore(folder / "tables", database)
frame = pl.DataFrame({"message_id": [os.urandom(16).hex() for _ in range(60_000)]})
assert tables.append("events", frame.head(100), key="message_id") == 100
try:
    tables.append("events", frame, key="message_id")
except StoreError as error:
    assert error.retryable
    print(error)
else:
    raise SystemExit("the disk was not full")
assert tables.read("events").height == 100
subprocess.run(["mount", "-o", "remount,size=64m", str(folder)], check=True)
assert tables.append("events", frame, key="message_id") == 59_900
assert sorted(tables.read("events")["message_id"]) == sorted(frame["message_id"])
assert len(list((folder / "tables" / "events").iterdir())) == 2
"""


@pytest.mark.parametrize("database_too", [False, True])
def test_a_disk_that_is_really_full_gives_one_line_and_a_rerun_completes(
    tmp_path: Path, database_too: bool
) -> None:
    """On a file system of 1 MiB, mounted for the child process alone, so that no kill leaves it behind."""
    small, large = tmp_path / "small", tmp_path / "large"
    small.mkdir()
    large.mkdir()
    if shutil.which("unshare") is None or os.geteuid() != 0:
        pytest.skip("mounting a small file system needs root and unshare")
    command = ["unshare", "--mount", sys.executable, "-c", FULL_DISK, str(small)]
    done = subprocess.run(
        [*command, str(small if database_too else large)],
        env={**os.environ, "POLARS_MAX_THREADS": "1"},
        capture_output=True,
        check=False,
        text=True,
        timeout=60,
    )
    if done.returncode == 77 or "unshare failed" in done.stderr:
        pytest.skip("this machine does not let its root mount a file system")
    assert done.returncode == 0, done.stderr
    assert "full" in done.stdout.lower()
    assert done.stdout.count("\n") == 1
