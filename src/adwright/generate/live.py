"""What is out there already: the contents that a new one should not repeat."""

from __future__ import annotations

from collections.abc import Iterable

from adwright.schema import EVERYONE, Content, ContentStatus
from adwright.text.near_duplicates import NearDuplicateIndex

NEAR_IDENTICAL = 0.8
"""Two texts whose 3-grams overlap by this much (Jaccard) say the same to a reader."""


class LiveTexts:
    """Contents by their text. Only those for the same channel and the same readers repeat each other.

    Args:
        contents: The live contents, and those of this run; more can be added.
    """

    def __init__(self, contents: Iterable[Content] = ()) -> None:
        unique = {content.id: content for content in contents}
        self._scopes = {c.id: (c.channel, c.cohort_id, c.status) for c in unique.values()}
        self._index = NearDuplicateIndex(((c.id, c.text) for c in unique.values()), threshold=NEAR_IDENTICAL)

    def __len__(self) -> int:
        return len(self._scopes)

    def add(self, content: Content) -> None:
        """Adds a content; one that is there already changes nothing."""
        if content.id not in self._scopes:
            self._scopes[content.id] = content.channel, content.cohort_id, content.status
            self._index.add(content.id, content.text)

    def find(self, content: Content) -> tuple[str, ContentStatus, float] | None:
        """Id, status and similarity of the content that this one repeats most closely; None where none is."""

        def reaches_the_same(other: str) -> bool:
            channel, cohort, _ = self._scopes[other]
            same_readers = cohort == content.cohort_id or EVERYONE in (cohort, content.cohort_id)
            return other != content.id and channel == content.channel and same_readers

        if not self._scopes:
            return None
        match = self._index.find(content.text, accept=reaches_the_same)
        return None if match is None else (match.key, self._scopes[match.key][2], match.similarity)
