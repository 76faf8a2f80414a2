"""The shop's past copywriters: a small grammar that wrote the contents of the history, in zh and en.

A variant argues with one to three concepts, more often those that fit the product, states some of its
facts, and falls back on filler. They have faults: exclamation marks, capitals, exaggeration, urgency.

*Does not cover* good writing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from adwright.schema import F64, Language, Product
from adwright.simulate.catalogue import noun_of
from adwright.simulate.lexicon import concepts
from adwright.simulate.package_data import read_table

_PUSHY = {"urgency": 0.8, "hype": 0.8}


@dataclass(frozen=True, slots=True)
class Copywriter:
    """Writes advertisements and descriptions in one language."""

    language: Language

    def write(
        self,
        product: Product,
        *,
        category_key: str,
        fit: F64,
        kind: str,
        channel: str,
        rng: np.random.Generator,
    ) -> dict[str, str]:
        """The slots of one variant.

        Args:
            product: What it is about.
            category_key: Its category, to know what the product is called.
            fit: (n_concepts,) how well each concept suits the product.
            kind: `ad_copy` (headline and description) or `product_description`.
            channel: Where it runs; a push message is short.
            rng: The copywriter's mood.
        """
        words = self._words(product, category_key, fit, rng)
        table = read_table(f"copywriter_{self.language}")
        n_sentences = int(rng.integers(1, 3)) if kind == "ad_copy" else int(rng.integers(3, 7))
        if channel == "push":
            n_sentences = 1
        bodies = rng.choice(table["bodies"], n_sentences, replace=n_sentences > len(table["bodies"]))
        sentences = [
            str(b).format(**self._words(product, category_key, fit, rng, like=words)) for b in bodies
        ]
        if rng.random() < 0.15:
            sentences.append(words["price"] + ("." if self.language == "en" else "。"))
        body = self._join(sentences, rng)
        if kind == "product_description":
            return {"description": body}
        headline = str(rng.choice(table["headlines"])).format(**words)
        return {"headline": self._finish(headline, rng), "description": body}

    def _words(
        self,
        product: Product,
        category_key: str,
        fit: F64,
        rng: np.random.Generator,
        *,
        like: Mapping[str, str] | None = None,
    ) -> dict[str, str]:
        """What fills the places of a pattern; `like` keeps to the concepts of an earlier draw."""
        table = read_table(f"copywriter_{self.language}")
        chosen = like["concepts"].split() if like else _choose_concepts(fit, rng)
        first, second = chosen[0], chosen[rng.integers(len(chosen))]
        clause, clause2 = _two(table[first]["clauses"], table[second]["clauses"], rng)
        adjective, adjective2 = _two(table[first]["adjectives"], table[second]["adjectives"], rng)
        facts = [table["facts"][k].format(v) for k, v in product.attributes.items() if k in table["facts"]]
        fact, fact2 = _two(facts, facts, rng)
        noun = noun_of(product, category_key, self.language)
        filler = str(rng.choice(table["filler"])).format(brand=product.brand)
        price = str(rng.choice(table["price"])).format(price=_money(product))
        words = {
            "noun": noun,
            "brand": product.brand or "",
            "title": product.title,
            "clause": clause,
            "clause2": clause2,
            "adjective": adjective,
            "adjective2": adjective2,
            "fact": fact,
            "fact2": fact2,
            "filler": filler,
            "price": price,
        }
        capitals = {key.capitalize(): _capital(word) for key, word in words.items()}
        return {**words, **capitals, "concepts": " ".join(chosen)}

    def _join(self, sentences: list[str], rng: np.random.Generator) -> str:
        text = (" " if self.language == "en" else "").join(_capital(s) for s in sentences)
        if rng.random() < 0.12:
            text = text[:-1] + ("!" if self.language == "en" else "！") * int(rng.integers(1, 4))
        return text

    def _finish(self, headline: str, rng: np.random.Generator) -> str:
        headline = _capital(headline)
        if rng.random() < 0.12:
            headline += "!" if self.language == "en" else "！"
        if self.language == "en" and rng.random() < 0.04:
            headline = headline.upper()
        return headline


def _choose_concepts(fit: F64, rng: np.random.Generator) -> list[str]:
    weight = np.array([_PUSHY.get(c, f) for c, f in zip(concepts(), fit, strict=True)]) ** 1.3
    n = int(rng.choice([1, 2, 3], p=[0.4, 0.4, 0.2]))
    return [concepts()[i] for i in rng.choice(len(weight), n, replace=False, p=weight / weight.sum())]


def _two(first: list[str], second: list[str], rng: np.random.Generator) -> tuple[str, str]:
    """One of each list, different where the lists allow it."""
    one = first[rng.integers(len(first))] if first else ""
    others = [word for word in second if word != one] or [one]
    return one, others[rng.integers(len(others))]


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _money(product: Product) -> str:
    amount = (product.price_minor or 0) / 100
    return f"{amount:.0f}元" if product.currency == "CNY" else f"${amount:.2f}"
