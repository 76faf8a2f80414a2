"""`adwright init`: a new workspace."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from adwright.cli.output import JsonOption, WorkspaceOption, emit
from adwright.config import read_toml
from adwright.workspace import RECIPE, Workspace

app = typer.Typer(add_completion=False)


@app.command()
def init(
    folder: Annotated[Path | None, typer.Argument(help="The folder; made if it is not there.")] = None,
    workspace: WorkspaceOption = Path("."),
    recipe: Annotated[
        Path | None, typer.Option("--recipe", help="A recipe to begin with, in place of the default.")
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Make a workspace: one folder for one shop."""
    text = None
    if recipe is not None:
        read_toml(recipe)
        text = recipe.read_text(encoding="utf-8")
    with Workspace.init(folder or workspace, text) as made:
        result = {
            "workspace": made.path,
            "recipe": made.path / RECIPE,
            "database": made.database.kind,
        }
    lines = (
        f"A new workspace in {result['workspace']}\n"
        f"  1. Look at its recipe: {result['recipe']}\n"
        f"  2. Bring in the catalogue: adwright ingest catalog FILE --workspace {result['workspace']}\n"
        f"  3. Run the main job: adwright run --workspace {result['workspace']}"
    )
    emit(result, lines, as_json=as_json)
