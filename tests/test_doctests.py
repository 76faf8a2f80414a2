"""The examples in the docstrings print what they say."""

import doctest
import importlib
import pkgutil

import pytest

import adwright

PARTS = sorted(m.name for m in pkgutil.iter_modules(adwright.__path__) if m.name != "testing")


@pytest.mark.parametrize("part", PARTS)
def test_the_examples_of_a_part(part: str) -> None:
    wrong = []
    for name in modules_of(f"adwright.{part}"):
        module = importlib.import_module(name)
        if doctest.testmod(module).failed:
            wrong.append(name)
    assert wrong == []


def modules_of(name: str) -> list[str]:
    """The module and all below it, without importing more than the packages."""
    package = importlib.import_module(name)
    below = getattr(package, "__path__", None)
    found = [] if below is None else [m.name for m in pkgutil.walk_packages(below, f"{name}.")]
    return [name, *(n for n in found if not n.endswith("__main__"))]
