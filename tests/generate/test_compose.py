import re
import time
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from adwright.errors import NotFoundError
from adwright.generate.angles import ANGLES
from adwright.generate.backends.compose import ComposeBackend, phrases
from adwright.generate.backends.patterns import phrasebook
from adwright.generate.facts import facts_of
from adwright.generate.guards import check
from adwright.generate.kinds import CHANNELS, KINDS, get_kind
from adwright.generate.kinds.limit import channel_rules
from adwright.generate.lexicon import attribute_lexicon, brand_names, find_superlatives
from adwright.generate.requests import WriteRequest
from adwright.schema import Finding, Offer, Product
from adwright.text import detect, find_quantities, ngram_jaccard

BARE = Product(id="b", title="Zyx")
HUGE = Product(
    id="h",
    title="Extraordinarily Longwinded Cotton Shirt " * 8,
    brand="Harbour and Daughters Trading House of the Northern and Western Isles, Limited by Shares",
    price_minor=1,
    currency="USD",
)
CHINESE = Product(
    id="z",
    title="纯棉宽松T恤",
    description="柔软的棉质面料，适合日常穿着，洗后不易变形。",
    price_minor=9900,
    currency="CNY",
    brand="海港",
    product_type="服饰>女装",
    attributes={"材质": "棉", "颜色": "白色"},
)

PLACES = [
    (kind, channel)
    for kind in KINDS.names()
    for channel in CHANNELS
    if channel in ("onsite", *(where for where, _ in channel_rules(kind).limits))
]
"""Where a kind has limits of its own; elsewhere they are those of `onsite`."""


def _write(brief, now, n=8, seed=0, **changes):
    request = WriteRequest(brief=brief, n=n, seed=seed, facts=facts_of(brief, now=now), now=now, **changes)
    return ComposeBackend().write([request])[0]


@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_angle_has_six_patterns_in_every_slot(language):
    book = phrasebook(language)
    for slot in ("headline", "description"):
        assert set(book.slots["ad_copy"][slot]) == set(ANGLES)
        assert all(len(patterns) >= 6 for patterns in book.slots["ad_copy"][slot].values())
    assert all(len(p) >= 6 for p in book.slots["product_description"]["description"].values())
    assert len(ANGLES) >= 8


@pytest.mark.parametrize("language", ["zh", "en"])
def test_phrases_claim_nothing_by_themselves(language):
    lexicon, (brands, _) = attribute_lexicon(), brand_names()
    for phrase in phrases()[language]:
        assert find_superlatives(phrase) == [], phrase
        assert lexicon.mentions(phrase) == [], phrase
        assert list(brands.find(phrase)) == [], phrase
        numbers = [q for q in find_quantities(phrase) if q.text.strip("% ") not in ("5", "5分")]
        assert numbers == [], phrase


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize(("kind", "channel"), PLACES)
@pytest.mark.parametrize("product", [BARE, HUGE, CHINESE], ids=["bare", "huge", "chinese"])
def test_every_product_gets_copy_that_passes_every_guard(
    language, kind, channel, product, make_brief, make_content, now
):
    brief = make_brief(kind=kind, products=(product,), channel=channel, language=language)
    drafts = _write(brief, now, n=5)
    assert len(drafts) == (1 if kind == "campaign_plan" else 5)
    made = get_kind(kind)
    order = [slot.name for slot in (*made.slots, *made.extras)]
    for draft in drafts:
        made.check_slots(draft.slots)
        assert list(draft.slots) == sorted(draft.slots, key=order.index)
        said = " ".join(text for slot, text in draft.slots.items() if slot in made.said)
        assert made.said == frozenset() or detect(said) == language
        content = make_content(draft.slots, kind=kind, channel=channel, language=language)
        found = check(content, products=[product], now=now)
        assert [f for f in found if f.severity != "warn" and not _is_asked(f)] == [], (draft.slots, found)


def _is_asked(finding: Finding) -> bool:
    """Whether the stage of evidence asks a person, which it does of one in some hundred composed texts."""
    return finding.rule_id.startswith("facts.") and finding.rule_id.endswith(".meaning")


def test_real_products_pass_the_guards_in_both_languages(real_products, make_brief, make_content, now):
    n_contents = n_asked = 0
    for product in real_products:
        for language in ("zh", "en"):
            brief = make_brief(products=(product,), language=language, channel="google_ads")
            for draft in _write(brief, now, n=3):
                content = make_content(draft.slots, channel="google_ads", language=language)
                found = [f for f in check(content, products=[product], now=now) if f.exemption is None]
                assert [f for f in found if not _is_asked(f)] == [], (product.title, draft.slots)
                n_contents += 1
                n_asked += any(map(_is_asked, found))
    assert n_asked <= 0.005 * n_contents


