"""EASE: a linear model of products by products in closed form, with terms for one visit and for like products.

    B = I - P diag(P)^-1,   P = (G + l2 I)^-1,   G = X'X + c Y'Y + a T'T,   score(u, j) = sum_i x_ui B_ij

X says which customer had which product (Steck 2019, Embarrassingly shallow autoencoders for sparse data, eq. 8). Y
says which visit had which product: its rows are the customer's interactions within `together_minutes` of each other.
Two products of one basket are better evidence for each other than two bought half a year apart, so their pair counts
1 + c times. T says which tag (category, brand, attribute) is which product's, as if each tag were a customer's basket
(Jeunen et al. 2020, Closed-form models for collaborative filtering with side information, section 3); so a product
that nobody bought yet is found by what it is. l2, c and a are chosen on `tune`, one after the other; c = a = 0 is
EASE as published.

Holds when: the catalogue in question fits a square: some 28 bytes x n_items^2 while it is fitted, 4 afterwards.
Beyond `max_items` only the products with the most customers take part, and a note says so.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy import linalg, sparse

from adwright.errors import DataError
from adwright.recommend.histories import I64, Histories
from adwright.recommend.models.linear import strongest_support
from adwright.recommend.models.model import F32, Arrays, FitData
from adwright.recommend.pairs import had
from adwright.recommend.ranking import mean_ndcg
from adwright.recommend.tags import product_tags
from adwright.schema import F64

_MINUTE_S = 60.0


@dataclass(frozen=True, slots=True, eq=False)
class EaseWeights:
    """EASE, fitted.

    Args:
        weights: (c, c) B, for the products that took part.
        kept: (c,) their rows of the catalogue.
        n_items: Length of the catalogue.
        l2: The ridge that was chosen.
        together: c that was chosen.
        tags: a that was chosen.
        half_life_days: Of the history's fading when it is scored.
    """

    weights: F32
    kept: I64
    n_items: int
    l2: float
    together: float
    tags: float
    half_life_days: float

    def score(self, histories: Histories, now: datetime) -> F32:
        """(n, n_items); zero for products that did not take part."""
        x = histories.matrix(histories.faded(now.timestamp(), self.half_life_days))
        x.data = np.minimum(x.data, 1.0)
        own: F32 = np.asarray(x[:, self.kept].astype(np.float32) @ self.weights)
        if len(self.kept) == self.n_items:
            return own
        scores = np.zeros((len(histories), self.n_items), dtype=np.float32)
        scores[:, self.kept] = own
        return scores

    def support(self, histories: Histories, items: I64, n: int) -> I64:
        """(n_customers, k, n) the products of the history with the largest weights for each item."""
        place = np.full(self.n_items, -1, dtype=np.int64)
        place[self.kept] = np.arange(len(self.kept))

        def weights(own: I64, asked: I64) -> F64:
            a, b = place[own], place[asked]
            found: F64 = self.weights[np.ix_(a, b)].astype(np.float64)
            return np.where((a < 0)[:, None] | (b < 0)[None, :], 0.0, found)

        return strongest_support(histories, items, n, weights)

    def pack(self) -> tuple[dict[str, Any], dict[str, npt.NDArray[Any]]]:
        """(values for JSON, arrays)."""
        values = {
            "n_items": self.n_items,
            "l2": self.l2,
            "together": self.together,
            "tags": self.tags,
            "half_life_days": self.half_life_days,
        }
        return values, {"weights": self.weights, "kept": self.kept}

    def summary(self) -> dict[str, Any]:
        """What was chosen, how many products took part and how much memory their square takes."""
        return {
            "l2": self.l2,
            "together": self.together,
            "tags": self.tags,
            "n_items": len(self.kept),
            "memory_mb": round(self.weights.nbytes / 1e6, 1),
        }


class Ease:
    """EASE as a recommender."""

    name = "ease"

    def fit(self, data: FitData) -> EaseWeights:
        """Tries the values of l2, c and a on `tune`, one after the other; without tune the first of each."""
        config = data.config.ease
        grams = _grams(data, with_visits=max(config.together) > 0, with_tags=max(config.tags) > 0)
        chosen = {"l2": config.l2[0], "together": config.together[0], "tags": config.tags[0]}
        model = _solve(grams, data, **chosen)
        if data.tune is None:
            return model
        quality = mean_ndcg(model, data.tune, k=10)
        for name, values in (("together", config.together), ("tags", config.tags), ("l2", config.l2)):
            for value in values[1:] if name in grams.told else ():
                other = _solve(grams, data, **(chosen | {name: value}))
                reached = mean_ndcg(other, data.tune, k=10)
                data.progress(f"ease: {name} {value:g}: NDCG@10 {reached:.4f} on tune, so far {quality:.4f}")
                if reached > quality:
                    model, quality = other, reached
            chosen[name] = getattr(model, name)
        return model

    def refit(self, model: EaseWeights, data: FitData) -> EaseWeights:
        """The same l2, c and a, other histories."""
        grams = _grams(data, with_visits=model.together > 0, with_tags=model.tags > 0)
        return _solve(grams, data, l2=model.l2, together=model.together, tags=model.tags)

    def unpack(self, values: Mapping[str, Any], arrays: Arrays) -> EaseWeights:
        """The inverse of `EaseWeights.pack`."""
        return EaseWeights(
            arrays["weights"],
            arrays["kept"],
            int(values["n_items"]),
            float(values["l2"]),
            float(values["together"]),
            float(values["tags"]),
            float(values["half_life_days"]),
        )


@dataclass(frozen=True, slots=True, eq=False)
class _Grams:
    """X'X, and Y'Y and T'T where they are asked for and not empty: each (c, c)."""

    kept: I64
    customers: F32
    visits: F32 | None
    tags: F32 | None

    @property
    def told(self) -> set[str]:
        """Which options have an effect."""
        parts = {"together": self.visits, "tags": self.tags}
        return {"l2", *(name for name, gram in parts.items() if gram is not None)}


