"""Attribute shuffling: the same facts in another order, so that a model learns facts and not their places."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from adwright.learn.augment.example import Example


class AttributeShuffle:
    """Gives the attributes another order; the text stays as it is."""

    name = "shuffle"

    def variants(
        self, examples: Sequence[Example], *, n: int, rng: np.random.Generator
    ) -> list[list[Example]]:
        """For each example up to n others, each with an order of its own."""
        return [self._orders(example, n, rng) for example in examples]

    def _orders(self, example: Example, n: int, rng: np.random.Generator) -> list[Example]:
        found: dict[tuple[tuple[str, str], ...], None] = {}
        for _ in range(4 * n):
            order = rng.permutation(len(example.attributes))
            shuffled = tuple(example.attributes[i] for i in order)
            if shuffled != example.attributes and len(found) < n:
                found[shuffled] = None
        return [replace(example, attributes=attributes) for attributes in found]
