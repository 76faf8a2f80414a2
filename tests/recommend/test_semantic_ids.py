from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import sparse

from adwright.recommend.config import RecommendConfig
from adwright.recommend.semantic_ids import (
    SemanticIds,
    left_vectors,
    make_ids,
    product_vectors,
    residual_kmeans,
)
from recommend import shop_of_words


def ids_of_the_shop(n_levels: int = 2, n_codes: int = 5) -> SemanticIds:
    data = shop_of_words.fit_data(RecommendConfig())
    rng = np.random.default_rng(0)
    return make_ids(data.products, data.histories, n_levels=n_levels, n_codes=n_codes, rng=rng)


def test_no_two_products_have_one_id() -> None:
    ids = ids_of_the_shop()
    assert len(np.unique(ids.codes, axis=0)) == len(ids.codes) == 5 * shop_of_words.N_OF_THEME
    assert (ids.codes.max(axis=0) < ids.n_codes).all()


def test_products_alike_share_the_first_code_whether_sold_or_not() -> None:
    first = ids_of_the_shop().codes[:, 0]
    theme = np.arange(len(first)) % 5
    sold = np.arange(len(first)) // 5 < shop_of_words.N_OF_THEME - shop_of_words.N_UNSOLD
    common = [np.bincount(first[sold & (theme == t)]).argmax() for t in range(5)]
    agree = first == np.array(common)[theme]
    assert len(set(common)) == 5
    assert agree[sold].mean() > 0.8
    assert agree[~sold].mean() > 0.8


def test_of_like_products_the_most_sold_has_the_first_last_code() -> None:
    data = shop_of_words.fit_data(RecommendConfig())
    ids = make_ids(data.products, data.histories, n_levels=1, n_codes=5, rng=np.random.default_rng(0))
    counts = np.bincount(data.histories.items, minlength=data.n_items)
    for code in range(5):
        inside = np.flatnonzero(ids.codes[:, 0] == code)
        ranked = inside[np.argsort(ids.codes[inside, 1])]
        assert (np.diff(counts[ranked]) <= 0).all()


def test_the_left_vectors_are_those_of_a_full_decomposition() -> None:
    rng = np.random.default_rng(1)
    table = rng.standard_normal((40, 4)) @ rng.standard_normal((4, 30))
    left, values, _ = np.linalg.svd(table)
    found = left_vectors(sparse.csr_matrix(table), 4, rng)
    expected = left[:, :4] * values[:4]
    np.testing.assert_allclose(np.abs(found.T @ expected), np.diag(values[:4] ** 2), atol=1e-6)


def test_each_level_leaves_less_over() -> None:
    rng = np.random.default_rng(2)
    vectors = rng.standard_normal((300, 6))
    codes = residual_kmeans(vectors, 3, 8, np.random.default_rng(0))
    left = [
        float(((vectors - _group_means(vectors, codes[:, : level + 1])) ** 2).sum()) for level in range(3)
    ]
    assert left[0] > left[1] > left[2]
    assert left[0] < float((vectors**2).sum())


def _group_means(vectors: np.ndarray, codes: np.ndarray) -> np.ndarray:
    _, group = np.unique(codes, axis=0, return_inverse=True)
    return np.array([vectors[group == g].mean(axis=0) for g in group])


@given(seed=st.integers(0, 99), n=st.integers(1, 40), n_codes=st.integers(1, 5))
@settings(max_examples=40, deadline=None)
def test_prefixes_hold_the_products_that_begin_with_them(seed: int, n: int, n_codes: int) -> None:
    rng = np.random.default_rng(seed)
    every = np.unique(rng.integers(0, n_codes, (n, 3)), axis=0)
    codes = rng.permutation(every)
    ids = SemanticIds(codes, (n_codes,) * 3, np.arange(len(codes)))
    for depth, level in enumerate(ids.levels):
        for node, (first, stop) in enumerate(zip(level.first, level.stop, strict=True)):
            inside = codes[ids.order[first:stop], : depth + 1]
            assert (inside == inside[0]).all()
            assert inside[0, -1] == level.code[node]
            assert (codes[:, : depth + 1] == inside[0]).all(axis=1).sum() == stop - first
            assert (level.node[first:stop] == node).all()
    prefixes = {tuple(row[:2]) for row in codes}
    parents = sorted({p[0] for p in prefixes})
    children = ids.children(1)
    assert {(parents[i], j) for i, j in zip(*np.nonzero(children), strict=True)} == prefixes


def test_without_sales_products_are_told_apart_by_their_words() -> None:
    data = shop_of_words.fit_data(RecommendConfig())
    none = data.histories.take([])
    vectors = product_vectors(data.products, none, np.random.default_rng(0))
    assert np.isfinite(vectors).all()
    same = vectors[5] @ vectors[10]
    other = vectors[5] @ vectors[11]
    assert same > other + 0.1
    assert (
        make_ids(data.products, none, n_levels=2, n_codes=4, rng=np.random.default_rng(0)).codes.shape[0]
        == 100
    )


@pytest.mark.parametrize("n_levels", [1, 2, 3])
def test_one_product_has_an_id_too(n_levels: int) -> None:
    data = shop_of_words.fit_data(RecommendConfig())
    ids = make_ids(
        data.products.head(1),
        replace(data.histories.take([]), n_items=1),
        n_levels=n_levels,
        n_codes=4,
        rng=np.random.default_rng(0),
    )
    assert ids.codes.tolist() == [[0] * n_levels]
