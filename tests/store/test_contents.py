from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from adwright.errors import NotFoundError, UsageError
from adwright.schema import Approval, Content, Finding, Provenance, content_id
from adwright.store import ContentStore, Database

AT = datetime(2025, 3, 1, 8, 30, tzinfo=UTC)


def content(headline: str = "Warm scarf", **changes: object) -> Content:
    made = Content(
        id="",
        kind="ad_copy",
        product_ids=("p1", "p2"),
        cohort_id="everyone",
        channel="web",
        language="en",
        slots={"headline": headline, "description": "羊毛围巾"},
        provenance=Provenance(backend="compose", seed=3, created_at=AT, cost_minor=2),
        angle="comfort",
        why="the cohort buys scarves",
    )
    made = replace(made, **changes)  # type: ignore[arg-type]
    return replace(made, id=content_id(made))


def finding(of: Content, **changes: object) -> Finding:
    made = Finding(
        rule_id="facts.material",
        severity="review",
        slot="headline",
        start=0,
        end=4,
        text=of.slots["headline"][:4],
        evidence="not in the catalogue",
    )
    return replace(made, **changes)  # type: ignore[arg-type]


def approval(of: Content, **changes: object) -> Approval:
    made = Approval(content_id=of.id, approved=True, by="ann", at=AT, text=of.text, reason="good")
    return replace(made, **changes)  # type: ignore[arg-type]


@pytest.fixture
def store(database: Database) -> ContentStore:
    return ContentStore(database)


def test_a_content_comes_back_as_it_was_saved(store: ContentStore) -> None:
    made = content()
    assert store.save([made]) == 1
    assert store.get(made.id) == made
    assert list(store.get(made.id).slots) == ["headline", "description"]
    plain = content("other", provenance=Provenance(backend="hf"), angle=None)
    store.save([plain])
    assert store.get(plain.id) == plain


def test_saving_the_same_words_again_keeps_the_decision(store: ContentStore) -> None:
    made = content()
    store.save([made])
    store.approve(approval(made))
    assert store.save([made, content("another")]) == 1
    assert store.get(made.id).status == "approved"


def test_findings_and_effects_are_the_newest(store: ContentStore) -> None:
    made = content()
    store.save([made], {made.id: [finding(made), finding(made, rule_id="limits", slot="description")]})
    assert [f.rule_id for f in store.findings(made.id)] == ["facts.material", "limits"]
    store.save([made], {made.id: []}, {made.id: {"p": 0.02}})
    assert store.findings(made.id) == ()
    store.save([made], {}, {made.id: {"p": 0.03}})
    assert store.effects([made.id, "unknown"]) == {made.id: {"p": 0.03}}


def test_a_finding_comes_back_as_it_was_saved(store: ContentStore) -> None:
    made = content()
    found = finding(made, exemption="quoted from the catalogue")
    store.save([made], {made.id: [found]})
    assert store.findings(made.id) == (found,)


def test_findings_of_an_unknown_content_save_nothing(store: ContentStore) -> None:
    made = content()
    with pytest.raises(NotFoundError):
        store.save([made], {"c_unknown": [finding(made)]})
    assert store.by_status("draft") == []


def test_contents_are_listed_by_status_in_the_order_of_writing(store: ContentStore) -> None:
    made = [content(f"headline {i}") for i in range(5)]
    store.save(made)
    store.set_status(made[2].id, "retired")
    assert [c.id for c in store.by_status("draft")] == [made[i].id for i in (0, 1, 3, 4)]
    assert [c.id for c in store.by_status("draft", "retired")] == [c.id for c in made]


def test_an_approval_of_the_exact_text_approves(store: ContentStore) -> None:
    made = content()
    store.save([made])
    store.approve(approval(made))
    assert store.get(made.id).status == "approved"
    assert store.approvals(made.id) == (approval(made),)


@pytest.mark.parametrize("change", [" ", ".", "!", "\u200b"])
def test_an_approval_of_any_other_text_is_refused(store: ContentStore, change: str) -> None:
    made = content()
    store.save([made])
    with pytest.raises(UsageError, match="not the text"):
        store.approve(approval(made, text=made.text + change))
    assert store.get(made.id).status == "draft"
    assert store.approvals(made.id) == ()


def test_the_same_decision_twice_is_one(store: ContentStore) -> None:
    made = content()
    store.save([made])
    store.approve(approval(made))
    store.approve(approval(made))
    assert len(store.approvals(made.id)) == 1


def test_a_rejection_keeps_its_reason_and_takes_a_live_content_down(store: ContentStore) -> None:
    made = content()
    store.save([made])
    store.approve(approval(made))
    store.set_status(made.id, "live")
    store.approve(approval(made, approved=False, at=AT + timedelta(days=1), reason="out of season"))
    assert store.get(made.id).status == "rejected"
    assert store.approvals(made.id)[-1].reason == "out of season"
    with pytest.raises(UsageError, match="approval"):
        store.set_status(made.id, "live")


@pytest.mark.parametrize("status", ["approved", "live"])
def test_nothing_goes_public_without_an_approval(store: ContentStore, status: str) -> None:
    made = content()
    store.save([made])
    with pytest.raises(UsageError, match="approval"):
        store.set_status(made.id, status)  # type: ignore[arg-type]
    assert store.get(made.id).status == "draft"


def test_a_live_content_stays_live_when_it_is_approved_again(store: ContentStore) -> None:
    made = content()
    store.save([made])
    store.approve(approval(made))
    store.set_status(made.id, "live")
    store.approve(approval(made, at=AT + timedelta(days=1)))
    assert store.get(made.id).status == "live"


def test_what_a_guard_blocks_cannot_be_approved(store: ContentStore) -> None:
    made = content()
    store.save([made], {made.id: [finding(made, severity="block")]})
    with pytest.raises(UsageError, match=r"blocks this content: facts\.material"):
        store.approve(approval(made))
    store.approve(approval(made, approved=False))
    assert store.get(made.id).status == "rejected"


def test_unknown_contents_and_statuses_are_errors(store: ContentStore) -> None:
    with pytest.raises(NotFoundError, match="no such content"):
        store.get("c_unknown")
    with pytest.raises(NotFoundError, match="no such content"):
        store.set_status("c_unknown", "retired")
    with pytest.raises(NotFoundError, match="Did you mean 'approved'"):
        store.by_status("aproved")  # type: ignore[arg-type]
