"""Sticky assignments: whoever saw an arm keeps it, also where weights or targeting have changed since."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from adwright.experiment.growthbook.javascript import stringify

Document = Mapping[str, Any]


class StickyBuckets:
    """The assignment documents of one customer, by "attribute||value".

    Args:
        documents: Objects with `attributeName`, `attributeValue` and `assignments` (experiment and bucket
            version -> key of the arm), as GrowthBook stores them.
    """

    def __init__(self, documents: Iterable[Document] = ()) -> None:
        self._documents = {
            document_key(d["attributeName"], d["attributeValue"]): {
                "attributeName": d["attributeName"],
                "attributeValue": d["attributeValue"],
                "assignments": dict(d["assignments"]),
            }
            for d in documents
        }

    @property
    def documents(self) -> dict[str, dict[str, Any]]:
        """A copy of the documents, to be stored."""
        return {key: d | {"assignments": dict(d["assignments"])} for key, d in self._documents.items()}

    def of(self, attributes: Mapping[str, Any]) -> StickyBuckets:
        """Only the documents that belong to these attributes."""
        mine = {document_key(name, value) for name, value in attributes.items()}
        return StickyBuckets(d for key, d in self._documents.items() if key in mine)

    def assignments(self, *owners: tuple[str, Any]) -> dict[str, str]:
        """Experiment and version -> arm, of these attributes; later ones win."""
        found: dict[str, str] = {}
        for name, value in owners:
            document = self._documents.get(document_key(name, value))
            found |= {} if document is None else document["assignments"]
        return found

    def keep(self, name: str, value: Any, *, experiment: str, arm: str) -> None:
        """Records that this attribute's owner saw this arm."""
        written = value if isinstance(value, str) else stringify(value)
        document = self._documents.setdefault(
            document_key(name, value), {"attributeName": name, "attributeValue": written, "assignments": {}}
        )
        document["assignments"][experiment] = arm


def document_key(name: str, value: Any) -> str:
    """The key of a document.

    >>> document_key("id", "7")
    'id||7'
    """
    return f"{name}||{value if isinstance(value, str) else stringify(value)}"


def experiment_key(key: str, version: Any) -> str:
    """The key of an experiment and its bucket version.

    >>> experiment_key("headline", None)
    'headline__0'
    """
    return f"{key}__{version or 0}"
