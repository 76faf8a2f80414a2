"""`adwright doctor`: what is installed, reachable and misconfigured, and how to mend it."""

from __future__ import annotations

import os
import platform
import re
import shutil
import sqlite3
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import Any, Literal

import sqlalchemy as sa
import typer

from adwright import __version__
from adwright.cli.output import JsonOption, WorkspaceOption, emit, progress
from adwright.errors import AdwrightError, NotFoundError
from adwright.privacy.pseudonyms import KEY_VARIABLE, Pseudonymiser
from adwright.workspace import Workspace

app = typer.Typer(add_completion=False)

_MIN_FREE_BYTES = 200 * 2**20
_LOW_FREE_BYTES = 2 * 2**30


@dataclass(frozen=True, slots=True)
class Check:
    """One finding. A `problem` stops the main job, a `warning` stops something else; `mend` says what to do."""

    name: str
    status: Literal["ok", "warning", "problem"]
    detail: str
    mend: str = ""


@app.command()
def doctor(ctx: typer.Context, workspace: WorkspaceOption = Path("."), as_json: JsonOption = False) -> None:
    """Say what is installed, reachable and misconfigured, and how to mend it. Exit code 1 on a problem."""
    source = ctx.get_parameter_source("workspace")
    asked = source is not None and source.name == "COMMANDLINE"
    progress("Looking at the installation (PyTorch takes a few seconds) ...")
    checks = [*check_installation(), *check_workspace(workspace, os.environ, asked=asked)]
    n_problems = sum(check.status == "problem" for check in checks)
    result = {"ok": n_problems == 0, "version": __version__, "checks": checks}
    lines = [_line(check) for check in checks]
    lines.append(f"\n{n_problems} problem(s)." if n_problems else "\nNothing stops the main job.")
    emit(result, "\n".join(lines), as_json=as_json)
    if n_problems:
        raise typer.Exit(1)


def check_installation() -> Iterator[Check]:
    """Python, our requirements, PyTorch's build, SQLite."""
    yield _least("Python", platform.python_version(), (3, 11), "Install Python 3.11 or later")
    yield _check_packages()
    yield _check_torch()
    yield _least("SQLite", sqlite3.sqlite_version, (3, 35), "Use a Python built with SQLite 3.35 or later")


def check_workspace(folder: Path, env: Mapping[str, str], *, asked: bool) -> Iterator[Check]:
    """The workspace in `folder`: its disk, recipe, database, data, key, backend, models.

    Args:
        folder: Where to look.
        env: The environment.
        asked: Whether the user named the folder; if not, its not being a workspace is no problem.
    """
    yield _check_disk(folder)
    try:
        opened = Workspace.open(folder, env=env)
    except NotFoundError as error:
        yield Check("workspace", "problem" if asked else "warning", *_in_two(error))
        return
    except AdwrightError as error:
        yield Check("workspace", "problem", *_in_two(error))
        return
    with opened:
        yield Check("workspace", "ok", f"{opened.shop.name} in {folder}")
        yield _check_recipe(opened.recipe)
        yield _check_database(opened)
        yield _check_data(opened)
        yield _check_key(opened, env)
        yield _check_backend(opened.recipe, env)
        yield _check_models(opened)


def _check_packages() -> Check:
    required = [r for r in metadata.requires("adwright") or [] if "extra ==" not in r]
    names = [re.split(r"[^\w.-]", r, maxsplit=1)[0] for r in required]
    versions, missing = [], []
    for name in names:
        try:
            versions.append(f"{name} {metadata.version(name)}")
        except metadata.PackageNotFoundError:
            missing.append(name)
    if missing:
        mend = "Install the locked set: pip install -r requirements.lock"
        return Check("packages", "problem", f"missing: {', '.join(missing)}", mend)
    return Check("packages", "ok", ", ".join(versions))


def _check_torch() -> Check:
    try:
        import torch  # heavy, and a broken installation is what we look for
    except (ImportError, OSError) as error:
        mend = "Install it again: pip install --force-reinstall torch (see TORCH_INDEX in the README)"
        return Check("torch", "problem", f"cannot be imported: {error}", mend)
    build = f"CUDA {torch.version.cuda}" if torch.version.cuda else "CPU build"
    device = torch.cuda.get_device_name(0) if torch.cuda.is_available() else "no GPU in use"
    return Check("torch", "ok", f"{torch.__version__}, {build}, {device}, {torch.get_num_threads()} threads")


