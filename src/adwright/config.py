"""Reading a recipe: TOML into the frozen dataclasses that stand beside the components they configure.

A key that no field has is an error that names the nearest valid key, a value of the wrong type is an
error that names both types. Secrets never stand in a recipe: `secret` reads them from the environment.
"""

from __future__ import annotations

import dataclasses
import difflib
import json
import math
import os
import re
import tomllib
import types
import typing
from collections.abc import Mapping
from pathlib import Path
from typing import Any, TypeVar

from adwright.errors import ConfigError

T = TypeVar("T")


def read_toml(path: Path) -> dict[str, Any]:
    """The parsed TOML file; a missing, unreadable or malformed one raises `ConfigError` with its path."""
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise ConfigError("no such recipe", argument="path", value=str(path)) from error
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ConfigError(f"cannot read the recipe: {error}", argument="path", value=str(path)) from error


def build(cls: type[T], mapping: Mapping[str, Any], *, where: str = "") -> T:
    """An instance of the frozen dataclass `cls` from a TOML table, nested dataclasses included.

    Args:
        cls: The dataclass. Its annotations are the schema: int, float, bool, str, Literal, Path,
            tuple[X, ...], dict[str, X], X | None and other dataclasses.
        mapping: The parsed table.
        where: The dotted place of the table in its file, for messages.

    Raises:
        ConfigError: an unknown key (with the nearest valid one), a missing key, a wrong type.

    >>> @dataclasses.dataclass(frozen=True)
    ... class Gate:
    ...     min_value: float = 0.0
    >>> build(Gate, {"min_value": 2}).min_value
    2.0
    """
    if not isinstance(mapping, Mapping):
        raise _mismatch(mapping, where or cls.__name__, "a table")
    hints = typing.get_type_hints(cls)
    fields = {f.name: f for f in dataclasses.fields(cls) if f.init}  # type: ignore[arg-type]
    for key in mapping:
        if key not in fields:
            near = difflib.get_close_matches(key, fields, n=1)
            raise ConfigError(
                f"unknown key '{_join(where, key)}'",
                allowed=", ".join(sorted(fields)),
                hint=f"Did you mean '{near[0]}'?" if near else None,
            )
    values: dict[str, Any] = {}
    for name, field in fields.items():
        if name in mapping:
            values[name] = _convert(mapping[name], hints[name], _join(where, name))
        elif field.default is dataclasses.MISSING and field.default_factory is dataclasses.MISSING:
            raise ConfigError(f"missing key '{_join(where, name)}'", allowed=_type_name(hints[name]))
    return cls(**values)


def to_mapping(config: Any) -> Any:
    """The inverse of `build`: plain dicts, lists and scalars, ready for JSON or TOML."""
    if dataclasses.is_dataclass(config) and not isinstance(config, type):
        return {f.name: to_mapping(getattr(config, f.name)) for f in dataclasses.fields(config) if f.init}
    if isinstance(config, Mapping):
        return {str(k): to_mapping(v) for k, v in config.items()}
    if isinstance(config, tuple | list):
        return [to_mapping(v) for v in config]
    if isinstance(config, Path):
        return str(config)
    return config


def told_of(config: Any) -> Any:
    """As `to_mapping`, without what stands at its default: what somebody who writes it by hand would say.

    >>> @dataclasses.dataclass(frozen=True)
    ... class Gate:
    ...     min_value: float = 0.0
    ...     kinds: tuple[str, ...] = ()
    >>> told_of(Gate(kinds=("email",)))
    {'kinds': ['email']}
    """
    if dataclasses.is_dataclass(config) and not isinstance(config, type):
        return {
            f.name: told_of(getattr(config, f.name))
            for f in dataclasses.fields(config)
            if f.init and getattr(config, f.name) != _default_of(f)
        }
    if isinstance(config, Mapping):
        return {str(k): told_of(v) for k, v in config.items()}
    return to_mapping(config)


def _default_of(field: dataclasses.Field[Any]) -> Any:
    if field.default_factory is not dataclasses.MISSING:
        return field.default_factory()
    return field.default


