"""One example to learn from, and what makes others of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from adwright.schema import Language


@dataclass(frozen=True, slots=True)
class Example:
    """A text and what it was written from.

    Args:
        text: What is to be learned.
        language: Of the text.
        attributes: Name and value of what it was written from, in their order; empty where not known.
    """

    text: str
    language: Language
    attributes: tuple[tuple[str, str], ...] = ()


class Augmenter(Protocol):
    """Makes other examples of each example. What it makes is checked by `augment`, not by itself."""

    name: str

    def variants(
        self, examples: Sequence[Example], *, n: int, rng: np.random.Generator
    ) -> list[list[Example]]:
        """For each example up to n others, in order; fewer, or none, where nothing can be changed."""
        ...
