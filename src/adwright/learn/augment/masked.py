"""Substitution by a masked language model: a word is masked, and one that the model holds likely takes its place.

Source: Kobayashi (2018), Contextual augmentation, NAACL; Wu et al. (2019), Conditional BERT contextual
augmentation, ICCS. Words that state a fact (numbers, attributes, brands) are never masked.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from adwright.backbone.masked import load_masked_lm
from adwright.errors import UsageError
from adwright.generate.lexicon import attribute_lexicon, brand_names
from adwright.learn.augment.example import Example
from adwright.text.numbers import find_quantities

_WORD = re.compile("[A-Za-z]+(?:['’][A-Za-z]+)?|[\u3400-\u9fff]")
_MAX_TOKENS = 256


@dataclass(frozen=True)
class MaskedConfig:
    """Which model, and how much it changes.

    Args:
        model: A folder or id of any BERT-like masked language model.
        share: Of the words that state no fact, how many are replaced, in (0, 1].
        top_k: From so many likeliest words one is drawn, by its probability.
        device: As PyTorch names it.
    """

    model: str
    share: float = 0.15
    top_k: int = 8
    device: str = "cpu"

    def __post_init__(self) -> None:
        if not 0 < self.share <= 1 or self.top_k < 1:
            raise UsageError(
                "cannot substitute so",
                argument="share, top_k",
                value=(self.share, self.top_k),
                allowed="(0, 1], from 1",
            )


class MaskedSubstitution:
    """Replaces words by what a masked language model holds likely in their place."""

    name = "masked"

    def __init__(self, config: MaskedConfig) -> None:
        self.config = config
        self._loaded: tuple[Any, Any] | None = None

    def variants(
        self, examples: Sequence[Example], *, n: int, rng: np.random.Generator
    ) -> list[list[Example]]:
        """For each example up to n others; words are replaced one after the other, each in its new context."""
        return [self._of(example, n, rng) for example in examples]

    def _of(self, example: Example, n: int, rng: np.random.Generator) -> list[Example]:
        found: dict[str, None] = {}
        for _ in range(n):
            text = self._changed(example.text, rng)
            if text != example.text:
                found[text] = None
        return [replace(example, text=text) for text in found]

    def _changed(self, text: str, rng: np.random.Generator) -> str:
        free = _free_words(text)
        if not free:
            return text
        n = max(1, round(self.config.share * len(free)))
        chosen = sorted(rng.choice(len(free), size=min(n, len(free)), replace=False), reverse=True)
        for i in chosen:  # from the end, so that the places before stay where they are
            start, end = free[i]
            word = self._word(text[:start], text[start:end], text[end:], rng)
            text = f"{text[:start]}{word}{text[end:]}"
        return text

    def _word(self, before: str, old: str, after: str, rng: np.random.Generator) -> str:
        """A word for the gap, of the same script and no piece of one; the old word where there is none."""
        import torch

        model, tokenizer = self._model()
        masked = f"{before}{tokenizer.mask_token}{after}"
        inputs = tokenizer(masked, return_tensors="pt", truncation=True, max_length=_MAX_TOKENS).to(
            model.device
        )
        places = (inputs.input_ids[0] == tokenizer.mask_token_id).nonzero()
        if not len(places):
            return old  # the gap lies beyond what the model reads
        with torch.no_grad():
            logits = model(**inputs).logits[0, places[0, 0]]
        likely = torch.topk(torch.softmax(logits.float(), dim=-1), min(4 * self.config.top_k, len(logits)))
        words = tokenizer.convert_ids_to_tokens(likely.indices.tolist())
        fits = [
            (word, p)
            for word, p in zip(words, likely.values.tolist(), strict=True)
            if _WORD.fullmatch(word) and word.casefold() != old.casefold() and word.isascii() == old.isascii()
        ][: self.config.top_k]
        if not fits:
            return old
        weights = np.array([p for _, p in fits])
        word = str(fits[int(rng.choice(len(fits), p=weights / weights.sum()))][0])
        return word[:1].upper() + word[1:] if old[:1].isupper() else word

    def _model(self) -> tuple[Any, Any]:
        if self._loaded is None:
            self._loaded = load_masked_lm(self.config.model, device=self.config.device)
        return self._loaded


def _free_words(text: str) -> list[tuple[int, int]]:
    """Where words stand that state no fact."""
    held = [(q.start, q.end) for q in find_quantities(text)]
    held += [(m.start, m.end) for m in attribute_lexicon().mentions(text)]
    held += [(start, end) for start, end, _ in brand_names()[0].find(text)]
    return [
        match.span()
        for match in _WORD.finditer(text)
        if all(match.end() <= start or match.start() >= end for start, end in held)
    ]
