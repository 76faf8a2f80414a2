from adwright.generate.guards.limits import LimitsGuard


def _rules(content, now):
    return {f.rule_id: f.severity for f in LimitsGuard().check(content, products=(), offer=None, now=now)}


def test_google_counts_wide_characters_twice(make_content, now):
    fits = {"headline": "好" * 15, "description": "x" * 90}
    assert _rules(make_content(fits, channel="google_ads"), now) == {}
    too_long = {"headline": "好" * 15 + "a", "description": "x" * 90}
    assert _rules(make_content(too_long, channel="google_ads"), now) == {"limits.too_long": "block"}


def test_a_recommended_length_only_warns(make_content, now):
    slots = {"headline": "x" * 60, "description": "x"}
    assert _rules(make_content(slots, channel="meta"), now) == {"limits.too_long": "warn"}


def test_an_empty_or_missing_slot_blocks(make_content, now):
    assert _rules(make_content({"headline": " ", "description": "x"}), now) == {"limits.empty": "block"}
    assert _rules(make_content({"description": "x"}), now) == {"limits.empty": "block"}


def test_hidden_characters_are_shown_to_a_person(make_content, now):
    slots = {"headline": "soft\u200bcotton", "description": "x"}
    assert _rules(make_content(slots), now) == {"limits.invisible": "review"}


def test_the_evidence_names_source_and_date(make_content, now):
    content = make_content({"headline": "x" * 31, "description": "x"}, channel="google_ads")
    (finding,) = LimitsGuard().check(content, products=(), offer=None, now=now)
    assert "31 > 30" in finding.evidence
    assert "Google Ads" in finding.evidence
    assert "2026-" in finding.evidence


def test_merchant_titles_hold_150_characters(make_content, now):
    slots = {"title": "好" * 150, "description": "x" * 5000}
    content = make_content(slots, kind="product_description", channel="merchant")
    assert _rules(content, now) == {}
