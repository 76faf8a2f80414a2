"""The command line. Each command lives in a module of its own that is imported only when it is called.

A command parses its arguments, calls the library, and prints: words for people, or with `--json` one JSON
object on standard output. Progress goes to standard error. Our errors print as one line; `--debug` (or
ADWRIGHT_DEBUG=1) shows the traceback.
"""

from __future__ import annotations

import importlib
import os
import sys
from typing import Any

import typer
from typer.core import TyperCommand, TyperGroup

from adwright.errors import AdwrightError

COMMANDS: dict[str, tuple[str, str]] = {
    "demo": ("demo", "The whole main job on a simulated shop, offline."),
    "init": ("init", "Make a workspace: one folder for one shop."),
    "doctor": ("doctor", "Say what is installed, reachable and misconfigured, and how to mend it."),
    "run": ("run", "The main job on this workspace, up to its report."),
    "ingest": ("ingest", "Read a shop's data: events, catalog, customers, contents, totals."),
    "profile": ("profile", "Turn behaviour into cohorts."),
    "recommend": ("recommend", "Rank products for a cohort or for customers; fit, evaluate, score."),
    "generate": ("generate", "Write variants of content, checked by the guards."),
    "check": ("check", "Run only the guards, on any text."),
    "review": ("review", "What waits for approval, as a page, CSV or XLSX; and read it back."),
    "predict": ("predict", "Fit, evaluate and score the effect model on any table."),
    "tune": ("tune", "Look for better settings of the effect model; a study that resumes."),
    "experiment": ("experiment", "Plan, start, watch and analyse a test; off-policy value; uplift."),
    "decide": ("decide", "Which content now: probabilities, replay, simulation, a budget allocated."),
    "learn": ("learn", "Train the writers: from nothing, fine-tuning, and more pairs to learn from."),
    "models": ("models", "List, show, promote and roll back models."),
}
"""Command -> (module under `adwright.cli`, one line of help)."""


class LazyGroup(TyperGroup):
    """A group that imports a command's module when the command is called, not before."""

    def list_commands(self, ctx: Any) -> list[str]:
        """The names, in the order of the main job."""
        return list(COMMANDS)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        """The command, imported; while help is printed a stub with its help line stands in."""
        if cmd_name not in COMMANDS:
            return None
        module, help_line = COMMANDS[cmd_name]
        if getattr(self, "_listing", False):
            return TyperCommand(cmd_name, help=help_line)
        app = importlib.import_module(f"adwright.cli.{module}").app
        command = typer.main.get_command(app)
        command.name = cmd_name
        return command

    def format_help(self, ctx: Any, formatter: Any) -> None:
        """The help page, from the help lines in `COMMANDS` alone."""
        self._listing = True
        try:
            super().format_help(ctx, formatter)
        finally:
            self._listing = False


app = typer.Typer(
    cls=LazyGroup,
    no_args_is_help=True,
    add_completion=False,
    context_settings={"help_option_names": ["-h", "--help"]},
    pretty_exceptions_enable=False,
)


@app.callback()
def adwright(
    debug: bool = typer.Option(False, "--debug", help="Show the traceback of an error."),
) -> None:
    """Write the marketing content of a shop, predict its effect, test it and learn from the result."""
    if debug:
        os.environ["ADWRIGHT_DEBUG"] = "1"


def main() -> None:
    """The entry point: 0 on success, 1 with one line on one of our errors or of the disk, 2 on wrong usage."""
    try:
        app()
    except (AdwrightError, OSError) as error:
        if os.environ.get("ADWRIGHT_DEBUG") == "1":
            raise
        sys.stderr.write(f"adwright: {' '.join(str(error).split())}\n")
        sys.exit(1)