def _grams(data: FitData, *, with_visits: bool, with_tags: bool) -> _Grams:
    config = data.config.ease
    table = had(data.histories)
    tag = product_tags(data.products) if with_tags else None
    tag = tag if tag is not None and tag.nnz else None
    kept = _taking_part(table, tag, config.max_items)
    if len(kept) == config.max_items < data.n_items:
        note = (
            f"EASE learned the {len(kept):,} products with the most customers of {data.n_items:,}: "
            f"its memory grows with their square (recommend.ease.max_items)"
        )
        if note not in data.notes:
            data.notes.append(note)
    visits = by_visit(data.histories, config.together_minutes * _MINUTE_S) if with_visits else None
    return _Grams(
        kept,
        _gram(table[:, kept]),
        None if visits is None or not visits.nnz else _gram(visits[:, kept]),
        None if tag is None else _gram(tag[kept].T),
    )


def _solve(grams: _Grams, data: FitData, *, l2: float, together: float, tags: float) -> EaseWeights:
    gram = grams.customers.astype(np.float64)
    for weight, other in ((together, grams.visits), (tags, grams.tags)):
        if weight > 0 and other is not None:
            gram += weight * other
    gram[np.diag_indices_from(gram)] += l2
    half_life = data.config.ease.half_life_days
    weights = _minus_scaled_inverse(gram)
    return EaseWeights(weights, grams.kept, data.n_items, l2, together, tags, half_life)


def _taking_part(table: sparse.csr_matrix, tag: sparse.csr_matrix | None, n: int) -> I64:
    """The products with a customer or a tag, at most n, in the order of the catalogue: those with most customers."""
    of = table.getnnz(axis=0)
    kept = np.flatnonzero((of > 0) if tag is None else (of > 0) | (tag.getnnz(axis=1) > 0))
    if len(kept) > n:
        kept = np.sort(kept[np.argsort(-of[kept], kind="stable")[:n]])
    return kept.astype(np.int64)


def _gram(table: Any) -> F32:
    held = table.astype(np.float32)
    gram: F32 = (held.T @ held).toarray()
    return gram


def by_visit(histories: Histories, window_s: float) -> sparse.csr_matrix:
    """(n_visits, n_items) sparse: what a customer did within one window of time, once over.

    The windows are laid twice, the second time half a window later, each at weight one half (in the product Y'Y), so
    that two interactions close to each other share at least one. What has no time stands alone.

    Args:
        histories: Of n customers.
        window_s: Seconds.
    """
    laid = [_windows(histories, window_s, offset) for offset in (0.0, 0.5)]
    table = sparse.vstack(laid, format="csr")
    table.data *= np.sqrt(0.5)
    return sparse.csr_matrix(table)


def _windows(histories: Histories, window_s: float, offset: float) -> sparse.csr_matrix:
    window = np.floor(histories.at_s / window_s + offset)
    same = (np.diff(histories.rows) == 0) & (np.diff(window) == 0)  # False beside a NaN
    visit = np.concatenate([[0], np.cumsum(~same)]).astype(np.int64)[: len(histories.items)]
    shape = (int(visit[-1]) + 1 if len(visit) else 0, histories.n_items)
    table = sparse.csr_matrix((histories.weights, (visit, histories.items)), shape=shape)
    table.sum_duplicates()
    table.data = np.minimum(table.data, 1.0)
    return table


def _minus_scaled_inverse(gram: F64) -> F32:
    """(c, c) I - P diag(P)^-1 of the inverse P of a symmetric positive definite matrix, which is overwritten."""
    if not len(gram):
        return np.zeros((0, 0), dtype=np.float32)
    factor, failed = linalg.lapack.dpotrf(gram.T, lower=0, overwrite_a=1)
    if not failed:
        inverse, failed = linalg.lapack.dpotri(factor, lower=0, overwrite_c=1)
    if failed:
        raise DataError("EASE's system cannot be solved", argument="recommend.ease.l2", hint="Raise l2")
    # dpotri fills the upper triangle alone
    inverse = np.triu(inverse) + np.triu(inverse, 1).T
    weights: F32 = (inverse / -np.diag(inverse)[None, :]).astype(np.float32)
    np.fill_diagonal(weights, 0.0)
    return weights
