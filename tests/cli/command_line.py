"""The command line in this process, as its entry point runs it."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest

from adwright.cli.app import main


@dataclass(frozen=True)
class Printed:
    """What a command printed, and its exit code."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """Standard output as the one JSON object that it has to be."""
        assert len(self.out.splitlines()) == 1, self.out
        found = json.loads(self.out)
        assert isinstance(found, dict)
        return found

    @property
    def fault(self) -> str:
        """The one line of an error."""
        assert (self.code, self.out) == (1, ""), (self.code, self.out, self.err)
        lines = self.err.splitlines()
        assert lines[-1].startswith("adwright: "), self.err
        assert "Traceback" not in self.err
        return lines[-1].removeprefix("adwright: ")


CommandLine = Callable[..., Printed]


def command_line(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> CommandLine:
    """A function that runs a command line, free of the environment's settings."""
    for name in ("ADWRIGHT_DATABASE_URL", "ADWRIGHT_DEBUG", "OPENAI_API_KEY", "OPENAI_BASE_URL"):
        monkeypatch.delenv(name, raising=False)

    def run(*arguments: object) -> Printed:
        monkeypatch.setattr(sys, "argv", ["adwright", *map(str, arguments)])
        capsys.readouterr()
        try:
            main()
            code = 0
        except SystemExit as ended:
            code = int(ended.code or 0)
        printed = capsys.readouterr()
        return Printed(code, printed.out, printed.err)

    return run
