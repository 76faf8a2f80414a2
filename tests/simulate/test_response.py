from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from adwright.schema import Language
from adwright.simulate.catalogue import categories
from adwright.simulate.lexicon import LANGUAGES, concepts, entries
from adwright.simulate.reading import Readings, read_texts
from adwright.simulate.response import Appeal
from adwright.simulate.world import World


def readings(noticed: np.ndarray) -> Readings:
    n = len(noticed)
    zero = np.zeros(n)
    return Readings(noticed, noticed, zero, zero, zero, zero, np.zeros(n, dtype=bool))


def test_utility_is_the_stated_equation() -> None:
    """Worked by hand for two concepts in use: sum 0.5 + 0.2, the strongest again at 0.6, the pair at 0.4."""
    m = len(concepts())
    weight, noticed = np.zeros(m), np.zeros((1, m))
    weight[:2], noticed[0, :2] = [1.0, 0.5], [0.5, 0.4]
    appeal = Appeal(weight, np.array([[0, 1]]), np.array([0.25]), np.ones(4))
    utility = appeal.utility(readings(noticed), np.ones((1, m)), np.ones((1, m)))
    assert utility[0, 0] == pytest.approx(0.5 + 0.2 + 0.6 * 0.5 + 0.25 * 0.4)


@pytest.mark.parametrize("language", LANGUAGES)
def test_paraphrases_of_one_concept_score_the_same(make_content, language: Language) -> None:
    """Their length and form made equal, so that only what is said speaks."""
    market = World.draw(3, language=language, n_products=16, n_customers=60)._market
    product, fit = market.products[0], categories()[market.category[0]].fit
    for concept, found in entries(language).items():
        contents = [make_content(e.rstrip("*"), language=language) for e in found]
        read = read_texts(contents, [product] * len(contents))
        same = np.full(len(contents), 0.5)
        read = replace(read, specificity=same, length_fit=same, shouting=same, clutter=same)
        click, conversion = market.response.multipliers(read, np.tile(fit, (len(contents), 1)))
        assert np.ptp(click, axis=1).max() < 1e-12, concept
        assert np.ptp(conversion, axis=1).max() < 1e-12, concept
        assert np.ptp(market.response.returns(read)) < 1e-12, concept


def test_null_multipliers_are_one_whatever_is_said(make_content) -> None:
    market = World.draw(4, "null", n_products=16, n_customers=40)._market
    texts = market.texts([make_content(t) for t in ("soft", "UNBELIEVABLE!!!", "", "柔软", "x " * 500)])
    assert np.all(texts.click == 1.0)
    assert np.all(texts.conversion == 1.0)
    assert np.ptp(texts.returns) == 0.0


def test_multipliers_stay_between_their_bounds(make_content) -> None:
    rng = np.random.default_rng(0)
    words = [e.rstrip("*") for found in entries("en").values() for e in found]
    for seed in range(4):
        market = World.draw(seed, n_products=16, n_customers=40)._market
        texts = market.texts([make_content(" ".join(rng.choice(words, 12))) for _ in range(100)])
        assert texts.click.min() > 0.4
        assert texts.click.max() < 1.6
        assert np.all((texts.returns >= 0) & (texts.returns <= 0.8))


def test_segments_hear_the_same_text_differently(make_content) -> None:
    market = World.draw(5, n_products=16, n_customers=40)._market
    texts = market.texts([make_content("A bargain for the house, easy on the wallet.")])
    assert np.ptp(texts.click[:, 0]) > 0.02


def test_the_response_is_not_additive_in_what_is_said(make_content) -> None:
    """Log multipliers of two sayings together differ from the sum of each alone, in most worlds."""
    gaps = []
    for seed in range(8):
        market = World.draw(seed, n_products=16, n_customers=40)._market
        a, b = "It is soft and it is cosy here", "It is durable and it is sturdy here"
        rows = market.texts(
            [make_content(t) for t in ("It is here and it is there now on", a, b, f"{a} {b}")]
        )
        log = np.log(rows.click.mean(axis=0))
        gaps.append(abs((log[3] - log[0]) - (log[1] - log[0]) - (log[2] - log[0])))
    assert np.median(gaps) > 0.02


def test_exaggeration_brings_more_returns_in_an_ordinary_world(make_content) -> None:
    market = World.draw(6, n_products=16, n_customers=40)._market
    returns = market.texts([make_content("a fine duvet"), make_content("an unbelievable duvet")]).returns
    assert returns[1] > returns[0]
