"""The TOML tables that come with the simulator, read once."""

from __future__ import annotations

import functools
import tomllib
from importlib import resources
from typing import Any


@functools.cache
def read_table(name: str) -> dict[str, Any]:
    """The parsed TOML file `name` of this package (without its ending); treat it as read-only."""
    text = resources.files("adwright.simulate").joinpath(f"{name}.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)
