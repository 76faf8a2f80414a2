"""A synthetic shop whose true response is known, for the demo, tests and benchmarks."""

from adwright.simulate.world import World

__all__ = ["World"]
