from contextlib import suppress
from dataclasses import fields, replace

import pytest

from adwright.errors import UsageError
from adwright.review import SheetRow, apply_review
from adwright.schema import Approval
from review.workbench import LATER, NOW, no_price_guard, open_contents, row, three_drafts


@pytest.fixture
def contents(tmp_path):
    return open_contents(tmp_path)


def _apply(contents, *rows, by="Li Lei", now=NOW, guard=no_price_guard):
    return apply_review(rows, contents=contents, guard=guard, by=by, now=now)


def _state(contents):
    statuses = ("draft", "approved", "rejected", "live", "retired")
    found = contents.by_status(*statuses)
    return [(c, contents.findings(c.id), contents.approvals(c.id)) for c in found]


def _happened(result):
    return {f.name: getattr(result, f.name) for f in fields(result) if getattr(result, f.name)}


def test_an_approval_is_of_the_exact_text_with_name_time_and_reason(contents):
    first, *_ = three_drafts(contents)
    result = _apply(contents, row(first, "approve", "fits"))
    assert _happened(result) == {"approved": [first.id]}
    assert contents.get(first.id).status == "approved"
    assert contents.approvals(first.id) == (
        Approval(content_id=first.id, approved=True, by="Li Lei", at=NOW, text=first.text, reason="fits"),
    )


def test_a_rejection_keeps_its_reason(contents):
    first, *_ = three_drafts(contents)
    assert _happened(_apply(contents, row(first, "reject", "off brand"))) == {"rejected": [first.id]}
    assert contents.get(first.id).status == "rejected"
    assert contents.approvals(first.id)[0].reason == "off brand"


def test_an_edited_content_gets_a_new_id_and_the_old_one_points_to_it(contents):
    first, *_ = three_drafts(contents)
    result = _apply(contents, row(first, "approve", headline="Softer cotton!"))
    new_id = first.with_slots({**first.slots, "headline": "Softer cotton!"}).id
    assert _happened(result) == {"approved": [new_id], "edited": {first.id: new_id}}
    fresh = contents.get(new_id)
    assert (fresh.status, fresh.slots["headline"]) == ("approved", "Softer cotton!")
    assert fresh.provenance.note == f"edited by Li Lei from {first.id}"
    assert contents.findings(new_id)[0].severity == "warn"
    assert contents.approvals(new_id)[0].text == "Softer cotton!\nFor warm days."
    assert contents.get(first.id).status == "retired"
    assert contents.approvals(first.id)[-1].reason == f"replaced by {new_id}"


def test_an_edit_without_a_decision_waits_again(contents):
    first, *_ = three_drafts(contents)
    result = _apply(contents, row(first, headline="Softer cotton"))
    (new_id,) = result.edited.values()
    assert result.approved == []
    assert contents.get(new_id).status == "draft"
    assert contents.get(first.id).status == "retired"


def test_an_edit_that_a_guard_blocks_is_refused_and_changes_nothing(contents):
    first, *_ = three_drafts(contents)
    before = _state(contents)
    result = _apply(contents, row(first, "approve", headline="Only $9", line=5))
    (problem,) = result.problems
    assert (problem.line, problem.code) == (5, "blocked")
    assert "facts.price: not in the catalogue" in problem.values["findings"]
    assert _happened(result) == {"problems": [problem]}
    assert _state(contents) == before


def test_an_unedited_text_is_guarded_again_because_prices_change(contents):
    first, *_ = three_drafts(contents)
    dear = replace(first, id="c_dear", slots={"headline": "Only $9", "description": "x"})
    contents.save((dear,), {dear.id: ()})
    assert _apply(contents, row(dear, "approve")).problems[0].code == "blocked"
    assert contents.get(dear.id).status == "draft"


def test_an_exempted_finding_does_not_refuse(contents):
    first, *_ = three_drafts(contents)

    def exempting(content):
        return tuple(replace(f, exemption="shop owns the claim") for f in no_price_guard(content))

    result = _apply(contents, row(first, "approve", headline="Only $9"), guard=exempting)
    assert len(result.approved) == 1
    assert result.problems == []


def test_a_second_reading_changes_nothing(contents):
    first, second, third = three_drafts(contents)
    sheet = (
        row(first, "approve", headline="Softer cotton", line=2),
        row(second, "reject", "too loud", line=3),
        row(third, description="夏天更干爽。", line=4),
    )
    _apply(contents, *sheet)
    before = _state(contents)
    again = _apply(contents, *sheet, now=LATER)
    assert _state(contents) == before
    assert _happened(again) == {"unchanged": [first.id, second.id, third.id]}


