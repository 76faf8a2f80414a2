"""Every example runs as a newcomer runs it: on its own, offline, in an empty folder."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

EXAMPLES = sorted((Path(__file__).parents[1] / "examples").glob("*.py"))

SAYS = {
    "01_predict_on_any_table": "inside their 90 % interval",
    "02_check_a_text": "facts.price",
    "03_plan_and_analyse_a_test": "decision: ship, winner: new",
    "04_decide_with_thompson": "now: ",
    "05_main_job_on_your_catalogue": "report: ",
}
"""Example -> what its output holds when it did what it is there for."""


def test_every_example_is_expected_and_the_reverse() -> None:
    assert [path.stem for path in EXAMPLES] == sorted(SAYS)


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_an_example_is_short_and_runs(path: Path, tmp_path: Path) -> None:
    assert len(path.read_text(encoding="utf-8").splitlines()) < 60

    done = subprocess.run(
        [sys.executable, "-W", "error", str(path)],
        cwd=tmp_path,
        env=_environment(tmp_path),
        capture_output=True,
        encoding="utf-8",
        timeout=120,
        check=False,
    )

    assert done.returncode == 0, done.stderr[-2000:]
    assert SAYS[path.stem] in done.stdout
    if SAYS[path.stem] == "report: ":
        report = Path(done.stdout.rsplit("report: ", maxsplit=1)[1].strip())
        assert report.is_relative_to(tmp_path)
        assert report.read_text(encoding="utf-8").startswith("<!doctype html>")


def _environment(folder: Path) -> dict[str, str]:
    """No network to speak of, no home folder, temporary files in the test's own folder."""
    kept = {name: os.environ[name] for name in ("PATH", "SYSTEMROOT", "LANG") if name in os.environ}
    own = {"HOME": str(folder), "TMPDIR": str(folder), "OMP_NUM_THREADS": "1", "PYTHONUTF8": "1"}
    return {**kept, **own, "HTTPS_PROXY": "http://127.0.0.1:9", "HF_HUB_OFFLINE": "1"}
