from importlib.metadata import EntryPoint

import pytest

from adwright import registry
from adwright.errors import ConfigError, NotFoundError
from adwright.generate.backends import BACKENDS, create_backend
from adwright.generate.backends.compose import ComposeBackend
from adwright.registry import Registry


def test_other_packages_add_components_through_entry_points(monkeypatch):
    added = {
        "echo": EntryPoint("echo", "adwright.generate.backends.compose:ComposeBackend", "adwright.backends"),
        "compose": EntryPoint("compose", "nowhere:Nothing", "adwright.backends"),
    }
    monkeypatch.setattr(registry, "_added", lambda group: added)
    assert BACKENDS.names() == ("base", "compose", "hf", "openai", "echo")
    assert BACKENDS.load("echo") is ComposeBackend
    assert BACKENDS.load("compose") is ComposeBackend  # a built-in one is not replaced


def test_an_unknown_name_proposes_the_nearest():
    with pytest.raises(NotFoundError, match="Did you mean 'compose'"):
        Registry("backend", "adwright.none", {"compose": "x:y"}).load("compoze")


def test_options_are_checked_against_the_configuration():
    assert isinstance(create_backend("compose"), ComposeBackend)
    with pytest.raises(ConfigError, match=r"generate\.compose\.temprature"):
        create_backend("compose", {"temprature": 1})
    with pytest.raises(ConfigError, match=r"missing key 'generate\.hf\.model'"):
        create_backend("hf")
