from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from adwright.generate.guards.facts import FactsGuard
from adwright.schema import Offer, Product

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
RULES = FactsGuard(by_rules_only=True)
SHIRT = Product(
    id="1",
    title="Harbour Oxford Shirt",
    description="Pure cotton, weighs 250 g. Set of 2. Best seller of spring. Two-year warranty. 100% cotton.",
    price_minor=19900,
    sale_price_minor=14900,
    sale_ends_at=NOW + timedelta(days=10),  # 30 November
    currency="CNY",
    quantity=3,
    brand="Harbour",
    rating=4.6,
    attributes={"color": "navy", "free shipping": "yes", "waterproof": "no", "capacity": "1.5 L"},
)
OFFER = Offer(
    id="o", discount_percent=20, code="SAVE20", terms="满300减50，赠帆布袋", ends_at=NOW + timedelta(days=5)
)

# (text, the rule it breaks or None). The first are violations, each with a near miss that is true.
TABLE = [
    ("Only ¥129 today", "facts.price"),
    ("Only ¥149 today", None),
    ("只要一百二十九元", "facts.price"),
    ("只要一百四十九元", None),
    ("原价２９９元", "facts.price"),
    ("原价１９９元，现价１４９元", None),
    ("Now $149", "facts.currency"),
    ("Now CNY 149", None),
    ("现价149美元", "facts.currency"),
    ("现价149元", None),
    ("Save ¥60", "facts.discount"),
    ("Save ¥50", None),
    ("30% off", "facts.discount"),
    ("25% off", None),
    ("全场五折", "facts.discount"),
    ("全场八折", None),
    ("可用花呗、白条或信用卡付款", "facts.offer_payment"),
    ("蓝白条纹，身高再高也不突兀", None),
    ("评价全是满分", "facts.social_proof"),
    ("细节满分的一件衬衫", None),
    ("限时7折", "facts.discount"),
    ("凭码8折", None),
    ("半价", "facts.discount"),
    ("half price", "facts.discount"),
    ("95% cotton", "facts.percent"),
    ("100% cotton", None),
    ("Until 5 December", "facts.date"),
    ("Until 30 November", None),
    ("11月28日截止", "facts.date"),
    ("11月30日截止", None),
    ("Ends 2026-12-24", "facts.date"),
    ("Ends 2026-11-25", None),
    ("Only 2 left", "facts.stock"),
    ("Only 3 left", None),
    ("仅剩1件", "facts.stock"),
    ("仅剩3件", None),
    ("weighs 300 g", "facts.measure"),
    ("weighs 0.25 kg", None),
    ("重三百克", "facts.measure"),
    ("重半斤即２５０克", None),
    ("三年质保", "facts.offer_policy"),
    ("两年质保", None),
    ("24-month warranty", None),
    ("Set of 4", "facts.number"),
    ("两件装", None),
    ("五件装", "facts.measure"),
    ("holds 1500 ml", None),
    ("holds 3 litres", "facts.measure"),
    ("In pure linen", "facts.material"),
    ("In pure cotton", None),
    ("亚麻面料", "facts.material"),
    ("纯棉面料", None),
    ("A red shirt", "facts.colour"),
    ("A navy shirt", None),
    ("红色衬衫", "facts.colour"),
    ("藏青衬衫", None),
    ("a blue shirt", None),
    ("Waterproof", "facts.feature"),
    ("防水面料", "facts.feature"),
    ("Free shipping", None),
    ("包邮", None),
    ("Free returns", "facts.offer_policy"),
    ("7天无理由退", "facts.offer_policy"),
    ("As good as Nike", "facts.brand"),
    ("像耐克一样", "facts.brand"),
    ("From Harbour", None),
    ("Harbour 出品", None),
    ("搭配 Zorbana 外套", "facts.name"),
    ("The finest shirt", "facts.superlative"),
    ("For your best friend", None),
    ("最舒服的衬衫", "facts.superlative"),
    ("最近上新", None),
    ("全网第一", "facts.superlative"),
    ("第一次穿就喜欢", None),
    ("A best seller of spring", None),
    ("评分4.6，满分5分", None),
    ("Rated 4.9 out of 5", "facts.social_proof"),
    ("Rated 4.6 out of 5", None),
    ("Use code SAVE20 for 20% off", None),
    ("满300减50", None),
    ("满200减50", "facts.discount"),
    ("赠帆布袋", None),
    ("七分袖，百搭，一件就够", None),
    ("一年四季都能穿", None),
    ("Crystal clear choice, black friday mood", None),
    ("吃一颗棉花糖", None),
]


