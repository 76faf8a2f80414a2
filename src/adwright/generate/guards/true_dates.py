"""Where a text tells a day or an hour of the offer as it is: such a date is information, and no pressure.

Holds when: every day that the text gives is borne out; one false day leaves no date excused.

Does not cover: pressure in other words beside a true date, which stays pressure.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from adwright.generate.guards.claims.campaign import campaign_claims
from adwright.generate.guards.claims.claim import Reading
from adwright.generate.guards.claims.deadlines import deadline_claims
from adwright.generate.guards.claims.offer_hours import hour_claims
from adwright.generate.guards.support import Support
from adwright.generate.lexicon.cues import cue
from adwright.generate.lexicon.evidence import evidence
from adwright.schema import Finding

HASTE = "law.urgency"
TRUE_DATE = "law.urgency.true_date"
_PRESSURE = cue("true_dates.pressure")
_BESIDE = 24  # characters
_SENTENCE_ENDS = "。！？!?;；\n"


def with_true_dates(findings: Iterable[Finding], reading: Reading, support: Support) -> Iterator[Finding]:
    """The findings; those of haste that only tell a true date are warnings that name the exemption."""
    spans: list[tuple[int, int]] | None = None
    for finding in findings:
        if finding.rule_id != HASTE or finding.exemption is not None:
            yield finding
            continue
        spans = list(_true_dates(reading, support)) if spans is None else spans
        if any(s - finding.end <= _BESIDE and finding.start - e <= _BESIDE for s, e in spans) and not (
            _PRESSURE.search(_sentence(reading.folded, finding.start, finding.end))
        ):
            told = evidence("true_date", reading.language)
            yield replace(finding, severity="warn", evidence=told, exemption=TRUE_DATE)
        else:
            yield finding


def _true_dates(reading: Reading, support: Support) -> Iterator[tuple[int, int]]:
    claims = [
        *deadline_claims(reading, support),
        *hour_claims(reading, support),
        *campaign_claims(reading, support),
    ]
    if all(c.severity is None for c in claims):
        yield from ((c.start, c.end) for c in claims)


def _sentence(folded: str, start: int, end: int) -> str:
    left = max(folded.rfind(c, 0, start) for c in (*_SENTENCE_ENDS, ". ")) + 1
    rights = [i for i in (folded.find(c, end) for c in (*_SENTENCE_ENDS, ". ")) if i >= 0]
    return folded[left : min(rights, default=len(folded))]
