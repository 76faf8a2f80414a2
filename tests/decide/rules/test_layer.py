from __future__ import annotations

from datetime import UTC, datetime

import numpy as np

from adwright.decide.rules import Consent, FrequencyCap, MinimumData, Request, Retired, Rules
from adwright.schema import NO_CONTENT, Customer

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


def request(
    names: list[str], *, consent: bool = True, ids: tuple[str, ...] = ("a", "b", NO_CONTENT)
) -> Request:
    given = frozenset({"marketing:email"} if consent else ())
    return Request(
        customer_ids=names,
        content_ids=ids,
        channel="email",
        now=NOON,
        customers=[Customer(id=n, consent=given) for n in names],
    )


def sure(rows: np.ndarray, mask: np.ndarray) -> np.ndarray:
    """Wants the first content that it may show."""
    return np.eye(mask.shape[1])[mask.argmax(axis=1)]


def test_a_customer_who_stands_twice_in_a_batch_is_counted_twice() -> None:
    chosen = Rules([FrequencyCap(1)]).choose(
        request(["ann", "bob", "ann", "ann"]), sure, rng=np.random.default_rng(0)
    )
    assert chosen.index.tolist() == [0, 0, 2, 2]


def test_the_floor_stays_within_what_is_allowed_and_is_what_is_logged() -> None:
    rules = Rules([Retired(["b"])])
    chosen = rules.choose(request([str(i) for i in range(50)]), sure, rng=np.random.default_rng(0), floor=0.1)
    np.testing.assert_allclose(chosen.vectors, [[0.9, 0.0, 0.1]] * 50)
    assert chosen.mask is not None
    assert chosen.mask[0].tolist() == [True, False, True]
    assert set(chosen.propensity.round(9)) <= {0.9, 0.1}


def test_where_nothing_may_be_shown_the_answer_is_none() -> None:
    chosen = Rules([Retired(["a", "b"])]).choose(
        request(["ann"], ids=("a", "b")), sure, rng=np.random.default_rng(0)
    )
    assert chosen.index.tolist() == [-1]
    assert chosen.propensity.tolist() == [0.0]


def test_reasons_and_counts_name_the_rules() -> None:
    rules = Rules([Consent(), Retired(["b"])])
    asked = request(["ann", "bob"], consent=False)
    assert rules.reasons(asked) == ["consent, retired", "consent, retired"]
    rules.choose(asked, sure, rng=np.random.default_rng(0))
    assert rules.n_forbidden == {"consent": 2, "retired": 2}


def test_minimum_data_goes_before_the_policy() -> None:
    rules = Rules([MinimumData(1000)])
    chosen = rules.choose(request([str(i) for i in range(9)]), sure, rng=np.random.default_rng(0))
    np.testing.assert_allclose(chosen.vectors, 1 / 3)


def test_no_customers_no_decisions() -> None:
    chosen = Rules([FrequencyCap(1)]).choose(request([]), sure, rng=np.random.default_rng(0))
    assert chosen.index.tolist() == []
