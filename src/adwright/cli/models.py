"""`adwright models`: list, show, promote and roll back models."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from adwright.cli.output import JsonOption, WorkspaceOption, emit, plain
from adwright.store import ModelVersion
from adwright.workspace import Workspace

app = typer.Typer(
    add_completion=False, no_args_is_help=True, help="List, show, promote and roll back models."
)

_HERE = Path(".")
Ref = Annotated[str, typer.Argument(help="STAGE@VERSION, or STAGE for the one in use.")]
Stage = Annotated[str, typer.Argument(help="For example click.")]


@app.command("list")
def list_models(
    stage: Annotated[str | None, typer.Argument(help="Only this stage.")] = None,
    workspace: WorkspaceOption = _HERE,
    as_json: JsonOption = False,
) -> None:
    """List the models; the one in use is marked."""
    with Workspace.open(workspace) as opened:
        models = opened.models.list(stage)
    result = {"models": [_summary(model) for model in models]}
    emit(result, "\n".join(_line(model) for model in models) or "No models yet.", as_json=as_json)


@app.command()
def show(ref: Ref, workspace: WorkspaceOption = _HERE, as_json: JsonOption = False) -> None:
    """Show a model's card: config, seed, data digest, metrics."""
    with Workspace.open(workspace) as opened:
        card = opened.models.card(ref)
        path = opened.models.path(ref)
    result = {"ref": f"{card['stage']}@{card['version']}", "path": path, "card": card}
    emit(result, f"{path}\n{json.dumps(plain(card), ensure_ascii=False, indent=2)}", as_json=as_json)


@app.command()
def promote(ref: Ref, workspace: WorkspaceOption = _HERE, as_json: JsonOption = False) -> None:
    """Put this version to use."""
    with Workspace.open(workspace) as opened:
        promoted = opened.models.promote(ref)
    emit({"promoted": promoted}, f"In use now: {promoted}", as_json=as_json)


@app.command()
def rollback(stage: Stage, workspace: WorkspaceOption = _HERE, as_json: JsonOption = False) -> None:
    """Go back to the version that was in use before."""
    with Workspace.open(workspace) as opened:
        promoted = opened.models.rollback(stage)
    emit({"promoted": promoted}, f"In use again: {promoted}", as_json=as_json)


def _summary(model: ModelVersion) -> dict[str, object]:
    return {
        "ref": model.ref,
        "promoted": model.promoted,
        "path": model.path,
        "created_at": model.card.get("created_at"),
        "metrics": model.card.get("metrics"),
    }


def _line(model: ModelVersion) -> str:
    mark = "*" if model.promoted else " "
    return f"{mark} {model.ref:<24} {model.card.get('created_at', '')}"