def test_n_variants_are_distinct_and_spread_over_angles(make_brief, now):
    drafts = _write(make_brief(channel="onsite"), now, n=40)
    texts = [d.text for d in drafts]
    assert len(set(texts)) == 40
    assert max(ngram_jaccard(a, b) for i, a in enumerate(texts) for b in texts[:i]) < 0.8
    assert len({d.angle for d in drafts}) >= 8
    assert len({d.tone for d in drafts}) == 5


def test_the_seed_decides(make_brief, now):
    assert _write(make_brief(), now, seed=1) == _write(make_brief(), now, seed=1)
    assert _write(make_brief(), now, seed=1) != _write(make_brief(), now, seed=2)


def test_texts_to_avoid_are_not_written_again(make_brief, now):
    first = _write(make_brief(), now)
    second = _write(make_brief(), now, avoid=tuple(d.text for d in first))
    assert {d.text for d in first}.isdisjoint(d.text for d in second)


def test_facts_come_from_the_offer_while_it_runs(make_brief, make_product, make_content, now):
    end = now + timedelta(days=4)
    offer = Offer(id="o", discount_percent=20, ends_at=end, stock=6)
    for language in ("zh", "en"):
        brief = make_brief(angle="urgency", offer=offer, language=language)
        drafts = _write(brief, now, n=6)
        assert len(drafts) == 6
        text = " ".join(d.text for d in drafts)
        assert re.search(r"24 November|11月24日", text)
        for draft in drafts:
            content = make_content(draft.slots, language=language)
            found = check(content, products=brief.products, offer=offer, now=now)
            assert [f for f in found if f.exemption is None] == []


def test_without_its_facts_an_angle_writes_nothing(make_brief, now):
    assert _write(make_brief(products=(BARE,), angle="price"), now) == []


def test_chinese_copy_on_an_english_catalogue_is_chinese_but_for_names(make_brief, make_product, now):
    product = make_product(
        title="Galaxy Tab S8 Plus Grey", brand="Samsung", product_type="tablets", attributes={}
    )
    for draft in _write(make_brief(products=(product,), language="zh", channel="onsite"), now, n=20):
        words = set(re.findall(r"[A-Za-z]+", draft.text))
        assert words <= {"Galaxy", "Tab", "S", "Plus", "Grey", "Samsung"}, draft.text


@pytest.mark.parametrize("language", ["zh", "en"])
def test_punctuation_is_that_of_the_language(language, make_brief, now):
    for draft in _write(make_brief(language=language, channel="onsite"), now, n=30):
        wrong = r"[，。！？：；]" if language == "en" else r"(?<![0-9])[,.!?:;](?![0-9])"
        assert not re.search(wrong, draft.text), draft.text
        assert "  " not in draft.text
        assert "{" not in draft.text


def test_twenty_thousand_short_copies_take_less_than_a_minute(make_brief, now):
    brief = make_brief()
    started = time.process_time()
    n = sum(len(_write(brief, now, n=20, seed=seed)) for seed in range(10))
    assert n == 200
    assert time.process_time() - started < 60 * n / 20_000


@given(
    title=st.text(max_size=80),
    brand=st.none() | st.text(max_size=40),
    description=st.text(max_size=80),
    price=st.none() | st.integers(0, 10**9),
    language=st.sampled_from(["zh", "en"]),
)
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_product_makes_it_fail(title, brand, description, price, language, make_brief, now):
    product = Product(
        id="f", title=title, brand=brand, description=description, price_minor=price, currency="EUR"
    )
    brief = make_brief(products=(product,), language=language, channel="sms")
    for draft in _write(brief, now, n=2):
        for slot, text in draft.slots.items():
            assert text
            for limit in get_kind("ad_copy").limits_of("sms", slot):
                assert limit.measure(text) <= limit.maximum


def test_a_kind_without_patterns_is_named(make_brief, now, monkeypatch):
    request = WriteRequest(
        brief=make_brief(kind="haiku"), n=1, seed=0, facts=facts_of(make_brief(), now=now), now=now
    )
    monkeypatch.setattr("adwright.generate.backends.compose.get_kind", lambda name: get_kind("ad_copy"))
    with pytest.raises(NotFoundError, match="kind of the composer"):
        ComposeBackend().write([request])
