from datetime import UTC, datetime, timedelta

import pytest

from adwright.errors import BackendError, ConfigError
from adwright.generate.backends.meter import Meter, Price, SpendingConfig, call_key, token_count
from adwright.store.call_records import CallEnd, MemoryBook


def _begin(meter, most=0, key="k"):
    return meter.begin(key, backend="b", endpoint="e", model="m", most_micro=most)


def _answer(cost):
    return CallEnd(status="answered", cost_micro=cost, answer="x")


def test_a_price_a_million_tokens_is_millionths_a_token():
    price = Price(prompt_minor=250, completion_minor=1000)
    assert price.micro(100, 20) == 100 * 250 + 20 * 1000
    assert Price(prompt_minor=0.4).micro(1, 0) == 1  # rounded up, so that a cap on the sum holds


def test_no_call_may_begin_that_could_break_the_cap_of_its_run():
    meter = Meter(spending=SpendingConfig(per_run_minor=1), run="r")
    first = _begin(meter, 600_000)
    with pytest.raises(BackendError, match="spending cap of this run") as caught:
        _begin(meter, 500_000)
    assert not caught.value.retryable
    meter.end(first, _answer(100_000))  # it cost less than was reserved
    _begin(meter, 500_000)
    assert len(meter.book.calls) == 2  # the refused call was not written down


def test_a_cost_that_nobody_told_counts_as_what_was_reserved():
    meter = Meter(spending=SpendingConfig(per_run_minor=1))
    meter.end(_begin(meter, 900_000), CallEnd(status="failed"))
    with pytest.raises(BackendError):
        _begin(meter, 200_000)


def test_the_cap_of_a_day_holds_across_runs_and_ends_at_midnight():
    book, at = MemoryBook(), [datetime(2026, 11, 20, 23, 59, tzinfo=UTC)]
    spending = SpendingConfig(per_day_minor=1)
    one, two = (Meter(book=book, run=r, spending=spending, clock=lambda: at[0]) for r in ("a", "b"))
    one.end(_begin(one, 900_000), _answer(900_000))
    with pytest.raises(BackendError, match="this day"):
        _begin(two, 200_000)
    at[0] += timedelta(minutes=2)
    _begin(two, 200_000)


def test_what_was_paid_for_is_recalled_under_its_key():
    meter = Meter()
    assert meter.recall("k") is None
    meter.end(_begin(meter), CallEnd(status="failed"))
    assert meter.recall("k") is None
    meter.end(_begin(meter), _answer(5))
    assert meter.recall("k").answer == "x"


def test_keys_differ_where_what_is_asked_differs():
    assert call_key("m", "prompt", 0) != call_key("m", "prompt", 1)


@pytest.mark.parametrize(
    ("told", "read"), [(5, 5), (0, 0), (-1, None), (10**12, None), ("5", None), (True, None), (1.5, None)]
)
def test_only_what_can_be_a_count_is_one(told, read):
    assert token_count(told) == read


def test_a_negative_cap_is_refused():
    with pytest.raises(ConfigError, match="per_day_minor"):
        SpendingConfig(per_day_minor=-1)
