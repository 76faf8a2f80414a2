from __future__ import annotations

from dataclasses import replace

import pytest

from adwright.generate import get_kind
from adwright.pipeline.baseline import catalogue_content
from adwright.pipeline.campaigns import Campaign
from adwright.schema import EVERYONE, Cohort, Goal, Product
from adwright.testing import NOW, toy_products


def campaign(product: Product, *, channel: str = "onsite", language: str = "en") -> Campaign:
    return Campaign(
        cohort=Cohort(id=EVERYONE, size=0, description={"en": "All", "zh": "所有"}),
        product=product,
        kind="ad_copy",
        channel=channel,
        language=language,  # type: ignore[arg-type]
        goal=Goal(),
        evidence={"en": "", "zh": ""},
    )


MUG = replace(toy_products(7)[6], title="Ceramic Mug", description="A mug for every day. It is white. 3 dl.")


def limit(channel: str, slot: str) -> int:
    return min(x.maximum for x in get_kind("ad_copy").limits_of(channel, slot))


def test_the_control_is_the_catalogues_own_words() -> None:
    written = catalogue_content(campaign(MUG), now=NOW)
    assert written is not None
    content = written.content
    assert content.slots == {
        "headline": "Ceramic Mug",
        "description": "A mug for every day. It is white. 3 dl.",
    }
    assert (content.provenance.backend, content.status) == ("catalogue", "draft")
    assert content.id == content.with_slots(content.slots).id
    assert not any(f.severity == "block" for f in written.findings)


@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_long_description_is_cut_after_a_whole_sentence(language: str) -> None:
    sentence, gap = ("A plain mug for tea. ", " ") if language == "en" else ("一个喝茶的杯子。", "")
    most = limit("onsite", "description")
    product = replace(MUG, description=sentence * most)
    written = catalogue_content(campaign(product, language=language), now=NOW)
    assert written is not None
    text = written.content.slots["description"]
    whole = sentence.strip()
    n = (len(text) + len(gap)) // (len(whole) + len(gap))
    assert text == gap.join([whole] * n)
    measure = get_kind("ad_copy").limits_of("onsite", "description")[0].measure
    assert measure(text) <= most < measure(gap.join([whole] * (n + 1)))


@pytest.mark.parametrize(
    "change",
    [
        {"description": ""},
        {"description": "   "},
        {"description": "x" * 5000},
        {"title": "Mug " * 100},
        {"title": ""},
    ],
)
def test_where_the_catalogues_words_do_not_fit_there_is_no_control(change: dict[str, str]) -> None:
    assert catalogue_content(campaign(replace(MUG, **change)), now=NOW) is None  # type: ignore[arg-type]


def test_what_a_guard_blocks_is_no_control() -> None:
    lying = replace(MUG, description="Now only $1.00, was $99.00.")
    assert catalogue_content(campaign(lying), now=NOW) is None
