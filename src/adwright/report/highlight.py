"""Texts with the words that a guard found marked."""

from __future__ import annotations

from collections.abc import Sequence

from markupsafe import Markup, escape

from adwright.schema import Finding

_RANK = {"block": 2, "review": 1, "warn": 0}


def highlight(text: str, findings: Sequence[Finding]) -> Markup:
    """`text`, escaped, with the spans of the findings in <mark>; where they overlap the gravest shows.

    Args:
        text: One slot.
        findings: The findings in that slot; spans outside the text are cut to it, empty ones mark nothing.

    >>> from adwright.schema import Finding
    >>> span = Finding(rule_id="facts.price", severity="block", slot="headline", start=5, end=7, text="$9",
    ...                evidence="the catalogue says $19")
    >>> str(highlight("Only $9 <now>", [span]))
    'Only <mark class="block" title="facts.price">$9</mark> &lt;now&gt;'
    """
    covering = _gravest(len(text), findings)
    pieces: list[Markup] = []
    start = 0
    for end in range(1, len(text) + 1):
        if end < len(text) and covering[end] is covering[start]:
            continue
        pieces.append(_piece(text[start:end], covering[start]))
        start = end
    return Markup("").join(pieces)


def _gravest(length: int, findings: Sequence[Finding]) -> list[Finding | None]:
    covering: list[Finding | None] = [None] * length
    for finding in sorted(findings, key=lambda f: _RANK[f.severity]):
        for i in range(max(finding.start, 0), min(finding.end, length)):
            covering[i] = finding
    return covering


def _piece(text: str, finding: Finding | None) -> Markup:
    if finding is None:
        return escape(text)
    return Markup('<mark class="{}" title="{}">{}</mark>').format(finding.severity, finding.rule_id, text)
