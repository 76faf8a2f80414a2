from __future__ import annotations

from datetime import UTC, datetime, timedelta

import numpy as np
import polars as pl

from adwright.ingest.quality import QualityTally

NOW = datetime(2026, 1, 1, tzinfo=UTC)


def frame(n: int, device: str, *, p_missing: float = 0.0, hours_late: int = 0) -> pl.DataFrame:
    rng = np.random.default_rng(0)
    return pl.DataFrame(
        {
            "at": [NOW] * n,
            "received_at": [NOW + timedelta(hours=hours_late)] * n,
            "device": [device if rng.random() < 0.9 else "tablet" for _ in range(n)],
            "query": [None if rng.random() < p_missing else f"q{i}" for i in range(n)],
        }
    )


def test_steady_columns_give_no_note() -> None:
    tally = QualityTally()
    for _ in range(10):
        tally.add(frame(300, "mobile"))
    assert tally.notes() == []


def test_a_shift_of_shares_between_first_and_last_rows_is_drift() -> None:
    tally = QualityTally()
    for i in range(10):
        tally.add(frame(300, "mobile" if i < 5 else "desktop"))
    (note,) = tally.notes()
    assert (note.kind, note.column) == ("drift", "device")
    assert "stability index" in note.message


def test_a_jump_of_the_missing_share_is_drift() -> None:
    tally = QualityTally()
    for i in range(10):
        tally.add(frame(300, "mobile", p_missing=0.05 if i < 5 else 0.6))
    assert {(n.kind, n.column) for n in tally.notes()} == {("missing", "query"), ("drift", "query")}


def test_late_rows_are_counted() -> None:
    tally = QualityTally()
    tally.add(frame(30, "mobile"))
    tally.add(frame(10, "mobile", hours_late=30))
    (note,) = [n for n in tally.notes() if n.kind == "late"]
    assert (note.count, note.share) == (10, 0.25)


def test_the_tally_stays_small_and_exact_over_many_batches() -> None:
    tally = QualityTally()
    for i in range(200):
        tally.add(frame(20, "mobile" if i < 100 else "desktop", p_missing=0.5))
    columns = {c.name: c for c in tally.columns()}
    expected = frame(20, "mobile", p_missing=0.5)["query"].null_count() / 20
    assert columns["query"].missing_share == expected
    assert columns["device"].n_distinct == 3
    assert len(tally._chunks) <= 33
    assert any(n.column == "device" and n.kind == "drift" for n in tally.notes())