def _check_disk(folder: Path) -> Check:
    place = next(p for p in (folder.absolute(), *folder.absolute().parents) if p.exists())
    free = shutil.disk_usage(place).free
    detail = f"{free / 2**30:.1f} GiB free at {place}"
    mend = "Free some space on this disk, or make the workspace on another one"
    if free < _MIN_FREE_BYTES:
        return Check("disk", "problem", detail, mend)
    return Check("disk", "warning", detail, mend) if free < _LOW_FREE_BYTES else Check("disk", "ok", detail)


def _check_recipe(recipe: Mapping[str, Any]) -> Check:
    """Every section, as `adwright run` would read it, the backend's own options included."""
    from adwright.generate import create_backend
    from adwright.pipeline.settings import RunSettings

    try:
        settings = RunSettings.from_recipe(recipe)
        if settings.generate.backend != "openai":  # its secrets are looked at apart
            write = settings.generate
            create_backend(write.backend, write.tables.get(write.backend, {}))
    except AdwrightError as error:
        return Check("recipe", "problem", *_in_two(error))
    return Check("recipe", "ok", "every key is known")


def _check_database(workspace: Workspace) -> Check:
    database = workspace.database
    detail = f"{database.kind}, migration {database.version()}"
    if database.kind != "sqlite":
        return Check("database", "ok", detail)
    with database.read() as connection:
        mode = str(connection.scalar(sa.text("PRAGMA journal_mode")))
    if mode != "wal":
        mend = "Move the workspace to a local disk: SQLite's WAL does not work on network folders"
        return Check("database", "warning", f"{detail}, journal mode {mode}", mend)
    return Check("database", "ok", f"{detail}, WAL")


def _check_data(workspace: Workspace) -> Check:
    counts = {table: workspace.tables.count(table) for table in ("products", "events", "contents")}
    detail = ", ".join(f"{n} {table}" for table, n in counts.items())
    n_refused = workspace.quarantine.count()
    if n_refused:
        detail += f", {n_refused} rows in quarantine"
    if not counts["products"]:
        return Check("data", "problem", detail, "Bring in the catalogue: adwright ingest catalog FILE")
    return Check("data", "ok", detail)


def _check_key(workspace: Workspace, env: Mapping[str, str]) -> Check:
    if not env.get(KEY_VARIABLE):
        mend = f"Set {KEY_VARIABLE}; customers and events cannot be ingested without it"
        return Check("pseudonym key", "warning", "not set", mend)
    held = workspace.settings.get("pseudonym_key")
    try:
        fingerprint = Pseudonymiser.from_env(env).fingerprint
    except AdwrightError as error:
        return Check("pseudonym key", "problem", *_in_two(error))
    if held not in (None, fingerprint):
        mend = f"Set {KEY_VARIABLE} to the key that this workspace began with"
        return Check("pseudonym key", "problem", "set, but another one than before", mend)
    return Check("pseudonym key", "ok", "set")


def _check_backend(recipe: Mapping[str, Any], env: Mapping[str, str]) -> Check:
    backend = str(recipe.get("generate", {}).get("backend", "compose"))
    names = ("OPENAI_BASE_URL", "OPENAI_API_KEY")
    present = [name for name in names if env.get(name)]
    detail = f"backend {backend}; " + ", ".join(f"{n} {'set' if n in present else 'not set'}" for n in names)
    if backend == "openai" and not present:
        mend = "Set OPENAI_BASE_URL and OPENAI_API_KEY, or choose another backend in [generate]"
        return Check("language model", "problem", detail, mend)
    return Check("language model", "ok", detail)


def _check_models(workspace: Workspace) -> Check:
    used = [model.ref for model in workspace.models.list() if model.promoted]
    half = workspace.models.incomplete()
    detail = f"in use: {', '.join(used)}" if used else "none yet"
    if half:
        mend = "Delete them if nothing is being trained now; they are never used"
        return Check("models", "warning", f"{detail}; half-written: {', '.join(map(str, half))}", mend)
    return Check("models", "ok", detail)


def _least(name: str, version: str, least: tuple[int, ...], mend: str) -> Check:
    numbers = tuple(int(n) for n in re.findall(r"\d+", version)[:3])
    if numbers < least:
        return Check(name, "problem", version, mend)
    detail = f"{version} ({sys.executable})" if name == "Python" else version
    return Check(name, "ok", detail)


def _in_two(error: AdwrightError) -> tuple[str, str]:
    hint = error.hint or ""
    return str(error).removesuffix(f". {hint}"), hint


def _line(check: Check) -> str:
    line = f"{check.status:<8} {check.name:<15} {check.detail}"
    return f"{line}\n{'':<24} -> {check.mend}" if check.mend else line
