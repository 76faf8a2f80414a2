"""The bundled language model as a backend."""

import re
from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from adwright.errors import BackendError, ConfigError
from adwright.generate.backends.base_writer import BaseBackend, BaseConfig, without_repeats
from adwright.generate.backends.decoding import retired
from adwright.generate.backends.meter import Meter
from adwright.generate.facts import facts_of
from adwright.generate.guards import check, create_guards
from adwright.generate.kinds import get_kind
from adwright.generate.requests import WriteRequest
from adwright.schema import BrandVoice, Brief, Content, Product

KINDS = (
    *(("ad_copy", "google_ads"), ("product_description", "onsite"), ("email", "email"), ("push", "push")),
    *(("sms", "sms"), ("social_post", "xiaohongshu"), ("social_post", "weibo"), ("recommendation", "onsite")),
    *(("video_script", "tiktok"), ("responsive_search_ad", "google_ads")),
)
NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
SHIRT = Product(
    id="p1",
    title="Harbour Cotton Shirt",
    description="A light shirt in cotton with a button-down collar.",
    price_minor=4900,
    currency="USD",
    brand="Harbour",
    product_type="mens-shirts",
    rating=4.6,
    attributes={"material": "cotton", "color": "blue"},
)
STRANGE = Product(
    id="zyx", title="Zyx Quorl 3000 & <price> 怪", product_type="Quorls > Other", price_minor=990
)


@pytest.fixture(scope="module")
def backend() -> BaseBackend:
    return BaseBackend()


def ask(brief, now, n=2, seed=0, avoid=()):
    return WriteRequest(brief=brief, n=n, seed=seed, facts=facts_of(brief, now=now), now=now, avoid=avoid)


def contents(requests, drafts):
    for request, found in zip(requests, drafts, strict=True):
        for draft in found:
            brief = request.brief
            yield (
                request,
                Content(
                    id="",
                    kind=brief.kind,
                    product_ids=(brief.product.id,),
                    cohort_id="everyone",
                    channel=brief.channel,
                    language=brief.language,
                    slots=draft.slots,
                    provenance=draft.provenance,
                ),
            )


@pytest.fixture(scope="module")
def written(backend):
    """Every kind in both languages for a plain, a bare and a strange product."""
    products = (SHIRT, Product(id="bare", title="Mug"), STRANGE)
    requests = [
        ask(Brief(kind=kind, channel=channel, language=language, products=(p,)), NOW, seed=i)
        for i, (kind, channel) in enumerate(KINDS)
        for language in ("en", "zh")
        for p in products
    ]
    return requests, backend.write(requests)


def test_every_kind_is_written_in_both_languages(written):
    requests, drafts = written
    for request, found in zip(requests, drafts, strict=True):
        assert len(found) == request.n, (request.brief.kind, request.brief.language, request.brief.product.id)


def test_slots_and_limits_are_those_of_the_kind(written):
    for _, content in contents(*written):
        kind = get_kind(content.kind)
        kind.check_slots(content.slots)
        for name, text in content.slots.items():
            for limit in kind.limits_of(content.channel, name):
                assert limit.severity != "block" or limit.measure(text) <= limit.maximum, text


def test_no_slot_token_is_left_and_no_fact_is_made_up(written):
    guards = create_guards(["facts"])
    for request, content in contents(*written):
        text = content.text.replace(STRANGE.title, "")
        assert re.search(r"<[a-z_:]+>", text) is None, text
        said = {n: t for n, t in content.slots.items() if not n.endswith(("shot", "seconds"))}
        found = check(
            content.with_slots(said), products=request.brief.products, offer=None, now=NOW, guards=guards
        )
        assert [f for f in found if f.severity == "block"] == [], text


def test_the_text_is_in_the_language_of_the_brief(written):
    for request, content in contents(*written):
        text = content.text.replace(request.brief.product.title, "")
        han = sum("\u4e00" <= c <= "\u9fff" for c in text)
        latin = sum(c.isascii() and c.isalpha() for c in text)
        assert han > latin if content.language == "zh" else han == 0, text


def test_the_same_requests_give_the_same_drafts(backend, make_brief, now):
    requests = [ask(make_brief(language=language), now, n=3, seed=4) for language in ("en", "zh")]
    assert backend.write(requests) == backend.write(requests)
    other = [ask(r.brief, now, n=3, seed=5) for r in requests]
    assert [d.slots for d in backend.write(other)[0]] != [d.slots for d in backend.write(requests)[0]]


def test_variants_are_distinct_and_spread_over_angles(backend, make_brief, now):
    (drafts,) = backend.write([ask(make_brief(channel="onsite", language="en"), now, n=12)])
    assert len({d.text for d in drafts}) == len(drafts) == 12
    assert len(Counter(d.angle for d in drafts)) >= 6


def test_texts_to_avoid_are_not_written_again(backend, make_brief, now):
    brief = make_brief(channel="onsite")
    (first,) = backend.write([ask(brief, now, n=3)])
    (second,) = backend.write([ask(brief, now, n=3, avoid=tuple(d.text for d in first))])
    assert {d.text for d in first}.isdisjoint(d.text for d in second)


def test_tries_and_tokens_are_counted(written):
    for _, content in contents(*written):
        assert content.provenance.n_tries >= 1
        assert content.provenance.n_completion_tokens >= len(get_kind(content.kind).slots) // 8
        assert content.provenance.prompt_digest


def test_the_meter_counts_the_tokens_that_the_drafts_name(make_brief, now):
    meter = Meter()
    backend = BaseBackend().with_meter(meter)
    (drafts,) = backend.write([ask(make_brief(), now, n=3)])
    counted = sum(end.n_completion_tokens for _, end in meter.book.calls.values() if end)
    assert counted == sum(d.provenance.n_completion_tokens for d in drafts) > 0


def test_words_that_the_shop_never_uses_are_not_written(backend, make_brief, now):
    plain = make_brief(channel="onsite", kind="email")
    (free,) = backend.write([ask(plain, now, n=6)])
    assert any("you" in draft.text for draft in free)
    careful = replace(plain, brand_voice=BrandVoice(avoid=("you",)))
    (held,) = backend.write([ask(careful, now, n=6)])
    assert held
    assert not any("you" in draft.text.casefold() for draft in held)


def test_no_retired_phrase_is_written(written):
    for _, content in contents(*written):
        assert not any(phrase in content.text for phrase in retired(content.language))


def test_plans_are_written_by_rule(backend, make_brief, now):
    (drafts,) = backend.write([ask(make_brief(kind="campaign_plan", channel="email"), now, n=1)])
    assert drafts[0].provenance.backend == "compose"


def test_what_the_name_says_is_not_said_again():
    values = {"name": "Red Nova Shoes", "brand": "Nova", "colour": "red", "price": "$5"}
    assert without_repeats(values) == {"name": "Red Nova Shoes", "price": "$5"}


def test_another_model_must_have_the_vocabulary(tmp_path, make_brief, now):
    from backbone.tiny_model import build_model, build_tokenizer, save

    tokenizer = build_tokenizer(["Hello"])
    folder = save(tmp_path, tokenizer, build_model(tokenizer))
    with pytest.raises(BackendError, match="vocabulary"):
        BaseBackend(BaseConfig(model=folder)).write([ask(make_brief(), now)])


@pytest.mark.parametrize("bad", [{"batch_size": 0}, {"top_p": 0.0}, {"temperature": -1.0}, {"outcome": "9"}])
def test_bad_options_are_refused(bad):
    with pytest.raises(ConfigError):
        BaseConfig(**bad)
