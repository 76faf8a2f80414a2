from __future__ import annotations

import inspect
import re

import pytest

from adwright import errors
from adwright.errors import (
    AdwrightError,
    BackendError,
    ConfigError,
    DataError,
    ExternalError,
    InfeasibleError,
    NotFoundError,
    StoreError,
    UsageError,
    unknown_name,
)

CALLERS_FAULTS = [UsageError, ConfigError, DataError, NotFoundError, InfeasibleError]
OUTSIDE_FAULTS = [ExternalError, BackendError, StoreError]


def drawn_tree() -> dict[str, str]:
    """Class -> parent, read from the drawing at the top of the module."""
    parents: dict[str, str] = {}
    trail: dict[int, str] = {}
    for line in (errors.__doc__ or "").splitlines():
        found = re.match(r"^([|+ -]*)(\w+Error)\b", line)
        if found:
            depth = len(found[1]) // 4
            trail[depth] = found[2]
            parents[found[2]] = trail.get(depth - 1, "Exception")
    return parents


def test_the_tree_drawn_at_the_top_of_the_module_is_the_tree() -> None:
    own = [c for _, c in inspect.getmembers(errors, inspect.isclass) if c.__module__ == errors.__name__]
    assert drawn_tree() == {c.__name__: c.__bases__[0].__name__ for c in own}


@pytest.mark.parametrize("cls", CALLERS_FAULTS)
def test_a_callers_fault_is_a_value_error_and_ours(cls: type[UsageError]) -> None:
    assert issubclass(cls, AdwrightError)
    assert issubclass(cls, ValueError)


def test_a_callers_fault_says_which_argument_what_it_was_and_what_is_allowed() -> None:
    error = UsageError("not a share", argument="floor", value=1.5, allowed="0 to 1", hint="Lower it")
    assert str(error) == "not a share; floor = 1.5; allowed: 0 to 1. Lower it"
    assert (error.argument, error.value, error.allowed, error.hint) == ("floor", 1.5, "0 to 1", "Lower it")


def test_parts_that_are_not_given_are_left_out() -> None:
    assert str(UsageError("wrong")) == "wrong"
    assert str(UsageError("wrong", allowed="right")) == "wrong; allowed: right"
    assert str(UsageError("wrong", value=3)) == "wrong"


@pytest.mark.parametrize("value", ["a\nb", "x" * 5000, ["line\n"] * 400, {"k": "\r\n"}])
def test_any_value_prints_on_one_short_line(value: object) -> None:
    text = str(UsageError("wrong", argument="text", value=value))
    assert len(text.splitlines()) == 1
    assert len(text) < 120


@pytest.mark.parametrize("cls", OUTSIDE_FAULTS)
@pytest.mark.parametrize("retryable", [True, False])
def test_a_failure_from_outside_says_whether_to_try_again(cls: type[ExternalError], retryable: bool) -> None:
    error = cls("the disk is full", retryable=retryable, hint="Free some space")
    assert error.retryable is retryable
    assert str(error) == "the disk is full. Free some space"
    assert not isinstance(error, ValueError)


def test_an_unknown_name_proposes_the_nearest_and_lists_all() -> None:
    error = unknown_name("channel", "emial", ["push", "email"])
    assert isinstance(error, NotFoundError)
    assert str(error) == "unknown channel; channel = 'emial'; allowed: email, push. Did you mean 'email'?"


def test_an_unknown_name_near_nothing_has_no_hint() -> None:
    assert unknown_name("channel", "zzz", ["push", "email"]).hint is None
    assert "allowed: none" in str(unknown_name("model", "click@1", []))
