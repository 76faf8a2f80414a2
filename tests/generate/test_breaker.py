import pytest

from adwright.errors import BackendError, ConfigError
from adwright.generate.backends.breaker import Breaker, BreakerConfig


class Clock:
    def __init__(self):
        self.now = 0.0

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def breaker(clock):
    return Breaker("http://x m", BreakerConfig(failures_to_open=3, cool_down_s=10), clock=clock)


def test_it_opens_after_so_many_failures_in_a_row(breaker):
    for _ in range(2):
        breaker.failed("gone")
    breaker.admit()
    breaker.succeeded()
    for _ in range(3):
        breaker.admit()
        breaker.failed("gone")
    with pytest.raises(BackendError, match="m is open") as caught:
        breaker.admit()
    assert caught.value.retryable


def test_a_final_fault_opens_at_once_and_is_not_retryable(breaker):
    breaker.failed("status 401", is_final=True)
    with pytest.raises(BackendError) as caught:
        breaker.admit()
    assert not caught.value.retryable


def test_after_its_rest_one_call_may_try_and_decides(breaker, clock):
    for _ in range(3):
        breaker.failed("gone")
    clock.now = 10
    breaker.admit()
    with pytest.raises(BackendError):
        breaker.admit()  # only one
    breaker.failed("still gone")
    with pytest.raises(BackendError):
        breaker.admit()
    clock.now = 20
    breaker.admit()
    breaker.succeeded()
    breaker.admit()
    assert not breaker.is_open


def test_a_call_that_was_never_made_leaves_the_way_free(breaker, clock):
    for _ in range(3):
        breaker.failed("gone")
    clock.now = 10
    breaker.admit()
    breaker.let_go()
    breaker.admit()


def test_impossible_settings_are_refused():
    with pytest.raises(ConfigError):
        BreakerConfig(failures_to_open=0)
