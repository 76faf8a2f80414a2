"""Where the reference vectors lie; tests that need them skip where they do not."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

FOLDER = Path(os.environ.get("ADWRIGHT_VECTORS", Path(__file__).parents[3] / "shared" / "vectors"))


def load(name: str) -> Any:
    path = FOLDER / name
    if not path.exists():
        pytest.skip(f"no reference vectors at {path}; set ADWRIGHT_VECTORS")
    return json.loads(path.read_text(encoding="utf-8"))
