"""What products are, as tags: category, brand and the catalogue's attributes."""

from __future__ import annotations

import json

import numpy as np
import polars as pl
from scipy import sparse


def product_tags(products: pl.DataFrame) -> sparse.csr_matrix:
    """(n_items, n_tags) sparse 0/1: each category with all above it, each brand, each attribute with its value.

    A tag that a single product has says nothing about others and is left out.

    Args:
        products: As the table `products`; row i is item i.
    """
    item: list[int] = []
    tag: list[str] = []
    for i, (category, brand, attributes) in enumerate(
        products.select("product_type", "brand", "attributes").iter_rows()
    ):
        own = tags_of(category, brand, attributes)
        item += [i] * len(own)
        tag += own
    names, column = np.unique(np.array(tag, dtype=np.str_), return_inverse=True)
    table = sparse.csr_matrix((np.ones(len(item)), (item, column)), shape=(products.height, len(names)))
    return table[:, np.flatnonzero(table.getnnz(axis=0) > 1)]


def tags_of(category: str | None, brand: str | None, attributes: str | None) -> list[str]:
    """category=..., brand=... and attribute=value of one product; the attributes are a JSON object."""
    found: dict[str, None] = {}
    parts = [part.strip() for part in (category or "").split(">") if part.strip()]
    for depth in range(len(parts)):
        found[f"category={' > '.join(parts[: depth + 1])}"] = None
    if brand:
        found[f"brand={brand}"] = None
    held = json.loads(attributes) if attributes else {}
    for key, value in held.items():
        found[f"{key}={value}"] = None
    return list(found)
