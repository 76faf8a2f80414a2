"""Trained models on the file system: `models/<stage>/<version>/`, each with a card that is written last.

A folder without a card is half a model: it is never listed, never loaded, and its number is not given
again. Which version is in use is one small file, replaced in one step.
"""

from __future__ import annotations

import json
import os
import re
import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from adwright import __version__
from adwright.errors import InfeasibleError, NotFoundError, UsageError, unknown_name
from adwright.store.durable import sync_folder, write_json
from adwright.store.faults import disk_faults

_CARD = "card.json"
_POINTER = "promoted.json"
_STAGE = re.compile(r"[a-z][a-z0-9_-]*")


@dataclass(frozen=True, slots=True)
class ModelVersion:
    """One complete model: `ref` is `stage@version`; `promoted` says whether `stage` alone means this one."""

    ref: str
    stage: str
    version: int
    path: Path
    card: Mapping[str, Any]
    promoted: bool


class ModelRegistry:
    """The models of one shop.

    A reference is `click@3`, or `click` for the promoted version (the latest, while none was promoted),
    or `click@latest`.

    Args:
        root: The folder of the models; made when the first one is saved.
    """

    def __init__(self, root: Path) -> None:
        self._root = root

    def save(
        self,
        stage: str,
        write: Callable[[Path], object],
        card: Mapping[str, Any],
        *,
        now: datetime | None = None,
    ) -> str:
        """Stores a new version and returns its reference.

        Args:
            stage: What the model is for: lower-case letters, digits, `-` and `_`.
            write: Writes the model's files into the empty folder that it is given.
            card: What JSON can hold: config, seed, data digest, metrics. Stage, version, code version and
                creation time are added.
            now: The creation time; the clock's, if None.

        Raises:
            UsageError: a bad stage name, or a card that JSON cannot hold.
            StoreError: the disk failed; the half version is gone or at least never listed.
        """
        _check_stage(stage)
        with disk_faults(self._root / stage):
            version, folder = self._claim(stage)
            try:
                write(folder)
                _sync_files(folder)
                full_card = {
                    "created_at": (now or datetime.now(UTC)).isoformat(),
                    **card,
                    "stage": stage,
                    "version": version,
                    "code_version": __version__,
                }
                _write_card(folder / _CARD, full_card)
            except BaseException:
                shutil.rmtree(folder, ignore_errors=True)
                raise
        return f"{stage}@{version}"

    def path(self, ref: str) -> Path:
        """The folder of the model; raises `NotFoundError` for an unknown stage or version."""
        stage, version = self._resolve(ref)
        return self._root / stage / str(version)

    def card(self, ref: str) -> dict[str, Any]:
        """The card of the model; raises as `path`."""
        return _read(self.path(ref) / _CARD)

    def list(self, stage: str | None = None) -> list[ModelVersion]:
        """All complete versions, by stage and number; an unknown stage has none."""
        stages = self._stages() if stage is None else (stage,)
        return [
            ModelVersion(
                ref=f"{name}@{version}",
                stage=name,
                version=version,
                path=self._root / name / str(version),
                card=_read(self._root / name / str(version) / _CARD),
                promoted=version == self._current(name),
            )
            for name in stages
            for version in self._versions(name)
        ]

    def promote(self, ref: str) -> str:
        """Makes this version the one that its stage's name means; returns its reference.

        The first promotion remembers the version before it, which was in use by being the latest.
        """
        stage, version = self._resolve(ref)
        history = self._history(stage) or tuple(v for v in self._versions(stage) if v < version)[-1:]
        if not history or history[-1] != version or not self._history(stage):
            write_json(self._root / stage / _POINTER, {"history": [*history, version]})
        return f"{stage}@{version}"

    def rollback(self, stage: str) -> str:
        """Goes back to the version promoted before the present one; returns its reference.

        Raises:
            NotFoundError: an unknown stage.
            InfeasibleError: nothing was promoted before.
        """
        self._resolve(stage)
        versions = self._versions(stage)  # a folder may have been deleted since it was promoted
        history = [version for version in self._history(stage)[:-1] if version in versions]
        if not history:
            raise InfeasibleError(
                "no version was promoted before the present one",
                argument="stage",
                value=stage,
                hint=f"See what there is: adwright models list; then: adwright models promote {stage}@N",
            )
        write_json(self._root / stage / _POINTER, {"history": history})
        return f"{stage}@{history[-1]}"

    def incomplete(self) -> tuple[Path, ...]:
        """Folders without a card: a save that was killed, or one that is under way."""
        folders = (p for p in self._root.glob("*/*") if p.is_dir() and p.name.isdecimal())
        return tuple(sorted(p for p in folders if not (p / _CARD).is_file()))

    def _claim(self, stage: str) -> tuple[int, Path]:
        """A new number and its empty folder; two processes never get the same one."""
        parent = self._root / stage
        parent.mkdir(parents=True, exist_ok=True)
        version = 1 + max((int(p.name) for p in parent.iterdir() if p.name.isdecimal()), default=0)
        while True:
            try:
                (parent / str(version)).mkdir()
            except FileExistsError:
                version += 1
            else:
                return version, parent / str(version)

    def _stages(self) -> tuple[str, ...]:
        if not self._root.is_dir():
            return ()
        folders = sorted(p.name for p in self._root.iterdir() if p.is_dir())
        return tuple(name for name in folders if _STAGE.fullmatch(name) and self._versions(name))

    def _versions(self, stage: str) -> tuple[int, ...]:
        _check_stage(stage)
        cards = (self._root / stage).glob(f"*/{_CARD}")
        return tuple(sorted(int(card.parent.name) for card in cards if card.parent.name.isdecimal()))

    def _current(self, stage: str) -> int | None:
        versions = self._versions(stage)
        promoted = [version for version in self._history(stage) if version in versions]
        return promoted[-1] if promoted else max(versions, default=None)

    def _history(self, stage: str) -> tuple[int, ...]:
        pointer = self._root / stage / _POINTER
        return tuple(_read(pointer)["history"]) if pointer.is_file() else ()

    def _resolve(self, ref: str) -> tuple[str, int]:
        stage, _, number = ref.partition("@")
        versions = self._versions(stage)
        if not versions:
            raise unknown_name("model", stage, self._stages())
        if number in ("", "latest"):
            current = self._current(stage) if not number else None
            return stage, versions[-1] if current is None else current
        if not number.isdecimal() or int(number) not in versions:
            raise NotFoundError(
                f"no such version of {stage}",
                argument="ref",
                value=ref,
                allowed=", ".join(f"{stage}@{version}" for version in versions),
            )
        return stage, int(number)


def _check_stage(stage: str) -> None:
    if not _STAGE.fullmatch(stage):
        raise UsageError(
            "not the name of a model",
            argument="stage",
            value=stage,
            allowed="lower-case letters, digits, '-' and '_', a letter first",
        )


def _write_card(path: Path, card: Mapping[str, Any]) -> None:
    try:
        json.dumps(card, allow_nan=False)
    except (TypeError, ValueError) as error:
        raise UsageError(
            f"a card must be what JSON can hold: {error}", argument="card", value=card
        ) from error
    write_json(path, card)


def _read(path: Path) -> dict[str, Any]:
    with disk_faults(path):
        value: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return value


def _sync_files(folder: Path) -> None:
    for path in folder.rglob("*"):
        if path.is_file():
            with path.open("rb+") as file:
                os.fsync(file.fileno())
        else:
            sync_folder(path)
