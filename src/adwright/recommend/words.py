"""What products and customers are, as sparse rows of hashed words and attributes: defined for those never seen, too.

Each field of a row (title, description, tags, price level) has length one, so that a long description does not drown
the title. Every Han character counts as a word; Chinese needs no segmenter.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterable, Iterator, Mapping
from itertools import pairwise
from typing import Any
from zlib import crc32

import numpy as np
import numpy.typing as npt
import polars as pl
from scipy import sparse

from adwright.recommend.tags import tags_of
from adwright.text import fold

F32 = npt.NDArray[np.float32]

_HAN = "\u3400-\u9fff\U00020000-\U0003ffff"
_WORD = re.compile(f"[{_HAN}]|[^\\W{_HAN}]+")
_DESCRIPTION_CHARS = 400
_N_PRICE_LEVELS = 10
_DESCRIPTION_WEIGHT = 0.5
_NOT_READ = ("id", "consent")


def product_words(products: pl.DataFrame, n_hashes: int) -> sparse.csr_matrix:
    """(n_items, n_hashes) float32: the hashed words, tags and price levels of products.

    Args:
        products: As the table `products`; row i is item i.
        n_hashes: Columns.
    """
    columns = ("title", "description", "product_type", "brand", "attributes")
    fields = zip(products.select(columns).iter_rows(), _price_levels(products), strict=True)

    def row(held: tuple[Any, ...], level: str | None) -> Iterator[tuple[float, Iterable[str]]]:
        title, description, category, brand, attributes = held
        yield 1.0, _grams(title or "")
        yield _DESCRIPTION_WEIGHT, words_of((description or "")[:_DESCRIPTION_CHARS])
        yield 1.0, tags_of(category, brand, attributes)
        yield _DESCRIPTION_WEIGHT, [f"price={level}"] if level else []

    return _hashed((row(held, level) for held, level in fields), n_hashes)


def customer_words(customers: pl.DataFrame, n_hashes: int) -> sparse.csr_matrix:
    """(n, n_hashes) float32: what is known of customers: cohort, language, attributes, and any other column of texts.

    Args:
        customers: As `Histories.customers`. The id says nothing, and consent is not there to be learned from.
        n_hashes: Columns.
    """
    names = [
        name
        for name, dtype in customers.schema.items()
        if name not in _NOT_READ and dtype in (pl.String, pl.Categorical, pl.Boolean)
    ]
    rows = customers.select(names).iter_rows(named=True) if names else ({} for _ in range(customers.height))
    return _hashed(([(1.0, _known(row))] for row in rows), n_hashes)


def words_of(text: str) -> list[str]:
    """The folded words of a text, each Han character one.

    >>> words_of("Red ＭＵＧ 红杯")
    ['red', 'mug', '红', '杯']
    """
    return _WORD.findall(fold(text)) if text else []


def _grams(text: str) -> list[str]:
    """Words, pairs of words, and the runs of four characters in longer words."""
    words = words_of(text)
    pairs = [f"{a} {b}" for a, b in pairwise(words)]
    parts = [f"~{word[i : i + 4]}" for word in words if len(word) > 4 for i in range(len(word) - 3)]
    return words + pairs + parts


def _known(row: Mapping[str, Any]) -> list[str]:
    found = []
    for name, value in row.items():
        if value is None:
            continue
        held = _object(value) if name == "attributes" else {name: value}
        found += [f"{key}={inner}" for key, inner in held.items()]
    return found


def _object(text: str) -> dict[str, Any]:
    held = json.loads(text) if text else {}
    return held if isinstance(held, dict) else {}


def _price_levels(products: pl.DataFrame) -> list[str | None]:
    """(n_items,) the tenth of the catalogue's prices that each price is in, with its currency; None where unknown."""
    price, currency = products["price_minor"], products["currency"].fill_null("")
    ranks = price.rank().to_list()
    n = max(int(price.is_not_null().sum()), 1)
    return [
        None if rank is None else f"{unit}{min(int(_N_PRICE_LEVELS * (rank - 0.5) / n), _N_PRICE_LEVELS - 1)}"
        for rank, unit in zip(ranks, currency.to_list(), strict=True)
    ]


def _hashed(rows: Iterable[Iterable[tuple[float, Iterable[str]]]], n_hashes: int) -> sparse.csr_matrix:
    """One row each: every field's terms with weight / sqrt(number of terms)."""
    columns: list[int] = []
    values: list[float] = []
    ends = [0]
    for fields in rows:
        for weight, terms in fields:
            own = [crc32(term.encode()) % n_hashes for term in dict.fromkeys(terms)]
            columns += own
            values += [weight / math.sqrt(len(own))] * len(own) if own else []
        ends.append(len(columns))
    table = sparse.csr_matrix(
        (np.asarray(values, dtype=np.float32), np.asarray(columns, dtype=np.int64), np.asarray(ends)),
        shape=(len(ends) - 1, n_hashes),
    )
    table.sum_duplicates()
    return table
