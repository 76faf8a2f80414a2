"""Where a shop's state lives: the database, the Parquet tables, the model registry.

The names load on first use, so that `adwright.store.columns` can be had without SQLAlchemy.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from adwright.store.calls import CallLedger
    from adwright.store.contents import ContentStore
    from adwright.store.database import Database, open_database
    from adwright.store.experiments import ExperimentStore
    from adwright.store.ledger import Ledger
    from adwright.store.quarantine import Quarantine, QuarantinedRow, Rejection
    from adwright.store.registry import ModelRegistry, ModelVersion
    from adwright.store.runs import RunLog
    from adwright.store.settings import Settings
    from adwright.store.tables import TableStore

__all__ = [
    "CallLedger",
    "ContentStore",
    "Database",
    "ExperimentStore",
    "Ledger",
    "ModelRegistry",
    "ModelVersion",
    "Quarantine",
    "QuarantinedRow",
    "Rejection",
    "RunLog",
    "Settings",
    "TableStore",
    "open_database",
]

_MODULES = {
    "CallLedger": "calls",
    "ContentStore": "contents",
    "Database": "database",
    "ExperimentStore": "experiments",
    "Ledger": "ledger",
    "ModelRegistry": "registry",
    "ModelVersion": "registry",
    "Quarantine": "quarantine",
    "QuarantinedRow": "quarantine",
    "Rejection": "quarantine",
    "RunLog": "runs",
    "Settings": "settings",
    "TableStore": "tables",
    "open_database": "database",
}


def __getattr__(name: str) -> Any:
    if name not in _MODULES:
        raise AttributeError(f"module 'adwright.store' has no attribute '{name}'")
    return getattr(importlib.import_module(f"adwright.store.{_MODULES[name]}"), name)
