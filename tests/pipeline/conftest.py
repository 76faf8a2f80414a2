from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from adwright.testing import ScriptedBackend
from adwright.workspace import Workspace
from pipeline.workbench import open_shop


@pytest.fixture
def make_shop(tmp_path: Path) -> Iterator[Callable[..., Workspace]]:
    """Toy workspaces, closed at the end."""
    made: list[Workspace] = []

    def make(*arguments: object, **options: object) -> Workspace:
        made.append(open_shop(tmp_path / f"shop{len(made)}", *arguments, **options))  # type: ignore[arg-type]
        return made[-1]

    yield make
    for shop in made:
        shop.close()


@pytest.fixture
def shop(make_shop: Callable[..., Workspace]) -> Workspace:
    """Three products, nothing else."""
    return make_shop()


@pytest.fixture
def write_with(monkeypatch: pytest.MonkeyPatch) -> Callable[[ScriptedBackend], ScriptedBackend]:
    """Puts a scripted backend in the place of the recipe's."""

    def put(backend: ScriptedBackend) -> ScriptedBackend:
        monkeypatch.setattr(
            "adwright.pipeline.writing.create_writer", lambda name, tables, fallback, meter: backend
        )
        return backend

    return put
