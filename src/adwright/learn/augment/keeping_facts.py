"""Augmentation that keeps facts: what a variant claims, the original has to bear out, and the other way round.

Holds when: the facts guard knows the claim (numbers, prices, measures, dates, materials, colours, brands ...).
Does not cover: claims in words outside its lexicons; a synonym may shade a meaning that no guard reads.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import numpy as np

from adwright.errors import UsageError
from adwright.generate.guards import check, create_guards
from adwright.learn.augment.example import Augmenter, Example
from adwright.schema import Content, Finding, Product, Provenance

_SOME_TIME = datetime(2000, 1, 1, tzinfo=UTC)  # facts of a text do not depend on the time; guards ask for one


@dataclass(frozen=True, slots=True)
class Augmented:
    """What came of it.

    Args:
        examples: The new examples, none equal to an original or to another.
        n_made, n_changed_facts, n_repeats: By augmenter: all that were made, and those that were left out.
    """

    examples: tuple[Example, ...]
    n_made: Mapping[str, int]
    n_changed_facts: Mapping[str, int]
    n_repeats: Mapping[str, int]


def augment(
    examples: Sequence[Example], augmenters: Sequence[Augmenter], *, n: int, rng: np.random.Generator
) -> Augmented:
    """Up to n new examples of each example by each augmenter, with unchanged facts and without repeats.

    Args:
        examples: The originals; they are not part of the result.
        augmenters: Each works on the originals.
        n: Variants of each example by each augmenter, 1 or more.
        rng: Of all randomness.
    """
    if n < 1:
        raise UsageError("nothing to make", argument="n", value=n, allowed="1 or more")
    seen = set(examples)
    kept: list[Example] = []
    made, changed, repeats = Counter[str](), Counter[str](), Counter[str]()
    for augmenter in augmenters:
        for original, variants in zip(examples, augmenter.variants(examples, n=n, rng=rng), strict=True):
            for variant in variants:
                made[augmenter.name] += 1
                if variant in seen:
                    repeats[augmenter.name] += 1
                elif changed_facts(original, variant):
                    changed[augmenter.name] += 1
                else:
                    seen.add(variant)
                    kept.append(variant)
    return Augmented(tuple(kept), made, changed, repeats)


def changed_facts(original: Example, variant: Example) -> tuple[Finding, ...]:
    """What one text claims and the other does not bear out; nothing where both say the same facts.

    >>> before = Example("A cotton shirt for $20.", "en")
    >>> changed_facts(before, Example("A shirt in cotton, $20.", "en"))
    ()
    >>> sorted(f.text for f in changed_facts(before, Example("A linen shirt for $20.", "en")))
    ['cotton', 'linen']
    """
    if sorted(original.attributes) != sorted(variant.attributes):
        return _unsupported(_as_text(variant), _as_text(original)) or _unsupported(
            _as_text(original), _as_text(variant)
        )
    if original.text == variant.text:
        return ()
    return (*_unsupported(variant, original), *_unsupported(original, variant))


def _unsupported(claims: Example, evidence: Example) -> tuple[Finding, ...]:
    """The claims of one text that the other, taken as the catalogue, does not bear out."""
    known = Product(id="evidence", title="", description=evidence.text)
    content = Content(
        id="claims",
        kind="sms",
        product_ids=(known.id,),
        cohort_id="everyone",
        channel="onsite",
        language=claims.language,
        slots={"text": claims.text},
        provenance=Provenance(backend="augment"),
    )
    return check(content, products=(known,), now=_SOME_TIME, guards=create_guards(["facts"]))


def _as_text(example: Example) -> Example:
    said = ", ".join(f"{name}: {value}" for name, value in example.attributes)
    return Example(f"{said}\n{example.text}", example.language)
