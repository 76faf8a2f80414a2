"""The pages as data: their fenced blocks, their links, and the commands of a shell block, run in this process."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from typer.testing import CliRunner

from adwright.cli.app import app

_FENCE = re.compile(r"^```(\w+)\n(.*?)^```$", re.DOTALL | re.MULTILINE)
_HERE_DOCUMENT = re.compile(r"^cat > (\S+) <<'END'\n(.*?)^END\n", re.DOTALL | re.MULTILINE)
_HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)
_LINK = re.compile(r"\]\(([^)\s]+)\)")


@dataclass(frozen=True)
class Block:
    """A fenced block: its language and its text."""

    language: str
    text: str


def blocks(page: Path) -> list[Block]:
    return [Block(*found) for found in _FENCE.findall(page.read_text(encoding="utf-8"))]


def links(page: Path) -> list[str]:
    return _LINK.findall(_FENCE.sub("", page.read_text(encoding="utf-8")))


def anchors(page: Path) -> set[str]:
    """The anchors of a page's headings, as GitHub makes them."""
    text = _FENCE.sub("", page.read_text(encoding="utf-8"))
    return {re.sub(r"[^\w\- ]", "", h.lower()).replace(" ", "-") for h in _HEADING.findall(text)}


def commands(block: Block) -> Iterator[tuple[list[str], str]]:
    """(arguments, standard input) of each `adwright` command; other lines are no commands of ours."""
    for line in _HERE_DOCUMENT.sub("", block.text).splitlines():
        before, _, after = line.rpartition("| ")
        if after.startswith("adwright "):
            yield shlex.split(after)[1:], _printed(before)


def run_block(block: Block, monkeypatch: pytest.MonkeyPatch) -> str:
    """Runs a shell block in the present folder; returns what its last command printed."""
    if "ADWRIGHT_PSEUDONYM_KEY" in block.text:
        monkeypatch.setenv("ADWRIGHT_PSEUDONYM_KEY", "a key for the tests only")
    for name, text in _HERE_DOCUMENT.findall(block.text):
        Path(name).write_text(text, encoding="utf-8")
    printed = ""
    for arguments, given in commands(block):
        done = CliRunner().invoke(app, arguments, input=given)
        expected = {0, 1} if arguments[0] == "check" else {0}  # a text that is blocked
        assert isinstance(done.exception, SystemExit | None), f"{arguments}: {done.exception!r}"
        assert done.exit_code in expected, f"{arguments}: {done.output}"
        printed = done.stdout
    return printed


def _printed(command: str) -> str:
    """What `printf TEXT` or `echo TEXT` prints."""
    if not command:
        return ""
    name, text = shlex.split(command)
    assert name in ("printf", "echo"), command
    return text.replace("\\n", "\n").replace("%%", "%") if name == "printf" else text + "\n"
