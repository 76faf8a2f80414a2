"""Backends, what writes: a name in this registry, or an object that keeps the `Backend` protocol."""

from collections.abc import Mapping
from typing import Any, cast

from adwright.config import build
from adwright.generate.requests import Backend, Draft, WriteRequest
from adwright.registry import Registry

__all__ = ["BACKENDS", "Backend", "Draft", "WriteRequest", "create_backend"]

BACKENDS = Registry(
    what="backend",
    group="adwright.backends",
    built_in={
        "base": "adwright.generate.backends.base_writer:BaseBackend",
        "compose": "adwright.generate.backends.compose:ComposeBackend",
        "hf": "adwright.generate.backends.hf:HfBackend",
        "openai": "adwright.generate.backends.openai:OpenAIBackend",
    },
)
"""A backend is a class with `config_type`, a frozen dataclass, built from one argument of that type."""


def create_backend(name: str, options: Mapping[str, Any] | None = None) -> Backend:
    """The backend of that name, built from the table `[generate.<name>]` of a recipe.

    Raises:
        NotFoundError: an unknown name, with the nearest one.
        ConfigError: an unknown or missing option.
    """
    cls = BACKENDS.load(name)
    return cast(Backend, cls(build(cls.config_type, options or {}, where=f"generate.{name}")))
