"""`import adwright` and `adwright --help` are quick: no heavy package comes with them."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from importlib import metadata

import pytest

import adwright
from adwright.cli.app import COMMANDS

HEAVY = ("torch", "transformers", "peft", "sklearn", "scipy", "numpy", "polars", "pyarrow", "pandas")
HEAVY += ("sqlalchemy", "httpx", "plotly", "jinja2", "openpyxl", "pydantic")


def loaded_after(code: str) -> set[str]:
    """The heavy packages that a fresh interpreter has loaded after `code`."""
    report = f"import sys, json; sys.stderr.write(json.dumps([m for m in {HEAVY!r} if m in sys.modules]))"
    done = subprocess.run(
        [sys.executable, "-c", f"{code}\n{report}"], capture_output=True, text=True, check=True
    )
    return set(json.loads(done.stderr))


def call(*arguments: str) -> str:
    return (
        f"import sys; sys.argv = {['adwright', *arguments]!r}\n"
        "from adwright.cli.app import main\n"
        "try:\n    main()\nexcept SystemExit as ended:\n    assert not ended.code, ended.code"
    )


def test_the_version_is_that_of_the_installed_package() -> None:
    assert re.fullmatch(r"\d+\.\d+\.\d+(\.dev\d+)?", adwright.__version__)
    assert metadata.version("adwright") == adwright.__version__


def test_importing_adwright_loads_nothing_heavy() -> None:
    assert loaded_after("import adwright") == set()


def test_the_help_page_loads_nothing_heavy() -> None:
    assert loaded_after(call("--help")) == set()


def test_what_only_names_things_loads_nothing_heavy() -> None:
    assert loaded_after("import adwright.pipeline, adwright.demo, adwright.cli, adwright.config") == set()


@pytest.mark.parametrize("command", ["run", "demo", "ingest"])
def test_the_help_of_a_command_loads_no_deep_learning(command: str) -> None:
    assert loaded_after(call(command, "--help")) & {"torch", "transformers", "peft"} == set()


def test_every_command_is_on_the_help_page_with_its_line() -> None:
    done = subprocess.run(
        [sys.executable, "-c", call("--help")],
        capture_output=True,
        text=True,
        check=True,
        env={"COLUMNS": "200", "PATH": ""},
    )
    for name, (_, line) in COMMANDS.items():
        assert re.search(rf"\b{name}\b.*{re.escape(line[:30])}", done.stdout), name