@pytest.mark.parametrize(("text", "rule"), TABLE)
def test_a_violation_is_found_and_its_near_miss_is_not(text, rule, make_content):
    content = make_content({"headline": text, "description": "x"}, language="zh")
    found = {f.rule_id for f in RULES.check(content, products=[SHIRT], offer=OFFER, now=NOW)}
    assert (rule in found) if rule else not found


def test_the_table_is_large_enough():
    assert len(TABLE) >= 40


def test_a_sale_price_holds_only_while_the_sale_runs(make_content):
    content = make_content({"headline": "Now ¥149", "description": "25% off"})
    later = NOW + timedelta(days=20)
    assert not list(RULES.check(content, products=[SHIRT], offer=None, now=NOW))
    rules = {f.rule_id for f in RULES.check(content, products=[SHIRT], offer=None, now=later)}
    assert rules == {"facts.sale_over", "facts.discount"}


def test_an_offer_that_ended_supports_no_discount(make_content):
    content = make_content({"headline": "20% off", "description": "x"})
    ended = NOW + timedelta(days=6)
    assert [f.rule_id for f in RULES.check(content, products=[SHIRT], offer=OFFER, now=ended)]


def test_a_finding_points_at_the_words(make_content):
    text = "Soft linen, only ¥129"
    content = make_content({"headline": text, "description": "x"})
    for finding in RULES.check(content, products=[SHIRT], offer=None, now=NOW):
        assert text[finding.start : finding.end] == finding.text
        assert finding.text in ("linen", "¥129")
        assert finding.severity == "block"


@pytest.mark.parametrize(
    ("text", "attributes", "rules"),
    [
        ("Fifty-nine pounds, and the desk is brighter.", {}, set()),
        ("It was eighty pounds in spring.", {}, {"facts.price"}),
        ("Four pounds of light.", {}, {"facts.measure"}),
        ("Four pounds, so it stays where it is.", {"weight": "3 lb"}, {"facts.measure"}),
    ],
)
def test_pounds_are_money_where_the_shop_takes_them_and_nothing_is_weighed(
    text, attributes, rules, make_content
):
    lamp = Product(id="l", title="Desk Lamp", price_minor=5900, currency="GBP", attributes=attributes)
    content = make_content({"headline": text, "description": "x"})
    found = RULES.check(content, products=[lamp], offer=None, now=NOW)
    assert {f.rule_id for f in found} == rules


@pytest.mark.parametrize(
    ("text", "language", "rule"),
    [
        ("本店一毛钱拿走。", "zh", "facts.price"),
        ("These jars stack with every other offer.", "en", "facts.offer_bundle"),
        ("InkwellRoe 出品", "zh", "facts.name"),
    ],
)
def test_what_looks_like_them_is_still_a_claim(text, language, rule, make_content):
    jars = Product(
        id="j", title="Stackable Spice Jars", brand="Inkwell Row", price_minor=2400, currency="CNY"
    )
    content = make_content({"headline": text, "description": "x"}, language=language)
    assert rule in {f.rule_id for f in RULES.check(content, products=[jars], offer=None, now=NOW)}


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("早睡打卡,卧室一角。", "zh"),
        ("文具 #InkwellRow", "zh"),
        ("These jars stack.", "en"),
        ("活动12月31日截止。", "zh"),
        ("Until 31 December.", "en"),
        ("CNY 19 for a tent of a jar.", "en"),  # no ten tonnes
        ("Now CNY 19 instead of 24. Buyers will find it here.", "en"),
    ],
)
def test_corners_hashtags_jars_and_the_shops_own_midnight(text, language, make_content):
    jars = Product(
        id="j",
        title="Stackable Spice Jars",
        brand="Inkwell Row",
        price_minor=2400,
        currency="CNY",
        sale_price_minor=1900,
        sale_starts_at=NOW - timedelta(days=9),
        sale_ends_at=datetime.fromisoformat("2026-12-31T23:59:59-05:00"),
    )
    content = make_content({"headline": text, "description": "x"}, language=language)
    assert not list(RULES.check(content, products=[jars], offer=None, now=NOW))


