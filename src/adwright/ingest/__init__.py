"""Readers of a shop's data: checked rows into tables, bad rows into quarantine, and who caused which order.

The names load on first use, so that one reader does not bring the others.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from adwright.ingest.attribution import attribute
    from adwright.ingest.catalog import ingest_catalog
    from adwright.ingest.contents import ingest_contents
    from adwright.ingest.customers import ingest_customers
    from adwright.ingest.events import ingest_events
    from adwright.ingest.report import ColumnSummary, IngestReport, QualityNote, Rejection
    from adwright.ingest.totals import ingest_totals

__all__ = [
    "ColumnSummary",
    "IngestReport",
    "QualityNote",
    "Rejection",
    "attribute",
    "ingest_catalog",
    "ingest_contents",
    "ingest_customers",
    "ingest_events",
    "ingest_totals",
]

_MODULES = {
    "ColumnSummary": "report",
    "IngestReport": "report",
    "QualityNote": "report",
    "Rejection": "report",
    "attribute": "attribution",
    "ingest_catalog": "catalog",
    "ingest_contents": "contents",
    "ingest_customers": "customers",
    "ingest_events": "events",
    "ingest_totals": "totals",
}


def __getattr__(name: str) -> Any:
    if name not in _MODULES:
        raise AttributeError(f"module 'adwright.ingest' has no attribute '{name}'")
    return getattr(importlib.import_module(f"adwright.ingest.{_MODULES[name]}"), name)
