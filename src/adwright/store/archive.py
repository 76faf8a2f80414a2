"""A folder of JSON and arrays, nothing that runs code, with its manifest written last.

The manifest holds the format's number and the digest of every file, so half a model, a truncated one or one of
a newer format is a clear error and never a wrong prediction.
"""

from __future__ import annotations

import hashlib
import json
import os
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from adwright.errors import DataError, StoreError
from adwright.schema import F64

FORMAT = 3
MANIFEST = "manifest.json"
_ARRAYS, _VALUES = "arrays.npz", "values.json"


def write_archive(
    folder: Path, *, values: Mapping[str, Any], arrays: Mapping[str, F64], card: Mapping[str, Any]
) -> None:
    """Writes the model; whatever manifest stood there before is taken away first.

    Raises:
        StoreError: the disk is full, or the folder cannot be written.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        (folder / MANIFEST).unlink(missing_ok=True)
        with (folder / _ARRAYS).open("wb") as file:
            np.savez_compressed(file, allow_pickle=False, **arrays)
        _write_text(folder / _VALUES, json.dumps(values, ensure_ascii=False, allow_nan=True))
        digests = {name: _digest(folder / name) for name in (_ARRAYS, _VALUES)}
        manifest = {"format": FORMAT, "files": digests, "card": card}
        temporary = folder / (MANIFEST + ".new")
        _write_text(temporary, json.dumps(manifest, ensure_ascii=False, indent=1))
        os.replace(temporary, folder / MANIFEST)
    except OSError as error:
        raise StoreError(
            f"cannot write the model to {folder}: {error.strerror or error}",
            retryable=True,
            hint="Free some space or choose another folder",
        ) from error


def read_card(folder: Path) -> dict[str, Any]:
    """The model card alone; raises as `read_archive`."""
    return dict(_manifest(folder)["card"])


def read_archive(folder: Path) -> tuple[dict[str, Any], dict[str, F64], dict[str, Any]]:
    """(values, arrays, card) as `write_archive` got them.

    Raises:
        DataError: no model there, a file is missing or damaged, or it is of a newer format.
    """
    manifest = _manifest(folder)
    for name, digest in manifest["files"].items():
        path = folder / name
        if not path.is_file() or _digest(path) != digest:
            raise DataError(
                f"the model is damaged: {name} is missing or not what was saved",
                argument="model",
                value=str(folder),
                hint="Fit it again, or restore the folder",
            )
    try:
        values = json.loads((folder / _VALUES).read_text(encoding="utf-8"))
        with np.load(folder / _ARRAYS, allow_pickle=False) as held:
            arrays = {name: held[name] for name in held.files}
    except (OSError, ValueError, zipfile.BadZipFile) as error:
        raise DataError(f"the model cannot be read: {error}", argument="model", value=str(folder)) from error
    return values, arrays, dict(manifest["card"])


def _manifest(folder: Path) -> dict[str, Any]:
    path = folder / MANIFEST
    if not path.is_file():
        raise DataError(
            "no complete model there",
            argument="model",
            value=str(folder),
            hint=f"A model has a {MANIFEST}; fit one: adwright predict fit --model {folder} ...",
        )
    try:
        manifest: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        version = int(manifest["format"])
        manifest["files"], manifest["card"]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise DataError("the model's manifest is damaged", argument="model", value=str(folder)) from error
    if version > FORMAT:
        raise DataError(
            "the model was saved by a newer Adwright",
            argument="format",
            value=version,
            allowed=f"up to {FORMAT}",
            hint="Upgrade Adwright, or fit the model again",
        )
    return manifest


def _digest(path: Path) -> str:
    state = hashlib.sha256()
    with path.open("rb") as file:
        for block in iter(lambda: file.read(1 << 20), b""):
            state.update(block)
    return state.hexdigest()


def _write_text(path: Path, text: str) -> None:
    with path.open("w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
