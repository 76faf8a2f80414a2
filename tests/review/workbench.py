"""A store with drafts, and sheets that come back, for the tests of the review."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from adwright.report import RunFigures
from adwright.report.edition import Edition
from adwright.review.sheet import SheetRow
from adwright.schema import Content, Finding
from adwright.store import ContentStore, open_database
from report.sample import make_content

NOW = datetime(2026, 3, 10, 9, 0, tzinfo=UTC)
LATER = datetime(2026, 3, 11, 9, 0, tzinfo=UTC)


def open_contents(folder: Path) -> ContentStore:
    database = open_database(f"sqlite:///{folder / 'test.db'}")
    database.migrate()
    return ContentStore(database)


def three_drafts(contents: ContentStore) -> tuple[Content, Content, Content]:
    drafts = (
        make_content("Soft cotton", "For warm days."),
        make_content("Two for one", "This week only.", channel="email"),
        make_content("舒适纯棉", "夏天也干爽。", language="zh"),
    )
    contents.save(drafts, {draft.id: () for draft in drafts})
    return drafts


def row(content: Content, decision: str = "", reason: str = "", *, line: int = 2, **slots: str) -> SheetRow:
    texts = {f"slot.{name}": slots.get(name, text) for name, text in content.slots.items()}
    return SheetRow(
        line=line, cells={"content_id": content.id, **texts, "decision": decision, "reason": reason}
    )


def no_price_guard(content: Content) -> tuple[Finding, ...]:
    """Blocks every dollar sign; remarks on exclamation marks."""
    found = []
    for slot, text in content.slots.items():
        for sign, severity in (("$", "block"), ("!", "warn")):
            at = text.find(sign)
            if at >= 0:
                found.append(
                    Finding(
                        rule_id="facts.price",
                        severity=severity,
                        slot=slot,
                        start=at,
                        end=at + 1,
                        text=sign,
                        evidence="not in the catalogue",
                    )
                )
    return tuple(found)


def edition(language="en", contents=(), currency="USD") -> Edition:
    return Edition.of(
        RunFigures(shop="Green Grain", at=NOW, currency=currency, contents=tuple(contents), version="0.1.0"),
        language,
    )
