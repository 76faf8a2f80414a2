"""The whole main job on a simulated shop: the pipeline, with simulated customers for traffic."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from adwright.demo.show import DemoResult, run_demo

__all__ = ["DemoResult", "run_demo"]


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module 'adwright.demo' has no attribute '{name}'")
    from adwright.demo import show

    return getattr(show, name)