@pytest.mark.parametrize("guard", [RULES, FactsGuard()], ids=["rules", "whole"])
def test_what_the_catalogue_says_may_be_copied(guard, real_products, make_content, now):
    for product in real_products:
        content = make_content(
            {"title": product.title, "description": product.description}, kind="product_description"
        )
        found = guard.check(content, products=[product], offer=None, now=now)
        assert [f for f in found if f.severity != "warn"] == [], product.title


def test_a_product_without_price_or_brand_supports_neither(make_content):
    bare = Product(id="1", title="Mug")
    content = make_content({"headline": "Mug for $5", "description": "Samsung mug"})
    rules = {f.rule_id for f in RULES.check(content, products=[bare], offer=None, now=NOW)}
    assert rules == {"facts.price", "facts.brand"}


def test_without_a_product_only_superlatives_are_judged(make_content):
    content = make_content({"headline": "The best price: $5", "description": "nice"})
    found = list(RULES.check(content, products=[], offer=None, now=NOW))
    assert {f.rule_id: f.severity for f in found} == {
        "facts.no_product": "warn",
        "facts.superlative": "review",
    }


@pytest.mark.parametrize(
    ("text", "claims"),
    [
        ('We never say "the best"; it holds 400 ml', False),
        ('A mug that reads "Best Dad Ever"', False),
        ("我们从不说自己是第一", False),
        ("杯身印着“世界第一爸爸”", False),
        ('The best mug, and we never say "okay"', True),
        ("全国第一的杯子", True),
    ],
)
def test_a_superlative_that_is_only_mentioned_claims_nothing(text, claims, make_content):
    content = make_content({"headline": text, "description": "x"})
    found = RULES.check(content, products=[], offer=None, now=NOW)
    assert any(f.rule_id == "facts.superlative" for f in found) == claims


@pytest.mark.parametrize(
    ("title", "text", "claims"),
    [
        ("World-class Mug", "A world-class mug", False),
        ("Mug", "A world-class mug", True),
        ("Mug", "The lightest of our three mugs", False),
        ("Mug", "Best before May", False),
        ("Mug", "The lightest mug on the market", True),
    ],
)
def test_a_superlative_that_the_record_or_the_law_excuses_claims_nothing(title, text, claims, make_content):
    content = make_content({"headline": text, "description": "x"})
    found = RULES.check(content, products=[Product(id="1", title=title)], offer=None, now=NOW)
    assert any(f.rule_id == "facts.superlative" for f in found) == claims


def test_superlatives_that_are_mentioned_without_end_claim_nothing(make_content):
    content = make_content({"headline": 'We never say "the best". ' * 700, "description": "x"})
    found = RULES.check(content, products=[SHIRT], offer=None, now=NOW)
    assert "facts.superlative" not in {f.rule_id for f in found}


@pytest.mark.parametrize("guard", [RULES, FactsGuard()], ids=["rules", "whole"])
@given(
    text=st.text(
        alphabet="棉红色黑最第一0123456789.,%折元$¥件仅剩 only left best NikeA-月日\u200b", max_size=120
    )
)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_no_text_makes_the_guard_fail(text, guard, make_content):
    content = make_content({"headline": text, "description": text})
    for finding in guard.check(content, products=[SHIRT], offer=OFFER, now=NOW):
        assert 0 <= finding.start < finding.end <= len(text)


@pytest.mark.parametrize("guard", [RULES, FactsGuard()], ids=["rules", "whole"])
def test_a_text_of_100_kb_is_judged_in_seconds(guard, make_content):
    text = "最好的红色亚麻衬衫只要129元 Best Nike linen 30% off " * 2000
    content = make_content({"headline": text, "description": "x"})
    found = list(guard.check(content, products=[SHIRT], offer=None, now=NOW))
    assert 0 < len(found) <= 50
