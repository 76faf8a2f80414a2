from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adwright.recommend import pairs as pairs_module
from adwright.recommend.histories import encode
from adwright.recommend.pairs import count_pairs, had
from recommend.shop_of_tastes import fit_data, interactions, products


def test_pairs_are_counted_as_a_dense_product_counts_them() -> None:
    histories = fit_data().histories
    x = (histories.matrix().toarray() > 0).astype(float)
    both = x.T @ x
    np.fill_diagonal(both, 0.0)
    found = count_pairs(histories, n_keep=99, shrinkage=3.0, max_history=99)
    np.testing.assert_array_equal(found.counts.toarray(), both)
    np.testing.assert_array_equal(found.n_customers_of, x.sum(axis=0))
    assert found.n_customers == len(histories)


@given(block=st.integers(1, 200), n_keep=st.integers(1, 8))
@settings(max_examples=20, deadline=None)
def test_blocks_change_nothing(block: int, n_keep: int) -> None:
    histories = fit_data().histories
    whole = count_pairs(histories, n_keep=n_keep, shrinkage=3.0, max_history=99).counts.toarray()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pairs_module, "_BLOCK_VALUES", block)
        cut = count_pairs(histories, n_keep=n_keep, shrinkage=3.0, max_history=99).counts.toarray()
    np.testing.assert_array_equal(cut, whole)
    assert ((whole > 0).sum(axis=1) <= n_keep).all()


def test_only_the_latest_of_a_long_history_make_pairs() -> None:
    histories = encode(interactions(), products()["id"], customer_ids=["c0"])
    assert had(histories, max_history=2).toarray()[0].nonzero()[0].tolist() == [1, 2]
