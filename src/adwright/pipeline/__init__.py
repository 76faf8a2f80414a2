"""The main job: it composes the stages, one short function a step."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from adwright.pipeline.job import RunResult, run
    from adwright.pipeline.settings import RunSettings

__all__ = ["RunResult", "RunSettings", "run"]

_MODULES = {"RunResult": "job", "run": "job", "RunSettings": "settings"}


def __getattr__(name: str) -> Any:
    if name not in _MODULES:
        raise AttributeError(f"module 'adwright.pipeline' has no attribute '{name}'")
    return getattr(importlib.import_module(f"adwright.pipeline.{_MODULES[name]}"), name)
