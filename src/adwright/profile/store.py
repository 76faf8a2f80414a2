"""A stored profile that takes in what is new: tallies on the disk, and up to when they have counted.

The state's file is written last. What was counted is checked against the events that are there now: where an event
was erased, or one of the past came in without saying when it was received, everything is counted again, and the
answer says so.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import polars as pl

from adwright.errors import UsageError
from adwright.profile.features import check_aware
from adwright.profile.tallies import SCHEMAS, Tallies, known_since, tally
from adwright.store.durable import write_json, write_whole
from adwright.store.faults import disk_faults

_STATE = "state.json"
_FORMAT = 1


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Updated:
    """A profile brought up to date.

    Args:
        tallies: Of everything known.
        n_new: Events that were taken in.
        n_events: Events counted in all.
        recounted: Why everything was counted again; None where only the new was.
    """

    tallies: Tallies
    n_new: int
    n_events: int
    recounted: str | None


def update_profile(
    folder: Path, events: pl.LazyFrame, order_lines: pl.LazyFrame, *, now: datetime
) -> Updated:
    """The profile at `now`: what is stored and what became known since; stored again.

    Args:
        folder: Where the profile is kept.
        events: As the table `events`, all of it; only what is new is read.
        order_lines: As the table `order_lines`.
        now: The present, aware.

    Raises:
        UsageError: `now` lies before what was counted, or has no zone.
        StoreError: the disk failed.
    """
    check_aware(now)
    through, held, n_held = _read(folder)
    if through is not None and now < through:
        raise UsageError(
            "the profile has counted later events", argument="now", value=now, allowed=f">= {through}"
        )
    why = None
    if through is not None and held is not None:
        n_there = events.filter(known_since() <= through).select(pl.len()).collect().item()
        if n_there != n_held:
            why = f"{n_held:,} events had been counted up to {through.isoformat()}, and there are {n_there:,} now"
            through, held = None, None
    is_new = known_since() <= now
    if through is not None:
        is_new &= known_since() > through
    fresh = events.filter(is_new).collect()
    lines = order_lines.join(fresh.lazy().select("message_id"), on="message_id", how="semi").collect()
    new = tally(fresh, lines)
    total = new if held is None else held.plus(new)
    n_events = fresh.height + (0 if held is None else n_held)
    _write(folder, total, now=now, n_events=n_events)
    return Updated(tallies=total, n_new=fresh.height, n_events=n_events, recounted=why)


def forget_customers(folder: Path, customer_ids: Collection[str]) -> int:
    """Takes all that the stored profile holds of these customers from the disk; how many of them it knew.

    Erase their events first: the next update counts whatever it finds in the events.

    Args:
        folder: Where the profile is kept; nothing is done where there is none.
        customer_ids: Who is forgotten.

    Raises:
        StoreError: the disk failed; the erasing is to be done again.
    """
    through, held, n_held = _read(folder)
    if through is None or held is None:
        return 0
    theirs = pl.col("customer_id").is_in(list(customer_ids)).fill_null(value=False)
    activity = held.activity.filter(theirs)
    orders = held.orders.filter(theirs)["order_id"]
    kept = {
        name: getattr(held, name).filter(~theirs)
        for name, columns in SCHEMAS.items()
        if "customer_id" in columns
    }
    kept["returns"] = held.returns.filter(~pl.col("order_id").is_in(orders.implode()).fill_null(value=False))
    _write(folder, Tallies(**kept), now=through, n_events=n_held - int(activity["n_events"].sum()))
    return activity.height


def _read(folder: Path) -> tuple[datetime | None, Tallies | None, int]:
    """(up to when, the tallies, how many events); nothing where no whole profile of this format is there."""
    path = folder / _STATE
    if not path.is_file():
        return None, None, 0
    with disk_faults(path):
        state = json.loads(path.read_text(encoding="utf-8"))
        if state["format"] != _FORMAT:
            return None, None, 0
        frames = {name: pl.read_parquet(folder / state["version"] / f"{name}.parquet") for name in SCHEMAS}
    return datetime.fromisoformat(state["through"]), Tallies(**frames), int(state["n_events"])


def _write(folder: Path, tallies: Tallies, *, now: datetime, n_events: int) -> None:
    """Writes beside the present version and then names the new one: a kill leaves the old profile whole."""
    version = f"{now.timestamp():.6f}"
    while (folder / version).exists():  # never into the present one: a kill would leave half of each
        version += "+"
    with disk_faults(folder):
        (folder / version).mkdir(parents=True, exist_ok=True)
    for name in SCHEMAS:
        write_whole(folder / version / f"{name}.parquet", getattr(tallies, name).write_parquet)
    state = {"format": _FORMAT, "version": version, "through": now.isoformat(), "n_events": n_events}
    write_json(folder / _STATE, state)
    with disk_faults(folder):
        for other in folder.iterdir():
            if other.is_dir() and other.name != version:
                shutil.rmtree(other)