@pytest.mark.parametrize("n_calls", range(10))
def test_a_reading_that_was_killed_is_completed_by_the_next(tmp_path, n_calls):
    """The store dies at its n-th change; the same sheet read again ends where an unbroken reading ends."""
    whole, broken = tmp_path / "whole", tmp_path / "broken"
    whole.mkdir()
    broken.mkdir()
    sheets = []
    for folder in (whole, broken):
        store = open_contents(folder)
        first, second, third = three_drafts(store)
        sheet = (
            row(first, "approve", headline="Softer cotton"),
            row(second, "reject", "no"),
            row(third, headline="新"),
        )
        sheets.append((store, sheet))
    (intact, sheet), (store, _) = sheets
    _apply(intact, *sheet)
    with suppress(KeyboardInterrupt):
        apply_review(sheet, contents=_Dying(store, n_calls), guard=no_price_guard, by="Li Lei", now=NOW)
    _apply(store, *sheet)
    assert [(c.id, c.status) for c, *_ in _state(store)] == [(c.id, c.status) for c, *_ in _state(intact)]


class _Dying:
    def __init__(self, store, n_calls):
        self._store, self._left = store, n_calls

    def __getattr__(self, name):
        method = getattr(self._store, name)
        if name not in ("save", "approve", "set_status"):
            return method

        def change(*args, **kwargs):
            if self._left == 0:
                raise KeyboardInterrupt
            self._left -= 1
            return method(*args, **kwargs)

        return change


def test_bad_rows_are_reported_by_line_and_the_rest_is_applied(contents):
    first, second, third = three_drafts(contents)
    result = _apply(
        contents,
        row(first, "approve", line=2),
        SheetRow(line=3, cells={"content_id": "c_nowhere", "decision": "approve"}),
        SheetRow(line=4, cells={"content_id": "", "decision": "approve"}),
        row(second, "reject", "", line=5),
        row(third, "perhaps", line=6),
    )
    assert result.approved == [first.id]
    assert [(p.line, p.code) for p in result.problems] == [
        (3, "unknown_content"),
        (4, "no_content_id"),
        (5, "no_reason"),
        (6, "bad_decision"),
    ]
    assert {contents.get(c.id).status for c in (second, third)} == {"draft"}


def test_contradicting_rows_are_all_refused_and_equal_ones_count_once(contents):
    first, second, _ = three_drafts(contents)
    result = _apply(
        contents,
        row(first, "approve", line=2),
        row(first, "reject", "no", line=3),
        row(second, "approve", line=4),
        row(second, "approve", line=5),
        row(second, line=6),
    )
    assert [(p.line, p.code) for p in result.problems] == [(2, "doubly_decided"), (3, "doubly_decided")]
    assert result.approved == [second.id]
    assert len(contents.approvals(second.id)) == 1
    assert contents.get(first.id).status == "draft"


def test_a_stale_sheet_does_not_overturn_what_was_decided_since(contents):
    first, second, _ = three_drafts(contents)
    _apply(contents, row(first, "approve"), row(second, "reject", "too loud"), by="Han Meimei")
    result = _apply(contents, row(first, "reject", "no", line=2), row(second, "approve", line=3), now=LATER)
    assert [p.code for p in result.problems] == ["already_decided", "already_decided"]
    assert "Han Meimei, 2026-03-10" in result.problems[0].values["who"]
    assert [contents.get(c.id).status for c in (first, second)] == ["approved", "rejected"]


def test_an_edit_into_words_that_were_rejected_is_refused(contents):
    first, *_ = three_drafts(contents)
    worse = first.with_slots({**first.slots, "headline": "Buy now"})
    contents.save((worse,), {worse.id: ()})
    _apply(contents, row(worse, "reject", "pushy"))
    result = _apply(contents, row(first, "approve", headline="Buy now"), now=LATER)
    assert result.problems[0].code == "already_decided"
    assert "pushy" in result.problems[0].values["who"]
    assert contents.get(first.id).status == "draft"


def test_an_edit_that_waited_can_be_approved_from_the_same_sheet_later(contents):
    first, *_ = three_drafts(contents)
    _apply(contents, row(first, headline="Softer cotton"))
    result = _apply(contents, row(first, "approve", headline="Softer cotton"), now=LATER)
    assert len(result.approved) == 1
    assert contents.get(result.approved[0]).status == "approved"


@pytest.mark.parametrize("by", ["", "   "])
def test_a_review_without_a_name_is_refused(contents, by):
    with pytest.raises(UsageError, match="--by NAME"):
        _apply(contents, by=by)


def test_a_time_without_a_zone_is_refused(contents):
    with pytest.raises(UsageError, match="time zone"):
        _apply(contents, now=NOW.replace(tzinfo=None))
