"""The template environment of the pages: autoescape always on, an undefined name is an error."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache

from jinja2 import ChoiceLoader, Environment, PackageLoader, StrictUndefined


def render(
    template: str, values: Mapping[str, object], *, packages: Sequence[str] = ("adwright.report",)
) -> str:
    """The template filled in. `packages` are searched in order, each in its folder `templates`."""
    return _environment(tuple(packages)).get_template(template).render(dict(values))


@cache
def _environment(packages: tuple[str, ...]) -> Environment:
    return Environment(
        loader=ChoiceLoader([PackageLoader(package) for package in packages]),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