def toml_text(mapping: Mapping[str, Any]) -> str:
    """The mapping as TOML that `read_toml` reads back; None is left out, for TOML has no null.

    >>> toml_text({"seed": 1, "model": {"kind": ["gbdt"], "gbdt": {"l2": 0.5}}}).splitlines()
    ['seed = 1', '', '[model]', 'kind = ["gbdt"]', '', '[model.gbdt]', 'l2 = 0.5']
    """
    return "\n".join(_toml_lines(mapping, "")).strip("\n") + "\n"


def _toml_lines(mapping: Mapping[str, Any], where: str) -> list[str]:
    held = {key: value for key, value in mapping.items() if value is not None}
    tables = {key: value for key, value in held.items() if isinstance(value, Mapping)}
    lines = [f"{_toml_key(key)} = {_toml_value(held[key])}" for key in held if key not in tables]
    if where and (lines or not tables):
        lines = ["", f"[{where}]", *lines]
    for key, table in tables.items():
        lines += _toml_lines(table, _join(where, _toml_key(key)))
    return lines


def _toml_key(key: str) -> str:
    return key if re.fullmatch(r"[A-Za-z0-9_-]+", key) else json.dumps(key, ensure_ascii=False)


def _toml_value(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
    if isinstance(value, list | tuple):
        return "[" + ", ".join(_toml_value(item) for item in value) + "]"
    if isinstance(value, Mapping):
        inside = ", ".join(f"{_toml_key(k)} = {_toml_value(v)}" for k, v in value.items() if v is not None)
        return "{" + f" {inside} " + "}"
    if isinstance(value, float) and not math.isfinite(value):
        return "nan" if math.isnan(value) else "inf" if value > 0 else "-inf"
    if isinstance(value, int | float):
        return repr(float(value) if isinstance(value, float) else int(value))
    raise ConfigError("TOML cannot hold this", argument="value", value=value)


def secret(name: str, env: Mapping[str, str] | None = None, *, hint: str | None = None) -> str:
    """The secret from the environment variable `name`; its value never appears in a message."""
    value = (os.environ if env is None else env).get(name, "")
    if not value:
        raise ConfigError(
            f"the environment variable {name} is not set",
            hint=hint or f"Set it: export {name}=...",
        )
    return value


def _convert(value: Any, hint: Any, where: str) -> Any:
    origin = typing.get_origin(hint)
    if origin in (typing.Union, types.UnionType):
        return _convert_union(value, hint, where)
    if origin is typing.Literal:
        allowed = typing.get_args(hint)
        if value in allowed and type(value) in {type(a) for a in allowed}:
            return value
        raise _mismatch(value, where, " | ".join(repr(a) for a in allowed))
    if origin is tuple and isinstance(value, list | tuple):
        item = typing.get_args(hint)[0]
        return tuple(_convert(v, item, f"{where}[{i}]") for i, v in enumerate(value))
    if origin in (dict, Mapping) and isinstance(value, Mapping):
        item = typing.get_args(hint)[1]
        return {str(k): _convert(v, item, _join(where, str(k))) for k, v in value.items()}
    if dataclasses.is_dataclass(hint) and isinstance(value, Mapping):
        return build(typing.cast(type, hint), value, where=where)
    return _convert_scalar(value, hint, where)


def _convert_union(value: Any, hint: Any, where: str) -> Any:
    options = [a for a in typing.get_args(hint) if a is not type(None)]
    if value is None and len(options) < len(typing.get_args(hint)):
        return None
    for option in options:
        try:
            return _convert(value, option, where)
        except ConfigError:
            if len(options) == 1:
                raise
    raise _mismatch(value, where, _type_name(hint))


def _convert_scalar(value: Any, hint: Any, where: str) -> Any:
    if hint is Any:
        return value
    if hint is float and isinstance(value, int) and not isinstance(value, bool):
        return float(value)
    if hint is Path and isinstance(value, str | Path):
        return Path(value)
    if isinstance(hint, type) and isinstance(value, hint) and (hint is bool or not isinstance(value, bool)):
        return value
    raise _mismatch(value, where, _type_name(hint))


def _mismatch(value: Any, where: str, allowed: str) -> ConfigError:
    return ConfigError("wrong type or value", argument=where, value=value, allowed=allowed)


def _type_name(hint: Any) -> str:
    return hint.__name__ if isinstance(hint, type) else str(hint).replace("typing.", "")


def _join(where: str, key: str) -> str:
    return f"{where}.{key}" if where else key
