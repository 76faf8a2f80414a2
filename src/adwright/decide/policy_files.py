"""What a contextual policy has learned, as a file: numpy arrays and JSON, never pickle.

A file is written beside its place and moved there, so an interrupted save leaves the old one whole.
"""

from __future__ import annotations

import json
import os
import zipfile
from pathlib import Path
from typing import Any

import numpy as np

from adwright.decide.ageing import Ageing, ArrivalCurve
from adwright.decide.linear_thompson import LinearThompson
from adwright.decide.linucb import LinUCB
from adwright.decide.logistic_thompson import LogisticThompson
from adwright.errors import DataError, NotFoundError, UsageError, unknown_name

SavedPolicy = LinUCB | LinearThompson | LogisticThompson

_KINDS: dict[str, type[SavedPolicy]] = {k.name: k for k in (LinUCB, LinearThompson, LogisticThompson)}
_FORMAT = 1


def save_policy(policy: SavedPolicy, path: str | Path) -> None:
    """Writes the policy to `path` (an .npz file)."""
    if type(policy) not in _KINDS.values():
        raise UsageError("not a policy that can be saved", argument="policy", value=type(policy).__name__)
    settings, arrays = policy.state()
    ageing = policy.arms.ageing if isinstance(policy, LinUCB | LinearThompson) else policy.ageing
    meta = {
        "format": _FORMAT,
        "kind": policy.name,
        "settings": settings,
        "ageing": _ageing_to_json(ageing),
    }
    target = Path(path)
    beside = target.with_name(f".{target.name}.{os.getpid()}")
    with beside.open("wb") as out:
        np.savez(out, allow_pickle=False, meta=np.frombuffer(json.dumps(meta).encode(), np.uint8), **arrays)
    beside.replace(target)


def load_policy(path: str | Path) -> SavedPolicy:
    """The policy that `save_policy` wrote.

    Raises:
        NotFoundError: there is no such file.
        DataError: it is no such file, or of a newer format.
    """
    try:
        with np.load(path, allow_pickle=False) as file:
            arrays = {name: file[name] for name in file.files}
        meta = json.loads(bytes(arrays.pop("meta")))
        settings = meta["settings"]
        if meta["format"] != _FORMAT:
            raise DataError(
                "a policy of another format", argument="format", value=meta["format"], allowed="1"
            )
        if meta["kind"] not in _KINDS:
            raise unknown_name("policy", str(meta["kind"]), _KINDS)
        made: SavedPolicy = _KINDS[meta["kind"]].from_state(
            settings, arrays, ageing=_ageing_from_json(meta["ageing"])
        )
    except FileNotFoundError as error:
        raise NotFoundError("no such policy", argument="path", value=str(path)) from error
    except (zipfile.BadZipFile, KeyError, ValueError, OSError, EOFError, TypeError) as error:
        if isinstance(error, UsageError):
            raise
        raise DataError(f"not a saved policy: {error}", argument="path", value=str(path)) from error
    return made


def _ageing_to_json(ageing: Ageing | None) -> dict[str, Any] | None:
    if ageing is None:
        return None
    curve = ageing.arrival
    arrival = None
    if curve is not None:
        arrival = {"hours": curve.hours.tolist(), "share": curve.share.tolist(), "lost": curve.lost}
    return {
        "arrival": arrival,
        "half_life_h": ageing.half_life_h,
        "bucket_h": ageing.bucket_h,
        "horizon_h": ageing.horizon_h,
    }


def _ageing_from_json(found: dict[str, Any] | None) -> Ageing | None:
    if found is None:
        return None
    arrival = found["arrival"]
    curve = None
    if arrival is not None:
        curve = ArrivalCurve(np.array(arrival["hours"]), np.array(arrival["share"]), arrival["lost"])
    return Ageing(
        arrival=curve,
        half_life_h=found["half_life_h"],
        bucket_h=found["bucket_h"],
        horizon_h=found["horizon_h"],
    )
