"""Decisions: clicks won on past tests, regret in a simulated shop, speed beside peers, allocation.

    python benchmarks/decide/run.py                      # all scenarios
    python benchmarks/decide/run.py speed --peers DIR    # DIR/mabwiser and DIR/vw are virtual environments

Writes `results/<id>.json` and prints the gated figures.
"""

from __future__ import annotations

import json
import os
import platform
import subprocess
import sys
from dataclasses import asdict
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
from scenarios import SCENARIOS, Scenario

HERE = Path(__file__).parent
MODULES = {"replay": "replays", "shop": "shops", "speed": "speed", "allocation": "allocations"}


def machine() -> dict[str, Any]:
    """Where and of which commit."""
    commit = subprocess.run(
        ["git", "rev-parse", "--short", "HEAD"], capture_output=True, text=True, check=False, cwd=HERE
    ).stdout.strip()
    return {
        "cores": os.cpu_count(),
        "machine": platform.machine(),
        "python": platform.python_version(),
        "numpy": np.__version__,
        "commit": commit,
    }


def answer(scenario: Scenario) -> dict[str, Any] | None:
    """The figures of one scenario; None where its data is absent."""
    module = import_module(MODULES[scenario.kind])
    if scenario.kind == "replay" and not module.FILE.is_file():
        print(f"{scenario.id}: skipped, {module.FILE.name} is not in the data folder (ADWRIGHT_DATA)")
        return None
    figures: dict[str, Any] = module.run()
    return figures


def main() -> None:
    """Runs the scenarios named on the command line, or all."""
    wanted = [a for a in sys.argv[1:] if not a.startswith("--")]
    if "--peers" in sys.argv:
        peers = sys.argv[sys.argv.index("--peers") + 1]
        wanted.remove(peers)
        os.environ["ADWRIGHT_PEERS"] = peers
    folder = HERE / "results"
    folder.mkdir(exist_ok=True)
    for scenario in SCENARIOS:
        if wanted and scenario.id not in wanted:
            continue
        print(f"== {scenario.id}: {scenario.why}", flush=True)
        figures = answer(scenario)
        if figures is None:
            continue
        document = {"machine": machine(), "scenario": asdict(scenario), **figures}
        text = json.dumps(document, indent=1, default=float)
        (folder / f"{scenario.id}.json").write_text(text + "\n", encoding="utf-8")
        show(figures)


def show(figures: Any, indent: str = "  ") -> None:
    """Prints estimates as `value [low, high]` and everything else as it is."""
    if isinstance(figures, dict):
        for key, value in figures.items():
            if isinstance(value, dict) and "value" in value and "low" in value:
                name = value.get("policy", "")
                print(f"{indent}{key} {name} {value['value']:.4f} [{value['low']:.4f}, {value['high']:.4f}]")
            elif isinstance(value, dict | list):
                print(f"{indent}{key}")
                show(value, indent + "  ")
            else:
                print(
                    f"{indent}{key}: {value:.6g}" if isinstance(value, float) else f"{indent}{key}: {value}"
                )
    elif isinstance(figures, list):
        for value in figures:
            if isinstance(value, dict) and {"policy", "over"} <= set(value):
                gain = f"{value['value']:+.4f} [{value['low']:+.4f}, {value['high']:+.4f}]"
                print(f"{indent}{value['policy']} over {value['over']}: {gain}")
            else:
                show(value, indent)


if __name__ == "__main__":
    main()
