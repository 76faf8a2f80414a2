from __future__ import annotations

import numpy as np
import pytest

from adwright.schema import Language
from adwright.simulate.catalogue import categories, draw_catalogue
from adwright.simulate.copywriter import Copywriter
from adwright.simulate.lexicon import LANGUAGES, count_concepts
from adwright.simulate.reading import words_in


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", ["ad_copy", "product_description"])
def test_variants_are_whole_sentences_that_argue_and_differ(language: Language, kind: str) -> None:
    rng = np.random.default_rng(0)
    products, category = draw_catalogue(language, 32, rng=rng)
    writer, texts, counts = Copywriter(language), [], []
    for product, index in zip(products, category, strict=True):
        for _ in range(6):
            slots = writer.write(
                product,
                category_key=categories()[index].key,
                fit=categories()[index].fit,
                kind=kind,
                channel="onsite",
                rng=rng,
            )
            assert list(slots) == (["headline", "description"] if kind == "ad_copy" else ["description"])
            assert all(slots.values())
            texts.append("\n".join(slots.values()))
            counts.append(count_concepts(texts[-1]))
    assert not any(mark in text for text in texts for mark in "{}")
    assert len(set(texts)) > 0.95 * len(texts)
    assert (np.array(counts).sum(axis=1) > 0).mean() > 0.85
    assert (np.array(counts).sum(axis=0) > 0).all()


def test_a_push_message_is_shorter_than_a_description() -> None:
    rng = np.random.default_rng(1)
    products, _ = draw_catalogue("en", 1, rng=rng)
    kind = categories()[0]

    def mean_words(what: str, channel: str) -> float:
        written = [
            Copywriter("en").write(
                products[0], category_key=kind.key, fit=kind.fit, kind=what, channel=channel, rng=rng
            )
            for _ in range(60)
        ]
        return float(np.mean([words_in("\n".join(slots.values())) for slots in written]))

    assert mean_words("ad_copy", "push") < mean_words("product_description", "onsite") / 1.5
