"""How long an ingest of events takes, and how much memory: python benchmarks/ingest/run.py [SCENARIO...]

Each scenario runs in a process of its own, so that its peak memory is its own. The peer is the least that
any reader has to do: decode each line as JSON and drop it.
"""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

from scenarios import NOW, SCENARIOS, write_events

from adwright.ingest import ingest_events
from adwright.privacy.pseudonyms import Pseudonymiser
from adwright.store import Quarantine, TableStore, open_database

MOST_MIB = 1024


def measure(file: Path, folder: Path) -> dict[str, float]:
    """Ingests the file twice into a new store and says what that took."""
    database = open_database(f"sqlite:///{folder / 'bench.db'}")
    database.migrate()
    tables, quarantine = TableStore(folder / "tables", database), Quarantine(database)
    pseudonymiser = Pseudonymiser(b"a key for the benchmark only")

    def ingest() -> tuple[float, int, int]:
        report = ingest_events(
            tables, quarantine, [file], pseudonymiser=pseudonymiser, now=NOW, progress=_progress
        )
        return report.seconds, report.n_added, report.n_quarantined

    first_s, n_added, n_quarantined = ingest()
    peak_mib = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    again_s, n_again, _ = ingest()
    return {
        "seconds": round(first_s, 1),
        "peak_mib": round(peak_mib),
        "n_added": n_added,
        "n_quarantined": n_quarantined,
        "n_added_again": n_again,
        "seconds_again": round(again_s, 1),
        "seconds_json_only": round(_json_only(file), 1),
    }


def _passed(n_events: int, figures: dict[str, float]) -> bool:
    """The gate: nothing lost, nothing twice, memory bounded. The seconds are a diagnostic."""
    whole = figures["n_added"] + figures["n_quarantined"] == n_events
    return whole and figures["n_added_again"] == 0 and figures["peak_mib"] < MOST_MIB


def _json_only(file: Path) -> float:
    started = time.perf_counter()
    with file.open("rb") as lines:
        for line in lines:
            json.loads(line)
    return time.perf_counter() - started


def _progress(line: str) -> None:
    print(line, file=sys.stderr)


def main(wanted: list[str]) -> int:
    """Runs the scenarios, all or those named, prints one JSON object each; 1 where a gate was missed."""
    passed = True
    for scenario in SCENARIOS:
        if wanted and scenario.id not in wanted:
            continue
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            file = folder / "events.jsonl"
            write_events(scenario, file)
            child = [sys.executable, __file__, "--measure", str(file), name]
            done = subprocess.run(child, check=True, stdout=subprocess.PIPE, text=True)
            figures = json.loads(done.stdout)
            figures["ratio_to_json_only"] = round(figures["seconds"] / figures["seconds_json_only"], 2)
            figures["passed"] = _passed(scenario.n_events, figures)
            passed = passed and figures["passed"]
            print(json.dumps({"scenario": scenario.id, "n_events": scenario.n_events} | figures))
    return 0 if passed else 1


if __name__ == "__main__":
    if sys.argv[1:2] == ["--measure"]:
        print(json.dumps(measure(Path(sys.argv[2]), Path(sys.argv[3]))))
    else:
        sys.exit(main(sys.argv[1:]))
